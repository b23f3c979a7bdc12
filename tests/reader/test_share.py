"""The verdict on a link's files: only proven bytes are called signed, and one person only."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.reader.share import LinkFile, judge_files, refuse_link
from app.reader.verdict import Kind, Outcome, StepName, Verdict, Voice
from app.record.share_binary import wrap_share
from crypto.attestation import Subject
from crypto.errors import Ended, NetworkUnavailable, PassportError, RelayNotListed, Tampered
from crypto.link_share import UnsignedEntry
from crypto.trust import TrustList
from tests.reader.made_up import (
    DIABETES,
    GP,
    HOSPITAL,
    LETTER,
    LINK,
    NOW,
    PENICILLIN,
    SERVICE,
    SIAN,
    SIGNED,
    STRANGER,
    TOMOS,
    WARFARIN,
    Sharing,
    a_card,
    aged,
    bundle,
    but,
    bytes_of,
    files_of,
    proofs,
    trust,
    vouched,
)


def judged(sharing: Sharing = SIGNED, listed: TrustList | None = None, *, later: timedelta = timedelta(0)) -> Verdict:
    files = [LinkFile(kind, data) for kind, data in files_of(sharing)]
    return judge_files(files, LINK, listed or trust(), now=NOW + later)


def refused(verdict: Verdict, kind: Kind, code: str, at: StepName) -> None:
    """The verdict, its code, the one step it stopped at, and that nothing is shown."""
    first = next(step for step in verdict.steps if step.outcome is not Outcome.PASSED)
    assert (verdict.kind, verdict.code, first.name) == (kind, code, at)
    shown = [verdict.lines, verdict.notes, verdict.words, verdict.person]
    assert not any(shown)


def test_proven_entries_of_two_holders_are_checked_each_line_by_its_signer() -> None:
    verdict = judged()
    assert (verdict.kind, verdict.code) == (Kind.CHECKED, "")
    assert [(line.entry.title, line.voice, line.who) for line in verdict.lines] == [
        ("Penicillin", Voice.SIGNED, "Oak Lane Surgery"),
        ("Warfarin 3 mg tablets", Voice.SIGNED, "Oak Lane Surgery"),
        ("Type 2 diabetes", Voice.SIGNED, "Elmfield Hospital"),
    ]
    assert {step.outcome for step in verdict.steps} == {Outcome.PASSED}
    assert verdict.person is not None
    assert verdict.person.display_name == "Siân Gwenllïan Prŷs"
    assert (verdict.label, verdict.until) == ("A&E", LINK.exp)


def test_an_aged_list_checks_and_says_its_age() -> None:
    assert judged(listed=aged(5)).kind is Kind.CHECKED_COULD_NOT_ASK


def test_one_unsigned_line_makes_the_whole_said_by_the_passport_and_is_marked() -> None:
    verdict = judged(but(unsigned=(LETTER,)))
    assert verdict.kind is Kind.SAID_BY_PASSPORT
    assert [(line.voice, line.who) for line in verdict.lines if line.voice is not Voice.SIGNED] == [
        (Voice.PASSPORT, "letter.json")
    ]


def test_only_unsigned_lines_show_the_attested_person() -> None:
    verdict = judged(but(proofs=(), unsigned=(LETTER,)))
    assert verdict.kind is Kind.SAID_BY_PASSPORT
    assert verdict.person is not None
    assert (verdict.person.display_name, verdict.person.birth_date) == ("Siân Gwenllïan Prŷs", "1959-03-07")


def test_unsigned_lines_of_a_passport_nobody_vouches_for_cannot_be_checked() -> None:
    verdict = judged(but(unsigned=(LETTER,), wire=None))
    assert verdict.kind is Kind.CANNOT_CHECK
    assert [line.voice for line in verdict.lines][-1] is Voice.UNCHECKED


def test_signed_lines_stand_without_a_vouched_passport_and_the_step_says_so() -> None:
    verdict = judged(but(wire=None))
    assert verdict.kind is Kind.CHECKED
    assert [step.name for step in verdict.steps if step.outcome is Outcome.NOT_DONE] == [StepName.PASSPORT]


def test_only_granted_sections_are_shown() -> None:
    verdict = judged(but(sections=("allergies",)))
    assert [line.entry.title for line in verdict.lines] == ["Penicillin"]
    assert verdict.sections == ("allergies",)


def test_the_plain_summary_beside_the_share_is_never_what_is_shown() -> None:
    forged = bytes_of(PENICILLIN | {"code": {"text": "FORGED"}})
    files = [LinkFile("application/fhir+json", bundle(SIAN, json.loads(forged)))]
    files += [LinkFile(kind, data) for kind, data in files_of()[1:]]
    verdict = judge_files(files, LINK, trust(), now=NOW)
    assert verdict.kind is Kind.CHECKED
    assert "FORGED" not in [line.entry.title for line in verdict.lines]


def test_a_proven_group_without_its_patient_is_not_genuine() -> None:
    bare = proofs(SIAN, PENICILLIN, only=[1])
    refused(judged(but(proofs=(bare,))), Kind.NOT_GENUINE, "wrong-patient", StepName.PATIENT)


def test_one_holders_patient_does_not_stand_in_for_anothers() -> None:
    bare = proofs(SIAN, DIABETES, by=HOSPITAL, feed="f2", only=[1])
    mixed = but(proofs=(proofs(SIAN, PENICILLIN), bare))
    refused(judged(mixed), Kind.NOT_GENUINE, "wrong-patient", StepName.PATIENT)


def test_the_patient_of_a_feed_may_come_from_another_update_of_the_same_feed() -> None:
    later = proofs(SIAN, WARFARIN, only=[1])
    assert judged(but(proofs=(proofs(SIAN, PENICILLIN), later))).kind is Kind.CHECKED


@pytest.mark.parametrize(
    "other",
    [
        TOMOS,
        SIAN | {"birthDate": "1959-03-08"},
        SIAN | {"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}]},
        SIAN | {"name": [{"family": "Prŷs", "given": ["Sioned"]}]},
        SIAN | {"name": [{"family": "Rees", "given": ["Siân"]}]},
    ],
    ids=["another-person", "birth-date", "number", "given", "family"],
)
@pytest.mark.parametrize("place", ["beside", "alone"])
def test_another_patient_among_the_proofs_is_not_genuine(other: dict[str, object], place: str) -> None:
    stranger = proofs(other, DIABETES, by=HOSPITAL, feed="f2")
    groups = (proofs(SIAN, PENICILLIN), stranger) if place == "beside" else (stranger,)
    refused(judged(but(proofs=groups)), Kind.NOT_GENUINE, "wrong-patient", StepName.PATIENT)


def test_a_name_written_with_fewer_given_names_or_accents_is_the_same_person() -> None:
    plain = SIAN | {"name": [{"family": "Prys", "given": ["Sian"]}]}
    verdict = judged(but(proofs=(proofs(SIAN, PENICILLIN), proofs(plain, DIABETES, by=HOSPITAL, feed="f2"))))
    assert verdict.kind is Kind.CHECKED


def test_an_attestation_of_another_person_is_not_genuine() -> None:
    stolen = vouched(Subject("9990000026", "1992-05-01", "Tomos Huws"))
    refused(judged(but(wire=stolen)), Kind.NOT_GENUINE, "attestation-wrong", StepName.PASSPORT)


def test_an_attestation_past_its_time_cannot_be_checked() -> None:
    refused(judged(but(wire=vouched(days=3))), Kind.CANNOT_CHECK, "attestation-expired", StepName.PASSPORT)


def test_who_vouches_is_not_listed() -> None:
    refused(judged(listed=trust(GP, HOSPITAL)), Kind.CANNOT_CHECK, "issuer-unknown", StepName.PASSPORT)


def test_who_signed_an_entry_is_not_listed() -> None:
    unknown = but(proofs=(proofs(SIAN, PENICILLIN, by=STRANGER),))
    refused(judged(unknown, trust(GP, SERVICE)), Kind.CANNOT_CHECK, "issuer-unknown", StepName.ISSUER)


def test_without_a_list_a_share_cannot_be_checked() -> None:
    files = [LinkFile(kind, data) for kind, data in files_of()]
    verdict = judge_files(files, LINK, None, now=NOW)
    refused(verdict, Kind.CANNOT_CHECK, "trust-too-old", StepName.LIST)


def test_a_changed_proven_entry_is_not_genuine() -> None:
    share = SIGNED.made()
    changed = wrap_share(share.replace(b"Penicillin", b"Penicillim"))
    verdict = judge_files([LinkFile("application/fhir+json", changed)], LINK, trust(), now=NOW)
    refused(verdict, Kind.NOT_GENUINE, "terms-changed", StepName.TERMS)


def test_an_entry_its_holder_never_signed_is_not_genuine_even_under_the_passports_own_terms() -> None:
    genuine = proofs(SIAN, PENICILLIN)
    entry = genuine.entries[1]
    forged = replace(genuine, entries=(genuine.entries[0], replace(entry, resource=bytes_of(WARFARIN))))
    refused(judged(but(proofs=(forged,))), Kind.NOT_GENUINE, "entry-proof-wrong", StepName.ENTRIES)


@pytest.mark.parametrize(
    "link",
    [
        replace(LINK, label="Ward 9"),
        replace(LINK, exp=NOW + timedelta(hours=2)),
        replace(LINK, url=LINK.url[:-1] + "B"),
        replace(LINK, flag="LP"),
    ],
    ids=["label", "exp", "url", "flag"],
)
def test_what_the_code_says_must_be_what_the_passport_signed(link: object) -> None:
    files = [LinkFile(kind, data) for kind, data in files_of()]
    verdict = judge_files(files, link, trust(), now=NOW)  # type: ignore[arg-type]
    refused(verdict, Kind.NOT_GENUINE, "terms-changed", StepName.TERMS)


def test_a_share_ends_at_its_end_to_the_second() -> None:
    assert judged(later=timedelta(minutes=59, seconds=59)).kind is Kind.CHECKED
    refused(judged(later=timedelta(hours=1)), Kind.ENDED_OR_EXPIRED, "expired", StepName.TIME)


def test_a_foreign_link_with_health_cards_is_judged_by_its_cards() -> None:
    file = json.dumps({"verifiableCredential": [a_card()]}).encode()
    verdict = judge_files([LinkFile("application/smart-health-card", file)], LINK, trust(), now=NOW)
    assert verdict.kind is Kind.CHECKED


def test_a_foreign_link_with_unsigned_fhir_only_cannot_be_checked_and_is_not_shown() -> None:
    verdict = judge_files([LinkFile("application/fhir+json", bundle(SIAN, PENICILLIN))], LINK, trust(), now=NOW)
    refused(verdict, Kind.CANNOT_CHECK, "not-a-code", StepName.TERMS)


def test_a_resource_that_is_no_json_cannot_be_checked() -> None:
    broken = UnsignedEntry("letter.json", "2026-11-20", b"{")
    refused(judged(but(unsigned=(broken,))), Kind.CANNOT_CHECK, "not-json", StepName.ENTRIES)


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        (Ended("404"), Kind.ENDED_OR_EXPIRED, "ended"),
        (RelayNotListed("not listed"), Kind.CANNOT_CHECK, "relay-not-listed"),
        (Tampered("tag"), Kind.NOT_GENUINE, "tampered"),
    ],
)
def test_a_refusal_on_the_way_to_the_files_is_a_verdict(refusal: PassportError, kind: Kind, code: str) -> None:
    refused(refuse_link(refusal, trust(), now=NOW), kind, code, StepName.RELAY)


def test_a_network_that_is_down_is_no_verdict() -> None:
    with pytest.raises(NetworkUnavailable):
        refuse_link(NetworkUnavailable("relay: no route"), trust(), now=NOW)

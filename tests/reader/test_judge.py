"""The verdict on a card or on plain words: the right one of six, its steps true, and nothing shown after a refusal."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from app.reader.judge import judge_text
from app.reader.verdict import Kind, Outcome, StepName, Verdict, Voice, weakest
from crypto import card, plain_words, shlink
from crypto.keys import SigningKey
from tests.reader import made_up
from tests.reader.made_up import GP, NOW, STRANGER, a_card, aged, trust, vouched, words


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {step.name.value: step.outcome.value for step in verdict.steps}


def stopped_at(verdict: Verdict) -> tuple[StepName, Outcome]:
    """The first step that did not pass; nothing after it may be called passed."""
    where = next(i for i, step in enumerate(verdict.steps) if step.outcome is not Outcome.PASSED)
    assert all(step.outcome is Outcome.NOT_DONE for step in verdict.steps[where + 1 :])
    return verdict.steps[where].name, verdict.steps[where].outcome


def shows_nothing(verdict: Verdict) -> bool:
    return not (verdict.lines or verdict.notes or verdict.words or verdict.person)


def changed(token: str) -> str:
    """The token with one bit of its signature's first character flipped."""
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


# ---- cards --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["jws", "numeric", "file"])
def test_a_card_of_a_listed_organisation_is_checked_in_each_of_its_forms(form: str) -> None:
    token = a_card()
    text = {
        "jws": token,
        "numeric": card.to_numeric(token),
        "file": json.dumps({"verifiableCredential": [token]}) + "\n",
    }[form]
    verdict = judge_text(text, trust(), now=NOW)
    assert (verdict.kind, verdict.code, verdict.issuer) == (Kind.CHECKED, "", GP.issuer)
    assert set(outcomes(verdict).values()) == {"passed"}
    assert [(line.entry.title, line.voice, line.who) for line in verdict.lines] == [
        ("Penicillin", Voice.SIGNED, "Oak Lane Surgery")
    ]
    assert verdict.person is not None
    assert verdict.person.display_name == "Siân Gwenllïan Prŷs"


@pytest.mark.parametrize("days", [0, 13, 14, 89])
def test_a_list_past_its_time_still_checks_and_says_that_it_could_not_ask(days: int) -> None:
    verdict = judge_text(a_card(), aged(days), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.CHECKED_COULD_NOT_ASK, "")
    assert verdict.trust_list is not None
    assert (verdict.trust_list.version, verdict.trust_list.aged) == (7, True)
    assert verdict.lines


def test_a_list_ninety_days_past_its_time_cannot_check_and_nothing_is_shown() -> None:
    verdict = judge_text(a_card(), aged(90), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "trust-too-old")
    assert stopped_at(verdict) == (StepName.LIST, Outcome.NOT_DONE)
    assert shows_nothing(verdict)


def test_without_a_list_nothing_is_called_false() -> None:
    verdict = judge_text(a_card(), None, now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "trust-too-old")
    assert verdict.steps[0].outcome is Outcome.PASSED


def test_a_changed_card_is_not_genuine() -> None:
    verdict = judge_text(changed(a_card()), trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.NOT_GENUINE, "tampered")
    assert stopped_at(verdict) == (StepName.SIGNATURE, Outcome.FAILED)
    assert shows_nothing(verdict)


def test_a_card_of_an_issuer_that_is_not_listed_cannot_be_checked_and_is_not_shown() -> None:
    verdict = judge_text(a_card(by=STRANGER), trust(), now=NOW)
    assert (verdict.kind, verdict.code, verdict.issuer) == (Kind.CANNOT_CHECK, "issuer-unknown", None)
    assert stopped_at(verdict) == (StepName.ISSUER, Outcome.NOT_DONE)
    assert shows_nothing(verdict)


def test_a_listed_issuers_name_with_another_key_is_not_genuine_by_a_current_list() -> None:
    forged = a_card(key=SigningKey.generate())
    verdict = judge_text(forged, trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.NOT_GENUINE, "key-not-the-issuers")


def test_an_aged_list_may_not_know_a_new_key_and_so_cannot_check_it() -> None:
    verdict = judge_text(a_card(key=SigningKey.generate()), aged(1), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "key-not-the-issuers")
    assert shows_nothing(verdict)


@pytest.mark.parametrize(
    ("exp", "kind"),
    [(NOW + timedelta(seconds=1), Kind.CHECKED), (NOW, Kind.ENDED_OR_EXPIRED)],
)
def test_a_card_ends_at_its_exp_to_the_second(exp: datetime, kind: Kind) -> None:
    verdict = judge_text(a_card(exp=exp), trust(), now=NOW)
    assert verdict.kind is kind
    assert shows_nothing(verdict) is (kind is Kind.ENDED_OR_EXPIRED)
    if kind is Kind.CHECKED:
        assert verdict.until == exp


def test_a_card_from_the_future_cannot_be_checked() -> None:
    verdict = judge_text(a_card(), trust(), now=NOW - timedelta(days=4))
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "not-yet-valid")
    assert stopped_at(verdict) == (StepName.TIME, Outcome.NOT_DONE)


def test_a_signed_card_that_holds_no_fhir_cannot_be_checked_and_says_who_signed() -> None:
    token = card.make_card(b'{"a":1}', GP.key, iss=GP.issuer.iss, nbf=NOW)
    verdict = judge_text(token, trust(), now=NOW)
    assert (verdict.kind, verdict.code, verdict.issuer) == (Kind.CANNOT_CHECK, "not-fhir", GP.issuer)
    assert stopped_at(verdict) == (StepName.ENTRIES, Outcome.NOT_DONE)


def test_a_file_is_worth_its_weakest_card_and_then_shows_nothing() -> None:
    text = json.dumps({"verifiableCredential": [a_card(), changed(a_card())]})
    verdict = judge_text(text, trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.NOT_GENUINE, "tampered")
    assert shows_nothing(verdict)


def test_cards_of_one_person_are_shown_together() -> None:
    second = a_card(made_up.SIAN, made_up.DIABETES, by=made_up.HOSPITAL, exp=NOW + timedelta(hours=2))
    verdict = judge_text(json.dumps({"verifiableCredential": [a_card(), second]}), trust(), now=NOW)
    assert verdict.kind is Kind.CHECKED
    assert [line.who for line in verdict.lines] == ["Oak Lane Surgery", "Elmfield Hospital"]
    assert verdict.until == NOW + timedelta(hours=2)


def test_cards_of_two_people_are_never_laid_together() -> None:
    other = a_card(made_up.TOMOS, made_up.DIABETES)
    verdict = judge_text(json.dumps({"verifiableCredential": [a_card(), other]}), trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "wrong-patient")
    assert shows_nothing(verdict)


# ---- plain words --------------------------------------------------------------------------------


def test_plain_words_are_at_best_said_by_the_passport() -> None:
    verdict = judge_text(words(), trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.SAID_BY_PASSPORT, "")
    assert verdict.issuer == made_up.SERVICE.issuer
    assert verdict.words == made_up.WORDS
    assert verdict.person is not None
    assert (verdict.person.birth_date, verdict.person.display_name) == ("1959-03-07", "Siân Gwenllïan Prŷs")
    assert set(outcomes(verdict).values()) == {"passed"}


def test_words_pasted_with_a_line_end_after_them_are_the_same_words() -> None:
    assert judge_text(words() + "\r\n", trust(), now=NOW).kind is Kind.SAID_BY_PASSPORT


def test_words_with_one_letter_changed_are_not_genuine_and_not_shown() -> None:
    verdict = judge_text(words().replace("Penicillin", "Penicillim"), trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.NOT_GENUINE, "tampered")
    assert stopped_at(verdict) == (StepName.SIGNATURE, Outcome.FAILED)
    assert shows_nothing(verdict)


def test_changed_words_are_not_genuine_without_any_list() -> None:
    assert judge_text(words().replace("7 March", "8 March"), None, now=NOW).kind is Kind.NOT_GENUINE


def test_words_about_another_person_than_the_attested_one_are_not_genuine() -> None:
    stolen = words(made_up.WORDS.replace("999 000 0018", "999 000 0026"))
    verdict = judge_text(stolen, trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.NOT_GENUINE, "attestation-wrong")
    assert stopped_at(verdict) == (StepName.PASSPORT, Outcome.FAILED)
    assert shows_nothing(verdict)


def test_words_with_an_attestation_past_its_time_cannot_be_checked_but_can_be_read() -> None:
    verdict = judge_text(words(wire=vouched(days=3)), trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "attestation-expired")
    assert stopped_at(verdict) == (StepName.PASSPORT, Outcome.NOT_DONE)
    assert verdict.words == made_up.WORDS


@pytest.mark.parametrize("listed", [None, aged(90), trust(GP)], ids=["no-list", "too-old", "service-not-listed"])
def test_words_nobody_can_vouch_for_are_shown_as_that(listed: object) -> None:
    verdict = judge_text(words(), listed, now=NOW)  # type: ignore[arg-type]
    assert verdict.kind is Kind.CANNOT_CHECK
    assert verdict.words == made_up.WORDS
    assert outcomes(verdict)["signature"] == "passed"
    assert outcomes(verdict)["passport"] == "not-done"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (words() + "\n" + words().rpartition("\n")[2], "plain-words-refused"),
        (words() + "\nTAKES nothing", "plain-words-refused"),
        (made_up.WORDS + "\nPP1:AAA", "plain-words-refused"),
        (words().replace("Allergies", "Aller\u202egies"), "plain-words-refused"),
        (words(made_up.WORDS.replace("PATIENT", "PATIENTS")), "plain-words-refused"),
    ],
    ids=["two-trailers", "text-after", "broken-trailer", "bidi", "another-headline"],
)
def test_words_that_break_their_form_are_not_genuine_and_not_shown(text: str, code: str) -> None:
    verdict = judge_text(text, trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.NOT_GENUINE, code)
    assert stopped_at(verdict) == (StepName.FORM, Outcome.FAILED)
    assert shows_nothing(verdict)


def test_words_signed_later_than_now_cannot_be_checked() -> None:
    verdict = judge_text(words(), trust(), now=NOW - timedelta(hours=2))
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "not-yet-valid")
    assert stopped_at(verdict) == (StepName.SIGNATURE, Outcome.NOT_DONE)


# ---- links and nothing --------------------------------------------------------------------------


def test_a_link_by_its_text_alone_cannot_be_checked() -> None:
    verdict = judge_text(shlink.make(made_up.LINK), trust(), now=NOW)
    assert (verdict.kind, verdict.code) == (Kind.CANNOT_CHECK, "network-unavailable")
    assert stopped_at(verdict) == (StepName.LIST, Outcome.NOT_DONE)


def test_a_link_past_its_end_is_ended_without_asking() -> None:
    verdict = judge_text(shlink.make(made_up.LINK), trust(), now=NOW + timedelta(hours=1))
    assert (verdict.kind, verdict.code) == (Kind.ENDED_OR_EXPIRED, "expired")
    assert stopped_at(verdict) == (StepName.TIME, Outcome.FAILED)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-a-code"),
        ("WIFI:S:cafe;T:WPA;P:secret;;", "not-a-code"),
        ("https://example.org/", "not-a-code"),
        ("shc:/1/3/5676", "not-a-code"),
        ("{}", "malformed-token"),
        ('{"a":', "not-json"),
        ("shc:/9999", "malformed-token"),
        ("x" * 4297, "too-large"),
        ("a.b.c", "malformed-token"),
        ("shlink:/e30", "malformed-token"),
    ],
)
def test_what_is_no_code_of_ours_has_its_code(text: str, code: str) -> None:
    verdict = judge_text(text, trust(), now=NOW)
    expected = Kind.NOT_GENUINE if code == "malformed-token" else Kind.CANNOT_CHECK
    assert (verdict.code, verdict.kind) == (code, expected)
    assert stopped_at(verdict)[0] is StepName.FORM
    assert shows_nothing(verdict)


# ---- the vocabulary -----------------------------------------------------------------------------


def test_there_are_exactly_six_verdicts_and_a_share_is_worth_its_weakest_line() -> None:
    assert [kind.value for kind in Kind] == [
        "checked",
        "checked-could-not-ask",
        "said-by-passport",
        "cannot-check",
        "ended-or-expired",
        "not-genuine",
    ]
    assert weakest([Kind.SAID_BY_PASSPORT, Kind.CHECKED]) is Kind.SAID_BY_PASSPORT
    assert weakest([]) is Kind.CANNOT_CHECK


def test_the_printed_form_holds_no_record_content() -> None:
    for text in (a_card(), words()):
        printed = json.dumps(judge_text(text, trust(), now=NOW).as_json(), ensure_ascii=False)
        assert not any(secret in printed for secret in ("Penicillin", "Siân", "Prŷs", "999", "1959"))


def test_nothing_of_the_record_stands_in_a_verdicts_repr() -> None:
    for text in (a_card(), words()):
        shown = repr(judge_text(text, trust(), now=NOW))
        assert not any(secret in shown for secret in ("Penicillin", "Prŷs", "1959-03-07"))


def test_the_trailer_of_plain_words_is_the_one_crypto_writes() -> None:
    assert words().rpartition("\n")[2].startswith(plain_words.PREFIX)

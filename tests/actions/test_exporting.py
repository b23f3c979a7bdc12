"""What goes out of the record is what stands in it, and comes in again equal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.actions import browsing, exporting, own_words
from app.actions.exporting import Form, export, exportable, file_name, note_saved
from app.actions.importing import import_file
from app.actions.session import Passport, create_passport
from app.record.entry import Entry, Section
from app.record.own import Label
from app.record.source import SourceKind
from app.store.home import PassportHome
from crypto.errors import NothingToSave
from crypto.vault_header import FLOOR
from tests.actions.made_up import AMARA, NOOR, PHRASE, SIAN, SURGERY, World, bundle_of, kept, resources, written
from tests.actions.test_importing import allergy, bundle, patient


@pytest.fixture
def other(tmp_path: Path, world: World) -> Iterator[Passport]:
    """An empty passport to bring back in what went out."""
    passport, _ = create_passport(PassportHome(tmp_path / "other"), PHRASE, now=world.now, cost=FLOOR)
    yield passport
    passport.lock()


def entries(passport: Passport) -> Counter[Entry]:
    """Every live entry, without the place it had in its message; an entry without an id goes by that place."""
    found = (one.entry for one in passport.store.entries(None, 0, -1))
    return Counter(replace(one, position=0, key="#" if one.key.startswith("#") else one.key) for one in found)


def notes(passport: Passport) -> Counter[Any]:
    return Counter(one.note for one in passport.store.notes())


def bundles(data: bytes) -> list[dict[str, Any]]:
    """The Bundle of each message in a file."""
    whole = json.loads(data)
    inside = [one["resource"] for one in whole["entry"]]
    return inside if inside[0]["resourceType"] == "Bundle" else [whole]


def provenances(data: bytes) -> list[dict[str, Any]]:
    return [one["entry"][-1]["resource"] for one in bundles(data)]


@pytest.mark.parametrize("person", [AMARA, NOOR, SIAN])
def test_everything_comes_in_equal(fresh: Passport, other: Passport, world: World, person: str) -> None:
    world.connect(fresh, person)
    made = export(fresh, Form.FHIR, None, now=world.now)
    report = import_file(other, made.data, made.name, now=world.now)
    assert entries(other) == entries(fresh)
    assert notes(other) == notes(fresh)
    assert made.entries == sum(report.sections.values()) == fresh.store.count()
    assert other.store.person() == fresh.store.person()


def test_everything_comes_in_equal_after_corrections_and_files(fresh: Passport, other: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    changed = bundle_of(SIAN, "gp")
    condition = resources(changed, "Condition")[0]
    patient = resources(changed, "Patient")[0]
    corrected = {**condition, "code": {"text": "Corrected"}}
    update = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": corrected}]}
    world.sign(SIAN, "gp", written(update))
    world.refresh(fresh)
    import_file(fresh, b"date,sys,dia\n2026-11-01,135,85\n", "bp.csv", now=world.now)
    made = export(fresh, Form.FHIR, None, now=world.now)
    import_file(other, made.data, made.name, now=world.now)
    assert "Corrected" in {one.title for one in entries(other)}
    assert entries(other) == entries(fresh)


def test_every_resource_stands_byte_for_byte(fresh: Passport, world: World) -> None:
    raw = (
        b'{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:9a", "resource":'
        b'{ "resourceType":"Observation", "status":"final","code":{"text":"K\\u002b \xc2\xb5"},'
        b'"valueQuantity":{"value":4.60e0} }}]}'
    )
    import_file(fresh, raw, "k.json", now=world.now)
    data = export(fresh, Form.FHIR, None, now=world.now).data
    inner = raw[raw.index(b'{ "resourceType"') : raw.index(b"}]}")]
    assert b'{"fullUrl":"urn:uuid:9a","resource":' + inner + b"}" in data


def test_a_message_of_stu3_and_one_of_r4_stay_apart(fresh: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    found = bundles(export(fresh, Form.FHIR, None, now=world.now).data)
    assert len(found) == len(fresh.store.sources()) > 1
    assert {one["meta"]["tag"][0]["code"] for one in found} >= {"3.0.1", "4.0.1"}


def test_provenance_says_who_signed_when_and_against_which_list(fresh: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    told = provenances(export(fresh, Form.FHIR, None, now=world.now).data)
    for one, source in zip(told, reversed(fresh.store.sources()), strict=True):
        who = one["agent"][0].get("who") or one["agent"][0]["whoReference"]
        assert who == {
            "display": source.issuer_name,
            "identifier": {"system": "urn:ietf:rfc:3986", "value": source.iss},
        }
        assert source.signed_at is not None
        assert one["signature"][0]["when"] == f"{source.signed_at:%Y-%m-%dT%H:%M:%SZ}"
        assert one["recorded"] == f"{source.received_at:%Y-%m-%dT%H:%M:%SZ}"
        assert f"version {source.trust_version} of the list" in one["text"]["div"]
        assert source.file_hash in json.dumps(one["entity"])


def test_provenance_of_a_file_says_not_signed_and_holds_no_signature(fresh: Passport, world: World) -> None:
    import_file(fresh, written(bundle_of(SIAN, "hospital")), "from <me>.json", now=world.now)
    (one,) = provenances(export(fresh, Form.FHIR, None, now=world.now).data)
    assert "signature" not in one
    assert "Not signed" in one["text"]["div"]
    assert "from &lt;me&gt;.json" in one["text"]["div"]


def test_of_one_section_nothing_else_goes_out(fresh: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    data = export(fresh, Form.FHIR, {Section.ALLERGIES}, now=world.now).data
    kinds = {one["resource"]["resourceType"] for bundle in bundles(data) for one in bundle["entry"]}
    assert "AllergyIntolerance" in kinds
    assert kinds <= {
        *("AllergyIntolerance", "Patient", "Provenance", "List"),
        *("Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService"),
    }


@pytest.mark.parametrize("form", [Form.FHIR, Form.IPS, Form.CSV])
def test_what_may_not_leave_leaves_no_trace(
    fresh: Passport, world: World, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connect(fresh, SIAN)
    hidden = fresh.store.entries(Section.RESULTS if form is Form.CSV else Section.CONDITIONS, 0, 1)[0]
    before = export(fresh, form, None, now=world.now).data

    def without(passport: Passport, sections: object) -> exporting.Exportable:
        found = exportable(passport, None)
        return replace(found, entries=tuple(one for one in found.entries if one.id != hidden.id))

    monkeypatch.setattr(exporting, "exportable", without)
    after = export(fresh, form, None, now=world.now).data
    wanted = fresh.store.raw_resource(hidden.id) if form is Form.FHIR else hidden.entry.title.encode()
    assert after.count(wanted) < before.count(wanted)
    if form is Form.FHIR:
        assert wanted not in after
        assert f'"{hidden.entry.key}"'.encode() not in after


def test_a_summary_covers_the_whole_record_and_says_what_is_empty(fresh: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    summary = json.loads(export(fresh, Form.IPS, None, now=world.now).data)
    parts = {one["code"]["coding"][0]["code"]: one for one in summary["entry"][0]["resource"]["section"]}
    assert {"11450-4", "48765-2", "10160-0"} <= set(parts)
    assert all(one["text"]["div"] and (one.get("entry") or one["emptyReason"]) for one in parts.values())
    left = json.loads(export(fresh, Form.IPS, {Section.MEDICINES}, now=world.now).data)
    reason = {one["code"]["coding"][0]["code"]: one for one in left["entry"][0]["resource"]["section"]}["48765-2"]
    assert reason["emptyReason"]["coding"][0]["code"] == "withheld"


def test_results_come_in_again_as_a_table(fresh: Passport, other: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    made = export(fresh, Form.CSV, None, now=world.now)
    import_file(other, made.data, made.name, now=world.now)
    went = [one.entry for one in exportable(fresh, {Section.RESULTS, Section.MEASUREMENTS}).entries]
    before = Counter((one.title, one.when, one.quantity.value) for one in went if one.quantity)
    came = [one.entry for one in other.store.entries(None, 0, -1)]
    after = Counter((one.title, one.when, one.quantity.value) for one in came if one.quantity)
    assert before == after
    assert before


@pytest.mark.parametrize("form", [Form.FHIR, Form.IPS, Form.CSV])
def test_an_empty_record_is_refused_and_nothing_is_written_down(fresh: Passport, world: World, form: Form) -> None:
    with pytest.raises(NothingToSave):
        export(fresh, form, None, now=world.now)
    assert fresh.store.access_log() == []


def test_saving_is_noted_in_the_log_without_values(fresh: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    before = kept(fresh)
    export(fresh, Form.IPS, {Section.ALLERGIES}, now=world.now)
    assert fresh.store.access_log() == []
    note_saved(fresh, Form.IPS, {Section.ALLERGIES}, now=world.now)
    (row,) = fresh.store.access_log()
    assert (row.what, row.who, row.why, row.sections) == ("record-saved", "", "ips", ("allergies",))
    assert kept(fresh) == before


def test_a_file_name_says_nothing_of_the_person(world: World) -> None:
    assert [file_name(form, now=world.now) for form in Form] == [
        "patient-passport-record-2098-11-23.pdf",
        "patient-passport-summary-2098-11-23.json",
        "patient-passport-everything-2098-11-23.json",
        "patient-passport-results-2098-11-23.csv",
    ]


def test_what_could_not_be_displayed_belongs_to_no_section_and_is_named_with_all_of_them(
    fresh: Passport, world: World
) -> None:
    odd = {"resourceType": "Unheard", "id": "u"}
    import_file(fresh, bundle(patient(), allergy("Nuts"), odd), "record.json", now=world.now)
    [unread] = exportable(fresh, None).aside.not_displayed
    assert (unread.resource.resource_type, unread.source.issuer_name) == ("Unheard", "record.json")
    assert exportable(fresh, [Section.ALLERGIES]).aside.not_displayed == ()


def test_made_hides_the_record(fresh: Passport, world: World) -> None:
    world.connect(fresh, SIAN)
    assert fresh.store.sources()[0].kind is SourceKind.UPDATE
    assert SURGERY.iss not in repr(export(fresh, Form.FHIR, None, now=world.now))


@pytest.mark.parametrize("form", [Form.FHIR, Form.IPS])
def test_what_the_patient_hid_is_in_no_file_and_what_is_beside_it_is(fresh: Passport, world: World, form: Form) -> None:
    import_file(fresh, bundle(patient(), allergy("Zebrafish"), allergy("Latex")), "two.json", now=world.now)
    secret = next(one for one in fresh.store.entries() if one.entry.title == "Zebrafish")
    own_words.mark_entry(fresh, secret.id, Label.SEXUAL_HEALTH, hidden=True, now=world.now)
    made = export(fresh, form, None, now=world.now)
    assert b"Zebrafish" not in made.data
    assert b"Latex" in made.data


def test_a_letter_inside_an_entry_is_given_whole(fresh: Passport, world: World) -> None:
    letter = b"%PDF-1.7 made up"
    import_file(fresh, letter, "letter.pdf", now=world.now)
    (stored,) = fresh.store.entries(Section.DOCUMENTS)
    (found,) = browsing.attachments(fresh, stored)
    assert (found.data, found.ending) == (letter, "pdf")

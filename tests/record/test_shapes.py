"""Shapes that real systems send, and what a person is shown of them."""

from __future__ import annotations

import pytest

from app.record.entry import Absence, Section, SectionNote
from app.record.reading import read_bundle
from app.record.sections import FRAME_TYPES, KNOWN_TYPES, TYPE_WORDS
from tests.record.made_up import bundle, concept, only

CODED = {"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}


# ---- names --------------------------------------------------------------------------------------


def test_every_type_that_is_shown_has_words_of_its_own() -> None:
    assert KNOWN_TYPES - FRAME_TYPES - frozenset(TYPE_WORDS) == frozenset()


@pytest.mark.parametrize(
    ("resource", "title"),
    [
        (
            {"resourceType": "Immunization", "vaccineCode": {"coding": [CODED]}},
            "Vaccination, not named by the source (code 207)",
        ),
        (
            {"resourceType": "Immunization", "vaccineCode": {"coding": [{**CODED, "display": "207"}]}},
            "Vaccination, not named by the source (code 207)",
        ),
        ({"resourceType": "Immunization", "vaccineCode": {"coding": [CODED], "text": "COVID-19"}}, "COVID-19"),
        (
            {"resourceType": "AllergyIntolerance", "code": {"coding": [{"code": "no-known-food-allergies"}]}},
            "No known food allergies",
        ),
        ({"resourceType": "Claim", "type": {"coding": [{"code": "institutional"}]}}, "Payment claim (institutional)"),
        (
            {"resourceType": "SupplyDelivery", "suppliedItem": {"itemCodeableConcept": concept("Test strips")}},
            "Test strips",
        ),
        ({"resourceType": "CareTeam", "status": "active"}, "Care team"),
    ],
)
def test_a_code_without_words_is_never_the_whole_name(resource: dict[str, object], title: str) -> None:
    assert only(resource).title == title


def test_a_narrative_that_a_machine_listed_from_the_elements_is_not_told() -> None:
    made = {"div": "<div><p>Generated Narrative: Device use</p><p>status: Active</p></div>"}
    assert only({"resourceType": "DeviceUseStatement", "status": "active", "text": made}).detail == ""
    written = {"div": "<div><p>Hearing aid, left</p></div>"}
    assert only({"resourceType": "DeviceUseStatement", "text": written}).detail == "Hearing aid, left"


# ---- sections -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Serum potassium", "Plasma glucose level", "Urine ketone test", "Haemoglobin A1c level"]
)
def test_a_test_by_its_name_is_a_result_although_nothing_else_says_so(name: str) -> None:
    observation = {
        "resourceType": "Observation",
        "code": concept(name),
        "valueQuantity": {"value": 4, "unit": "mmol/L"},
    }
    assert only(observation).section is Section.RESULTS


def test_a_comment_that_stands_alone_says_its_words() -> None:
    code = {"coding": [{"code": "37331000000100", "display": "Comment note"}]}
    entry = only({"resourceType": "Observation", "code": code, "comment": "Seen with her daughter"})
    assert (entry.title, entry.detail) == ("Comment note", "Seen with her daughter")


@pytest.mark.parametrize("kind", ["Composition", "Provenance", "DocumentReference"])
def test_the_computer_system_that_wrote_a_record_is_no_device_of_mine(kind: str) -> None:
    system = {"resourceType": "Device", "id": "ehr", "deviceName": [{"name": "Practice system"}]}
    pointer = {"reference": "Device/ehr"}
    said = {"agent": [{"who": pointer}]} if kind == "Provenance" else {"author": [pointer], "type": concept("Letter")}
    reading = read_bundle(bundle(system, {"resourceType": kind, **said}))
    assert reading.merged[0] == -1
    assert all(entry.section is not Section.DEVICES for entry in reading.entries)


def test_a_device_that_is_mine_stays_shown_whoever_it_wrote_for() -> None:
    meter = {
        "resourceType": "Device",
        "id": "m",
        "type": concept("Glucose meter"),
        "patient": {"reference": "Patient/me"},
    }
    written = {"resourceType": "Provenance", "agent": [{"who": {"reference": "Device/m"}}]}
    assert [entry.title for entry in read_bundle(bundle(meter, written)).entries] == ["Glucose meter"]


# ---- none known ---------------------------------------------------------------------------------


def test_no_known_devices_is_a_statement_also_where_the_device_says_it() -> None:
    device = {"resourceType": "Device", "id": "none", "type": {"coding": [{"code": "787483001"}]}}
    use = {"resourceType": "DeviceUseStatement", "status": "active", "device": {"reference": "Device/none"}}
    reading = read_bundle(bundle(use, device))
    assert reading.entries == ()
    assert reading.merged == {0: -1, 1: -1}
    assert reading.notes == (SectionNote(Section.DEVICES, absence=Absence.NONE_KNOWN),)


def test_no_current_problems_is_shown_as_it_was_said() -> None:
    entry = only(
        {"resourceType": "Condition", "code": {"coding": [{"code": "160245001", "display": "No current problems"}]}}
    )
    assert entry.title == "No current problems"


# ---- doses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repeat", "words"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, "2 times per day"),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, "once every 8 hours"),
        ({"frequency": 3, "periodUnit": "wk"}, "3 times per week"),
        ({"frequency": 1, "period": 2, "periodUnit": "fortnight"}, "once every 2 fortnight"),
        ({"frequency": 4}, "4 times"),
    ],
)
def test_how_often_a_medicine_is_taken_is_told_in_words(repeat: dict[str, object], words: str) -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "medicationCodeableConcept": concept("Metformin"),
        "dosage": [{"timing": {"repeat": repeat}}],
    }
    assert only(statement).detail == words


def test_whoever_has_no_readable_kind_is_still_named() -> None:
    odd = {"resourceType": ["Practitioner"], "id": "p"}
    letter = {
        "resourceType": "DocumentReference",
        "type": concept("Letter"),
        "author": [{"reference": "#p", "display": "Dr Mair"}],
    }
    entry = only({**letter, "contained": [odd]})
    assert entry.author == "Dr Mair"

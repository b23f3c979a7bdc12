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


@pytest.mark.parametrize(
    ("observation", "section"),
    [
        ({"code": concept("Glasses of wine"), "valueQuantity": {"value": 6}, "referenceRange": [{}]}, Section.SOCIAL),
        ({"code": concept("Cigarette consumption"), "valueQuantity": {"value": 12, "unit": "/d"}}, Section.SOCIAL),
        ({"code": concept("Moderate drinker - 3-6u/day")}, Section.SOCIAL),
        ({"code": concept("Blood alcohol level"), "valueQuantity": {"value": 6}}, Section.RESULTS),
        ({"code": concept("Full blood count - FBC")}, Section.RESULTS),
        ({"code": concept("Target weight")}, Section.OTHER),
        ({"code": concept("Pain level"), "valueString": "4 of 10"}, Section.OTHER),
        ({"code": concept("Smoke alarm fitted")}, Section.OTHER),
        ({"code": concept("Barium meal"), "interpretation": [concept("Abnormal")]}, Section.RESULTS),
        ({"code": concept("Swab - skin"), "valueString": "Abnormal"}, Section.RESULTS),
        ({"code": concept("Virus found"), "category": [concept("Investigation Results")]}, Section.RESULTS),
        ({"code": concept("Pulse"), "category": [concept("Vital Signs (record artifact)")]}, Section.MEASUREMENTS),
        ({"code": concept("Preferred place of death: home")}, Section.PLANS),
        ({"code": concept("Lasting power of attorney personal welfare")}, Section.PLANS),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "11636-8"}]}}, Section.PREGNANCY),
        (
            {"code": concept("Referral"), "component": [{"code": concept("Direction"), "valueString": "In"}]},
            Section.OTHER,
        ),
        (
            {"code": concept("Lying BP"), "component": [{"code": concept("S"), "valueQuantity": {"value": 1}}]},
            Section.MEASUREMENTS,
        ),
    ],
    ids=lambda one: one["code"].get("text", "coded") if isinstance(one, dict) else str(one),
)
def test_an_observation_is_shown_where_a_person_would_look_for_it(
    observation: dict[str, object], section: Section
) -> None:
    assert only({"resourceType": "Observation", **observation}).section is section


def test_a_visit_whose_kind_is_unknown_is_called_a_visit() -> None:
    entry = only({"resourceType": "Encounter", "status": "finished", "class": {"code": "UNK", "display": "Unknown"}})
    assert (entry.title, [fact.name for fact in entry.facts]) == ("Visit", ["status"])


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

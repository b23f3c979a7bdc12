"""Every resource of what was received is in exactly one place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.record.entry import Absence, Reading, Section, SectionNote, Standing
from app.record.medicines import plain_name
from app.record.reading import read_bundle, read_resources, read_sliced
from app.record.sections import FACT_NAMES, KNOWN_TYPES, NOT_DISPLAYED_REASONS
from tests.record.made_up import bundle, concept, facts, only

PATIENTS = Path(__file__).resolve().parents[2] / "sync" / "sandbox" / "patients"
PATIENT = {
    "resourceType": "Patient",
    "id": "me",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "birthDate": "1959-03-04",
}
ME = {"reference": "Patient/me"}


def places(reading: Reading) -> list[int]:
    shown = [entry.position for entry in reading.entries]
    return sorted([*shown, *reading.merged, *(one.position for one in reading.not_displayed)])


def reasons(reading: Reading) -> list[str]:
    return [one.reason for one in reading.not_displayed]


# ---- places -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("words", "not-an-object"),
        ([1, 2], "not-an-object"),
        ({"id": "x"}, "no-type"),
        ({"resourceType": ["Patient"]}, "no-type"),
        ({"resourceType": "Spaceship"}, "unknown-type"),
        ({"resourceType": "Observation"}, "nothing-readable"),
    ],
)
def test_what_cannot_be_shown_is_counted_with_its_reason(resource: object, reason: str) -> None:
    reading = read_bundle(bundle(resource, PATIENT))
    assert reasons(reading) == [reason]
    assert places(reading) == [0, 1]


def test_the_frame_is_merged_into_nothing() -> None:
    reading = read_bundle(bundle(PATIENT, {"resourceType": "Organization", "id": "nameless"}))
    assert reading.merged == {0: -1, 1: -1}


def test_a_type_without_a_place_of_its_own_is_shown_under_other() -> None:
    entry = only({"resourceType": "Claim", "id": "c", "status": "active"})
    assert (entry.section, entry.title) == (Section.OTHER, "Payment claim")


def test_what_is_about_another_patient_is_not_shown_as_mine() -> None:
    other = {"resourceType": "Patient", "id": "other", "birthDate": "1990-01-01"}
    asthma = {"resourceType": "Condition", "subject": {"reference": "Patient/other"}, "code": concept("Asthma")}
    reading = read_bundle(bundle(PATIENT, other, asthma))
    assert reading.entries == ()
    assert reasons(reading) == ["another-patient", "another-patient"]


def test_a_patient_sent_twice_is_one_person() -> None:
    asthma = {"resourceType": "Condition", "subject": {"reference": "Patient/again"}, "code": concept("Asthma")}
    reading = read_bundle(bundle(PATIENT, {**PATIENT, "id": "again"}, asthma))
    assert [entry.title for entry in reading.entries] == ["Asthma"]


def test_the_person_is_the_one_the_composition_speaks_of() -> None:
    other = {"resourceType": "Patient", "id": "other", "birthDate": "1990-01-01"}
    composition = {"resourceType": "Composition", "subject": {"reference": "Patient/me"}}
    reading = read_bundle(bundle(composition, other, PATIENT))
    assert reading.person is not None
    assert reading.person.nhs_number == "9990000018"


def test_the_same_id_twice_gives_two_entries_with_two_keys() -> None:
    one = {"resourceType": "Condition", "id": "c", "code": concept("Asthma")}
    reading = read_bundle(bundle(one, {**one, "code": concept("Eczema")}))
    assert [entry.key for entry in reading.entries] == ["Condition/c", "Condition/c~2"]


def test_resources_that_stand_alone_are_read_in_their_order() -> None:
    reading = read_resources([b'{"resourceType":"Condition","code":{"text":"Asthma"}}', {"resourceType": "List"}])
    assert [entry.title for entry in reading.entries] == ["Asthma"]
    assert reading.merged == {1: -1}


# ---- truth rules --------------------------------------------------------------------------------

NO_KNOWN_ALLERGY = {"resourceType": "AllergyIntolerance", "code": concept("No known allergy", "716186003")}


def test_no_known_allergy_is_a_note_and_not_an_allergy() -> None:
    reading = read_bundle(bundle(NO_KNOWN_ALLERGY))
    assert reading.entries == ()
    assert reading.notes == (SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN),)
    assert reading.merged == {0: -1}


def test_no_known_allergy_beside_an_allergy_is_shown_and_makes_no_note() -> None:
    nuts = {"resourceType": "AllergyIntolerance", "code": concept("Nut allergy"), "clinicalStatus": "active"}
    reading = read_bundle(bundle(NO_KNOWN_ALLERGY, nuts))
    assert reading.notes == ()
    assert [entry.title for entry in reading.entries] == ["No known allergy", "Nut allergy"]


@pytest.mark.parametrize("wrong", [{"verificationStatus": "entered-in-error"}, {"clinicalStatus": "inactive"}])
def test_no_known_allergy_taken_back_is_not_said(wrong: dict[str, str]) -> None:
    reading = read_bundle(bundle({**NO_KNOWN_ALLERGY, **wrong}))
    assert reading.notes == ()
    assert len(reading.entries) == 1


def test_no_known_drug_allergy_is_shown_as_it_was_said() -> None:
    reading = read_bundle(
        bundle({"resourceType": "AllergyIntolerance", "code": concept("No known drug allergy", "409137002")})
    )
    assert [entry.title for entry in reading.entries] == ["No known drug allergy"]
    assert reading.notes == ()


def test_no_information_is_not_none_known() -> None:
    reading = read_bundle(
        bundle({"resourceType": "MedicationStatement", "medicationCodeableConcept": concept("?", "no-medication-info")})
    )
    assert reading.notes == (SectionNote(Section.MEDICINES, absence=Absence.UNAVAILABLE),)


def test_an_allergy_without_a_name_is_still_shown() -> None:
    entry = only({"resourceType": "AllergyIntolerance", "id": "a", "criticality": "high"})
    assert entry.title == "Allergy, not named by the source"


def test_an_allergy_tells_its_reaction() -> None:
    entry = only(
        {
            "resourceType": "AllergyIntolerance",
            "code": concept("Penicillin allergy"),
            "clinicalStatus": {"coding": [{"code": "active"}]},
            "criticality": "high",
            "reaction": [{"manifestation": [concept("Anaphylaxis")], "severity": "severe"}],
        }
    )
    assert (entry.detail, facts(entry)["criticality"], entry.standing) == (
        "Anaphylaxis (severe)", "high", Standing.CURRENT
    )  # fmt: skip


def test_entered_in_error_outweighs_active() -> None:
    entry = only(
        {
            "resourceType": "Condition",
            "code": concept("Asthma"),
            "clinicalStatus": "active",
            "verificationStatus": "entered-in-error",
        }
    )
    assert entry.standing is Standing.ENTERED_IN_ERROR


def test_a_vaccine_not_given_says_so() -> None:
    for refused in ({"notGiven": True}, {"status": "not-done"}):
        entry = only({"resourceType": "Immunization", "vaccineCode": concept("Influenza vaccine"), **refused})
        assert (entry.standing, entry.detail) == (Standing.REFUTED, "Not given")


def test_dates_keep_their_precision() -> None:
    for date in ("2019", "2019-03", "2019-03-04", "2019-03-04T10:11:12.8116604+00:00"):
        entry = only({"resourceType": "Condition", "code": concept("Asthma"), "onsetDateTime": date})
        assert entry.when is not None
        assert entry.when.text == date


# ---- results ------------------------------------------------------------------------------------

POTASSIUM = b"""{"resourceType":"Observation","id":"k","status":"final","code":{"text":"Potassium"},
"category":[{"coding":[{"code":"laboratory"}]}],"valueQuantity":{"value":4.60,"unit":"mmol/L","comparator":"<"},
"referenceRange":[{"low":{"value":3.50},"high":{"value":5.30}}]}"""


def test_a_result_keeps_value_unit_and_range_as_received() -> None:
    (entry,) = read_bundle(POTASSIUM).entries
    assert entry.section is Section.RESULTS
    assert entry.quantity is not None
    number = entry.quantity
    assert (number.value, number.unit, number.low, number.high, number.comparator) == (
        "4.60", "mmol/L", "3.50", "5.30", "<"
    )  # fmt: skip


def test_with_two_ranges_none_is_chosen_and_both_are_told() -> None:
    resource: dict[str, Any] = json.loads(POTASSIUM)
    resource["referenceRange"] = [{"text": "Child 3 to 5"}, {"text": "Adult 4 to 5"}]
    entry = only(resource)
    assert entry.quantity is not None
    assert (entry.quantity.low, entry.quantity.high) == ("", "")
    assert [fact.value for fact in entry.facts if fact.name == "range"] == ["Child 3 to 5", "Adult 4 to 5"]


def test_blood_pressure_is_one_reading() -> None:
    parts = [("8480-6", 128), ("8462-4", 74)]
    entry = only(
        {
            "resourceType": "Observation",
            "code": concept("Blood pressure"),
            "component": [
                {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value, "unit": "mmHg"}}
                for code, value in parts
            ],
        }
    )
    assert (entry.detail, entry.section) == ("128/74 mmHg", Section.MEASUREMENTS)


def test_each_test_of_a_panel_is_a_result_that_names_its_panel() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "code": concept("Full blood count"),
        "result": [{"reference": "Observation/h"}],
    }
    haemoglobin = {"resourceType": "Observation", "id": "h", "code": concept("Haemoglobin"), "valueString": "normal"}
    reading = read_bundle(bundle(report, haemoglobin))
    assert [(entry.title, entry.section) for entry in reading.entries] == [
        ("Full blood count", Section.RESULTS), ("Haemoglobin", Section.RESULTS)
    ]  # fmt: skip
    assert facts(reading.entries[1])["panel"] == "Full blood count"


def test_a_cpr_decision_is_a_plan_whatever_carries_it() -> None:
    decision = concept("Not for attempted cardiopulmonary resuscitation", "450476008")
    for resource in (
        {"resourceType": "Observation", "code": decision},
        {"resourceType": "Observation", "code": concept("CPR decision"), "valueCodeableConcept": decision},
        {"resourceType": "Flag", "code": decision},
        {"resourceType": "Consent", "category": [decision]},
    ):
        entry = only(resource)
        assert entry.section is Section.PLANS, resource
        assert "450476008" in {coding.code for coding in entry.codings}


# ---- medicines ----------------------------------------------------------------------------------


def test_statement_plan_orders_and_medication_are_one_medicine() -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": concept("Apixaban 5mg tablets")}
    pointer = {"medicationReference": {"reference": "Medication/m"}}
    statement = {
        "resourceType": "MedicationStatement", "id": "s", "status": "active", "taken": "unk", **pointer,
        "basedOn": [{"reference": "MedicationRequest/plan"}], "dosage": [{"text": "One twice a day"}],
    }  # fmt: skip
    plan = {"resourceType": "MedicationRequest", "id": "plan", "intent": "plan", **pointer}
    order = {
        "resourceType": "MedicationRequest", "id": "o", "intent": "order", "authoredOn": "2026-10-26", **pointer,
        "basedOn": [{"reference": "MedicationRequest/plan"}],
    }  # fmt: skip
    reading = read_bundle(bundle(order, medication, plan, statement))
    assert reading.merged == {0: 3, 1: 3, 2: 3}
    (entry,) = reading.entries
    assert (entry.title, entry.detail, entry.standing) == ("Apixaban 5mg tablets", "One twice a day", Standing.CURRENT)
    assert facts(entry)["last-issued"] == "2026-10-26"


def test_links_that_run_in_a_ring_lose_nothing() -> None:
    requests = [
        {
            "resourceType": "MedicationRequest", "id": here, "medicationCodeableConcept": concept("Aspirin"),
            "basedOn": [{"reference": f"MedicationRequest/{there}"}],
        }
        for here, there in (("a", "b"), ("b", "a"))
    ]  # fmt: skip
    assert len(read_bundle(bundle(*requests)).entries) == 2


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Apixaban 5mg tablets", "Apixaban"),
        ("Insulin glargine 100units/ml solution for injection 3ml pre-filled disposable devices", "Insulin glargine"),
        ("Salbutamol 100micrograms/dose inhaler CFC free", "Salbutamol inhaler"),
        ("Omeprazole 20mg gastro-resistant capsules", "Omeprazole"),
        ("Hydrocortisone 1% cream", "Hydrocortisone cream"),
        ("Co-codamol 30mg/500mg tablets", "Co-codamol"),
        ("Warfarin", "Warfarin"),
        ("5mg", "5mg"),
    ],
)
def test_a_medicines_plain_name_has_no_dose(title: str, name: str) -> None:
    assert plain_name(title) == name


# ---- whatever comes -----------------------------------------------------------------------------

_JUNK = st.sampled_from(
    [None, "", "x", 0, -1.5, True, [], {}, [None], [[]], [{}], {"coding": "x"}, {"reference": 5}, [1, "a"]]
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name, item in value.items():
            found += _paths(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += _paths(item, (*path, index))
    return found


def _load(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((PATIENTS / name).read_text(encoding="utf-8"))
    return data


SAMPLES = [_load("sian-llyr/gp.stu3.json"), _load("sian-llyr/hospital.r4.json"), _load("noor-rahman/gp.stu3.json")]
PATHS = [[path for path in _paths(sample) if path[0] == "entry" and len(path) > 1] for sample in SAMPLES]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_record_is_read_whole_whatever_stands_in_it(data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(SAMPLES) - 1))
    sample = copy.deepcopy(SAMPLES[which])
    for _ in range(data.draw(st.integers(1, 8))):
        *way, last = data.draw(st.sampled_from(PATHS[which]))
        target: Any = sample
        try:
            for step in way:
                target = target[step]
            target[last] = data.draw(_JUNK)
        except (KeyError, IndexError, TypeError):
            continue
    reading = read_bundle(sample)
    assert places(reading) == list(range(reading.resources))
    assert sum(reading.counts().values()) == len(reading.entries)


MEMBERS = [
    "code", "status", "subject", "category", "dosage", "reaction", "component", "content", "name", "contact", "related",
    "identifier", "text", "note", "valueQuantity", "referenceRange", "extension", "entry", "result", "telecom",
    "period", "item", "activity", "participant", "id", "medicationReference", "basedOn", "encounter", "evidence",
    "section",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(KNOWN_TYPES)), st.dictionaries(st.sampled_from(MEMBERS), _JUNK))
def test_any_type_holding_anything_has_one_place(kind: str, members: dict[str, Any]) -> None:
    reading = read_bundle(bundle({"resourceType": kind, **members}))
    assert places(reading) == list(range(reading.resources))


# ---- the made-up patients -----------------------------------------------------------------------

ALL = sorted(path.relative_to(PATIENTS).as_posix() for path in PATIENTS.glob("*/*.json") if path.name != "person.json")


@pytest.mark.parametrize("name", ALL)
def test_made_up_records_are_shown_whole(name: str) -> None:
    reading = read_bundle((PATIENTS / name).read_bytes())
    assert reading.not_displayed == ()
    assert places(reading) == list(range(reading.resources))
    assert reading.fhir_version == ("3.0.1" if "stu3" in name else "4.0.1")
    assert {fact.name for entry in reading.entries for fact in entry.facts} <= FACT_NAMES


def test_every_reason_that_is_given_is_in_the_table() -> None:
    junk = ["x", {}, {"resourceType": "Spaceship"}, {"resourceType": "Observation"}]
    assert set(reasons(read_bundle(bundle(*junk)))) <= NOT_DISPLAYED_REASONS


# ---- taken apart --------------------------------------------------------------------------------


def taken_apart(document: dict[str, Any]) -> Reading | None:
    elements = document.get("entry", [])
    frame = document | ({"entry": [one | {"resource": None} for one in elements]} if elements else {})
    resources = [json.dumps(one["resource"]).encode() if "resource" in one else b"" for one in elements] or [b""]
    return read_sliced(frame, resources, "4.0.1")


@pytest.mark.parametrize("path", sorted(PATIENTS.rglob("*.json")), ids=lambda path: path.parent.name + "/" + path.stem)
def test_a_bundle_taken_apart_reads_as_the_whole(path: Path) -> None:
    document = json.loads(path.read_bytes(), parse_float=str)
    if document.get("resourceType") == "Bundle" and (found := taken_apart(document)) is not None:
        assert found == read_bundle(document, "4.0.1")


def test_elements_without_a_resource_have_no_position_taken_apart_either() -> None:
    observed = {"resourceType": "Observation", "id": "1", "code": concept("Pulse"), "subject": {"reference": "urn:me"}}
    gone = {"request": {"method": "DELETE", "url": "Condition/1"}}
    elements = [gone, {"resource": None}, {"fullUrl": "urn:me", "resource": PATIENT}, {"resource": observed}]
    document = {"resourceType": "Bundle", "entry": elements}
    found = taken_apart(document)
    assert found == read_bundle(document, "4.0.1")
    assert found.taken_back == ("Condition/1",)
    assert places(found) == [0, 1]
    assert taken_apart({"resourceType": "Bundle"}) == read_bundle({"resourceType": "Bundle"}, "4.0.1")


@pytest.mark.parametrize("kind", ['"Bundle"', '"B\\u0075ndle"'])
def test_a_bundle_inside_the_bundle_is_left_to_the_whole(kind: str) -> None:
    frame = {"resourceType": "Bundle", "entry": [{"resource": None}]}
    assert read_sliced(frame, [b'{"resourceType":%s}' % kind.encode()], "4.0.1") is None
    assert read_sliced({"resourceType": "Parameters"}, [b""], "4.0.1") is None

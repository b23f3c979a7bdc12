"""A holder's emergency summary fits one code, puts first what matters most, and counts what it leaves out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crypto import card, jws
from crypto.bundle import EMERGENCY_TYPE, HEALTH_CARD_TYPE
from crypto.errors import NotFhir
from crypto.keys import SigningKey
from sync.sandbox.emergency_summary import emergency_card, emergency_summary
from sync.sandbox.people import NHS_NUMBER, lifelong_person, load_people

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ISS = "https://oak-lane-surgery.example"
HELD = [
    (person.id, kind, held) for person in [*load_people(), lifelong_person()] for kind, held in person.bundles.items()
]
PATIENT = {
    "resourceType": "Patient",
    "id": "secret-id",
    "identifier": [{"system": NHS_NUMBER, "value": "9990000018"}, {"system": "https://x.example", "value": "local"}],
    "name": [{"use": "usual", "given": ["Nan"]}, {"use": "official", "family": "Prŷs", "given": ["Siân"]}],
    "birthDate": "1959-03-07",
    "address": [{"city": "Exampleton"}],
}


def allergy(words: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "clinicalStatus": "active", "code": {"text": words}, **more}


def medicine(words: str, status: str = "active") -> dict[str, Any]:
    return {"resourceType": "MedicationStatement", "status": status, "medicationCodeableConcept": {"text": words}}


def condition(words: str, significance: str = "minor", status: str = "active") -> dict[str, Any]:
    told = [{"url": "https://x.example/ProblemSignificance", "valueCode": significance}]
    return {"resourceType": "Condition", "clinicalStatus": status, "code": {"text": words}, "extension": told}


def bundle(*resources: dict[str, Any]) -> bytes:
    entries = [{"resource": resource} for resource in (PATIENT, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def summary(*resources: dict[str, Any], most: int = 100_000) -> list[dict[str, Any]]:
    """The resources of a summary of at most so many bytes."""
    found = emergency_summary(bundle(*resources), fits=lambda tried: len(json.dumps(tried)) <= most)
    assert found is not None
    return [entry["resource"] for entry in found["entry"]]


def told(resources: list[dict[str, Any]]) -> list[str]:
    concepts = [one.get("code") or one.get("medicationCodeableConcept") or {} for one in resources]
    return [concept["text"] for concept in concepts if "text" in concept]


def notes(resources: list[dict[str, Any]]) -> list[str]:
    return [note["text"] for one in resources if one["resourceType"] == "List" for note in one.get("note", [])]


@pytest.mark.parametrize(("person", "kind", "held"), HELD, ids=[f"{person}-{kind}" for person, kind, _ in HELD])
def test_everybodys_summary_fits_one_code_and_is_a_card_of_both_types(person: str, kind: str, held: Any) -> None:
    key = SigningKey.generate()
    token = emergency_card(held.bundle, key, iss=ISS, now=NOW)
    assert token is not None
    assert len(token) <= card.MAX_QR_CHARACTERS
    payload = json.loads(jws.verify(jws.read_unverified(token), key.public))
    assert payload["vc"]["type"] == [HEALTH_CARD_TYPE, EMERGENCY_TYPE]
    assert payload["vc"]["credentialSubject"]["fhirVersion"] == card.R4
    assert (payload["iss"], payload["nbf"]) == (ISS, NOW.timestamp())


@pytest.mark.parametrize(("person", "kind", "held"), HELD, ids=[f"{person}-{kind}" for person, kind, _ in HELD])
def test_everything_of_today_is_told_or_counted(person: str, kind: str, held: Any) -> None:
    whole = emergency_summary(held.bundle, fits=lambda _: True)
    token = emergency_card(held.bundle, SigningKey.generate(), iss=ISS, now=NOW)
    assert whole is not None
    assert token is not None
    shown = json.loads(card.bundle_of(jws.read_unverified(token).payload))
    left = sum(int(note.split(" of ")[0]) for note in notes([e["resource"] for e in shown["entry"]]) if " of " in note)
    all_told = len(told([entry["resource"] for entry in whole["entry"]]))
    assert len(told([entry["resource"] for entry in shown["entry"]])) + left == all_told


def test_the_patient_is_named_and_nothing_more() -> None:
    assert summary()[0] == {
        "resourceType": "Patient",
        "identifier": [{"system": NHS_NUMBER, "value": "9990000018"}],
        "name": [{"family": "Prŷs", "given": ["Siân"]}],
        "birthDate": "1959-03-07",
    }


def test_no_id_of_the_holder_is_in_it_and_each_reference_leads_to_the_patient() -> None:
    found = emergency_summary(bundle(allergy("Latex", id="a1"), condition("Asthma")), fits=lambda _: True)
    assert found is not None
    assert [entry["fullUrl"] for entry in found["entry"]] == ["resource:0", "resource:1", "resource:2"]
    assert [one.get("patient", one.get("subject")) for one in (e["resource"] for e in found["entry"][1:])] == [
        {"reference": "resource:0"}
    ] * 2
    assert not {"id", "meta"} & {member for entry in found["entry"] for member in entry["resource"]}


def test_allergies_come_first_then_the_worst_medicines_then_major_problems() -> None:
    found = summary(
        condition("Hearing loss"),
        medicine("Cetirizine 10mg tablets"),
        condition("Asthma", "major"),
        medicine("Warfarin 3mg tablets"),
        allergy("Latex"),
        allergy("Penicillin", criticality="high"),
    )
    assert told(found) == [
        "Penicillin",
        "Latex",
        "Warfarin 3mg tablets",
        "Asthma",
        "Cetirizine 10mg tablets",
        "Hearing loss",
    ]


def test_what_is_past_refuted_or_said_twice_is_not_told_and_not_counted() -> None:
    found = summary(
        allergy("Aspirin", clinicalStatus="resolved"),
        allergy("Nuts", verificationStatus={"coding": [{"code": "refuted"}]}),
        condition("Cataract", status="inactive"),
        medicine("Amoxicillin", "completed"),
        allergy("Latex"),
        allergy("latex"),
    )
    assert told(found) == ["Latex"]
    assert notes(found) == []


def test_codes_give_way_before_strengths_and_strengths_before_a_line() -> None:
    coded = allergy("Latex") | {
        "code": {"text": "Latex", "coding": [{"system": "http://snomed.info/sct", "code": "1"}]}
    }
    record = (coded, medicine("Warfarin 3mg tablets"), medicine("Cetirizine 10mg tablets"))
    whole = len(json.dumps(emergency_summary(bundle(*record), fits=lambda _: True)))
    assert "coding" in summary(*record, most=whole)[1]["code"]
    uncoded = summary(*record, most=whole - 1)
    size = len(json.dumps(emergency_summary(bundle(*(allergy("Latex"), *record[1:])), fits=lambda _: True)))
    assert "coding" not in uncoded[1]["code"]
    assert told(uncoded) == ["Latex", "Warfarin 3mg tablets", "Cetirizine 10mg tablets"]
    short = summary(*record, most=size - 20)
    assert told(short) == ["Latex", "Warfarin", "Cetirizine"]
    assert notes(short) == []


def test_a_line_left_out_is_counted_with_how_many_there_are() -> None:
    record = [allergy("Penicillin"), *(condition(f"Made-up problem {number}") for number in range(9))]
    found = summary(*record, most=1_500)
    shown = len(told(found)) - 1
    assert 0 < shown < 9
    assert notes(found) == [f"{9 - shown} of 9 conditions not shown"]


def test_one_line_that_is_too_long_does_not_keep_the_others_out() -> None:
    found = summary(allergy("x" * 5_000), allergy("Latex"), most=1_500)
    assert told(found) == ["Latex"]
    assert notes(found) == ["1 of 2 allergies not shown"]


def test_what_a_list_says_of_itself_goes_along() -> None:
    def said(code: str, **more: Any) -> dict[str, Any]:
        coding = [{"system": "http://snomed.info/sct", "code": code}]
        return {"resourceType": "List", "status": "current", "mode": "snapshot", "code": {"coding": coding}, **more}

    reason = {"coding": [{"code": "nilknown"}]}
    warned = [{"url": "https://fhir.nhs.uk/x-WarningCode-1", "valueCode": "confidential-items"}]
    found = summary(
        said("886921000000105", emptyReason=reason),
        said("717711000000103", extension=warned, entry=[{"item": {"reference": "Condition/1"}}]),
        said("1102181000000102", extension=warned),
    )
    assert notes(found) == ["conditions: some items withheld"]
    assert [one["emptyReason"] for one in found if "emptyReason" in one] == [reason]


def test_where_not_even_the_person_fits_there_is_no_card() -> None:
    assert emergency_summary(bundle(allergy("Latex")), fits=lambda _: False) is None


def test_a_bundle_without_a_patient_is_refused() -> None:
    with pytest.raises(NotFhir, match="expected a Patient"):
        emergency_summary(b'{"resourceType":"Bundle","entry":[]}', fits=lambda _: True)

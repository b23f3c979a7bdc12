"""What a source no longer stands by: deletions asked for in a Bundle, and entries marked as entered in error."""

from __future__ import annotations

from typing import Any

import pytest

from app.record.entry import Absence, Standing
from app.record.reading import read_bundle


def condition(identity: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": identity, "code": {"text": "Gout"}, **more}


def reading_of(*entries: dict[str, Any]) -> Any:
    return read_bundle({"resourceType": "Bundle", "type": "batch", "entry": list(entries)})


def deletion(url: object) -> dict[str, Any]:
    return {"request": {"method": "DELETE", "url": url}}


WRONG = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}


def test_a_deletion_names_what_is_taken_back_and_takes_no_position() -> None:
    found = reading_of(deletion("Condition/1"), {"resource": condition("2")})
    assert found.taken_back == ("Condition/1",)
    assert [(one.key, one.position) for one in found.entries] == [("Condition/2", 0)]
    assert found.resources == 1


@pytest.mark.parametrize(
    "url",
    ["Condition?code=1", "https://x.example/fhir/Condition/1", "Condition", "Condition/1/_history/2", "", None, 7],
)
def test_another_url_than_type_and_id_takes_nothing_back(url: object) -> None:
    assert reading_of(deletion(url)).taken_back == ()


def test_only_delete_deletes() -> None:
    assert reading_of({"request": {"method": "PUT", "url": "Condition/1"}}).taken_back == ()


def test_what_is_deleted_and_sent_in_one_bundle_stays() -> None:
    assert reading_of(deletion("Condition/1"), {"resource": condition("1")}).taken_back == ()


@pytest.mark.parametrize(
    "resource",
    [
        condition("1", **WRONG),
        condition("1", verificationStatus="entered-in-error"),
        {"resourceType": "Observation", "id": "1", "status": "entered-in-error", "code": {"text": "Potassium"}},
    ],
    ids=["R4", "STU3", "status"],
)
def test_entered_in_error_takes_back_and_is_still_read(resource: dict[str, Any]) -> None:
    found = reading_of({"resource": resource})
    assert found.taken_back == (f"{resource['resourceType']}/1",)
    assert [one.standing for one in found.entries] == [Standing.ENTERED_IN_ERROR]


def test_an_error_with_nothing_left_to_read_takes_back_all_the_same() -> None:
    found = reading_of({"resource": {"resourceType": "Condition", "id": "1", **WRONG}})
    assert found.taken_back == ("Condition/1",)


def test_no_known_allergies_entered_in_error_is_said_no_more() -> None:
    none = {
        "resourceType": "AllergyIntolerance",
        "id": "1",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003", "display": "No known allergy"}]},
    }
    assert [one.absence for one in reading_of({"resource": none}).notes] == [Absence.NONE_KNOWN]
    found = reading_of({"resource": none | WRONG})
    assert found.notes == ()
    assert found.taken_back == ("AllergyIntolerance/1",)

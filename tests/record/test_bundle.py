"""Positions, versions and references of what was received."""

from __future__ import annotations

import pytest

from app.record.bundle import R4, STU3, Frame, load, unwrap
from crypto.errors import NotFhir, NotJson
from tests.record.made_up import bundle

PATIENT = {"resourceType": "Patient", "id": "p"}


@pytest.mark.parametrize("data", [b"", b"{", b"[1,", b'{"a": NaN}', b"\xff\xfe\xfd", b"[" * 100_000])
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(NotJson) as refused:
        load(data)
    assert refused.value.code == "not-json"


def test_refusal_of_json_does_not_quote_the_record() -> None:
    with pytest.raises(NotJson) as refused:
        load(b'{"name": "Si\xc3\xa2n" oops}')
    assert "Si" not in str(refused.value)


@pytest.mark.parametrize("document", [[], 3, "Bundle", {}, {"resourceType": 7}, {"resourceType": ""}, None])
def test_what_has_no_resource_type_is_refused(document: object) -> None:
    with pytest.raises(NotFhir) as refused:
        unwrap(document)
    assert refused.value.code == "not-fhir"


def test_numbers_keep_the_text_they_had() -> None:
    assert load(b'{"a": 4.60, "b": 1E2, "c": -0, "d": 12345678901234567890123}') == {
        "a": "4.60", "b": "1E2", "c": "-0", "d": "12345678901234567890123"
    }  # fmt: skip


def test_entries_without_a_resource_have_no_position() -> None:
    document = {
        "resourceType": "Bundle",
        "entry": [{"request": {"method": "DELETE"}}, {"resource": None}, {"resource": PATIENT}],
    }
    assert unwrap(document).resources == (PATIENT,)


def test_resources_of_nested_bundles_follow_after_the_outer_ones() -> None:
    inner = bundle({"resourceType": "Observation"})
    assert [one["resourceType"] for one in unwrap(bundle(inner, PATIENT)).resources] == [
        "Bundle", "Patient", "Observation"
    ]  # fmt: skip


def test_a_bundle_inside_parameters_is_taken_out() -> None:
    document = {"resourceType": "Parameters", "parameter": [{"name": "return", "resource": bundle(PATIENT)}]}
    assert unwrap(document).resources == (PATIENT,)


def test_a_single_resource_is_a_record_of_one() -> None:
    assert unwrap(PATIENT).resources == (PATIENT,)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Condition", "meta": {"profile": ["https://fhir.nhs.uk/STU3/StructureDefinition/X"]}},
        {"resourceType": "ReferralRequest"},
        {"resourceType": "Immunization", "notGiven": False},
    ],
)
def test_stu3_is_told_by_its_marks(resource: dict[str, object]) -> None:
    assert unwrap(bundle(resource)).fhir_version == STU3


def test_what_shows_no_mark_of_stu3_is_r4() -> None:
    assert unwrap(bundle(PATIENT)).fhir_version == R4


def test_the_version_the_carrier_said_is_believed() -> None:
    assert unwrap(bundle({"resourceType": "ReferralRequest"}), R4).fhir_version == R4


@pytest.mark.parametrize(
    "literal", ["Patient/p", "https://example.org/fhir/Patient/p", "Patient/p/_history/3", "urn:uuid:1"]
)
def test_a_reference_finds_its_resource(literal: str) -> None:
    document = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": PATIENT}]}
    assert Frame(unwrap(document)).position(literal) == 0


def test_a_contained_reference_finds_the_contained_resource() -> None:
    holder = {"contained": [{"resourceType": "Practitioner", "id": "dr", "name": [{"family": "Hughes"}]}]}
    assert Frame(unwrap(PATIENT)).name({"reference": "#dr"}, holder) == "Hughes"


def test_a_reference_to_nothing_goes_by_its_display() -> None:
    assert Frame(unwrap(PATIENT)).name({"reference": "Practitioner/x", "display": "Dr Iqbal"}) == "Dr Iqbal"


def test_a_role_that_names_itself_as_its_practitioner_has_no_name() -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "PractitionerRole/r"}}
    assert Frame(unwrap(bundle(role))).name({"reference": "PractitionerRole/r"}) == ""

"""Who a record is about."""

from __future__ import annotations

from pathlib import Path

import nhs_number
import pytest

from app.record.entry import Contact, Person
from app.record.identity import same_person
from app.record.reading import read_bundle
from tests.record.made_up import bundle

PATIENTS = Path(__file__).resolve().parents[2] / "sync" / "sandbox" / "patients"


def person_of(name: str) -> Person:
    found = read_bundle((PATIENTS / name).read_bytes()).person
    assert found is not None
    return found


def test_a_person_is_read_with_number_name_surgery_language_and_contact() -> None:
    person = person_of("sian-llyr/gp.stu3.json")
    assert person.display_name == "Siân Llŷr"
    assert person.birth_date == "1959-03-04"
    assert person.gp_surgery == "Oak Lane Surgery"
    assert (person.language, person.interpreter_needed) == ("Welsh", False)
    assert person.contacts == (Contact("Gwenllïan Llŷr", "daughter", "07700 900252"),)


def test_a_hospital_that_keeps_the_record_is_not_taken_for_the_surgery() -> None:
    assert person_of("amara-okafor/hospital.r4.json").gp_surgery == "Oak Lane Surgery"


@pytest.mark.parametrize("folder", ["amara-okafor", "sian-llyr", "noor-rahman"])
def test_both_holders_of_a_made_up_patient_speak_of_one_person(folder: str) -> None:
    gp, hospital = person_of(f"{folder}/gp.stu3.json"), person_of(f"{folder}/hospital.r4.json")
    same_person(gp, hospital)
    assert gp.nhs_number.startswith("999")
    assert nhs_number.is_valid(gp.nhs_number)


def test_spaces_in_an_nhs_number_are_left_out() -> None:
    identifier = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "999 000 0018"}]
    person = read_bundle(bundle({"resourceType": "Patient", "identifier": identifier})).person
    assert person is not None
    assert person.nhs_number == "9990000018"


def test_a_number_of_another_system_is_not_an_nhs_number() -> None:
    identifier = [{"system": "https://riverside-hospital.example/Id/hospital-number", "value": "9990000018"}]
    person = read_bundle(bundle({"resourceType": "Patient", "identifier": identifier})).person
    assert person is not None
    assert person.nhs_number == ""


def test_a_name_of_text_alone_is_taken_apart() -> None:
    person = read_bundle({"resourceType": "Patient", "name": [{"text": "Siân Mair Llŷr"}]}).person
    assert person is not None
    assert (person.given, person.family) == (("Siân", "Mair"), "Llŷr")

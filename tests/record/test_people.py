"""Who and where a record names: shown under people and organisations, each resource accounted for once."""

from __future__ import annotations

from typing import Any

import pytest

from app.record.entry import Entry, Reading, Section, Standing
from app.record.people import NAMED
from app.record.reading import read_bundle
from tests.record.made_up import bundle, concept, facts

SURGERY = {
    "resourceType": "Organization",
    "id": "oak",
    "name": "Oak Lane Surgery",
    "type": [concept("GP Practice")],
    "telecom": [{"system": "fax", "value": "1"}, {"system": "phone", "value": "01632 960001"}],
    "address": [{"line": ["1 Oak Lane"], "city": "Bangor", "postalCode": "LL57 1AA"}],
}
DOCTOR = {
    "resourceType": "Practitioner",
    "id": "mair",
    "name": [{"prefix": ["Dr"], "given": ["Mair"], "family": "Puw"}],
}
ROLE = {
    "resourceType": "PractitionerRole",
    "id": "role",
    "practitioner": {"reference": "Practitioner/mair"},
    "organization": {"reference": "Organization/oak"},
    "code": [concept("General practitioner", "62247001")],
    "telecom": [{"system": "email", "value": "mailto:mair@oak.example"}],
}
ME = {
    "resourceType": "Patient",
    "id": "me",
    "birthDate": "1959-03-04",
    "generalPractitioner": [{"reference": "PractitionerRole/role"}],
    "managingOrganization": {"reference": "Organization/oak"},
}


def people(reading: Reading) -> dict[str, Entry]:
    found = {entry.title: entry for entry in reading.entries if entry.section is Section.PEOPLE}
    assert len(found) == sum(entry.section is Section.PEOPLE for entry in reading.entries)
    return found


def accounted(reading: Reading) -> int:
    return len(reading.entries) + len(reading.merged) + len(reading.not_displayed)


def test_my_doctor_and_surgery_are_shown_with_what_they_are_and_how_to_reach_them() -> None:
    reading = read_bundle(bundle(ME, DOCTOR, ROLE, SURGERY))
    doctor, surgery = people(reading)["Dr Mair Puw"], people(reading)["Oak Lane Surgery"]
    assert (doctor.detail, doctor.organisation) == ("General practitioner, Oak Lane Surgery", "Oak Lane Surgery")
    assert facts(doctor) == {
        "to-you": "gp",
        "role": "General practitioner, Oak Lane Surgery",
        "email": "mair@oak.example",
    }
    assert facts(surgery) == {
        "to-you": "record-holder",
        "kind": "GP Practice",
        "phone": "01632 960001",
        "place": "1 Oak Lane, Bangor, LL57 1AA",
    }
    assert reading.merged == {0: -1, 2: 1}
    assert accounted(reading) == reading.resources == 4


def test_in_the_gp_record_the_managing_organisation_is_my_surgery() -> None:
    reading = read_bundle({**bundle(ME, SURGERY)}, "3.0.1")
    assert facts(people(reading)["Oak Lane Surgery"])["to-you"] == "gp-surgery"


def test_another_patients_doctor_is_not_called_mine() -> None:
    other = {
        **ME,
        "id": "other",
        "birthDate": "1990-01-01",
        "generalPractitioner": [{"reference": "Practitioner/mair"}],
    }
    reading = read_bundle(bundle({**ME, "generalPractitioner": []}, other, DOCTOR))
    assert "to-you" not in facts(people(reading)["Dr Mair Puw"])


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_whoever_came_without_anything_to_read_stays_in_the_frame(kind: str) -> None:
    reading = read_bundle(bundle({"resourceType": kind, "id": "n", "identifier": [{"value": "A82038"}]}))
    assert (reading.entries, reading.merged, reading.not_displayed) == ((), {0: -1}, ())


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_whoever_has_only_a_telephone_number_is_shown_by_it(kind: str) -> None:
    reading = read_bundle(bundle({"resourceType": kind, "id": "n", "telecom": [{"system": "phone", "value": "111"}]}))
    (entry,) = reading.entries
    assert (entry.section, facts(entry)) == (Section.PEOPLE, {"phone": "111"})


def test_a_role_of_somebody_nameless_goes_to_the_frame_with_them() -> None:
    nobody = {"resourceType": "Practitioner", "id": "mair", "identifier": [{"value": "G1"}]}
    bare = {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "Practitioner/mair"}}
    assert read_bundle(bundle(nobody, bare)).merged == {0: -1, 1: -1}


def test_a_role_whose_person_is_not_in_the_message_is_shown_by_the_name_it_gives() -> None:
    role = {**ROLE, "practitioner": {"reference": "Practitioner/elsewhere", "display": "Dr Elsewhere"}}
    assert list(people(read_bundle(bundle(role)))) == ["Dr Elsewhere"]


def test_one_laboratory_that_came_many_times_in_a_message_is_shown_once() -> None:
    labs = [{"resourceType": "Organization", "id": f"lab{n}", "name": "North Laboratory"} for n in range(3)]
    mine = {**ME, "managingOrganization": {"reference": "Organization/lab2"}}
    reading = read_bundle(bundle(mine, *labs))
    assert facts(people(reading)["North Laboratory"]) == {"to-you": "record-holder"}
    assert reading.merged == {0: -1, 1: 3, 2: 3}


def test_two_of_one_name_that_are_reached_differently_are_both_shown() -> None:
    labs: list[dict[str, Any]] = [
        {"resourceType": "Organization", "id": f"l{n}", "name": "Laboratory", "telecom": [{"value": f"01632 96000{n}"}]}
        for n in range(2)
    ]
    assert len(read_bundle(bundle(*labs)).entries) == 2


@pytest.mark.parametrize(
    ("differs", "shown"),
    [
        ({"identifier": [{"system": "https://fhir.hl7.org.uk/Id/gmc-number", "value": "C9999999"}]}, 2),
        ({"active": False}, 2),
        ({"identifier": [{"system": "https://one-system.example/", "value": "7"}]}, 1),
    ],
)
def test_two_told_alike_are_two_where_a_register_or_their_standing_says_so(differs: dict[str, Any], shown: int) -> None:
    gmc = {"system": "https://fhir.hl7.org.uk/Id/gmc-number", "value": "C1111111"}
    known = {**DOCTOR, "identifier": [gmc]} if "identifier" in differs and shown == 2 else DOCTOR
    reading = read_bundle(bundle(known, {**DOCTOR, "id": "other", **differs}))
    assert len(reading.entries) == shown
    assert accounted(reading) == 2


@pytest.mark.parametrize(
    "way",
    [{"address": {"line": ["2 Branch Road"]}}, {"telecom": [{"system": "phone", "value": "01632 960009"}]}],
)
def test_a_site_with_a_way_to_reach_it_of_its_own_is_shown(way: dict[str, Any]) -> None:
    runs = {"managingOrganization": {"reference": "Organization/oak"}}
    site = {"resourceType": "Location", "id": "p", "name": "Oak Lane Surgery", **runs, **way}
    reading = read_bundle(bundle(SURGERY, site))
    assert (len(reading.entries), reading.merged) == (2, {})


def test_a_place_called_as_the_organisation_that_runs_it_is_told_through_it() -> None:
    runs = {"managingOrganization": {"reference": "Organization/oak"}}
    same = {"resourceType": "Location", "id": "p", "name": "Oak Lane Surgery", **runs}
    ward = {"resourceType": "Location", "id": "w", "name": "Treatment room", "status": "inactive", **runs}
    reading = read_bundle(bundle(SURGERY, same, ward))
    assert reading.merged == {1: 0}
    assert (people(reading)["Treatment room"].organisation, people(reading)["Treatment room"].standing) == (
        "Oak Lane Surgery",
        Standing.PAST,
    )


def test_who_made_a_vaccine_is_a_fact_of_the_vaccination_and_nobody_in_my_care() -> None:
    given = {
        "resourceType": "Immunization",
        "vaccineCode": concept("Flu"),
        "manufacturer": {"reference": "Organization/m"},
    }
    reading = read_bundle(bundle(given, {"resourceType": "Organization", "id": "m", "name": "Maker Ltd"}))
    assert [facts(entry)["maker"] for entry in reading.entries] == ["Maker Ltd"]
    assert reading.merged == {1: -1}


def test_a_kind_that_is_only_a_code_is_not_told() -> None:
    coded = {**SURGERY, "type": [{"coding": [{"code": "214"}]}]}
    (entry,) = read_bundle(bundle(coded)).entries
    assert "kind" not in facts(entry)
    assert entry.detail == ""


def test_a_fax_number_is_no_telephone_number() -> None:
    reached = {"resourceType": "Organization", "name": "Oak", "telecom": [{"value": "fax:01632"}, {"value": "tel:111"}]}
    (entry,) = read_bundle(bundle(reached)).entries
    assert facts(entry) == {"phone": "111"}


def test_a_care_team_says_who_is_in_it_and_what_they_do() -> None:
    team = {
        "resourceType": "CareTeam",
        "participant": [
            {"member": {"reference": "Patient/me", "display": "Siân"}, "role": [concept("Patient")]},
            {"member": {"reference": "Practitioner/mair"}, "role": [concept("Diabetes nurse")]},
            {"role": [concept("Dietitian")]},
        ],
    }
    found = people(read_bundle(bundle(DOCTOR, team)))["Care team"]
    assert found.detail == facts(found)["role"] == "Dr Mair Puw (Diabetes nurse), Dietitian"

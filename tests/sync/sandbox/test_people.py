"""Who can log in, and what the holders have of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nhs_number
import pytest

from crypto.errors import NotFhir, NotJson
from sync.sandbox.people import SHIPPED, lifelong_person, load_people, person_from_file

PATIENT = {
    "resourceType": "Patient",
    "identifier": [
        {"system": "https://hospital.example/number", "value": "77"},
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "999 000 0018"},
    ],
    "name": [{"use": "nickname", "given": ["Mo"]}, {"use": "official", "family": "Siôn", "given": ["Mair", "Ann"]}],
    "birthDate": "1959-03-01",
}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def written(folder: Path, document: object, name: str = "record.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_person_of_a_file_is_its_patient(tmp_path: Path) -> None:
    person = person_from_file(written(tmp_path, bundle(PATIENT)))
    assert (person.nhs_number, person.birth_date, person.name) == ("9990000018", "1959-03-01", "Mair Ann Siôn")
    assert person.label == "Mair Ann Siôn"
    assert person.id.startswith("record-")


def test_bundle_is_held_exactly_as_written(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    text = json.dumps(bundle(PATIENT), indent=2).replace("1959-03-01", "1959-03-01") + "\n"
    text = text.replace('"type": "collection"', '"type": "collection", "total": 4.60')
    path.write_text(text, encoding="utf-8")
    assert person_from_file(path).bundles["hospital"].bundle == text.strip().encode()


def test_bundle_inside_parameters_is_the_bundle(tmp_path: Path) -> None:
    inner = bundle(PATIENT)
    document = {"resourceType": "Parameters", "parameter": [{"name": "n"}, {"name": "x", "resource": inner}]}
    held = person_from_file(written(tmp_path, document)).bundles["hospital"]
    assert json.loads(held.bundle) == inner


def test_single_patient_is_put_into_a_bundle(tmp_path: Path) -> None:
    held = person_from_file(written(tmp_path, PATIENT)).bundles["hospital"]
    assert json.loads(held.bundle)["entry"] == [{"resource": PATIENT}]


@pytest.mark.parametrize(
    "telling",
    [
        {"resourceType": "ProcedureRequest"},
        {"resourceType": "Condition", "clinicalStatus": "active"},
        {"resourceType": "AllergyIntolerance", "clinicalStatus": "active"},
        {"resourceType": "Observation", "meta": {"profile": ["https://fhir.nhs.uk/STU3/StructureDefinition/X"]}},
        {"resourceType": "Observation", "meta": {"profile": ["https://x/CareConnect-GPC-Observation-1"]}},
    ],
)
def test_stu3_is_held_by_the_surgery(tmp_path: Path, telling: dict[str, Any]) -> None:
    held = person_from_file(written(tmp_path, bundle(PATIENT, telling))).bundles
    assert {kind: item.fhir_version for kind, item in held.items()} == {"gp": "3.0.1"}


def test_r4_is_held_by_the_hospital(tmp_path: Path) -> None:
    condition = {"resourceType": "Condition", "clinicalStatus": {"coding": [{"code": "active"}]}}
    held = person_from_file(written(tmp_path, bundle(PATIENT, condition))).bundles
    assert {kind: item.fhir_version for kind, item in held.items()} == {"hospital": "4.0.1"}


def test_two_files_of_one_name_are_two_people(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    people = [person_from_file(written(tmp_path / name, bundle(PATIENT))) for name in ("a", "b")]
    assert people[0].id != people[1].id


@pytest.mark.parametrize("document", [bundle(), {"a": 1}, {"resourceType": "Observation"}])
def test_file_without_a_patient_is_not_fhir(tmp_path: Path, document: object) -> None:
    with pytest.raises(NotFhir, match="not-fhir"):
        person_from_file(written(tmp_path, document))


def test_file_that_is_no_json_is_not_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(NotJson):
        person_from_file(tmp_path / "x.json")


def test_person_of_a_folder_has_its_label_and_both_bundles(tmp_path: Path) -> None:
    folder = tmp_path / "mair"
    folder.mkdir()
    written(folder, {"label": "Mair, 67"}, "person.json")
    written(folder, bundle(PATIENT), "gp.stu3.json")
    written(folder, bundle(PATIENT), "hospital.r4.json")
    (person,) = load_people(tmp_path)
    assert (person.id, person.label, sorted(person.bundles)) == ("mair", "Mair, 67", ["gp", "hospital"])


def test_shipped_people_are_whom_their_person_file_says() -> None:
    people = load_people()
    assert len(people) >= 3
    for person in people:
        said = json.loads((SHIPPED / person.id / "person.json").read_text(encoding="utf-8"))
        found = (person.id, person.label, person.nhs_number, person.birth_date, person.family, list(person.given))
        assert found == tuple(said[name] for name in ("id", "label", "nhs_number", "birth_date", "family", "given"))
        assert sorted(person.bundles) == ["gp", "hospital"]


def test_somebody_has_a_whole_life_of_3000_entries() -> None:
    person = lifelong_person()
    assert len(json.loads(person.bundles["hospital"].bundle)["entry"]) == 3000
    assert person.nhs_number not in {other.nhs_number for other in load_people()}
    assert nhs_number.is_valid(person.nhs_number)


def test_person_stays_out_of_repr(tmp_path: Path) -> None:
    person = person_from_file(written(tmp_path, bundle(PATIENT), "x.json"))
    for word in ("9990000018", "1959-03-01", "collection"):
        assert word not in repr(person)


@pytest.mark.parametrize("identifiers", [None, [], [{"system": "urn:other", "value": "7"}]])
def test_a_patient_without_a_number_is_given_a_made_up_one_and_nothing_else_changes(
    tmp_path: Path, identifiers: list[dict[str, str]] | None
) -> None:
    patient = {"resourceType": "Patient", "birthDate": "1980-02-01", "name": [{"family": "Testing", "given": ["Ann"]}]}
    if identifiers is not None:
        patient["identifier"] = identifiers
    path = tmp_path / "unnumbered.json"
    weight = '{"resourceType":"Observation","valueQuantity":{"value":70.50}}'
    path.write_text(
        f'{{"resourceType":"Bundle","entry":[{{"resource":{json.dumps(patient)}}},{{"resource":{weight}}}]}}'
    )
    person = person_from_file(path)
    assert nhs_number.is_valid(person.nhs_number)
    assert person.nhs_number.startswith("999")
    (held,) = person.bundles.values()
    assert weight.encode() in held.bundle
    (found, _) = (entry["resource"] for entry in json.loads(held.bundle)["entry"])
    added = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": person.nhs_number}
    assert found == patient | {"identifier": [added, *(identifiers or [])]}
    assert person_from_file(path).nhs_number == person.nhs_number

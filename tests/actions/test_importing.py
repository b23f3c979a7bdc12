from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.actions import importing
from app.actions.importing import import_file, preview_import
from app.actions.session import Passport, create_passport
from app.record.source import Checked, SourceKind
from app.store.home import PassportHome
from crypto.errors import NotFhir, NotJson, PassportError, TooLarge, WrongPatient
from crypto.vault_header import FLOOR

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE = "correct horse battery staple"


@pytest.fixture
def passport(tmp_path: Path) -> Iterator[Passport]:
    passport, _ = create_passport(PassportHome(tmp_path), PHRASE, now=NOW, cost=FLOOR)
    yield passport
    passport.lock()


def patient(**changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
        "name": [{"family": "Evans", "given": ["Sian"]}],
        "birthDate": "1959-03-04",
    } | changed


def allergy(text: str) -> dict[str, Any]:
    return {
        "resourceType": "AllergyIntolerance",
        "id": text,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"text": text},
        "patient": {"reference": "Patient/p1"},
    }


def bundle(*resources: Any) -> bytes:
    entry = [{"resource": each} for each in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()


def stored(passport: Passport) -> tuple[list[str], int]:
    return [each.entry.title for each in passport.store.entries()], len(passport.store.sources())


def test_a_file_is_stored_as_not_signed_and_found_again(passport: Passport) -> None:
    data = bundle(patient(), allergy("Penicillin"))
    report = import_file(passport, data, "/some/where/export.json", now=NOW)
    (found,) = passport.store.search("penic")
    assert report.sections == {"allergies": 1}
    assert (found.source.kind, found.source.checked) == (SourceKind.IMPORT, Checked.NOT_SIGNED)
    assert found.source.issuer_name == "export.json"
    assert passport.store.raw_message(found.source.source_id) == data
    assert passport.store.person() == report.person


def test_every_resource_of_the_file_is_accounted_for(passport: Passport) -> None:
    data = bundle(patient(), allergy("Penicillin"), {"resourceType": "Organization", "id": "o"}, {"no": "type"}, 7)
    report = import_file(passport, data, "a.json", now=NOW).to_json()
    assert report["accounted"] == 5
    assert sum(report["sections"].values()) + report["merged"] + len(report["not_displayed"]) == 5
    assert {each["position"] for each in report["not_displayed"]} == {3, 4}
    assert all(set(each) == {"position", "resource_type", "reason"} for each in report["not_displayed"])


def test_a_preview_says_the_same_and_stores_nothing(passport: Passport) -> None:
    data = bundle(patient(), allergy("Penicillin"))
    preview = preview_import(passport, data)
    assert stored(passport) == ([], 0)
    assert preview == import_file(passport, data, "a.json", now=NOW)


def test_the_same_file_again_changes_nothing(passport: Passport) -> None:
    data = bundle(patient(), allergy("Penicillin"))
    first = import_file(passport, data, "a.json", now=NOW)
    second = import_file(passport, data, "b.json", now=NOW)
    assert (first.already_here, second.already_here) == (False, True)
    assert stored(passport) == (["Penicillin"], 1)


def test_another_file_of_the_same_person_is_added_and_nothing_is_merged_silently(passport: Passport) -> None:
    import_file(passport, bundle(patient(), allergy("Penicillin")), "a.json", now=NOW)
    import_file(passport, bundle(patient(), allergy("Penicillin"), allergy("Nuts")), "b.json", now=NOW)
    titles, sources = stored(passport)
    assert (sorted(titles), sources) == (["Nuts", "Penicillin", "Penicillin"], 2)


@pytest.mark.parametrize(
    "other",
    [
        patient(birthDate="1959-03-05"),
        patient(name=[{"family": "Evans", "given": ["Mair"]}]),
        patient(name=[{"family": "Jones", "given": ["Sian"]}]),
        patient(identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}]),
    ],
    ids=["birth date", "given name", "family name", "number"],
)
def test_somebody_elses_record_is_refused(passport: Passport, other: dict[str, Any]) -> None:
    import_file(passport, bundle(patient(), allergy("Penicillin")), "a.json", now=NOW)
    with pytest.raises(WrongPatient) as refused:
        import_file(passport, bundle(other, allergy("Nuts")), "b.json", now=NOW)
    assert refused.value.code == "wrong-patient"
    assert "Evans" not in str(refused.value)
    assert stored(passport) == (["Penicillin"], 1)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NotJson),
        (b"not json", NotJson),
        (b"\xff\xfe\x00", NotJson),
        (b"[]", NotFhir),
        (b'{"a":1}', NotFhir),
        (b"[" * 100_000, NotJson),
    ],
)
def test_a_file_that_is_no_record_is_refused(passport: Passport, data: bytes, refusal: type[PassportError]) -> None:
    with pytest.raises(refusal):
        import_file(passport, data, "a.json", now=NOW)
    assert stored(passport) == ([], 0)


def test_a_file_over_the_limit_is_refused_unread(passport: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bundle(patient())
    monkeypatch.setattr(importing, "MAX_FILE_BYTES", len(data) - 1)
    with pytest.raises(TooLarge, match=f"at most {len(data) - 1} bytes, found {len(data)}"):
        import_file(passport, data, "a.json", now=NOW)
    monkeypatch.setattr(importing, "MAX_FILE_BYTES", len(data))
    import_file(passport, data, "a.json", now=NOW)


def test_a_marker_is_in_no_file_of_the_folder(passport: Passport, tmp_path: Path) -> None:
    marker = "PLANTEDMARKER"
    planted = patient(name=[{"family": marker, "given": ["Sian"]}])
    noted = allergy(marker) | {"note": [{"text": marker}]}
    import_file(passport, bundle(planted, noted), f"{marker}.json", now=NOW)
    assert len(passport.store.search(marker)) == 1
    while_open = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert while_open["record.db-wal"]
    passport.lock()
    closed = {path.name + " closed": path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for name, data in (while_open | closed).items():
        for written in (marker, marker.lower(), PHRASE):
            assert written.encode() not in data, name

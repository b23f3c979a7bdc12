from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.actions import importing
from app.actions.importing import import_file, preview_import
from app.actions.session import Passport, create_passport
from app.actions.verifying import verify_store
from app.journeys.codes import code_or_file
from app.qr.draw import draw_card
from app.record.source import Checked, SourceKind
from app.store.home import PassportHome
from app.ui.say import sentence
from crypto import card
from crypto.errors import (
    LinkNotAFile,
    NotAnImport,
    NotFhir,
    NotJson,
    PassportError,
    TableUnreadable,
    Tampered,
    TooLarge,
    WrongPatient,
)
from crypto.keys import SigningKey
from crypto.trust import TrustList
from crypto.vault_header import FLOOR

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)
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
    (found,) = passport.store.search("penic").entries
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
    preview = preview_import(passport, data, "a.json", now=NOW)
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
    assert len(passport.store.search(marker).entries) == 1
    while_open = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert while_open["record.db-wal"]
    passport.lock()
    closed = {path.name + " closed": path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for name, data in (while_open | closed).items():
        for written in (marker, marker.lower(), PHRASE):
            assert written.encode() not in data, name


# ---- other forms of files, and taking one back ----------------------------------------------


def test_a_file_is_taken_back_as_a_whole_and_can_be_brought_in_again(passport: Passport) -> None:
    import_file(passport, bundle(patient(), allergy("Latex")), "first.json", now=NOW)
    before = stored(passport), passport.store.sections(), passport.store.person()
    data = bundle(patient(), allergy("Penicillin"), {"resourceType": "Unheard"})
    import_file(passport, data, "second.json", now=NOW)
    second, _ = importing.imported_files(passport)
    assert importing.undo_import(passport, second.source_id) == 1
    assert (stored(passport), passport.store.sections(), passport.store.person()) == before
    assert passport.store.search("penicillin").entries == ()
    assert passport.store.not_displayed() == []
    assert not import_file(passport, data, "second.json", now=NOW).already_here
    assert len(passport.store.search("penicillin").entries) == 1


def test_the_person_goes_with_the_only_file_that_named_one(passport: Passport) -> None:
    import_file(passport, bundle(patient(), allergy("Latex")), "first.json", now=NOW)
    (only,) = importing.imported_files(passport)
    importing.undo_import(passport, only.source_id)
    assert passport.store.person() is None
    somebody = patient(identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}])
    import_file(passport, bundle(somebody), "other.json", now=NOW)


def test_the_person_stays_while_another_file_names_them(passport: Passport) -> None:
    import_file(passport, bundle(patient(), allergy("Latex")), "first.json", now=NOW)
    import_file(passport, bundle(patient(), allergy("Gluten")), "second.json", now=NOW)
    for source in importing.imported_files(passport)[:1]:
        importing.undo_import(passport, source.source_id)
    person = passport.store.person()
    assert person is not None
    assert person.nhs_number == "9990000018"


def test_a_message_that_two_files_hold_stays_until_the_second_is_taken_back_too(passport: Passport) -> None:
    shared, own = (health_card(patient(), allergy(name)) for name in ("Latex", "Gluten"))
    import_file(passport, shared.encode(), "first.smart-health-card", now=NOW)
    both = json.dumps({"verifiableCredential": [shared, own]}).encode()
    import_file(passport, both, "both.smart-health-card", now=LATER)
    second, first = importing.imported_files(passport)
    assert (second.issuer_name, first.issuer_name) == ("both.smart-health-card", "first.smart-health-card")
    assert importing.undo_import(passport, first.source_id) == 0
    assert stored(passport)[0] == ["Gluten", "Latex"]
    assert importing.imported_files(passport) == (second,)
    assert importing.undo_import(passport, second.source_id) == 2
    assert stored(passport) == ([], 0)


def test_a_file_taken_back_leaves_what_an_earlier_one_brought(passport: Passport) -> None:
    shared, own = (health_card(patient(), allergy(name)) for name in ("Latex", "Gluten"))
    import_file(passport, shared.encode(), "first.smart-health-card", now=NOW)
    import_file(passport, json.dumps({"verifiableCredential": [shared, own]}).encode(), "both.json", now=LATER)
    second, first = importing.imported_files(passport)
    assert importing.undo_import(passport, second.source_id) == 1
    assert stored(passport)[0] == ["Latex"]
    assert importing.imported_files(passport) == (first,)


def test_what_is_no_file_cannot_be_taken_back(passport: Passport) -> None:
    import_file(passport, bundle(patient(), allergy("Latex")), "first.json", now=NOW)
    before = stored(passport)
    with pytest.raises(NotAnImport):
        importing.undo_import(passport, 99)
    assert stored(passport) == before


def test_lines_tables_and_letters_are_stored_and_accounted_for(passport: Passport) -> None:
    lines = b"\n".join(json.dumps(one).encode() for one in (patient(), allergy("Latex"), allergy("Gluten")))
    assert import_file(passport, lines, "export.ndjson", now=NOW).to_json()["sections"] == {"allergies": 2}
    table = import_file(passport, b"date,sys,dia\n2026-11-01,135,85\n", "bp.csv", now=NOW)
    assert dict(table.sections) == {"documents": 1, "measurements": 1}
    letter = import_file(passport, b"%PDF-1.7 made up", "letter.pdf", now=NOW)
    assert dict(letter.sections) == {"documents": 1}
    for report in (table, letter):
        assert sum(report.sections.values()) + report.merged + len(report.not_displayed) == report.accounted


def test_a_table_with_a_broken_row_stores_nothing_and_says_which(passport: Passport) -> None:
    with pytest.raises(TableUnreadable) as refusal:
        import_file(passport, b"date,sys,dia\n2026-11-01,135,85\nx,1,2\n", "bp.csv", now=NOW)
    assert sentence(refusal.value).startswith("Row 3 ")
    assert stored(passport) == ([], 0)


@pytest.mark.parametrize("link", [b"shlink:/eyJ1cmwi", b"https://viewer.example/#shlink:/eyJ1cmwi"])
def test_a_link_is_no_file(passport: Passport, link: bytes) -> None:
    with pytest.raises(LinkNotAFile):
        import_file(passport, link, "link.txt", now=NOW)
    assert stored(passport) == ([], 0)


# ---- health cards ---------------------------------------------------------------------------

ISS = "https://oak-lane-surgery.example"


def health_card(*resources: Any, key: SigningKey | None = None, **more: Any) -> str:
    minified = json.dumps(json.loads(bundle(*resources)), separators=(",", ":")).encode()
    return card.make_card(minified, key or SigningKey.generate(), iss=ISS, nbf=NOW, **more)


def listing(monkeypatch: pytest.MonkeyPatch, key: SigningKey) -> None:
    jwks = json.dumps({"keys": [dict(key.public.to_jwk())]}).encode()
    trust = TrustList.from_jwks(ISS, "Oak Lane Surgery", jwks, now=NOW)
    monkeypatch.setattr(importing, "stored_trust", lambda _passport, now: trust)


def test_a_card_of_a_listed_issuer_is_checked(passport: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    key = SigningKey.generate()
    listing(monkeypatch, key)
    report = import_file(passport, health_card(patient(), allergy("Latex"), key=key).encode(), "card.txt", now=NOW)
    assert report.signed_by == ("Oak Lane Surgery",)
    (source,) = passport.store.sources()
    assert (source.checked, source.issuer_name, source.iss) == (Checked.CHECKED, "Oak Lane Surgery", ISS)
    (latex,) = passport.store.entries()
    assert json.loads(passport.store.raw_resource(latex.id))["id"] == "Latex"


def test_a_card_of_an_issuer_nobody_lists_is_not_signed(passport: Passport) -> None:
    data = json.dumps({"verifiableCredential": [health_card(patient(), allergy("Latex"))]}).encode()
    assert import_file(passport, data, "my.smart-health-card", now=NOW).signed_by == ()
    (source,) = passport.store.sources()
    assert (source.checked, source.issuer_name) == (Checked.NOT_SIGNED, "my.smart-health-card")


def test_a_file_of_several_cards_is_one_import(passport: Passport) -> None:
    cards = [health_card(patient(), allergy(one)) for one in ("Latex", "Gluten")]
    data = json.dumps({"verifiableCredential": cards}).encode()
    report = import_file(passport, data, "two.smart-health-card", now=NOW)
    assert (dict(report.sections), report.accounted) == ({"allergies": 2}, 4)
    (file,) = importing.imported_files(passport)
    assert importing.undo_import(passport, file.source_id) == 2
    assert stored(passport) == ([], 0)


def test_cards_of_two_people_are_refused(passport: Passport) -> None:
    other = patient(birthDate="1960-01-01")
    cards = [health_card(patient(), allergy("Latex")), health_card(other, allergy("Gluten"))]
    with pytest.raises(WrongPatient):
        import_file(passport, json.dumps({"verifiableCredential": cards}).encode(), "two.json", now=NOW)
    assert stored(passport) == ([], 0)


def test_a_changed_card_of_a_listed_issuer_is_refused(passport: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    key = SigningKey.generate()
    listing(monkeypatch, key)
    header, _, signature = health_card(patient(), allergy("Latex"), key=key).split(".")
    _, payload, _ = health_card(patient(), allergy("Gluten"), key=key).split(".")
    with pytest.raises(Tampered):
        import_file(passport, f"{header}.{payload}.{signature}".encode(), "card.txt", now=NOW)
    assert stored(passport) == ([], 0)


def test_the_digits_of_a_code_are_a_card(passport: Passport) -> None:
    digits = card.to_numeric(health_card(patient(), allergy("Latex")))
    assert import_file(passport, digits.encode(), "code.png", now=NOW).accounted == 2


def test_a_picture_with_a_card_in_it_is_read_as_the_card() -> None:
    digits = card.to_numeric(health_card(patient(), allergy("Latex")))
    assert code_or_file(draw_card(digits).png) == digits.encode()


def test_a_picture_without_a_code_stays_a_picture() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(picture, "PNG")
    assert code_or_file(picture.getvalue()) == picture.getvalue()
    assert code_or_file(b"\x89PNG\r\n\x1a\n broken") == b"\x89PNG\r\n\x1a\n broken"


def test_every_kind_of_file_is_found_whole_again(passport: Passport) -> None:
    import_file(passport, health_card(patient(), allergy("Latex")).encode(), "card.txt", now=NOW)
    import_file(passport, b"date,sys,dia\n2026-11-01,135,85\n", "bp.csv", now=NOW)
    import_file(passport, b"%PDF-1.7 made up", "letter.pdf", now=NOW)
    report = verify_store(passport)
    assert (report.sound, report.messages, report.messages_changed, report.entries_different) == (True, 3, 0, 0)

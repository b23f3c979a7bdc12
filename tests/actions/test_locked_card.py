"""The emergency card as it is kept outside the vault: it comes back as it was, and nothing else does."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.actions.locked_card import ShownCard, ShownGroup, ShownLine, choices_while_locked, locked_card, to_bytes
from app.actions.locked_form import Outside
from app.actions.locked_form import to_bytes as file_bytes
from app.policy.locked_choices import LockedChoices
from app.store.home import PassportHome
from crypto.errors import StoreDamaged

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "flet", "httpx", "tuf", "securesystemslib", "joserfc", "cryptography", "pydantic", "sqlcipher3", "apsw", "sync",
}  # fmt: skip
"""What a locked card has no use for: screens, network, trust, keys, the store."""

CARD = ShownCard(
    name="Siân Llŷr",
    birth_date="1959-03-04",
    nhs_number="9990000018",
    groups=(
        ShownGroup(
            "allergies",
            (ShownLine("Penicillin: rash", ("Oak Lane Surgery", "Riverside Hospital"), "2026-11-02"),),
            warnings=(("confidential-items", "Oak Lane Surgery"),),
        ),
        ShownGroup("medicines", (), absences=(("none-known", "Oak Lane Surgery"),)),
        ShownGroup("contacts", (ShownLine("Gwen", own_words=True, phone="01632 960001"),)),
    ),
    text="PATIENT PASSPORT EMERGENCY CARD\nName: Siân Llŷr",
    code=None,
    left_out=(("medicines", 2, 9),),
    made_at=datetime(2026, 11, 23, 9, 0, 0, 7, tzinfo=UTC),
)


FIRST = {
    "name": "Siân Llŷr",
    "birth_date": "1959-03-04",
    "nhs_number": "9990000018",
    "groups": [
        {
            "part": "contacts",
            "lines": [{"text": "Gwen", "said_by": [], "when": "", "own_words": True, "phone": "01632 960001"}],
            "absences": [],
            "warnings": [],
        }
    ],
    "text": "PATIENT PASSPORT",
    "code": "PATIENT PASSPORT\nPP1:AB",
    "left_out": [["medicines", 2, 9]],
    "made_at": "2026-11-23T09:00:00.000007Z",
    "v": 1,
}
"""As the first version lies on the disk of passports that were made before."""


def kept(tmp_path: Path, data: bytes) -> PassportHome:
    (tmp_path / "emergency.json").write_bytes(data)
    return PassportHome(tmp_path)


def readable(card: ShownCard) -> bytes:
    return file_bytes(Outside(card=json.loads(to_bytes(card))))


def members() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_bytes(CARD))
    return found


def file_of(inside: dict[str, Any]) -> bytes:
    return file_bytes(Outside(card=inside))


@pytest.mark.parametrize(
    "card",
    [CARD, replace(CARD, code=CARD.text + "\nPP1:AB", left_out=(), groups=()), replace(CARD, code="x", text="")],
    ids=["full", "bare", "code only"],
)
def test_a_card_comes_back_as_it_was(tmp_path: Path, card: ShownCard) -> None:
    assert locked_card(kept(tmp_path, readable(card))) == card


def test_it_keeps_nothing_that_is_empty_and_its_text_once() -> None:
    found = json.loads(to_bytes(replace(CARD, code=CARD.text + "\nPP1:AB")))
    assert list(found) == ["name", "birth_date", "nhs_number", "groups", "text", "tail", "left_out", "made_at"]
    assert found["tail"] == "\nPP1:AB"
    assert found["groups"][0]["lines"][0] == {
        "text": "Penicillin: rash", "said_by": ["Oak Lane Surgery", "Riverside Hospital"], "when": "2026-11-02"
    }  # fmt: skip
    assert list(found["groups"][2]) == ["part", "lines"]


def test_the_first_version_is_still_read(tmp_path: Path) -> None:
    card = locked_card(kept(tmp_path, json.dumps(FIRST).encode()))
    assert card is not None
    assert (card.name, card.code, card.left_out) == ("Siân Llŷr", "PATIENT PASSPORT\nPP1:AB", (("medicines", 2, 9),))
    assert card.groups == (ShownGroup("contacts", (ShownLine("Gwen", own_words=True, phone="01632 960001"),)),)
    assert choices_while_locked(PassportHome(tmp_path)) == LockedChoices()


@pytest.mark.parametrize("written", ["2026-11-23T09:00:00.000007Z", "2026-11-23T10:00:00.000007+01:00"])
def test_its_time_may_stand_in_any_zone(tmp_path: Path, written: str) -> None:
    assert locked_card(kept(tmp_path, file_of(members() | {"made_at": written}))) == CARD


LINE = {"text": "Penicillin", "said_by": [], "when": "", "own_words": False, "phone": ""}
GROUP = {"part": "allergies", "lines": [LINE], "absences": [], "warnings": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": None},
        {"nhs_number": 9990000018},
        {"tail": 5},
        {"groups": {}},
        {"groups": [[]]},
        {"groups": [GROUP | {"part": None}]},
        {"groups": [GROUP | {"absences": [["none-known"]]}]},
        {"groups": [GROUP | {"warnings": [["confidential-items", "Oak Lane Surgery", "more"]]}]},
        {"groups": [GROUP | {"lines": ["Penicillin"]}]},
        {"groups": [GROUP | {"lines": None}]},
        {"groups": [GROUP | {"lines": [LINE | {"own_words": "no"}]}]},
        {"groups": [GROUP | {"lines": [LINE | {"said_by": "Penicillin"}]}]},
        {"left_out": [["medicines", 2]]},
        {"left_out": [["medicines", "2", "9"]]},
        {"made_at": "yesterday"},
        {"made_at": "2026-11-23T09:00:00"},
    ],
    ids=str,
)
def test_another_form_is_refused_without_a_word_of_its_content(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(StoreDamaged) as refused:
        locked_card(kept(tmp_path, file_of(members() | wrong)))
    assert refused.value.code == "store-damaged"
    assert str(refused.value).startswith("store-damaged: locked card: ")
    assert not {"Penicillin", "Siân", "9990000018", "more"} & set(str(refused.value).split())
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("name", list(members()))
def test_a_card_without_one_of_its_members_is_refused(tmp_path: Path, name: str) -> None:
    found = members()
    del found[name]
    with pytest.raises(StoreDamaged):
        locked_card(kept(tmp_path, file_of(found)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": True}, {"v": 3}, {"v": 1}, {"hold": "no"}, {"hide_wishes": None}, {"codes_only": 1}, {"box": ""},
        {"box": "AAAA"}, {"box": 5}, {"card": []}, {"sealed": "AAAA"}, {"sealed": "=", "card": None},
    ],
    ids=str,
)  # fmt: skip
def test_another_form_around_it_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    home = kept(tmp_path, json.dumps(json.loads(readable(CARD)) | wrong).encode())
    with pytest.raises(StoreDamaged):
        locked_card(home)
    assert choices_while_locked(home) == LockedChoices()


@pytest.mark.parametrize("name", ["v", "hold", "hide_wishes", "codes_only", "box", "card"])
def test_a_file_without_one_of_its_members_is_refused(tmp_path: Path, name: str) -> None:
    found = json.loads(readable(CARD))
    del found[name]
    with pytest.raises(StoreDamaged):
        locked_card(kept(tmp_path, json.dumps(found).encode()))


def test_a_member_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match="expected each name once"):
        locked_card(kept(tmp_path, readable(CARD).replace(b'{"name"', b'{"name":"Anna","name"', 1)))


def test_nothing_heavy_is_loaded_for_it() -> None:
    program = "import sys, app.actions.locked_card; print(*{name.partition('.')[0] for name in sys.modules})"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "app" in answer.stdout.split()
    assert HEAVY & set(answer.stdout.split()) == set()

"""Several people below one root: who is here is what the folders say; names are only names."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.actions.deleting import delete_everything
from app.actions.session import create_passport
from app.store.home import PassportHome
from app.store.household import COLOURS, MAX_NAME_CHARACTERS, Household, Person, unused_colour
from crypto.errors import NameRefused, NameTaken, NoSuchPerson, PersonUnclear
from crypto.vault_header import FLOOR, read_header

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PHRASE = "seven green kettles sing at dawn"


def settled(person: Person) -> Person:
    passport, _ = create_passport(person.home, PHRASE, now=NOW, cost=FLOOR)
    passport.lock()
    return person


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def household(root: Path) -> Household:
    return Household(root)


@pytest.fixture
def family(household: Household) -> Household:
    """Three people: the first without a name, "Mam" and "Dad"."""
    settled(household.first())
    settled(household.newcomer("Mam", "purple"))
    settled(household.newcomer("Dad", "green"))
    return household


def everything(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def numbers(household: Household) -> list[int]:
    return [one.number for one in household.people()]


def test_an_empty_root_has_nobody_and_is_not_made(root: Path, household: Household) -> None:
    assert household.people() == ()
    assert household.find(None).number == 1
    household.tidy()
    assert not root.exists()


def test_a_passport_that_was_here_before_is_the_first_person_and_stays_where_it_is(root: Path) -> None:
    passport, _ = create_passport(PassportHome(root), PHRASE, now=NOW, cost=FLOOR)
    passport.lock()
    before = everything(root)
    found = Household(root).people()
    assert [(one.number, one.name, one.home.path) for one in found] == [(1, "", root)]
    assert everything(root) == before
    assert not Household(root).others(found[0])


def test_each_person_has_a_folder_of_their_own(root: Path, family: Household) -> None:
    assert [(one.number, one.name) for one in family.people()] == [(1, ""), (2, "Mam"), (3, "Dad")]
    assert [one.home.path for one in family.people()] == [root, root / "people" / "2", root / "people" / "3"]
    assert all(family.others(one) for one in family.people())


def test_only_the_owner_may_enter_the_folders_and_read_the_names(root: Path, family: Household) -> None:
    for path in [root, *root.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path.name


def test_nobody_is_seen_before_their_passport_is_made(root: Path, family: Household) -> None:
    family.newcomer("Gran", "pink")
    assert numbers(family) == [1, 2, 3]
    family.tidy()
    assert "Gran" not in (root / "household.json").read_text(encoding="utf-8")
    assert not (root / "people" / "4").exists()
    assert [one.name for one in family.people()] == ["", "Mam", "Dad"]


def test_a_number_is_not_given_again_while_its_folder_is_there(root: Path, family: Household) -> None:
    (root / "people" / "3" / "vault.json").rename(root / "people" / "3" / "vault.away")
    assert numbers(family) == [1, 2]
    family.tidy()
    assert family.newcomer("Gran", "pink").number == 4
    (root / "people" / "3" / "vault.away").rename(root / "people" / "3" / "vault.json")
    assert [(one.number, one.name) for one in family.people()] == [(1, ""), (2, "Mam"), (3, "Dad")]


def test_what_is_noted_of_somebody_deleted_goes(root: Path, family: Household) -> None:
    folder = root / "people" / "2"
    for path in folder.iterdir():
        path.unlink()
    family.tidy()
    assert numbers(family) == [1, 3]
    assert "Mam" not in (root / "household.json").read_text(encoding="utf-8")
    assert not folder.exists()


def test_when_the_last_person_goes_nothing_says_that_anybody_was_here(root: Path, family: Household) -> None:
    for person in reversed(family.people()):
        delete_everything(person.home)
    assert (root / "household.json").exists()
    family.tidy()
    assert not root.exists()


def test_deleting_the_first_person_leaves_the_others_and_their_names(root: Path, family: Household) -> None:
    before = {name: data for name, data in everything(root).items() if name.startswith("people/")}
    delete_everything(family.first().home)
    assert {name: data for name, data in everything(root).items() if name.startswith("people/")} == before
    assert [one.name for one in family.people()] == ["Mam", "Dad"]


def test_the_others_stay_when_the_first_person_goes_and_the_root_is_free_again(root: Path, family: Household) -> None:
    for path in [root / "vault.json", *root.glob("record.db*")]:
        path.unlink()
    assert numbers(family) == [2, 3]
    assert family.newcomer("Gran", "pink").home.path == root


def test_names_and_colours_can_be_changed_and_the_order_stays(root: Path, family: Household) -> None:
    family.describe(1, "Siân", "sky")
    family.describe(2, "", "grey")
    assert [(one.name, one.colour) for one in Household(root).people()] == [
        ("Siân", "sky"), ("", "grey"), ("Dad", "green")
    ]  # fmt: skip


def test_the_order_is_the_files(root: Path, family: Household) -> None:
    kept = json.loads((root / "household.json").read_text(encoding="utf-8"))
    kept["people"].sort(key=lambda one: -one["person"])
    (root / "household.json").write_text(json.dumps(kept), encoding="utf-8")
    assert numbers(family) == [3, 2, 1]


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"format": 1}',
        b'{"format": 1, "people": {}}',
        b'{"format": 1, "people": [null, 3, {"person": "1"}, {"person": 0, "name": "x", "colour": "blue"}]}',
        b'{"format": 2, "people": [{"person": 2, "name": "Other", "colour": "blue"}]}',
        b'{"format": 1, "people": [{"person": 2, "name": "a\\u202eb", "colour": "blue"}]}',
        b"[" * 100_000,
        b'{"format": 1, "people": []}' + b" " * 1024 * 1024,
    ],
)
def test_a_damaged_file_hides_nobody(root: Path, family: Household, damaged: bytes) -> None:
    (root / "household.json").write_bytes(damaged)
    assert [(one.number, one.name) for one in family.people()] == [(1, ""), (2, ""), (3, "")]
    assert len({one.colour for one in family.people()}) == 3
    family.describe(2, "Mam", "purple")
    assert [one.name for one in family.people()] == ["", "Mam", ""]


def test_an_unknown_colour_in_the_file_becomes_a_known_one(root: Path, family: Household) -> None:
    text = (root / "household.json").read_text(encoding="utf-8").replace("purple", "ultraviolet")
    (root / "household.json").write_text(text, encoding="utf-8")
    assert family.find("Mam").colour in COLOURS


@pytest.mark.parametrize("name", ["", "Mam", "Łódź ŵy", "أمي", "مامان\u200cجون", "x" * MAX_NAME_CHARACTERS])
def test_a_name_is_the_patients_own_words(family: Household, name: str) -> None:
    family.describe(3, f"  {name} ", "blue") if name != "Mam" else family.describe(2, name, "blue")
    assert name in [one.name for one in family.people()]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x" * (MAX_NAME_CHARACTERS + 1), "at most 40 characters, found 41"),
        ("a\nb", "control"),
        ("a\x00", "control"),
        ("a\x1b[31m", "control"),
        ("a\u202eb", "bidirectional"),
        ("a\u2028b", "control"),
        ("a\ue000", "control"),
        ("a\ud800", "control"),
    ],
)
def test_a_name_that_is_too_long_or_hides_something_is_refused(
    root: Path, family: Household, name: str, why: str
) -> None:
    before = everything(root)
    with pytest.raises(NameRefused, match=why) as refused:
        family.describe(2, name, "blue")
    with pytest.raises(NameRefused):
        family.newcomer(name, "blue")
    assert refused.value.code == "name-refused"
    assert name not in str(refused.value)
    assert everything(root) == before
    assert numbers(family) == [1, 2, 3]
    assert not (root / "people" / "4").exists()


@pytest.mark.parametrize("name", ["mam", " MAM ", "Ｍａｍ", "2", "1"])
def test_two_people_may_not_be_called_the_same(root: Path, family: Household, name: str) -> None:
    before = everything(root)
    with pytest.raises(NameTaken, match="nobody here has") as refused:
        family.describe(3, name, "blue")
    assert refused.value.code == "name-taken"
    assert everything(root) == before


def test_a_colour_outside_the_list_is_no_choice(root: Path, family: Household) -> None:
    before = everything(root)
    with pytest.raises(ValueError, match="expected one of blue"):
        family.describe(2, "Mam", "red")
    assert everything(root) == before


@pytest.mark.parametrize(("said", "number"), [("Mam", 2), ("mam", 2), ("3", 3), ("1", 1), ("DAD", 3)])
def test_a_person_is_found_by_name_or_number(family: Household, said: str, number: int) -> None:
    assert family.find(said).number == number


@pytest.mark.parametrize("said", ["Gran", "4", "", "0", "-1", "people/2", "../root"])
def test_nobody_else_is_found(family: Household, said: str) -> None:
    with pytest.raises(NoSuchPerson, match="one of 3 people") as refused:
        family.find(said)
    assert refused.value.code == "no-such-person"


def test_with_several_people_it_must_be_said_who_is_meant(family: Household) -> None:
    with pytest.raises(PersonUnclear, match="found 3") as refused:
        family.find(None)
    assert refused.value.code == "person-unclear"


def test_only_folders_with_a_number_are_people(root: Path, family: Household) -> None:
    for name in ("02", "x", "2 ", "٣", "-4", "1", "0"):
        (root / "people" / name).mkdir(mode=0o700)
        (root / "people" / name / "vault.json").write_bytes((root / "vault.json").read_bytes())
    assert numbers(family) == [1, 2, 3]


def test_everybody_elses_vaults_are_known_by_name_and_a_damaged_header_has_none(family: Household) -> None:
    first, mam, dad = family.people()
    vaults = {one.number: read_header(one.home.read_header()).vault_id for one in (first, mam, dad)}
    assert family.vaults_beside(first.home) == {vaults[mam.number], vaults[dad.number]}
    assert family.vaults_beside(mam.home) == {vaults[first.number], vaults[dad.number]}
    (mam.home.path / "vault.json").write_bytes(b"{}")
    assert family.vaults_beside(first.home) == {vaults[dad.number]}


def test_a_free_colour_is_offered_first(family: Household) -> None:
    assert unused_colour(()) == COLOURS[0]
    assert unused_colour(family.people()) not in {one.colour for one in family.people()}


def test_a_name_is_not_in_what_a_person_prints(family: Household) -> None:
    assert "Mam" not in repr(family.people())

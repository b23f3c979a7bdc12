"""Header and store with a byte missing or another: no wrong key opens them, no wrong data, nothing overwritten."""

from __future__ import annotations

import random

import pytest

from app.actions.importing import import_file
from app.actions.session import Passport, create_passport, unlock, unlock_with_recovery
from app.store.home import PassportHome
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE, World
from tests.faults import altered
from tests.faults.acts import file_of
from tests.faults.altered import Altered

HEADER_CODES = {"vault-unreadable", "vault-changed", "wrong-passphrase", "wrong-recovery-words"}
PHRASE_TRIES = 60
"""Each costs an Argon2id; the recovery words cost nothing and are tried on every bit."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> PassportHome:
    return PassportHome(tmp_path_factory.mktemp("altered") / "home")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("far-side"))


@pytest.fixture(scope="module")
def words(home: PassportHome, world: World) -> str:
    passport, words = create_passport(home, PHRASE, now=world.now, cost=FLOOR)
    import_file(passport, file_of(0), "0.json", now=world.now)
    passport.lock()
    return " ".join(words)


def bad(found: list[Altered]) -> list[Altered]:
    return [one for one in found if one.problems or not one.refusal]


def test_a_header_cut_at_any_length_opens_nothing_and_is_not_written_over(
    home: PassportHome, world: World, words: str
) -> None:
    header = home.read_header()
    for opening in (
        lambda: unlock(home, PHRASE, now=world.now),
        lambda: unlock_with_recovery(home, words, now=world.now),
    ):
        found = altered.header_altered(home, altered.truncations(header), opening)
        assert len(found) == len(header)
        assert bad(found) == []
        assert {one.refusal for one in found} == {"vault-unreadable"}


def test_a_header_with_any_bit_turned_does_not_open_with_the_words(
    home: PassportHome, world: World, words: str
) -> None:
    header = home.read_header()
    changes = altered.flips(header, random.Random(1))
    found = altered.header_altered(home, changes, lambda: unlock_with_recovery(home, words, now=world.now))
    assert len(found) == 8 * len(header)
    assert bad(found) == []
    assert {one.refusal for one in found} == HEADER_CODES - {"wrong-passphrase"}


def test_a_header_with_a_bit_turned_does_not_open_with_the_passphrase(
    home: PassportHome, world: World, words: str
) -> None:
    chance = random.Random(2)
    changes = chance.sample(list(altered.flips(home.read_header(), chance, bits=1)), PHRASE_TRIES)
    found = altered.header_altered(home, iter(changes), lambda: unlock(home, PHRASE, now=world.now))
    assert len(found) == PHRASE_TRIES
    assert bad(found) == []
    assert {one.refusal for one in found} <= HEADER_CODES - {"wrong-recovery-words"}


def test_a_page_with_a_bit_turned_is_refused_or_what_is_shown_is_right(
    home: PassportHome, world: World, words: str
) -> None:
    def opening() -> Passport:
        return unlock_with_recovery(home, words, now=world.now)

    right = read(opening())
    chance = random.Random(3)
    file = home.store_file(1)
    pages = file.stat().st_size // altered.PAGE_BYTES
    found = [altered.page_flipped(file, page, chance, opening, right) for page in range(pages)]
    assert len(found) > 20
    assert [one for one in found if one.problems] == []
    assert {one.refusal for one in found} <= {"store-damaged", ""}
    assert sum(one.refusal == "store-damaged" for one in found) > len(found) // 2
    assert read(opening()) == right


def read(passport: Passport) -> tuple[object, ...]:
    whole = altered.read_whole(passport)
    passport.lock()
    return whole

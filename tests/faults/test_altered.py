"""Header and store with a byte missing or another: no wrong key opens them, no wrong data, nothing overwritten."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.actions.backing_up import backup_bytes
from app.actions.importing import import_file
from app.actions.restoring import restore
from app.actions.session import Passport, create_passport, unlock, unlock_with_recovery
from app.store.home import PassportHome
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE, World
from tests.faults import altered
from tests.faults.acts import NEXT_PHRASES, file_of
from tests.faults.altered import Altered

HEADER_CODES = {"vault-unreadable", "vault-changed", "wrong-passphrase", "wrong-recovery-words"}
BITS = 4
"""Of each byte, tried with the recovery words."""

PHRASE_TRIES = 40
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


def test_a_header_with_any_byte_changed_does_not_open_with_the_words(
    home: PassportHome, world: World, words: str
) -> None:
    header = home.read_header()
    changes = altered.flips(header, random.Random(1), bits=BITS)
    found = altered.header_altered(home, changes, lambda: unlock_with_recovery(home, words, now=world.now))
    assert len(found) == BITS * len(header)
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


SEEN_IN_ANY_BACKUP = {"backup-unreadable", "backup-tampered"}
BACKUP_CODES = SEEN_IN_ANY_BACKUP | {"wrong-recovery-words"}
"""The last where the bit turned lies in the slot of the words: a few bytes of many, which a seed may miss."""
BACKUP_RUNS = 25


@pytest.fixture(scope="module")
def data(home: PassportHome, world: World, words: str) -> bytes:
    passport = unlock_with_recovery(home, words, now=world.now)
    made = backup_bytes(passport, now=world.now)
    passport.lock()
    return made


def test_a_backup_cut_or_with_a_bit_turned_brings_nothing_onto_an_empty_device(
    tmp_path: Path, world: World, words: str, data: bytes
) -> None:
    empty = PassportHome(tmp_path / "empty")
    changes = altered.changes_of_a_backup(data, random.Random(4), runs=BACKUP_RUNS)
    found = altered.backup_altered(empty, changes, restoring(empty, world, words))
    assert len(found) == 4 * BACKUP_RUNS + 1
    assert bad(found) == []
    assert SEEN_IN_ANY_BACKUP <= {one.refusal for one in found} <= BACKUP_CODES
    assert empty.is_clear()
    restoring(empty, world, words)(data).lock()  # and the right one comes


def test_a_backup_cut_or_with_a_bit_turned_leaves_the_passport_that_is_here(
    home: PassportHome, world: World, words: str, data: bytes
) -> None:
    opened = unlock_with_recovery(home, words, now=world.now)
    before = read(opened)
    changes = altered.changes_of_a_backup(data, random.Random(5), runs=BACKUP_RUNS)
    found = altered.backup_altered(home, changes, restoring(home, world, words, replace=True))
    assert bad(found) == []
    assert SEEN_IN_ANY_BACKUP <= {one.refusal for one in found} <= BACKUP_CODES
    opened = unlock(home, PHRASE, now=world.now)
    assert read(opened) == before


def restoring(home: PassportHome, world: World, words: str, *, replace: bool = False) -> Callable[[bytes], Passport]:
    return lambda data: restore(home, data, words, NEXT_PHRASES[0], now=world.now, replace=replace, cost=FLOOR)


def read(passport: Passport) -> tuple[object, ...]:
    whole = altered.read_whole(passport)
    passport.lock()
    return whole

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.actions.session import Passport
from app.actions.verifying import verify_store
from app.store.schema import MIGRATIONS
from tests.actions.kept_folder import Kept, make
from tests.actions.made_up import SIAN, World


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return make(tmp_path / "home", "Penicillin", "Nuts")


@pytest.fixture
def passport(kept: Kept) -> Iterator[Passport]:
    passport = kept.unlock()
    yield passport
    passport.lock()


def test_a_whole_store_is_sound_to_the_last_entry(world: World, fresh: Passport) -> None:
    refreshed = world.connect(fresh, SIAN)
    report = verify_store(fresh)
    assert report.sound
    assert (report.faults, report.messages, report.messages_changed) == ((), 2, 0)
    assert (report.entries, report.entries_different) == (sum(one.entries for one in refreshed.outcomes), 0)
    assert report.schema == report.schema_expected == len(MIGRATIONS)
    assert report.to_json()["sound"] is True


def test_imports_are_read_again_too(passport: Passport) -> None:
    report = verify_store(passport)
    assert (report.sound, report.messages, report.entries, report.entries_different) == (True, 2, 2, 0)


def test_it_changes_nothing(passport: Passport) -> None:
    before = passport.store.age()
    verify_store(passport)
    assert passport.store.age() == before


def test_a_message_that_is_not_what_was_received_is_counted(passport: Passport) -> None:
    kept = passport.store._driver.rows("SELECT bytes FROM received WHERE source_id = 1")[0][0]
    changed = zlib.compress(zlib.decompress(kept).replace(b"Penicillin", b"Penicillen"))
    passport.store._driver.run("UPDATE received SET bytes = ? WHERE source_id = 1", (changed,))
    report = verify_store(passport)
    assert (report.sound, report.messages_changed, report.entries_different) == (False, 1, 0)


def test_a_message_that_cannot_be_unpacked_is_counted(passport: Passport) -> None:
    passport.store._driver.run("UPDATE received SET bytes = x'00' WHERE source_id = 2")
    report = verify_store(passport)
    assert (report.sound, report.messages, report.messages_changed) == (False, 2, 1)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE entry SET title = 'Aspirin' WHERE id = 1", "DELETE FROM entry WHERE id = 1"],
    ids=["changed", "gone"],
)
def test_an_entry_that_differs_from_its_bytes_is_counted_and_is_not_called_damage(
    passport: Passport, statement: str
) -> None:
    passport.store._driver.run("PRAGMA foreign_keys=OFF")
    passport.store._driver.run(statement)
    report = verify_store(passport)
    assert (report.sound, report.entries_different) == (True, 1)


@pytest.mark.parametrize(("table", "messages_changed"), [("access_log", 0), ("received", 2)])
def test_a_broken_page_is_told(kept: Kept, table: str, messages_changed: int) -> None:
    passport = kept.unlock()
    [(page,)] = passport.store._driver.rows("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
    passport.lock()
    data = bytearray(kept.home.store_path.read_bytes())
    data[page * 4096 - 2000] ^= 1
    kept.home.store_path.write_bytes(data)
    passport = kept.unlock()
    report = verify_store(passport)
    passport.lock()
    assert report.faults
    assert (report.sound, report.messages, report.messages_changed) == (False, 2, messages_changed)


def test_what_it_finds_names_no_content(passport: Passport) -> None:
    passport.store._driver.run("UPDATE entry SET title = 'Aspirin' WHERE id = 1")
    passport.store._driver.run("UPDATE received SET bytes = x'00' WHERE source_id = 2")
    text = repr(verify_store(passport)) + str(verify_store(passport).to_json())
    for word in ("Aspirin", "Penicillin", "Nuts", "999"):
        assert word not in text

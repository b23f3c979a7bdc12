"""An older copy put back is noticed at unlock, held still, and put right; nothing else is taken for one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.actions import guarding
from app.actions.guarding import Mirror, Watch
from app.actions.kept_here import age_entry, device_entry, tries_entry
from app.actions.session import (
    change_passphrase,
    create_passport,
    unlock_with_recovery,
)
from app.policy.tries import WrongTries
from app.store.home import PassportHome
from crypto import vault
from crypto.errors import WrongPassphrase
from crypto.vault_header import FLOOR, read_header
from tests.actions.older_copies import (
    NOW,
    OTHER,
    PHRASE,
    assert_held_still,
    copy_of,
    kill,
    made,
    mirror,
    opened,
    put_back,
    write,
    write_and_lock,
)
from tests.store.keystores import MemoryKeystore

PAGE = 4096


@pytest.fixture
def keystore() -> MemoryKeystore:
    return MemoryKeystore()


@pytest.fixture
def home(tmp_path: Path, keystore: MemoryKeystore) -> PassportHome:
    return made(tmp_path / "home", keystore)


# ---- what is noticed ------------------------------------------------------------------------


def test_an_older_folder_put_back_whole_is_noticed_at_every_opening_until_it_is_put_right(home: PassportHome) -> None:
    copy = copy_of(home)
    write_and_lock(home, "two")
    put_back(home, copy)
    for _ in range(2):
        passport = opened(home)
        assert passport.store.setting("written") == "one"
        assert_held_still(passport)
        passport.lock()


def test_an_older_store_under_todays_header_is_noticed(home: PassportHome) -> None:
    copy = copy_of(home)
    write_and_lock(home, "two")
    shutil.copy(copy / "record.db", home.store_path)
    passport = opened(home)
    assert_held_still(passport)
    passport.lock()


def test_an_older_header_brings_its_older_passphrase_back_and_is_noticed(home: PassportHome) -> None:
    copy = copy_of(home)
    passport = opened(home)
    change_passphrase(passport, OTHER, now=NOW, cost=FLOOR)
    passport.lock()
    shutil.copy(copy / "vault.json", home.path / "vault.json")
    passport = opened(home, PHRASE)
    assert_held_still(passport)
    passport.lock()


def test_the_words_open_an_older_copy_and_it_is_noticed_too(tmp_path: Path, keystore: MemoryKeystore) -> None:
    home = PassportHome(tmp_path / "home", keystore)
    passport, words = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    passport.lock()
    copy = copy_of(home)
    write_and_lock(home, "two")
    put_back(home, copy)
    passport = unlock_with_recovery(home, " ".join(words), now=NOW)
    assert_held_still(passport)
    passport.lock()


def pages(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [data[at : at + PAGE] for at in range(0, len(data), PAGE)]


def test_each_single_older_page_in_a_cleanly_closed_file_is_noticed(
    home: PassportHome, keystore: MemoryKeystore
) -> None:
    old = pages(home.store_path)
    write_and_lock(home, "two")
    new, remembered = pages(home.store_path), dict(keystore.kept)
    differing = [number for number, (before, after) in enumerate(zip(old, new, strict=False)) if before != after]
    assert len(differing) >= 2
    opens_unguarded = 0
    for number in differing:
        home.store_path.write_bytes(b"".join([*new[:number], old[number], *new[number + 1 :]]))
        unguarded = opened(PassportHome(home.path))
        opens_unguarded += 1
        unguarded.lock()
        home.store_path.write_bytes(b"".join([*new[:number], old[number], *new[number + 1 :]]))
        passport = opened(home)
        assert_held_still(passport)
        passport.lock()
        keystore.kept = dict(remembered)
    assert opens_unguarded == len(differing)
    home.store_path.write_bytes(b"".join(new))
    passport = opened(home)
    assert (passport.watch, passport.store.setting("written")) == (Watch.COMPARED, "two")
    passport.lock()


def test_an_older_log_laid_beside_a_cleanly_closed_file_is_noticed(home: PassportHome) -> None:
    """SQLite would read the pages of a write-ahead log in the place of the file's own."""
    passport = opened(home)
    write(passport, "two")
    log = home.path / "record.db-wal"
    kept_log = log.read_bytes()
    write(passport, "three")
    passport.lock()
    assert kept_log
    assert not log.exists()
    log.write_bytes(kept_log)
    passport = opened(home)
    assert_held_still(passport)
    passport.lock()


def test_another_history_of_the_same_length_is_noticed(home: PassportHome) -> None:
    """An old copy that was written to elsewhere as often as this one."""
    copy = copy_of(home)
    write_and_lock(home, "two")
    here = mirror(home).counter
    write_and_lock(PassportHome(copy), "other")
    put_back(home, copy)
    passport = opened(home)
    assert passport.store.age().counter == here
    assert_held_still(passport)
    passport.lock()


def test_an_old_store_number_is_noticed_and_the_newer_store_is_not_cleared(home: PassportHome) -> None:
    copy = copy_of(home)
    header = read_header(home.read_header())
    shutil.copy(home.store_path, home.store_file(2))
    master = vault.open_with_passphrase(header, PHRASE)
    home.write_header(vault.moved_to_store(header, master, 2).to_bytes())
    write_and_lock(home, "two")
    assert not home.store_path.exists()
    for name in ("vault.json", "record.db"):
        shutil.copy(copy / name, home.path / name)
    passport = opened(home)
    assert_held_still(passport)
    passport.lock()
    assert home.store_file(2).exists()


# ---- what is no alarm -----------------------------------------------------------------------


def test_opening_and_locking_again_and_again_is_compared_and_fine(home: PassportHome) -> None:
    for text in ("two", "three", ""):
        passport = opened(home)
        assert passport.watch is Watch.COMPARED
        if text:
            write(passport, text)
        passport.lock()
        assert mirror(home).closed


def test_a_crash_between_commit_and_mirror_is_no_alarm(home: PassportHome) -> None:
    passport = opened(home)
    write(passport, "two")
    kill(passport)
    assert mirror(home).closed == ""
    passport = opened(home)
    assert (passport.watch, passport.store.setting("written")) == (Watch.COMPARED, "two")
    passport.lock()


def test_a_crash_after_opening_alone_is_no_alarm(home: PassportHome) -> None:
    kill(opened(home))
    passport = opened(home)
    assert passport.watch is Watch.COMPARED
    passport.lock()


def test_a_crash_between_a_new_header_and_its_mirror_is_no_alarm(home: PassportHome) -> None:
    header = read_header(home.read_header())
    master = vault.open_with_passphrase(header, PHRASE)
    home.write_header(vault.change_passphrase(header, master, OTHER, now=NOW, cost=FLOOR).to_bytes())
    passport = opened(home, OTHER)
    assert passport.watch is Watch.COMPARED
    assert mirror(home).generation == header.generation + 1
    passport.lock()


def test_a_store_replaced_by_a_newer_one_is_no_alarm_though_its_count_is_lower(home: PassportHome) -> None:
    early = home.store_path.read_bytes()
    write_and_lock(home, "two")
    header = read_header(home.read_header())
    home.store_file(2).write_bytes(early)
    master = vault.open_with_passphrase(header, PHRASE)
    home.write_header(vault.moved_to_store(header, master, 2).to_bytes())
    for _ in range(2):
        passport = opened(home)
        assert (passport.watch, passport.store.setting("written")) == (Watch.COMPARED, "one")
        passport.lock()
    assert mirror(home).store == 2


def test_a_keystore_that_refuses_to_write_makes_no_alarm_later(home: PassportHome, keystore: MemoryKeystore) -> None:
    keystore.full = True
    write_and_lock(home, "two")
    keystore.full = False
    passport = opened(home)
    assert passport.watch is Watch.COMPARED
    passport.lock()


def test_two_open_at_once_are_no_alarm_and_the_last_one_closes(home: PassportHome) -> None:
    first, second = opened(home), opened(home)
    write(second, "two")
    first.lock()
    assert mirror(home).closed == ""
    write(second, "three")
    second.lock()
    assert mirror(home).closed
    passport = opened(home)
    assert (passport.watch, passport.store.setting("written")) == (Watch.COMPARED, "three")
    passport.lock()


def test_what_is_remembered_never_goes_back(home: PassportHome) -> None:
    first, second = opened(home), opened(home)
    write(second, "two")
    guarding.mirror(second)
    further = mirror(home).counter
    guarding.mirror_open(home, first.header, _Older(first.store.age().counter - 1))  # type: ignore[arg-type]
    assert mirror(home).counter == further
    first.lock()
    second.lock()


class _Older:
    """A store as another process saw it a moment ago."""

    def __init__(self, counter: int) -> None:
        self.counter = counter

    def age(self) -> object:
        from app.store.guard import StoreAge

        return StoreAge(self.counter, "earlier", older=False, told=True)


# ---- the keystore is gone -------------------------------------------------------------------


def test_without_a_keystore_nothing_is_noticed_and_nothing_is_called_compared(home: PassportHome) -> None:
    copy = copy_of(home)
    write_and_lock(home, "two")
    put_back(home, copy)
    passport = opened(PassportHome(home.path))
    assert (passport.watch, passport.rolled_back) == (Watch.NO_KEYSTORE, False)
    write(passport, "still written")
    passport.lock()


@pytest.mark.parametrize("lost", [None, b"", b"{}", b'{"v":2}', b"[1]", b'{"v":1,"generation":"x"}'])
def test_a_lost_mirror_is_no_alarm_is_said_and_is_written_anew(
    home: PassportHome, keystore: MemoryKeystore, lost: bytes | None
) -> None:
    name = age_entry(read_header(home.read_header()).vault_id)
    keystore.kept.pop(name)
    if lost is not None:
        keystore.kept[name] = lost
    passport = opened(home)
    assert (passport.watch, passport.rolled_back) == (Watch.LOST, False)
    passport.lock()
    passport = opened(home)
    assert passport.watch is Watch.COMPARED
    passport.lock()


def test_a_passport_that_gets_a_keystore_later_is_mirrored_from_then_on(
    tmp_path: Path, keystore: MemoryKeystore
) -> None:
    bare = PassportHome(tmp_path / "home")
    passport, _ = create_passport(bare, PHRASE, now=NOW, cost=FLOOR)
    assert passport.watch is Watch.NO_KEYSTORE
    passport.lock()
    for watch in (Watch.FIRST, Watch.COMPARED):
        passport = opened(PassportHome(bare.path, keystore))
        assert passport.watch is watch
        passport.lock()


def test_a_wrong_passphrase_leaves_what_is_remembered(home: PassportHome) -> None:
    before = mirror(home)
    with pytest.raises(WrongPassphrase):
        opened(home, "wrong")
    assert mirror(home) == before


def test_what_the_formats_document_says_of_the_keystore_is_what_is_written() -> None:
    text = (Path(__file__).parents[2] / "crypto" / "FORMATS.md").read_text(encoding="utf-8")
    section = text.split("## What the keystore holds", 1)[1].split("\n## ", 1)[0]
    age, tries = (block.split("\n```", 1)[0] for block in section.split("```json\n")[1:])
    assert Mirror(3, 1, 41, "5f7c…", "").to_bytes() == json.dumps(json.loads(age)).encode()
    assert WrongTries(2, NOW, 1).to_bytes() == tries.encode()
    for name in (tries_entry("vault"), age_entry("vault"), device_entry("vault", "")):
        assert f"| `{name}`" in section

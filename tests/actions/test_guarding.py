"""An older copy put back is noticed at unlock, held still, and put right; nothing else is taken for one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.actions import guarding
from app.actions.guarding import Mirror, Watch, accept_as_it_is, newest_generation
from app.actions.kept_here import age_entry
from app.actions.session import (
    Passport,
    change_passphrase,
    create_passport,
    new_recovery_words,
    note_recovery_kept,
    remove_pin,
    set_pin,
    unlock,
    unlock_with_recovery,
)
from app.store.home import PassportHome
from app.store.keystore import NoKeystore
from crypto import vault
from crypto.errors import OlderCopyOpened, WrongPassphrase
from crypto.vault_header import FLOOR, read_header
from tests.actions.made_up import AMARA, World, kept, refused, with_asthma_called
from tests.store.keystores import MemoryKeystore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE, OTHER = "correct horse battery staple", "kestrel anvil forty teapot"
PAGE = 4096


@pytest.fixture
def keystore() -> MemoryKeystore:
    return MemoryKeystore()


@pytest.fixture
def home(tmp_path: Path, keystore: MemoryKeystore) -> PassportHome:
    """A locked passport whose store says "one"."""
    home = PassportHome(tmp_path / "home", keystore)
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    assert passport.watch is Watch.FIRST
    write(passport, "one")
    passport.lock()
    return home


def write(passport: Passport, text: str) -> None:
    passport.store.set_setting("written", text)


def opened(home: PassportHome, passphrase: str = PHRASE) -> Passport:
    return unlock(home, passphrase, now=NOW)


def write_and_lock(home: PassportHome, text: str) -> None:
    passport = opened(home)
    write(passport, text)
    passport.lock()


def copy_of(home: PassportHome) -> Path:
    copy = home.path.with_name("copy")
    shutil.copytree(home.path, copy)
    return copy


def put_back(home: PassportHome, copy: Path) -> None:
    shutil.rmtree(home.path)
    shutil.copytree(copy, home.path)


def kill(passport: Passport) -> None:
    """End it as a crash does: nothing closed, nothing mirrored, the locks given back by the system."""
    folder, aside = passport.home.path, passport.home.path.with_name("aside")
    shutil.copytree(folder, aside)
    keystore, passport.home.keystore = passport.home.keystore, NoKeystore()  # what locking would tell reaches nobody
    passport.lock()
    passport.home.keystore = keystore
    shutil.rmtree(folder)
    aside.rename(folder)


def mirror(home: PassportHome) -> Mirror:
    found = guarding._read(home, read_header(home.read_header()).vault_id)
    assert found is not None
    return found


def assert_held_still(passport: Passport) -> None:
    """It reads, and nothing of it is written: neither store nor header nor what is remembered."""
    home = passport.home
    assert passport.rolled_back
    header, remembered, age = home.read_header(), mirror(home), passport.store.age()
    attempts: list[Callable[[], object]] = [
        lambda: write(passport, "more"),
        lambda: change_passphrase(passport, OTHER, now=NOW, cost=FLOOR),
        lambda: set_pin(passport, "602941", now=NOW, cost=FLOOR),
        lambda: remove_pin(passport),
        lambda: new_recovery_words(passport, now=NOW),
        lambda: note_recovery_kept(passport, now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(OlderCopyOpened) as refusal:
            attempt()
        assert refusal.value.code == "older-copy-opened"
    guarding.mirror(passport)
    assert (home.read_header(), mirror(home), passport.store.age()) == (header, remembered, age)


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


# ---- putting it right -----------------------------------------------------------------------


def test_an_older_copy_that_is_accepted_is_the_newest_from_then_on(home: PassportHome) -> None:
    copy = copy_of(home)
    write_and_lock(home, "two")
    put_back(home, copy)
    passport = opened(home)
    accept_as_it_is(passport, now=NOW)
    assert not passport.rolled_back
    write(passport, "three")
    passport.lock()
    passport = opened(home)
    assert (passport.watch, passport.store.setting("written")) == (Watch.COMPARED, "three")
    passport.lock()


def test_what_was_accepted_makes_the_newer_copy_the_older_one(home: PassportHome) -> None:
    copy = copy_of(home)
    write_and_lock(home, "two")
    newer = home.path.with_name("newer")
    shutil.copytree(home.path, newer)
    put_back(home, copy)
    passport = opened(home)
    accept_as_it_is(passport, now=NOW)
    passport.lock()
    put_back(home, newer)
    passport = opened(home)
    assert passport.rolled_back
    passport.lock()


def test_an_older_header_that_is_accepted_counts_on_from_the_newer_one(home: PassportHome) -> None:
    copy = copy_of(home)
    passport = opened(home)
    change_passphrase(passport, OTHER, now=NOW, cost=FLOOR)
    passport.lock()
    newest = mirror(home).generation
    put_back(home, copy)
    passport = opened(home)
    accept_as_it_is(passport, now=NOW)
    passport.lock()
    header = read_header(home.read_header())
    assert header.generation == newest + 1 == newest_generation(home, header.vault_id)
    passport = opened(home)
    assert passport.watch is Watch.COMPARED
    passport.lock()


def test_accepting_what_is_no_older_copy_changes_nothing(home: PassportHome) -> None:
    passport = opened(home)
    before = passport.store.age(), home.read_header(), mirror(home)
    accept_as_it_is(passport, now=NOW)
    assert (passport.store.age(), home.read_header(), mirror(home)) == before
    passport.lock()


def test_nothing_is_remembered_of_a_passport_that_was_never_here(home: PassportHome) -> None:
    assert newest_generation(home, "A" * 22) == 0
    assert newest_generation(PassportHome(home.path), mirror_id(home)) == 0


def mirror_id(home: PassportHome) -> str:
    return read_header(home.read_header()).vault_id


def test_a_mirror_is_read_as_it_was_written(home: PassportHome) -> None:
    found = mirror(home)
    home.keystore.write(age_entry(mirror_id(home)), replace(found, counter=7).to_bytes())
    assert mirror(home) == replace(found, counter=7)


# ---- by updating ----------------------------------------------------------------------------


@pytest.fixture
def rolled_back(home: PassportHome, world: World) -> Passport:
    """An older copy of Amara's passport: her surgery has signed a second update since, which this copy had."""
    passport = opened(home)
    world.connect(passport, AMARA)
    passport.lock()
    copy = copy_of(home)
    passport = opened(home)
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", with_asthma_called("Asthma, quiet for years"))
    world.connect(passport, AMARA)
    passport.lock()
    put_back(home, copy)
    passport = opened(home)
    assert_held_still(passport)
    assert passport.store.search("quiet for years") == []
    return passport


def test_an_update_from_every_holder_puts_an_older_copy_right(rolled_back: Passport, world: World) -> None:
    assert refused(world.connect(rolled_back, AMARA)) == {}
    assert not rolled_back.rolled_back
    assert len(rolled_back.store.search("quiet for years")) == 1
    write(rolled_back, "more")
    home = rolled_back.home
    rolled_back.lock()
    passport = opened(home)
    assert passport.watch is Watch.COMPARED
    passport.lock()


def test_a_refresh_with_the_kept_login_puts_it_right_too(rolled_back: Passport, world: World) -> None:
    services = world.services()
    assert refused(world.refresh(rolled_back, services)) == {}
    assert not rolled_back.rolled_back
    rolled_back.lock()


def test_half_an_update_leaves_it_an_older_copy_however_much_came(rolled_back: Passport, world: World) -> None:
    world.lose("hospital")
    messages = kept(rolled_back)[0]
    for _ in range(2):
        assert len(refused(world.connect(rolled_back, AMARA))) == 1
        assert kept(rolled_back)[0] == messages + 1
        assert_held_still(rolled_back)
    home = rolled_back.home
    rolled_back.lock()
    passport = opened(home)
    assert passport.store.age().older
    assert_held_still(passport)
    world.bring_back()
    world.connect(passport, AMARA)
    assert not passport.rolled_back
    passport.lock()


def test_a_crash_in_an_update_leaves_it_an_older_copy(rolled_back: Passport, world: World) -> None:
    home = rolled_back.home
    with guarding.updating(rolled_back, now=NOW):
        for number in range(50):
            write(rolled_back, str(number))
        kill(rolled_back)
    passport = opened(home)
    assert passport.store.setting("written") == "49"
    assert passport.store.age().counter > mirror(home).counter
    assert_held_still(passport)
    passport.lock()


def test_an_update_without_a_network_leaves_it_held_still(rolled_back: Passport, world: World) -> None:
    world.lose()
    with pytest.raises(Exception, match="network") as refusal:
        world.refresh(rolled_back)
    assert getattr(refusal.value, "code", "") == "network-unavailable"
    assert_held_still(rolled_back)
    rolled_back.lock()


def test_an_update_is_remembered_while_the_passport_is_open(home: PassportHome, world: World) -> None:
    passport = opened(home)
    before = mirror(home).counter
    world.connect(passport, AMARA)
    assert mirror(home).counter == passport.store.age().counter > before
    passport.lock()

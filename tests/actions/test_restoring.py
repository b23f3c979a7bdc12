from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from app.actions import restoring
from app.actions.backing_up import backup_bytes, backup_state, choose_backup_folder
from app.actions.kept_login import is_connected
from app.actions.restoring import restore
from app.actions.session import Passport, change_passphrase, create_passport, has_pin, set_pin, unlock
from app.store.home import PassportHome
from app.store.record import Store
from crypto.errors import (
    BackupTampered,
    BackupUnreadable,
    OlderBackup,
    PassphraseTooWeak,
    PassportError,
    PassportExists,
    PassportOfAnother,
    PassportOpenElsewhere,
    RecoveryWordsMistyped,
    StoreDamaged,
    StoreUnavailable,
    WrongPassphrase,
    WrongRecoveryWords,
)
from crypto.vault_header import FLOOR, SlotKind, read_header
from tests.actions.kept_folder import NEW_PHRASE, NOW, PHRASE, Kept, bring_in, files, make, titles
from tests.actions.made_up import SIAN, World
from tests.store.keystores import MemoryKeystore

WORDS_OF_ANOTHER = "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return make(tmp_path / "home", "Penicillin")


@pytest.fixture
def data(kept: Kept) -> bytes:
    return backed_up(kept)


@pytest.fixture
def empty(tmp_path: Path) -> PassportHome:
    return PassportHome(tmp_path / "new phone")


def backed_up(kept: Kept) -> bytes:
    passport = kept.unlock()
    try:
        return backup_bytes(passport, now=NOW)
    finally:
        passport.lock()


def vault_of(kept: Kept) -> str:
    return read_header(kept.home.read_header()).vault_id


def brought_back(home: PassportHome, data: bytes, words: str, *, replace: bool = False) -> Passport:
    return restore(home, data, words, NEW_PHRASE, now=NOW, replace=replace, cost=FLOOR)


def changed(kept: Kept, name: str) -> None:
    passport = kept.unlock()
    bring_in(passport, name)
    passport.lock()


def test_a_passport_is_kept_once_on_a_device(kept: Kept, data: bytes, empty: PassportHome) -> None:
    with pytest.raises(PassportOfAnother):
        restore(empty, data, kept.words, NEW_PHRASE, now=NOW, elsewhere=(vault_of(kept),), cost=FLOOR)
    assert not empty.exists()
    assert titles(kept.unlock()) == {"Penicillin"}


def test_another_persons_passport_on_the_device_is_no_hindrance(
    kept: Kept, data: bytes, empty: PassportHome, tmp_path: Path
) -> None:
    other = make(tmp_path / "other", "Gluten")
    passport = restore(empty, data, kept.words, NEW_PHRASE, now=NOW, elsewhere=(vault_of(other),), cost=FLOOR)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_an_empty_device_needs_the_words_alone(kept: Kept, data: bytes, empty: PassportHome) -> None:
    passport = brought_back(empty, data, kept.words)
    assert titles(passport) == {"Penicillin"}
    passport.lock()
    for opened in (unlock(empty, NEW_PHRASE, now=NOW), restoring.unlock_with_recovery(empty, kept.words, now=NOW)):
        assert titles(opened) == {"Penicillin"}
        opened.lock()
    with pytest.raises(WrongPassphrase):
        unlock(empty, PHRASE, now=NOW)


def test_it_is_the_same_passport_with_the_same_device_key(kept: Kept, data: bytes, empty: PassportHome) -> None:
    before = kept.unlock()
    key, vault_id = before.device_key.to_bytes(), read_header(kept.home.read_header()).vault_id
    before.lock()
    passport = brought_back(empty, data, kept.words)
    header = read_header(empty.read_header())
    assert (passport.device_key.to_bytes(), header.vault_id) == (key, vault_id)
    assert {slot.kind for slot in header.slots} == {SlotKind.PASSPHRASE, SlotKind.RECOVERY}
    passport.lock()


def test_it_reads_an_open_file_as_well(kept: Kept, data: bytes, empty: PassportHome) -> None:
    passport = restore(empty, io.BytesIO(data), kept.words, NEW_PHRASE, now=NOW, cost=FLOOR)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_signed_messages_come_back_byte_for_byte(
    world: World, fresh: Passport, empty: PassportHome, tmp_path: Path
) -> None:
    """And an update goes on where it was."""
    world.connect(fresh, SIAN)
    messages = {one.source_id: fresh.store.raw_message(one.source_id) for one in fresh.store.sources()}
    feeds = fresh.store.feeds()
    words = restoring_words(fresh)
    passport = restore(empty, backup_bytes(fresh, now=world.now), words, NEW_PHRASE, now=world.now, cost=FLOOR)
    assert {one.source_id: passport.store.raw_message(one.source_id) for one in passport.store.sources()} == messages
    assert passport.store.feeds() == feeds
    passport.lock()


def restoring_words(passport: Passport) -> str:
    from app.actions.session import new_recovery_words

    return " ".join(new_recovery_words(passport, now=NOW))


@pytest.mark.parametrize(
    ("words", "refusal"),
    [(WORDS_OF_ANOTHER, WrongRecoveryWords), ("abandon abandon", RecoveryWordsMistyped)],
    ids=["another's", "too few"],
)
def test_with_other_words_nothing_is_made(
    data: bytes, empty: PassportHome, words: str, refusal: type[PassportError]
) -> None:
    with pytest.raises(refusal):
        brought_back(empty, data, words)
    assert not empty.path.exists()


def test_a_weak_passphrase_makes_nothing(kept: Kept, data: bytes, empty: PassportHome) -> None:
    with pytest.raises(PassphraseTooWeak):
        restore(empty, data, kept.words, "hunter2", now=NOW, cost=FLOOR)
    assert not empty.path.exists()


def test_a_file_that_is_no_backup_makes_nothing(kept: Kept, empty: PassportHome) -> None:
    with pytest.raises(BackupUnreadable):
        brought_back(empty, b"%PDF-1.7 a letter from the surgery", kept.words)
    assert not empty.path.exists()


@pytest.mark.parametrize("spoil", ["flip", "cut", "longer"])
def test_a_body_that_is_not_whole_leaves_no_passport_and_the_device_can_be_used(
    kept: Kept, data: bytes, empty: PassportHome, spoil: str
) -> None:
    spoiled = {"flip": data[:-1] + bytes([data[-1] ^ 1]), "cut": data[:-5000], "longer": data + b"\0"}[spoil]
    with pytest.raises(BackupTampered):
        brought_back(empty, spoiled, kept.words)
    assert not empty.exists()
    assert not any(name.startswith("record") for name in files(empty.path))
    brought_back(empty, data, kept.words).lock()


@pytest.mark.parametrize("spoil", ["flip", "cut"])
def test_a_spoiled_backup_over_what_is_here_leaves_it_as_it_was(kept: Kept, data: bytes, spoil: str) -> None:
    before = files(kept.home.path)
    spoiled = data[:-1] + bytes([data[-1] ^ 1]) if spoil == "flip" else data[:-1]
    with pytest.raises(BackupTampered):
        brought_back(kept.home, spoiled, kept.words, replace=True)
    assert files(kept.home.path) == before


def test_the_same_again_over_what_is_here_asks_nothing(kept: Kept, data: bytes) -> None:
    passport = brought_back(kept.home, data, kept.words)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_a_newer_backup_over_an_older_record_asks_nothing(kept: Kept, data: bytes, empty: PassportHome) -> None:
    brought_back(empty, data, kept.words).lock()
    changed(kept, "Nuts")
    passport = brought_back(empty, backed_up(kept), kept.words, replace=True)
    assert titles(passport) == {"Penicillin", "Nuts"}
    passport.lock()


def test_an_older_backup_over_a_newer_record_asks(kept: Kept, data: bytes) -> None:
    changed(kept, "Nuts")
    before = files(kept.home.path)
    with pytest.raises(OlderBackup, match="1 things more"):
        brought_back(kept.home, data, kept.words)
    assert files(kept.home.path) == before
    passport = brought_back(kept.home, data, kept.words, replace=True)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_a_backup_of_another_device_that_lacks_something_asks(kept: Kept, data: bytes, empty: PassportHome) -> None:
    """Its count of changes is higher and yet it has not all that is here."""
    brought_back(empty, data, kept.words).lock()
    changed(kept, "Nuts")
    other = Kept(empty, kept.words).unlock(NEW_PHRASE)
    for name in ("Eggs", "Milk", "Latex"):
        bring_in(other, name)
    theirs = backup_bytes(other, now=NOW)
    other.lock()
    with pytest.raises(OlderBackup, match="0 changes and 1 things"):
        brought_back(kept.home, theirs, kept.words)


def test_another_persons_passport_is_never_replaced(kept: Kept, data: bytes, tmp_path: Path) -> None:
    other = make(tmp_path / "other", "Nuts")
    before = files(other.home.path)
    for replace in (False, True):
        with pytest.raises(PassportExists):
            brought_back(other.home, data, kept.words, replace=replace)
    assert files(other.home.path) == before


def test_a_record_whose_header_is_broken_asks_and_is_brought_back(kept: Kept, data: bytes) -> None:
    kept.home.write_header(b"{}")
    with pytest.raises(OlderBackup, match="cannot be read"):
        brought_back(kept.home, data, kept.words)
    passport = brought_back(kept.home, data, kept.words, replace=True)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_a_record_whose_header_went_missing_asks_and_is_brought_back(kept: Kept, data: bytes) -> None:
    (kept.home.path / "vault.json").unlink()
    before = files(kept.home.path)
    with pytest.raises(OlderBackup, match="without a header"):
        brought_back(kept.home, data, kept.words)
    assert files(kept.home.path) == before
    passport = brought_back(kept.home, data, kept.words, replace=True)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_a_record_whose_store_is_broken_asks_and_is_brought_back(kept: Kept, data: bytes) -> None:
    path = kept.home.store_path
    path.write_bytes(path.read_bytes()[:4096] + bytes(4096))
    with pytest.raises(OlderBackup, match="does not open"):
        brought_back(kept.home, data, kept.words)
    passport = brought_back(kept.home, data, kept.words, replace=True)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_while_it_is_open_anywhere_nothing_is_replaced(kept: Kept, data: bytes) -> None:
    passport = kept.unlock()
    with pytest.raises(PassportOpenElsewhere):
        brought_back(kept.home, data, kept.words, replace=True)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_the_old_store_is_gone_afterwards_and_the_header_names_the_new_one(kept: Kept, data: bytes) -> None:
    brought_back(kept.home, data, kept.words).lock()
    stores = {name for name in files(kept.home.path) if name.startswith("record")}
    assert stores == {"record-2.db"}
    assert read_header(kept.home.read_header()).store == 2


def test_its_generation_is_past_what_was_here(kept: Kept, data: bytes) -> None:
    passport = kept.unlock()
    for _ in range(3):
        change_passphrase(passport, PHRASE, now=NOW, cost=FLOOR)
    passport.lock()
    before = read_header(kept.home.read_header()).generation
    brought_back(kept.home, data, kept.words).lock()
    assert read_header(kept.home.read_header()).generation > before


def test_rows_that_are_missing_are_noticed(
    kept: Kept, empty: PassportHome, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Store.counts
    monkeypatch.setattr(Store, "counts", lambda self: counts(self) | {"entry": 0})
    with pytest.raises(StoreDamaged):
        brought_back(empty, data, kept.words)
    assert not empty.exists()
    assert not any(name.startswith("record") for name in files(empty.path))


def test_a_full_disk_leaves_what_was_here(kept: Kept, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(kept.home.path)
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("app.store.home.os.fsync", full)
        with pytest.raises(StoreUnavailable, match="No space left"):
            brought_back(kept.home, data, kept.words)
    assert calls
    assert files(kept.home.path) == before


def test_a_kill_before_the_header_is_replaced_leaves_the_old_passport(
    kept: Kept, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(self: PassportHome, header: bytes) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(PassportHome, "name_store", killed)
        patch.setattr(PassportHome, "remove_store", lambda self, number: None)
        with pytest.raises(Killed):
            brought_back(kept.home, data, kept.words)
    assert (kept.home.path / "record-2.db").exists()
    passport = kept.unlock()
    assert titles(passport) == {"Penicillin"}
    assert not (kept.home.path / "record-2.db").exists()
    passport.lock()


def test_the_login_of_the_other_device_does_not_come_along(world: World, fresh: Passport, empty: PassportHome) -> None:
    world.connect(fresh, SIAN)
    assert is_connected(fresh)
    words = restoring_words(fresh)
    passport = restore(empty, backup_bytes(fresh, now=world.now), words, NEW_PHRASE, now=world.now, cost=FLOOR)
    assert not is_connected(passport)
    assert is_connected(fresh)
    passport.lock()


def test_the_backup_folder_is_chosen_still_where_it_is_here_and_not_elsewhere(
    kept: Kept, empty: PassportHome, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    passport = kept.unlock()
    choose_backup_folder(passport, stick, now=NOW)
    data = backup_bytes(passport, now=NOW)
    passport.lock()
    here = brought_back(empty, data, kept.words)
    state = backup_state(here)
    assert state is not None
    assert state.folder == stick
    here.lock()
    next(stick.iterdir()).unlink()
    stick.rmdir()
    there = brought_back(PassportHome(tmp_path / "another"), data, kept.words)
    assert backup_state(there) is None
    there.lock()


def test_what_the_patient_brought_back_is_the_newest_on_this_device(tmp_path: Path) -> None:
    """The keystore remembers a newer one: the patient said that it is to be replaced, so nothing warns afterwards."""
    keystore = MemoryKeystore()
    home = PassportHome(tmp_path / "home", keystore)
    passport, words = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    data = backup_bytes(passport, now=NOW)
    set_pin(passport, "493817", now=NOW, cost=FLOOR)
    for name in ("Nuts", "Eggs"):
        bring_in(passport, name)
    passport.lock()
    for gone in (False, True):
        if gone:
            shutil.rmtree(home.path)
        passport = brought_back(home, data, " ".join(words), replace=True)
        assert not passport.rolled_back
        bring_in(passport, "Milk")
        passport.lock()
        again = unlock(home, NEW_PHRASE, now=NOW)
        assert (again.rolled_back, titles(again)) == (False, {"Milk"})
        again.lock()
        assert not has_pin(home)

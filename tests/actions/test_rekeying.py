from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.actions.backing_up import backup_bytes
from app.actions.rekeying import rekey
from app.actions.restoring import restore
from app.actions.session import Passport, create_passport, has_pin, set_pin, unlock, unlock_with_recovery
from app.store.home import PassportHome
from app.store.record import Store
from crypto.errors import (
    OlderCopyOpened,
    PassportOpenElsewhere,
    StoreDamaged,
    StoreUnavailable,
    WrongPassphrase,
    WrongRecoveryWords,
)
from crypto.vault import SubKey
from crypto.vault_header import FLOOR, read_header
from tests.actions.kept_folder import NEW_PHRASE, NOW, PHRASE, Kept, bring_in, files, make, titles
from tests.store.keystores import MemoryKeystore


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return make(tmp_path / "home", "Penicillin", "Nuts")


@pytest.fixture
def passport(kept: Kept) -> Iterator[Passport]:
    passport = kept.unlock()
    yield passport
    passport.lock()


def rekeyed(passport: Passport, phrase: str = PHRASE) -> tuple[Passport, str]:
    fresh, words = rekey(passport, phrase, now=NOW, cost=FLOOR)
    return fresh, " ".join(words)


def test_everything_is_there_under_a_new_key_with_new_words(kept: Kept, passport: Passport) -> None:
    old_key = passport.master_key.sub_key(SubKey.DATABASE)
    counts = passport.store.counts()
    fresh, words = rekeyed(passport)
    assert passport.locked
    assert fresh.store.counts() == counts
    assert titles(fresh) == {"Penicillin", "Nuts"}
    assert fresh.master_key.sub_key(SubKey.DATABASE) != old_key
    fresh.lock()
    for opened in (unlock(kept.home, PHRASE, now=NOW), unlock_with_recovery(kept.home, words, now=NOW)):
        assert titles(opened) == {"Penicillin", "Nuts"}
        opened.lock()
    with pytest.raises(WrongRecoveryWords):
        unlock_with_recovery(kept.home, kept.words, now=NOW)


def test_the_old_key_opens_nothing_that_is_left(kept: Kept, passport: Passport) -> None:
    old_key = passport.master_key.sub_key(SubKey.DATABASE)
    fresh, _ = rekeyed(passport)
    fresh.lock()
    stores = sorted(path for path in kept.home.path.iterdir() if path.name.startswith("record"))
    assert [path.name for path in stores] == ["record-2.db"]
    with pytest.raises(StoreDamaged):
        Store.open(stores[0], old_key, now=NOW)


def test_it_can_be_done_again_and_again(kept: Kept, passport: Passport) -> None:
    for number in (2, 3, 4):
        passport, _ = rekeyed(passport)
        assert read_header(kept.home.read_header()).store == number
        assert titles(passport) == {"Penicillin", "Nuts"}
    passport.lock()


def test_a_wrong_passphrase_changes_nothing(kept: Kept, passport: Passport) -> None:
    before = files(kept.home.path)["vault.json"]
    with pytest.raises(WrongPassphrase):
        rekeyed(passport, NEW_PHRASE)
    assert titles(passport) == {"Penicillin", "Nuts"}
    assert files(kept.home.path)["vault.json"] == before
    assert not (kept.home.path / "record-2.db").exists()


HOLD = """
import sys
from pathlib import Path
from app.store.home import PassportHome
held = PassportHome(Path(sys.argv[1])).hold_open()
print("held", flush=True)
sys.stdin.read()
"""


def test_while_another_process_has_it_open_it_is_refused_and_stays_open(kept: Kept, passport: Passport) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(kept.home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    before = files(kept.home.path)["vault.json"]
    with pytest.raises(PassportOpenElsewhere):
        rekeyed(passport)
    assert files(kept.home.path)["vault.json"] == before
    bring_in(passport, "Eggs")
    other.communicate()
    fresh, _ = rekeyed(passport)
    assert titles(fresh) == {"Penicillin", "Nuts", "Eggs"}
    fresh.lock()


def test_after_a_refusal_it_still_holds_its_place(kept: Kept, passport: Passport) -> None:
    with pytest.raises(WrongPassphrase):
        rekeyed(passport, NEW_PHRASE)
    with pytest.raises(PassportOpenElsewhere), kept.home.alone_with_store():
        pass


@pytest.mark.parametrize("step", ["copy_to", "change_key", "faults", "counts", "write_header"])
def test_a_failure_at_any_step_leaves_the_passport_as_it_was(
    kept: Kept, passport: Passport, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def failing(*_given: object, **_more: object) -> None:
        raise StoreUnavailable("the disk refused")

    before = files(kept.home.path)["vault.json"]
    with monkeypatch.context() as patch:
        patch.setattr(PassportHome if step == "write_header" else Store, step, failing)
        with pytest.raises(StoreUnavailable):
            rekeyed(passport)
    assert files(kept.home.path)["vault.json"] == before
    assert not (kept.home.path / "record-2.db").exists()
    bring_in(passport, "Eggs")
    assert titles(passport) == {"Penicillin", "Nuts", "Eggs"}


def test_a_copy_that_lost_a_row_is_refused(kept: Kept, passport: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    change_key = Store.change_key

    def losing(self: Store, key: bytes) -> None:
        self._driver.run("DELETE FROM section_note")
        self._driver.run("DELETE FROM entry WHERE id = 1")
        change_key(self, key)

    monkeypatch.setattr(Store, "change_key", losing)
    with pytest.raises(StoreUnavailable, match="every row"):
        rekeyed(passport)
    assert titles(passport) == {"Penicillin", "Nuts"}


def test_what_is_written_while_the_copy_is_made_is_not_lost(
    passport: Passport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread of the same program writes between the copy and the stop: the copy is made again."""
    copy_to, made = Store.copy_to, []

    def slow(self: Store, path: Path) -> None:
        copy_to(self, path)
        if not made:
            thread = threading.Thread(target=bring_in, args=(passport, "Eggs"))
            thread.start()
            thread.join()
        made.append(path)

    monkeypatch.setattr(Store, "copy_to", slow)
    fresh, _ = rekeyed(passport)
    assert len(made) == 2
    assert titles(fresh) == {"Penicillin", "Nuts", "Eggs"}
    fresh.lock()


def test_what_would_be_written_after_the_copy_is_refused_and_not_lost_silently(
    passport: Passport, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_key, refused = Store.change_key, []

    def meanwhile(self: Store, key: bytes) -> None:
        with pytest.raises(StoreUnavailable) as refusal:
            bring_in(passport, "Eggs")
        refused.append(refusal)
        change_key(self, key)

    monkeypatch.setattr(Store, "change_key", meanwhile)
    fresh, _ = rekeyed(passport)
    assert refused
    assert titles(fresh) == {"Penicillin", "Nuts"}
    fresh.lock()


@pytest.mark.parametrize("killed_at", ["change_key", "write_header", "lock"])
def test_killed_anywhere_it_opens_as_it_was_or_as_it_is_to_be(
    kept: Kept, passport: Passport, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_given: object, **_more: object) -> None:
        raise Killed

    where = {"change_key": Store, "write_header": PassportHome, "lock": Passport}[killed_at]
    with monkeypatch.context() as patch:
        patch.setattr(where, killed_at, killed)
        patch.setattr(PassportHome, "remove_store", lambda self, number: None)
        with pytest.raises(Killed):
            rekeyed(passport)
    passport.lock()
    opened = unlock(kept.home, PHRASE, now=NOW)
    assert titles(opened) == {"Penicillin", "Nuts"}
    assert read_header(kept.home.read_header()).store == (2 if killed_at == "lock" else 1)
    assert len([name for name in files(kept.home.path) if name.endswith(".db")]) == 1
    opened.lock()


def test_a_backup_from_before_still_opens_with_the_old_words(kept: Kept, passport: Passport, tmp_path: Path) -> None:
    data = backup_bytes(passport, now=NOW)
    fresh, words = rekeyed(passport)
    newer = backup_bytes(fresh, now=NOW)
    fresh.lock()
    for each, opens in ((data, kept.words), (newer, words)):
        home = PassportHome(tmp_path / opens.split()[0])
        restored = restore(home, each, opens, NEW_PHRASE, now=NOW, cost=FLOOR)
        assert titles(restored) == {"Penicillin", "Nuts"}
        restored.lock()
    with pytest.raises(WrongRecoveryWords):
        restore(PassportHome(tmp_path / "x"), data, words, NEW_PHRASE, now=NOW, cost=FLOOR)


def test_the_pin_is_gone_and_the_keystore_knows_the_new_copy_for_the_newest(tmp_path: Path) -> None:
    keystore = MemoryKeystore()
    home = PassportHome(tmp_path / "home", keystore)
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    set_pin(passport, "493817", now=NOW, cost=FLOOR)
    fresh, _ = rekeyed(passport)
    assert not fresh.rolled_back
    fresh.lock()
    assert not has_pin(home)
    assert [name for name in keystore.kept if ".device." in name] == []
    for _ in range(2):
        again = unlock(home, PHRASE, now=NOW)
        assert not again.rolled_back
        again.lock()


def test_an_older_copy_put_back_is_not_encrypted_again(tmp_path: Path) -> None:
    home = PassportHome(tmp_path / "home", MemoryKeystore())
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    passport.lock()
    older = files(home.path)
    passport = unlock(home, PHRASE, now=NOW)
    bring_in(passport, "Nuts")
    passport.lock()
    for name, data in older.items():
        (home.path / name).write_bytes(data)
    passport = unlock(home, PHRASE, now=NOW)
    assert passport.rolled_back
    with pytest.raises(OlderCopyOpened):
        rekeyed(passport)
    assert not (home.path / "record-2.db").exists()
    passport.lock()

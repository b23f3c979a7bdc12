from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions import deleting
from app.actions.backing_up import backup_bytes, choose_backup_folder
from app.actions.deleting import Elsewhere, delete_everything, what_remains
from app.actions.kept_here import age_entry, tries_entry
from app.actions.restoring import restore
from app.actions.session import Passport, create_passport, set_pin, unlock
from app.actions.sharing import end_access
from app.store import home as home_module
from app.store.home import PassportHome
from crypto.errors import NoPassport, PassportError, PassportOpenElsewhere, WrongPassphrase
from crypto.vault_header import FLOOR, read_header
from tests.actions.kept_folder import NEW_PHRASE, NOW, PHRASE, Kept, make, titles
from tests.actions.made_up import SIAN, World, given
from tests.store.keystores import MemoryKeystore


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return make(tmp_path / "home", "Penicillin")


def test_everything_of_it_is_gone_with_the_folder(kept: Kept) -> None:
    home = kept.home
    home.write_locked_card(b"{}")
    home.write_appearance(b"{}")
    home.write_tries(b"{}")
    left = ("record-7.db", "record-7.db-wal", "record.copy", ".vault.json.x1", ".emergency.json.y", "creating")
    for name in left:
        (home.path / name).write_bytes(b"left over")
    assert delete_everything(home)
    assert not home.path.exists()


def test_the_header_is_overwritten_before_any_file_goes(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed right after: what is left opens no more, by passphrase or words."""
    before = kept.home.read_header()

    class Killed(BaseException):
        pass

    def killed(self: Path, missing_ok: bool = False) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(Killed):
            delete_everything(kept.home)
    after = kept.home.read_header()
    assert len(after) == len(before)
    assert sum(a == b for a, b in zip(before, after, strict=True)) < len(before) / 8
    with pytest.raises(PassportError):
        kept.unlock()
    assert delete_everything(kept.home)
    assert not kept.home.path.exists()


def test_the_overwritten_header_is_on_the_disk_before_the_next_step(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(home_module.os, "fsync", lambda handle: (synced.append(handle), fsync(handle))[1])
    delete_everything(kept.home)
    assert synced


def test_the_keystore_forgets_it_and_nothing_else(tmp_path: Path) -> None:
    keystore = MemoryKeystore()
    keystore.write("somebody-else", b"x")
    home = PassportHome(tmp_path / "home", keystore)
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    set_pin(passport, "493817", now=NOW, cost=FLOOR)
    passport.lock()
    with pytest.raises(WrongPassphrase):
        unlock(home, NEW_PHRASE, now=NOW)
    vault_id = read_header(home.read_header()).vault_id
    assert {tries_entry(vault_id), age_entry(vault_id)} < set(keystore.kept)
    delete_everything(home)
    assert keystore.kept == {"somebody-else": b"x"}


def test_files_that_are_not_the_passports_stay_with_their_folder(kept: Kept) -> None:
    (kept.home.path / "letters").mkdir()
    (kept.home.path / "letters" / "to my sister.txt").write_text("Dear sister", encoding="utf-8")
    (kept.home.path / "record of birds.db").write_bytes(b"birds")
    assert not delete_everything(kept.home)
    assert sorted(path.name for path in kept.home.path.iterdir()) == ["letters", "record of birds.db"]
    assert not kept.home.exists()


def test_while_it_is_open_nothing_is_deleted(kept: Kept) -> None:
    passport = kept.unlock()
    with pytest.raises(PassportOpenElsewhere):
        delete_everything(kept.home)
    assert titles(passport) == {"Penicillin"}
    passport.lock()
    passport = kept.unlock()
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_where_there_is_none_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoPassport):
        delete_everything(PassportHome(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


def test_a_passport_whose_header_is_broken_can_be_deleted(kept: Kept) -> None:
    kept.home.write_header(b"{}")
    assert delete_everything(kept.home)
    assert not kept.home.path.exists()


def test_a_backup_brings_it_back_as_it_was_told(kept: Kept, tmp_path: Path) -> None:
    passport = kept.unlock()
    data = backup_bytes(passport, now=NOW)
    passport.lock()
    delete_everything(kept.home)
    passport = restore(kept.home, data, kept.words, NEW_PHRASE, now=NOW, cost=FLOOR)
    assert titles(passport) == {"Penicillin"}
    passport.lock()


def test_nothing_remains_but_what_nobody_can_count(kept: Kept) -> None:
    passport = kept.unlock()
    remains = what_remains(passport, now=NOW)
    passport.lock()
    assert (remains.backups, remains.links, remains.login) == ((), (), False)
    assert remains.elsewhere == (Elsewhere.PRINTED, Elsewhere.SAVED_BY_OTHERS, Elsewhere.HOLDERS)


def test_every_backup_that_was_kept_is_named_by_its_place(kept: Kept, tmp_path: Path) -> None:
    passport = kept.unlock()
    stick, drive = tmp_path / "stick", tmp_path / "drive"
    for at, folder in enumerate((stick, drive, drive)):
        folder.mkdir(exist_ok=True)
        choose_backup_folder(passport, folder, now=NOW + timedelta(hours=at))
    remains = what_remains(passport, now=NOW)
    passport.lock()
    assert set(remains.backups) == {*stick.iterdir(), *drive.iterdir()}
    assert len(remains.backups) == 3


def test_access_that_runs_on_is_named_with_its_end_and_ended_access_is_not(world: World, fresh: Passport) -> None:
    world.connect(fresh, SIAN)
    running, ended = given(world, fresh), given(world, fresh)
    end_access(fresh, world.services(), ended.grant_id, now=world.now)
    remains = what_remains(fresh, now=world.now)
    assert [(link.sections, link.until) for link in remains.links] == [(running.sections, running.expires)]
    assert what_remains(fresh, now=running.expires).links == ()


def test_as_json_it_says_the_same(kept: Kept, tmp_path: Path) -> None:
    passport = kept.unlock()
    (tmp_path / "stick").mkdir()
    choose_backup_folder(passport, tmp_path / "stick", now=NOW)
    found = what_remains(passport, now=NOW).to_json()
    passport.lock()
    [path] = (tmp_path / "stick").iterdir()
    assert found == {
        "backups": [str(path)],
        "links": [],
        "login": False,
        "elsewhere": ["printed", "saved-by-others", "holders"],
    }
    assert "stick" not in repr(deleting.Remains((path,), (), False))

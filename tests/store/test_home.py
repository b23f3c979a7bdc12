from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from app.store.home import PassportHome
from crypto.errors import NoPassport, PassportExists, StoreUnavailable


@pytest.fixture
def home(tmp_path: Path) -> PassportHome:
    home = PassportHome(tmp_path / "deep" / "home")
    with home.alone(make_folder=True):
        home.begin_creating()
        home.store_path.touch()
        home.end_creating(b"header")
    return home


def test_looking_at_a_folder_that_is_not_there_makes_none(tmp_path: Path) -> None:
    home = PassportHome(tmp_path / "none")
    assert not home.exists()
    assert home.read_locked_card() is None
    assert home.read_tries() is None
    with pytest.raises(NoPassport):
        home.read_header()
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_enter_the_folder_and_read_its_files(home: PassportHome) -> None:
    home.write_locked_card(b"card")
    assert home.path.stat().st_mode & 0o777 == 0o700
    for name in ("vault.json", "emergency.json", "lock"):
        assert (home.path / name).stat().st_mode & 0o777 == 0o600


def test_the_locked_card_is_written_read_and_removed(home: PassportHome) -> None:
    home.write_locked_card(b"one")
    home.write_locked_card(b"two")
    assert home.read_locked_card() == b"two"
    home.remove_locked_card()
    home.remove_locked_card()
    assert home.read_locked_card() is None


def test_a_passport_is_never_overwritten(home: PassportHome) -> None:
    with pytest.raises(PassportExists):
        home.begin_creating()
    assert home.read_header() == b"header"
    assert home.store_path.exists()


def test_a_store_whose_header_is_missing_is_never_overwritten(home: PassportHome) -> None:
    (home.path / "vault.json").unlink()
    home.store_path.write_bytes(b"kept")
    with pytest.raises(PassportExists):
        home.begin_creating()
    assert home.store_path.read_bytes() == b"kept"


def test_what_a_creation_that_was_cut_off_left_is_cleared(tmp_path: Path) -> None:
    home = PassportHome(tmp_path)
    home.begin_creating()
    home.store_path.write_bytes(b"half")
    assert not home.exists()
    home.begin_creating()
    assert not home.store_path.exists()
    home.end_creating(b"header")
    assert {path.name for path in tmp_path.iterdir()} == {"vault.json"}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_the_old_file_and_no_other(
    home: PassportHome, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = sorted(path.name for path in home.path.iterdir())
    fired = 0

    def refuse(*_: object) -> None:
        nonlocal fired
        fired += 1
        raise OSError(errno.ENOSPC, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", refuse)
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StoreUnavailable, match="No space left") as refused:
        home.write_header(b"new")
    assert fired == 1
    assert refused.value.code == "store-unavailable"
    assert home.read_header() == b"header"
    assert sorted(path.name for path in home.path.iterdir()) == before


def test_two_do_not_change_it_at_once(home: PassportHome) -> None:
    entered = threading.Event()

    def enter() -> None:
        with home.alone():
            entered.set()

    with home.alone():
        other = threading.Thread(target=enter)
        other.start()
        assert not entered.wait(0.05)
    other.join()
    assert entered.is_set()

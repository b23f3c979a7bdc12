from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.store.home import PassportHome
from app.store.keystore import NoKeystore
from crypto.errors import NoPassport, PassportExists, PassportOpenElsewhere, StoreUnavailable

ROOT = Path(__file__).resolve().parents[2]


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


# ---- the store's number and who holds it -----------------------------------------------------


def test_the_first_store_has_the_plain_name_and_others_their_number(home: PassportHome) -> None:
    assert [home.store_file(number).name for number in (1, 2, 31)] == ["record.db", "record-2.db", "record-31.db"]
    with pytest.raises(ValueError, match="at least 1"):
        home.store_file(0)


def test_a_home_has_no_keystore_unless_it_is_given_one(home: PassportHome) -> None:
    assert isinstance(home.keystore, NoKeystore)


def test_a_numbered_store_without_a_header_is_never_overwritten(tmp_path: Path) -> None:
    home = PassportHome(tmp_path)
    home.store_file(4).write_bytes(b"kept")
    with pytest.raises(PassportExists):
        home.begin_creating()
    assert home.store_file(4).read_bytes() == b"kept"


def test_leftovers_are_other_stores_and_half_written_headers_and_nothing_else(home: PassportHome) -> None:
    kept = ("record-2.db", "record-2.db-wal", "vault.json", "lock", "record.txt", "my-record.db", ".vault.jsonx")
    gone = ("record.db", "record.db-shm", "record-21.db", "record-3.db-journal", ".vault.json.a1", ".tries.json.b2")
    for name in (*kept, *gone):
        (home.path / name).touch()
    with home.alone():
        home.clear_leftovers(2)
    assert {path.name for path in home.path.iterdir()} == set(kept)


def test_many_hold_it_open_and_nobody_is_alone_with_it_then(home: PassportHome) -> None:
    one, other = home.hold_open(), PassportHome(home.path).hold_open()
    for held in (one, other):
        with pytest.raises(PassportOpenElsewhere), home.alone_with_store():
            pass
        held.close()
        held.close()
    with home.alone_with_store(), pytest.raises(PassportOpenElsewhere):
        home.hold_open()
    home.hold_open().close()


def test_a_hold_that_is_dropped_is_given_back(home: PassportHome) -> None:
    held = home.hold_open()
    del held
    with home.alone_with_store():
        pass


def test_a_process_that_dies_holds_nothing(home: PassportHome) -> None:
    program = (
        "import sys; from pathlib import Path; from app.store.home import PassportHome\n"
        "held = PassportHome(Path(sys.argv[1])).hold_open(); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(home.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(PassportOpenElsewhere), home.alone_with_store():
            pass
        process.kill()
    with home.alone_with_store():
        pass

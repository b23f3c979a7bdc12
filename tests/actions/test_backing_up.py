from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions import backing_up
from app.actions.backing_up import (
    back_up,
    back_up_if_chosen,
    backup_bytes,
    backup_state,
    backups_made,
    choose_backup_folder,
    stop_backups,
)
from app.actions.restoring import restore
from app.actions.session import Passport, new_recovery_words
from app.store.backup_folder import BackupFolder
from app.store.home import PassportHome
from crypto import backup
from crypto.errors import BackupNotKept, BackupTampered, NoPassport, StoreDamaged
from crypto.vault_header import FLOOR, SlotKind, read_header
from tests.actions.kept_folder import NEW_PHRASE, NOW, Kept, bring_in, files, make, titles

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return make(tmp_path / "home", "Penicillin")


@pytest.fixture
def passport(kept: Kept) -> Iterator[Passport]:
    passport = kept.unlock()
    yield passport
    passport.lock()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def brought_back(data: bytes, words: str, folder: Path) -> set[str]:
    passport = restore(PassportHome(folder), data, words, NEW_PHRASE, now=NOW, cost=FLOOR)
    found = titles(passport)
    passport.lock()
    return found


def test_choosing_a_folder_makes_the_first_backup_at_once(
    passport: Passport, kept: Kept, stick: Path, tmp_path: Path
) -> None:
    state = choose_backup_folder(passport, stick, now=NOW)
    [name] = names(stick)
    assert (state.folder, state.last, state.size, state.problem) == (stick, NOW, (stick / name).stat().st_size, "")
    assert backup_state(passport) == state
    assert brought_back((stick / name).read_bytes(), kept.words, tmp_path / "new") == {"Penicillin"}


def test_its_name_has_the_moment_and_the_vault_and_nothing_of_a_person(passport: Passport, stick: Path) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    vault_id = read_header(passport.home.read_header()).vault_id
    assert names(stick) == [f"2026-11-23-120000-{vault_id[:8]}.passport-backup"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_a_backup_and_the_copy_it_is_made_of_are_private(
    passport: Passport, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    seal = backup.seal

    def looking(*given: object) -> Iterator[bytes]:
        modes.append((passport.home.path / "record.copy").stat().st_mode & 0o777)
        return seal(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "seal", looking)
    choose_backup_folder(passport, stick, now=NOW)
    modes += [path.stat().st_mode & 0o777 for path in stick.iterdir()]
    assert modes == [0o600, 0o600]


def test_the_header_in_it_has_the_recovery_slot_alone(passport: Passport, stick: Path) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    with next(stick.iterdir()).open("rb") as file:
        sealed = backup.read_head(file)
    assert [slot.kind for slot in sealed.header.slots] == [SlotKind.RECOVERY]


def test_nothing_of_it_lies_in_the_passports_own_folder_afterwards(passport: Passport, stick: Path) -> None:
    before = set(files(passport.home.path))
    choose_backup_folder(passport, stick, now=NOW)
    assert set(files(passport.home.path)) == before


def test_the_newest_and_the_one_before_are_kept(passport: Passport, stick: Path) -> None:
    for hour in range(4):
        bring_in(passport, f"Thing {hour}")
        moment = NOW + timedelta(hours=hour)
        (choose_backup_folder(passport, stick, now=moment) if hour == 0 else back_up(passport, now=moment))
    assert [name[:17] for name in names(stick)] == ["2026-11-23-140000", "2026-11-23-150000"]


def test_backups_of_another_passport_and_other_files_stay(passport: Passport, stick: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other", "Nuts").unlock()
    choose_backup_folder(other, stick, now=NOW)
    (stick / "holiday.jpg").write_bytes(b"a picture")
    before = files(stick)
    choose_backup_folder(passport, stick, now=NOW)
    back_up(passport, now=LATER)
    back_up(passport, now=LATER + timedelta(hours=1))
    other.lock()
    assert before.items() <= files(stick).items()


def test_after_a_change_there_is_a_backup_and_without_one_there_is_none(passport: Passport, stick: Path) -> None:
    assert back_up_if_chosen(passport, now=NOW) is None
    choose_backup_folder(passport, stick, now=NOW)
    before = names(stick)
    state = back_up_if_chosen(passport, now=LATER)
    assert (names(stick), state and state.last) == (before, NOW)
    bring_in(passport, "Nuts")
    state = back_up_if_chosen(passport, now=LATER)
    assert (len(names(stick)), state and state.last) == (2, LATER)


def test_new_recovery_words_are_a_change(passport: Passport, stick: Path, tmp_path: Path) -> None:
    """The backup before opens with the old words alone."""
    choose_backup_folder(passport, stick, now=NOW)
    words = " ".join(new_recovery_words(passport, now=LATER))
    back_up_if_chosen(passport, now=LATER)
    newest = stick / names(stick)[-1]
    assert brought_back(newest.read_bytes(), words, tmp_path / "new") == {"Penicillin"}


def test_a_backup_that_was_taken_away_is_made_again(passport: Passport, stick: Path) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    next(stick.iterdir()).unlink()
    back_up_if_chosen(passport, now=LATER)
    assert len(names(stick)) == 1


def test_a_folder_that_is_gone_is_noted_for_home_and_the_record_goes_on(passport: Passport, stick: Path) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    bring_in(passport, "Nuts")
    shutil.rmtree(stick)
    state = back_up_if_chosen(passport, now=LATER)
    assert state is not None
    assert (state.problem, state.last) == ("backup-not-kept", NOW)
    assert backup_state(passport) == state
    assert titles(passport) == {"Penicillin", "Nuts"}
    stick.mkdir()
    again = back_up_if_chosen(passport, now=LATER)
    assert again is not None
    assert (again.problem, again.last) == ("", LATER)


def test_without_a_folder_nothing_is_made_when_asked(passport: Passport) -> None:
    with pytest.raises(BackupNotKept, match="chosen"):
        back_up(passport, now=NOW)
    assert backup_state(passport) is None


def test_a_folder_inside_the_passports_own_is_refused(passport: Passport) -> None:
    inside = passport.home.path / "backups"
    inside.mkdir()
    for folder in (inside, passport.home.path):
        with pytest.raises(BackupNotKept, match="outside"):
            choose_backup_folder(passport, folder, now=NOW)
    assert backup_state(passport) is None
    assert list(inside.iterdir()) == []


def test_a_choice_that_does_not_work_leaves_the_one_before(passport: Passport, stick: Path, tmp_path: Path) -> None:
    state = choose_backup_folder(passport, stick, now=NOW)
    with pytest.raises(BackupNotKept, match="found none"):
        choose_backup_folder(passport, tmp_path / "nowhere", now=LATER)
    assert backup_state(passport) == state
    assert not (tmp_path / "nowhere").exists()


def test_off_is_off_and_what_was_made_stays(passport: Passport, stick: Path) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    stop_backups(passport)
    bring_in(passport, "Nuts")
    assert back_up_if_chosen(passport, now=LATER) is None
    assert (len(names(stick)), len(backups_made(passport))) == (1, 1)


@pytest.mark.parametrize("at", [0, 40, -1])
def test_what_is_not_read_back_as_it_was_written_is_no_backup(
    passport: Passport, stick: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    before = files(stick)
    bring_in(passport, "Nuts")
    write = BackupFolder._write

    def spoiling(self: BackupFolder, half: Path, pieces: Iterator[bytes]) -> None:
        write(self, half, pieces)
        data = bytearray(half.read_bytes())
        data[at] ^= 1
        half.write_bytes(data)

    monkeypatch.setattr(BackupFolder, "_write", spoiling)
    state = back_up_if_chosen(passport, now=LATER)
    assert state is not None
    assert state.problem in {"backup-tampered", "backup-unreadable"}
    assert files(stick) == before
    assert state.last == NOW


def test_a_backup_of_another_moment_read_back_is_no_backup(
    passport: Passport, monkeypatch: pytest.MonkeyPatch, stick: Path
) -> None:
    """All tags fit, and it is not what was just written."""
    earlier = backup_bytes(passport, now=NOW)
    monkeypatch.setattr(BackupFolder, "_write", lambda self, half, pieces: [*pieces] and half.write_bytes(earlier))
    with pytest.raises(BackupTampered, match="read back"):
        choose_backup_folder(passport, stick, now=LATER)
    assert names(stick) == []


def test_a_store_that_is_not_whole_is_not_backed_up_over_a_good_one(
    passport: Passport, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    before = files(stick)
    monkeypatch.setattr(type(passport.store), "faults", lambda self: ["page 4"])
    with pytest.raises(StoreDamaged):
        back_up(passport, now=LATER)
    assert files(stick) == before
    state = backup_state(passport)
    assert state is not None
    assert state.problem == "store-damaged"


def test_locking_while_it_is_made_stops_it_and_leaves_nothing(
    passport: Passport, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = backing_up._Copy._pieces

    def locking(self: backing_up._Copy, of: Passport) -> Iterator[bytes]:
        of.lock()
        return pieces(self, of)

    choose_backup_folder(passport, stick, now=NOW)
    before = files(stick)
    monkeypatch.setattr(backing_up._Copy, "_pieces", locking)
    with pytest.raises(NoPassport):
        back_up(passport, now=LATER)
    assert files(stick) == before
    assert not (passport.home.path / "record.copy").exists()
    assert back_up_if_chosen(passport, now=LATER) is None


def test_what_a_killed_backup_left_is_cleared_by_the_next(passport: Passport, stick: Path) -> None:
    vault_id = read_header(passport.home.read_header()).vault_id[:8]
    (stick / f".2026-11-22-120000-{vault_id}.passport-backup.half").write_bytes(b"half")
    (stick / ".2026-11-22-120000-AAAAAAAA.passport-backup.half").write_bytes(b"somebody else's")
    (passport.home.path / "record.copy").write_bytes(b"half")
    choose_backup_folder(passport, stick, now=NOW)
    assert [name for name in names(stick) if name.endswith(".half")] == [
        ".2026-11-22-120000-AAAAAAAA.passport-backup.half"
    ]
    assert not (passport.home.path / "record.copy").exists()


def test_a_full_disk_is_a_refusal_and_not_half_a_backup(
    passport: Passport, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_backup_folder(passport, stick, now=NOW)
    before = files(stick)
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("app.store.backup_folder.os.fsync", full)
        with pytest.raises(BackupNotKept, match="No space left"):
            BackupFolder(stick).keep("2026-11-23-130000-AAAAAAAA.passport-backup", [b"x"], lambda _file: None)
    assert calls
    assert files(stick) == before


def test_a_folder_that_takes_no_files_is_a_refusal(
    passport: Passport, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(self: BackupFolder, half: Path, pieces: Iterator[bytes]) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(BackupFolder, "_write", read_only)
        with pytest.raises(BackupNotKept, match="Read-only"):
            choose_backup_folder(passport, stick, now=NOW)
    assert names(stick) == []
    assert backup_state(passport) is None


def test_moved_as_bytes_it_is_the_same_backup(passport: Passport, kept: Kept, tmp_path: Path) -> None:
    assert brought_back(backup_bytes(passport, now=NOW), kept.words, tmp_path / "new") == {"Penicillin"}
    assert backup_state(passport) is None


def test_no_refusal_names_the_folder(passport: Passport, tmp_path: Path) -> None:
    with pytest.raises(BackupNotKept) as refusal:
        choose_backup_folder(passport, tmp_path / "my-private-stick", now=NOW)
    assert "my-private-stick" not in str(refusal.value)


def test_a_large_store_is_never_whole_in_memory(passport: Passport, stick: Path) -> None:
    passport.store.set_secret("ballast", os.urandom(24 * backup.PIECE_BYTES))
    tracemalloc.start()
    try:
        state = choose_backup_folder(passport, stick, now=NOW)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert state.size > 24 * backup.PIECE_BYTES
    assert peak < 10 * backup.PIECE_BYTES


def test_two_processes_do_not_make_one_at_the_same_moment(passport: Passport, stick: Path) -> None:
    """The other one holds the place for the copy; this one waits for it, and then has it for itself."""
    held = "import sys; from app.store.home import PassportHome as P\nfrom pathlib import Path\n"
    held += "with P(Path(sys.argv[1])).copying() as copy: copy.touch(); print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", held, str(passport.home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    import threading

    thread = threading.Thread(target=choose_backup_folder, args=(passport, stick), kwargs={"now": NOW})
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    other.communicate()
    thread.join(30)
    assert len(names(stick)) == 1

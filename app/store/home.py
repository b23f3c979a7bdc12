"""The folder of one passport on the disk, and writing into it so that a crash leaves the old or the new.

Owns file names, modes (folder 0700, files 0600), atomic replacement and the locks between processes.
What the files hold is crypto/vault.py, record.py and the actions; the keystore it carries is keystore.py.

    vault.json       the vault header           record.db, record-2.db … (-wal, -shm)   the store
    emergency.json   the card shown while locked, only if the patient switched that on
    openings.box     when that card was opened, sealed to the vault: written while locked, read while open
    appearance.json  language, colours, size of text
    lock.asked       another program of this folder asks an open passport to lock
    tries.json       wrong tries so far          creating   a passport is being made, or that was cut off
    lock             held while header or tries change
    in-use           held by every open passport together, alone by whoever replaces the store
    copying          held while a copy of the store is made; record.copy is that copy
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import platformdirs
import portalocker

from app.store.folder import PRIVATE_FILE as _PRIVATE_FILE
from app.store.folder import disk as _disk
from app.store.folder import make_folder as _make_folder
from app.store.folder import read as _read
from app.store.folder import sync_folder as _sync_folder
from app.store.folder import write as _write
from app.store.keystore import Keystore, NoKeystore
from crypto.errors import NoPassport, PassportExists, PassportOpenElsewhere, StoreUnavailable

_FIRST_STORE: Final = "record.db"
_STORE_FILE: Final = re.compile(r"(record(?:-[0-9]+)?\.db)(?:-wal|-shm|-journal)?", re.ASCII)
_HALF_WRITTEN: Final = re.compile(r"\.(?:(?:vault|tries|emergency|appearance)\.json|creating)\..+")
"""What `_write` was cut off from: nobody's any more, because nothing is written but by who is `alone`."""
_OURS: Final = re.compile(
    r"record(?:-[0-9]+)?\.(?:db|copy)(?:-wal|-shm|-journal)?|\.?(?:vault|tries|emergency|appearance)\.json(?:\..*)?"
    r"|\.?creating(?:\..*)?|lock(?:\.asked)?|in-use|copying|openings\.box",
    re.ASCII,
)
"""Every name this module ever writes, whole or cut off half-way: what deleting everything removes."""
_OTHERS: Final = re.compile(r"people|\.?household\.json(?:\..*)?")
"""What household.py keeps in the first person's folder: that of other people, who stay when this one is deleted."""
_NO_KEYSTORE: Final = NoKeystore()


class Held:
    """A lock on the folder that lasts until `close`; the system gives it back when the process ends."""

    __slots__ = ("_file",)

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def close(self) -> None:
        """Give the lock back; a second time does nothing."""
        self._file.close()

    def __del__(self) -> None:
        """A passport that was dropped unlocked keeps nobody out."""
        self._file.close()


def default_folder() -> Path:
    """Where this system keeps such things for this user."""
    return platformdirs.user_data_path("patient-passport", appauthor=False)


class PassportHome:
    """One folder, and the keystore of the device it is on. Making this object touches nothing."""

    def __init__(self, path: Path, keystore: Keystore = _NO_KEYSTORE) -> None:
        self.path = path
        self.keystore = keystore
        self.store_path = path / _FIRST_STORE
        self._header = path / "vault.json"
        self._locked_card = path / "emergency.json"
        self._box = path / "openings.box"
        self._tries = path / "tries.json"
        self._appearance = path / "appearance.json"
        self._creating = path / "creating"
        self._lock = path / "lock"
        self._lock_request = path / "lock.asked"
        self._in_use = path / "in-use"
        self._copying = path / "copying"
        self._copy = path / "record.copy"

    def store_file(self, number: int) -> Path:
        """The store of a number that the header names, from 1."""
        if number < 1:
            raise ValueError(f"store number: expected at least 1, found {number}")
        return self.path / (_FIRST_STORE if number == 1 else f"record-{number}.db")

    def exists(self) -> bool:
        """Whether a passport is here: its header is written last, so then all of it is."""
        return self._header.is_file()

    def is_clear(self) -> bool:
        """Whether nothing is here that could be opened again: no passport, and no store whose header went missing."""
        with _disk():
            if not self.path.is_dir() or self._creating.exists():
                return not self.exists()
            return not self.exists() and not self._store_files()

    def begin_creating(self) -> None:
        """Make the folder (it is there) ready for a new passport, clearing what a creation that was cut off left.

        Raises PassportExists where a passport is, or a store whose header has gone missing: that may
        still be brought back and is never overwritten.
        """
        with _disk():
            if not self.is_clear():
                raise PassportExists("expected an empty folder, found a passport")
            _write(self._creating, b"")
            for left in self._store_files():
                left.unlink(missing_ok=True)

    def clear_leftovers(self, store: int) -> None:
        """Remove every store but the one of this number, and files cut off half-way; only inside `alone`.

        They are what a new store left that was never named, or an old one that is named no more. Whoever calls it
        holds the folder open and has believed the header. What cannot be removed now is tried again next time: it is
        no reason to keep the record from its patient.
        """
        kept = self.store_file(store).name
        with _disk():
            left = [path for path in self._store_files() if not path.name.startswith(kept)]
            left += [path for path in self.path.iterdir() if _HALF_WRITTEN.fullmatch(path.name)]
        for path in [*left, self._creating]:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        if self._copy.exists():  # and nobody is making it now
            flags = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
            with (
                contextlib.suppress(PassportOpenElsewhere, StoreUnavailable),
                contextlib.closing(self._locked(self._copying, flags)),
            ):
                self._clear_copy()

    def end_creating(self, header: bytes) -> None:
        """Write the header: from here on the passport exists. Where that is refused there is none, and none is left.

        The mark of a creation under way may stay: the next opening takes it away.
        """
        with _disk():
            try:
                _write(self._header, header)
            except OSError:
                with contextlib.suppress(OSError):
                    self._header.unlink(missing_ok=True)
                raise
            with contextlib.suppress(OSError):
                self._creating.unlink()

    def name_store(self, header: bytes) -> None:
        """Write the header of a store that was put beside what was here; wrong tries were of another passphrase."""
        with _disk():
            _write(self._header, header)
            for left in (self._creating, self._tries):  # it is named: what cannot be removed now is no refusal of that
                with contextlib.suppress(OSError):
                    left.unlink(missing_ok=True)

    def read_header(self) -> bytes:
        """The vault header's bytes; raises NoPassport where there is none."""
        with _disk():
            try:
                return self._header.read_bytes()
            except FileNotFoundError as error:
                raise NoPassport("expected a vault header, found none") from error

    def write_header(self, header: bytes) -> None:
        """Replace the vault header."""
        with _disk():
            _write(self._header, header)

    def read_locked_card(self) -> bytes | None:
        """The emergency card shown while locked; None where the patient has not switched it on."""
        return _read(self._locked_card)

    def write_locked_card(self, card: bytes) -> None:
        """Keep the emergency card outside the vault, sealed or not: that is the caller's."""
        with self.alone(), _disk():
            _write(self._locked_card, card)

    def remove_locked_card(self) -> None:
        """Take the emergency card away again."""
        with _disk():
            self._locked_card.unlink(missing_ok=True)

    def read_box(self, most: int) -> bytes:
        """The box of openings, so many bytes of it at most; empty where there is none."""
        with _disk():
            try:
                with self._box.open("rb") as file:
                    return file.read(most)
            except FileNotFoundError:
                return b""

    def write_into_box(self, offset: int, data: bytes) -> None:
        """Write a note into the box, in place and onto the disk; what stands before it stays. Only inside `alone`."""
        with _disk():
            is_new = not self._box.exists()
            handle = os.open(self._box, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
            with os.fdopen(handle, "r+b") as file:
                file.seek(offset)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                _sync_folder(self.path)

    def remove_box(self) -> None:
        """Empty the box. Only inside `alone`."""
        with _disk():
            self._box.unlink(missing_ok=True)
            _sync_folder(self.path)

    def read_appearance(self) -> bytes | None:
        """How the app looks to this person: language, colours, size of text. None where nothing was chosen."""
        return _read(self._appearance)

    def write_appearance(self, appearance: bytes) -> None:
        """Keep how the app looks, readable before unlocking; it says nothing of the record."""
        with self.alone(make_folder=True), _disk():
            _write(self._appearance, appearance)

    def read_tries(self) -> bytes | None:
        """What was noted of wrong tries; None where there were none since the last right one."""
        return _read(self._tries)

    def write_tries(self, tries: bytes | None) -> None:
        """Note wrong tries, or forget them."""
        with _disk():
            if tries is None:
                self._tries.unlink(missing_ok=True)
            else:
                _write(self._tries, tries)

    def lock_request(self) -> tuple[int, int] | None:
        """Which request to lock lies in the folder; two requests differ. None where there is none."""
        with _disk():
            try:
                found = self._lock_request.stat()
            except FileNotFoundError:
                return None
        return found.st_ino, found.st_mtime_ns

    @contextmanager
    def asking_to_lock(self) -> Iterator[None]:
        """Inside, every open passport of this folder is asked to lock, also in other processes."""
        with _disk():
            _write(self._lock_request, b"")
        try:
            yield
        finally:
            with _disk():
                self._lock_request.unlink(missing_ok=True)

    @contextmanager
    def alone(self, *, make_folder: bool = False) -> Iterator[None]:
        """No other process changes header or tries meanwhile; it waits for one that does."""
        with contextlib.closing(self._locked(self._lock, portalocker.LockFlags.EXCLUSIVE, make_folder=make_folder)):
            yield

    def hold_open(self) -> Held:
        """Every open passport holds this until it is locked; raises PassportOpenElsewhere while a store is replaced."""
        return self._locked(self._in_use, portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING)

    @contextmanager
    def alone_with_store(self, *, make_folder: bool = False) -> Iterator[None]:
        """Nobody has the passport open, here or in another process, and nobody can open it meanwhile.

        Does not wait: raises PassportOpenElsewhere where somebody has. Lock your own passport first.
        """
        flags = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
        with contextlib.closing(self._locked(self._in_use, flags, make_folder=make_folder)):
            yield

    @contextmanager
    def copying(self) -> Iterator[Path]:
        """Where a copy of the store may lie for a moment; it is gone afterwards. Waits for another that is made."""
        with contextlib.closing(self._locked(self._copying, portalocker.LockFlags.EXCLUSIVE)):
            self._clear_copy()
            try:
                yield self._copy
            finally:
                self._clear_copy()

    def next_store(self) -> int:
        """A number past every store file that is here, named by the header or not."""
        with _disk():
            found = [_STORE_FILE.fullmatch(path.name) for path in self._store_files()]
        names = {match[1] for match in found if match is not None}
        return 1 + max((1 if name == _FIRST_STORE else int(name[7:-3]) for name in names), default=0)

    def remove_store(self, number: int) -> None:
        """Remove a store file that the header does not name, with what SQLite left beside it."""
        name = self.store_file(number).name
        with _disk():
            for left in self._store_files():
                if left.name == name or left.name.startswith(f"{name}-"):
                    left.unlink(missing_ok=True)

    def write_store(self, number: int, pieces: Iterable[bytes]) -> None:
        """Write the bytes of a new store file, all of them on the disk when this returns."""
        with _disk():
            handle = os.open(self.store_file(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(self.path)

    def sync_names(self) -> None:
        """Wait until the disk has the names of the files in the folder."""
        with _disk():
            _sync_folder(self.path)

    def erase(self, noise: Callable[[int], bytes]) -> None:
        """Overwrite the header, so that nothing opens the store again, then remove every file of the passport.

        Only inside `alone_with_store`. Files that are not the passport's stay; somebody chose this folder.
        """
        with _disk():
            if self._header.exists():
                _overwrite(self._header, noise)
            for path in sorted(self.path.iterdir()):
                if _OURS.fullmatch(path.name) and path != self._in_use:
                    path.unlink(missing_ok=True)

    def remove_folder(self) -> bool:
        """Remove what the locks left, and the folder; False where it holds files that are nobody's passport.

        What is kept of the other people of a household stays, and the folder with it.
        """
        with _disk():
            self._in_use.unlink(missing_ok=True)
            try:
                self.path.rmdir()
            except OSError:
                return not self.path.exists() or all(_OTHERS.fullmatch(path.name) for path in self.path.iterdir())
            return True

    def remove_lock(self) -> None:
        """Remove the lock of a folder that holds nothing else, and the folder."""
        with _disk(), contextlib.suppress(FileNotFoundError):
            self._lock.unlink(missing_ok=True)
            self.path.rmdir()

    def _clear_copy(self) -> None:
        with _disk():
            for ending in ("", "-wal", "-shm", "-journal"):
                self._copy.with_name(self._copy.name + ending).unlink(missing_ok=True)

    def _locked(self, path: Path, flags: portalocker.LockFlags, *, make_folder: bool = False) -> Held:
        with _disk():
            if make_folder:
                _make_folder(self.path)
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE), "r+b")
        try:
            portalocker.lock(file, flags)
        except portalocker.AlreadyLocked:
            file.close()
            raise PassportOpenElsewhere("expected the store alone, found it in use") from None
        except (portalocker.LockException, OSError) as error:
            file.close()
            raise StoreUnavailable(f"the disk refused a lock ({type(error).__name__})") from error
        except BaseException:
            file.close()
            raise
        return Held(file)

    def _store_files(self) -> list[Path]:
        return sorted(path for path in self.path.iterdir() if _STORE_FILE.fullmatch(path.name))


def _overwrite(path: Path, noise: Callable[[int], bytes]) -> None:
    """In place and onto the disk: a file system that keeps old blocks (SSD, snapshots) may still have them."""
    with path.open("r+b") as file:
        file.write(noise(max(1, path.stat().st_size)))
        file.flush()
        os.fsync(file.fileno())

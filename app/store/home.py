"""The folder of one passport on the disk, and writing into it so that a crash leaves the old or the new.

Owns file names, modes (folder 0700, files 0600), atomic replacement and the lock between processes.
What the files hold is crypto/vault.py, record.py and the actions.

    vault.json       the vault header           record.db (-wal, -shm)   the store
    emergency.json   the card shown while locked, only if the patient switched that on
    appearance.json  language, colours, size of text
    tries.json       wrong tries so far          creating   a passport is being made, or that was cut off
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from app.store.folder import PRIVATE_FILE as _PRIVATE_FILE
from app.store.folder import PRIVATE_FOLDER as _PRIVATE_FOLDER
from app.store.folder import disk as _disk
from app.store.folder import read as _read
from app.store.folder import write as _write
from crypto.errors import NoPassport, PassportExists


def default_folder() -> Path:
    """Where this system keeps such things for this user."""
    return platformdirs.user_data_path("patient-passport", appauthor=False)


class PassportHome:
    """One folder. Making this object touches nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store_path = path / "record.db"
        self._header = path / "vault.json"
        self._locked_card = path / "emergency.json"
        self._tries = path / "tries.json"
        self._appearance = path / "appearance.json"
        self._creating = path / "creating"
        self._lock = path / "lock"

    def exists(self) -> bool:
        """Whether a passport is here: its header is written last, so then all of it is."""
        return self._header.is_file()

    def begin_creating(self) -> None:
        """Make the folder (it is there) ready for a new passport, clearing what a creation that was cut off left.

        Raises PassportExists where a passport is, or a store whose header has gone missing: that may
        still be brought back and is never overwritten.
        """
        with _disk():
            if self.exists() or (self.store_path.exists() and not self._creating.exists()):
                raise PassportExists("expected an empty folder, found a passport")
            _write(self._creating, b"")
            for left in self._store_files():
                left.unlink(missing_ok=True)

    def end_creating(self, header: bytes) -> None:
        """Write the header: from here on the passport exists."""
        with _disk():
            _write(self._header, header)
            self._creating.unlink()

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
        """Keep the emergency card outside the vault. It lies readable on the disk: the switch says so."""
        with _disk():
            _write(self._locked_card, card)

    def remove_locked_card(self) -> None:
        """Take the emergency card away again."""
        with _disk():
            self._locked_card.unlink(missing_ok=True)

    def read_appearance(self) -> bytes | None:
        """How the app looks to this person: language, colours, size of text. None where nothing was chosen."""
        return _read(self._appearance)

    def write_appearance(self, appearance: bytes) -> None:
        """Keep how the app looks, readable before unlocking; it says nothing of the record."""
        with _disk():
            self.path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
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

    @contextmanager
    def alone(self, *, make_folder: bool = False) -> Iterator[None]:
        """No other process changes header or tries meanwhile; it waits for one that does."""
        with _disk():
            if make_folder:
                self.path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
        try:
            _lock_whole(handle)
            yield
        finally:
            os.close(handle)

    def _store_files(self) -> list[Path]:
        return [self.store_path.with_name(self.store_path.name + ending) for ending in ("", "-wal", "-shm")]


def _lock_whole(handle: int) -> None:
    """Wait for an exclusive lock; closing the handle gives it back."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)

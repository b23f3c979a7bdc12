"""The folder a patient chose for backups: files that are there whole or not at all, and never over another one.

Owns the names of backups, writing one beside the others, reading it back and only then giving it its name. What is
in a backup is crypto/backup.py; which of them are kept is app/actions/backing_up.py.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from crypto.errors import BackupNotKept

ENDING: Final = ".passport-backup"
ID_CHARACTERS: Final = 8
_HALF: Final = ".half"
_PRIVATE_FILE: Final = 0o600


class BackupFolder:
    """One folder; making this object touches nothing. Refusals are BackupNotKept and name no folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def name(self, vault_id: str, *, now: datetime) -> str:
        """The name of a backup made now: its moment and the beginning of the vault's id, nothing of a person."""
        return f"{now.astimezone(UTC):%Y-%m-%d-%H%M%S}-{vault_id[:ID_CHARACTERS]}{ENDING}"

    def keep(self, name: str, pieces: Iterable[bytes], check: Callable[[BinaryIO], None]) -> int:
        """Write a file under a name of its own, read it back, and then call it `name`; gives its size.

        `check` reads the file whole and raises where it is not what was meant: then nothing is kept. Raises
        BackupNotKept where the folder is gone, full or takes no files.
        """
        half = self.path / f".{name}{_HALF}"
        with _folder():
            if not self.path.is_dir():
                raise BackupNotKept("folder: expected one, found none")
            self._clear(name)
            try:
                self._write(half, pieces)
                with half.open("rb") as file:
                    check(file)
                size = half.stat().st_size
                half.replace(self.path / name)
            except BaseException:
                with contextlib.suppress(OSError):
                    half.unlink()
                raise
            self._sync()
        return size

    def remove(self, name: str) -> None:
        """Take one backup away, if it is there."""
        with _folder():
            (self.path / name).unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        """Whether a backup is there."""
        return (self.path / name).is_file()

    def _clear(self, name: str) -> None:
        """What a backup of this vault that was cut off left behind."""
        ending = name.removesuffix(ENDING)[-ID_CHARACTERS:] + ENDING + _HALF
        for left in self.path.iterdir():
            if left.name.startswith(".") and left.name.endswith(ending):
                left.unlink(missing_ok=True)

    def _write(self, half: Path, pieces: Iterable[bytes]) -> None:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    def _sync(self) -> None:
        """Some folders (network drives) cannot be synced; the file itself was."""
        with contextlib.suppress(OSError):
            handle = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


@contextmanager
def _folder() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupNotKept(f"the folder refused ({error.strerror})") from error

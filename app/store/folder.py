"""Reading and writing small private files so that a crash leaves the old or the new.

Owns modes, atomic replacement and what a refusal of the disk becomes. Which files there are is home.py's
and household.py's.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crypto.errors import StoreUnavailable

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def read(path: Path) -> bytes | None:
    """The bytes of a file; None where there is none. Raises StoreUnavailable."""
    with disk():
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def write(path: Path, data: bytes) -> None:
    """Temp file in the same folder, mode, data, fsync, replace, fsync of the folder."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            Path(name).chmod(PRIVATE_FILE)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make it and what is missing above it, each private and kept by a flush of the folder it stands in."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    for folder in {path.parent, *(one.parent for one in missing)}:
        with contextlib.suppress(PermissionError):  # somebody else's folder, in which ours may stand and none be listed
            sync_folder(folder)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names of the files in a folder."""
    if sys.platform == "win32":  # folders cannot be opened there; the file's own fsync has to do
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk() -> Iterator[None]:
    """What the disk refuses inside becomes StoreUnavailable, without a path."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"the disk refused ({error.strerror})") from error

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
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
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

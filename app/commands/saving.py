"""Saving a file that a command made: for this user only, and never over one that is there unless told to."""

from __future__ import annotations

import os
from pathlib import Path

from crypto.errors import FileExists, StoreUnavailable


def require_free(path: Path, *, force: bool) -> None:
    """Raise FileExists where a file would be written over, before anything is made or told."""
    if not force and path.exists():
        raise FileExists("file: expected none of this name, found one")


def save_file(path: Path, data: bytes, *, force: bool) -> None:
    """A file that is 0600 from its first moment, whole or not at all; raises FileExists, StoreUnavailable.

    Over another one it is laid beside it first.
    """
    target = path.with_name(f".{path.name}.{os.getpid()}.part") if force else path
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise FileExists("file: expected none of this name, found one") from None
    except OSError as error:
        raise StoreUnavailable(f"file: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if force:
            target.replace(path)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise StoreUnavailable(f"file: {error.strerror}") from error

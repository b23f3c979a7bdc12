"""Folders of this device where backups could be kept, as they are found: copied online, on a stick, Documents.

Owns their usual names on each system. Only looked at, never opened; whether one takes a file is found out when
a backup is written there (backing_up.py).
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import platformdirs

Kind = Literal["online", "stick", "documents"]

ONLINE: Final = (
    "OneDrive*",
    "Dropbox*",
    "Nextcloud*",
    "Google Drive",
    "iCloud Drive",
    "iCloudDrive",
    "Proton Drive",
    "pCloudDrive",
    "MEGA",
    "Library/Mobile Documents/com~apple~CloudDocs",
)
"""Where the programs that copy a folder online put it by themselves, below a person's own folder."""

NAMES: Final = {"com~apple~CloudDocs": "iCloud Drive"}
MOST: Final = 12
"""More would be no choice any more; one's own can always be given."""

_REMOVABLE_DRIVE: Final = 2
"""DRIVE_REMOVABLE of GetDriveTypeW."""


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """A folder that is there: what it is called, where it is, and what kind of place that is."""

    kind: Kind
    name: str = field(repr=False)
    path: Path = field(repr=False)


def find_folders() -> tuple[FoundFolder, ...]:
    """What is found for this user on this device, the safest places first, at most MOST."""
    return folders_in(Path.home(), mounts(), platformdirs.user_documents_path())


def folders_in(own: Path, mounted: tuple[Path, ...], documents: Path) -> tuple[FoundFolder, ...]:
    """The folders below a person's `own` one that are copied online, then what is `mounted`, then `documents`."""
    found = [FoundFolder("online", NAMES.get(path.name, path.name), path) for path in _online(own)]
    found += [FoundFolder("stick", path.name or str(path), path) for path in mounted if _usable(path)]
    if _usable(documents):
        found.append(FoundFolder("documents", documents.name, documents))
    return tuple(found[:MOST])


def mounts() -> tuple[Path, ...]:
    """Where sticks and other disks are to be found now, by the custom of this system."""
    if sys.platform == "win32":
        return _removable_drives()
    if sys.platform == "darwin":
        return tuple(path for path in _inside(Path("/Volumes")) if not path.is_symlink())
    user = getpass.getuser()
    return tuple(path for top in (Path("/media") / user, Path("/run/media") / user) for path in _inside(top))


def _online(own: Path) -> Iterator[Path]:
    for pattern in ONLINE:
        try:
            yield from sorted(path for path in own.glob(pattern) if _usable(path))
        except OSError:
            continue


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _usable(path: Path) -> bool:
    try:
        return path.is_dir() and os.access(path, os.W_OK)
    except OSError:
        return False


if sys.platform == "win32":

    def _removable_drives() -> tuple[Path, ...]:
        import ctypes
        import string

        drives = [f"{letter}:\\" for letter in string.ascii_uppercase]
        kind = ctypes.windll.kernel32.GetDriveTypeW
        return tuple(Path(drive) for drive in drives if kind(drive) == _REMOVABLE_DRIVE)

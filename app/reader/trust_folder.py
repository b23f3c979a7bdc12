"""The trust list as the reader keeps it: public files in a folder, believed again at each start (D2).

Owns the folder's form: the files of `TrustFiles.named()` side by side, and `floors.json` with the
versions never to go below. None of it is secret and nothing in it is about a person. Verifying is
crypto/trust.py, fetching sync/trust.py.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from crypto import json_text
from crypto.errors import StoreUnavailable, TrustUnreadable, Unreadable
from crypto.trust import Floors, TrustFiles
from crypto.trust_metadata import MAX_FILE_BYTES, MAX_ROOTS

FLOORS = "floors.json"


def read_trust(folder: Path) -> tuple[TrustFiles, Floors] | None:
    """The kept files and floors; None where the folder holds none.

    Raises TrustUnreadable when a file is missing or too large, StoreUnavailable as the disk says.
    """
    if not (folder / "timestamp.json").is_file():
        return None
    try:
        paths = sorted(folder.glob("*.json"))[: MAX_ROOTS + 16]
        files = {path.name: _bounded(path) for path in paths}
    except OSError as error:
        raise StoreUnavailable("trust list: the folder cannot be read") from error
    return TrustFiles.from_named(files), _floors(files.get(FLOORS))


def keep_trust(folder: Path, files: TrustFiles, floors: Floors) -> None:
    """Keep verified files: each whole, the floors last. Raises StoreUnavailable as the disk says.

    A crash between two files leaves a list that no longer fits itself: it is refused at the next
    start and fetched again.
    """
    named = files.named() | {FLOORS: json.dumps(dataclasses.asdict(floors)).encode("ascii")}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, data in named.items():
            _write_whole(folder / name, data)
    except OSError as error:
        raise StoreUnavailable("trust list: the folder cannot be written") from error


def _bounded(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise TrustUnreadable(f"{path.name}: expected at most {MAX_FILE_BYTES} bytes")
    return path.read_bytes()


def _floors(data: bytes | None) -> Floors:
    if data is None:
        return Floors()
    try:
        members = json_text.parse_object(data)
    except Unreadable as error:
        raise TrustUnreadable(f"{FLOORS}: expected an object of versions") from error
    names = [each.name for each in dataclasses.fields(Floors)]
    if sorted(members) != sorted(names) or not all(type(members[name]) is int for name in names):
        raise TrustUnreadable(f"{FLOORS}: expected the versions of {', '.join(names)}")
    return Floors(**members)


def _write_whole(path: Path, data: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

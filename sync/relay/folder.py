"""Links on disk: one JSON file for each link, its sealed files beside it, one writer at a time.

Owns the lock and the order of writing. All reads and writes of one link happen under one lock, so ten
passcodes tried at once are ten tries one after another. A link's file is named by the SHA-256 of its
id: the folder does not tell which addresses exist. One process owns a folder.
Ended and expired links lose their sealed files at once; what is left is the owner's list of openings,
for 30 days.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from sync.files import write_whole
from sync.relay.link import Gone, Opened, Outcome, PasscodeRefused, StoredLink, is_owner, open_link

KEPT_AFTER_END = timedelta(days=30)
LOCK_STRIPES = 64

_STORED = TypeAdapter(StoredLink)


class LinkFolder:
    """The links in one folder. Every method takes the SHA-256 names, never an id or a token itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._locks = tuple(threading.Lock() for _ in range(LOCK_STRIPES))
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, name: str, link: StoredLink, files: Sequence[str], *, now: datetime) -> bool | None:
        """Create a link or, for its owner, give an active one new files; True created, False renewed, None refused.

        The owner may change the files and nothing else: tries and openings are for life.
        """
        with self._lock(name):
            known = self._read(name)
            if known is None:
                self._write_files(name, 0, files)
                self._write(name, link)
                return True
            if not is_owner(known, link.owner_sha256) or not known.active(now):
                return None
            self._write_files(name, known.generation + 1, files)
            self._write(name, replace(known, files=link.files, generation=known.generation + 1))
            self._drop_files(name, known)
            return False

    def open(self, name: str, *, recipient: str, passcode: str | None, direct: bool, now: datetime) -> Outcome:
        """Try to open a link; what the attempt did is on disk before this returns."""
        with self._lock(name):
            link = self._read(name)
            if link is None or link.direct is not direct:
                return Gone()
            outcome = open_link(link, recipient=recipient, passcode=passcode, now=now)
            match outcome:
                case Opened(after) | PasscodeRefused(_, after):
                    if after is not link:
                        self._write(name, after)
                    if not after.active(now):
                        self._drop_files(name, after)
                case Gone():
                    self._drop_files(name, link)
            return outcome

    def file(self, name: str, generation: int, index: int, *, now: datetime) -> str | None:
        """The sealed file at `index` of one generation, or None when it may not be had any more."""
        with self._lock(name):
            link = self._read(name)
            if link is None or not link.active(now) or link.generation != generation or index >= len(link.files):
                return None
            return self._file_path(name, generation, index).read_text(encoding="ascii")

    def owned(self, name: str, owner_sha256: str) -> StoredLink | None:
        """The link, also after its end, for its owner; None for anyone else."""
        with self._lock(name):
            link = self._read(name)
            return link if link is not None and is_owner(link, owner_sha256) else None

    def end(self, name: str, owner_sha256: str, *, now: datetime) -> bool:
        """End a link for its owner, for good; False when there is no such link of this owner."""
        with self._lock(name):
            link = self._read(name)
            if link is None or not is_owner(link, owner_sha256):
                return False
            if link.ended_at is None:
                self._write(name, replace(link, ended_at=now))
            self._drop_files(name, link)
            return True

    def sweep(self, *, now: datetime) -> None:
        """Forget what is past its time: sealed files at once, the rest after 30 days."""
        for path in sorted(self._path.glob("*.json")):
            name = path.stem
            with self._lock(name):
                link = self._read(name)
                if link is None or link.active(now):
                    continue
                self._drop_files(name, link)
                if now >= (link.ended_at or link.exp) + KEPT_AFTER_END:
                    path.unlink(missing_ok=True)

    def _lock(self, name: str) -> threading.Lock:
        return self._locks[int(name[:8], 16) % LOCK_STRIPES]

    def _read(self, name: str) -> StoredLink | None:
        try:
            return _STORED.validate_json((self._path / f"{name}.json").read_bytes())
        except FileNotFoundError:
            return None

    def _write(self, name: str, link: StoredLink) -> None:
        write_whole(self._path / f"{name}.json", _STORED.dump_json(link))

    def _file_path(self, name: str, generation: int, index: int) -> Path:
        return self._path / f"{name}.{generation}.{index}.jwe"

    def _write_files(self, name: str, generation: int, files: Sequence[str]) -> None:
        for index, jwe in enumerate(files):
            write_whole(self._file_path(name, generation, index), jwe.encode("ascii"))

    def _drop_files(self, name: str, link: StoredLink) -> None:
        for index in range(len(link.files)):
            self._file_path(name, link.generation, index).unlink(missing_ok=True)

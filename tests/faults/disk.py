"""What a disk may hold after the current went: what was flushed for certain, of the rest whatever chance keeps.

A model stricter than common file systems: bytes of a file are certain after fsync of that file, and names in a folder
(made, renamed, taken away, other folders) after fsync of that folder, whatever else was flushed. Before that, each
write is kept, lost or torn at a sector by itself, and each change of a name is kept or lost by itself. A rename is kept
whole or lost whole. Owns the model; what is written down is shim.c's.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Self

from tests.faults.shim import Change, Op

SECTOR = 512


@dataclass
class File:
    """One file's bytes: those that are certain, and what was done to them since."""

    certain: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)
    """A place and what was written there; None: the file was cut or stretched to that size."""

    def seen(self) -> bytes:
        """As a program sees it."""
        return _after(self.certain, self.since)

    def flush(self) -> None:
        self.certain, self.since = self.seen(), []

    def left(self, how: str, chance: random.Random) -> bytes:
        """As it may be after the cut."""
        return _after(self.certain, [part for done in self.since for part in _kept(done, how, chance)])


@dataclass
class Name:
    """One change of names: `new` now stands for `file` (None: a folder); `old` no longer stands."""

    old: str | None
    new: str | None
    file: File | None


@dataclass
class Disk:
    """A folder below which everything is watched. Paths are relative to it; `how` says what was kept after a cut."""

    names: dict[str, File | None] = field(default_factory=dict)
    """As programs see them; None is a folder."""
    certain: dict[str, File | None] = field(default_factory=dict)
    since: list[Name] = field(default_factory=list)
    how: str = ""
    _opened: dict[int, File | str] = field(default_factory=dict)

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """A folder whose every byte has long been flushed."""
        names: dict[str, File | None] = {
            str(path.relative_to(folder)): None if path.is_dir() else File(path.read_bytes())
            for path in sorted(folder.rglob("*"))
        }
        return cls(names, dict(names))

    def played(self, changes: Iterable[Change]) -> Disk:
        """The same disk after these calls."""
        after = copy.deepcopy(self)
        for change in changes:
            after._play(change)
        return after

    def seen(self) -> dict[str, bytes | None]:
        """As programs see it; None is a folder."""
        return {path: None if file is None else file.seen() for path, file in self.names.items()}

    def _play(self, change: Change) -> None:
        match change.op:
            case Op.OPEN:
                self._open(change)
            case Op.WRITE:
                self._file(change).since.append((change.place, change.data))
            case Op.TRUNCATE:
                self._file(change).since.append((change.place, None))
            case Op.SYNC:
                self._sync(self._opened[change.opened])
            case _:
                self._name(self._renaming(change))

    def _renaming(self, change: Change) -> Name:
        if change.op is Op.MKDIR:
            return Name(None, change.path, None)
        if change.op is not Op.RENAME:
            return Name(change.path, None, None)
        source, target = change.path, change.data.decode()
        if PurePosixPath(source).parent != PurePosixPath(target).parent or self.names[source] is None:
            raise ValueError(f"this model renames files inside a folder only: {source} to {target}")
        return Name(source, target, self.names[source])

    def _open(self, change: Change) -> None:
        if change.place & 1:
            self._name(Name(None, change.path, File()))
        found = self.names.get(change.path)
        self._opened[change.opened] = change.path if found is None else found
        if change.place & 2 and found is not None:
            found.since.append((0, None))

    def _file(self, change: Change) -> File:
        found = self.names[change.path] if change.path else self._opened[change.opened]
        assert isinstance(found, File)
        return found

    def _name(self, change: Name) -> None:
        _rename(self.names, change)
        self.since.append(change)

    def _sync(self, what: File | str) -> None:
        if isinstance(what, File):
            what.flush()
            return
        for change in [one for one in self.since if _folder(one) == what]:
            _rename(self.certain, change)
            self.since.remove(change)

    # ---- after the cut ----------------------------------------------------------------------

    def after_cut(self, chance: random.Random) -> Disk:
        """What is left of it, by one of four ways to lose what was not flushed."""
        how = chance.choice(("nothing unflushed", "all", "by chance", "torn"))
        names = dict(self.certain)
        for change in self.since:
            if how == "all" or (how in ("by chance", "torn") and chance.random() < 0.5):
                _rename(names, change)
        folders = {path for path, file in names.items() if file is None} | {"."}
        left: dict[str, File | None] = {
            path: None if file is None else File(file.left(how, chance))
            for path, file in sorted(names.items())
            if all(str(parent) in folders for parent in PurePosixPath(path).parents)
        }
        return Disk(left, dict(left), how=how)

    def write(self, folder: Path) -> None:
        """Make it so below a new folder."""
        folder.mkdir()
        for path, data in sorted(self.seen().items()):
            if data is None:
                (folder / path).mkdir(mode=0o700)
            else:
                (folder / path).write_bytes(data)
                (folder / path).chmod(0o600)


def _after(data: bytes, changes: Iterable[tuple[int, bytes | None]]) -> bytes:
    held = bytearray(data)
    for place, written in changes:
        if written is None:
            held = held[:place] + bytes(max(place - len(held), 0))
        else:
            held += bytes(max(place - len(held), 0))
            held[place : place + len(written)] = written
    return bytes(held)


def _kept(done: tuple[int, bytes | None], how: str, chance: random.Random) -> list[tuple[int, bytes | None]]:
    place, written = done
    if how in ("nothing unflushed", "all"):
        return [done] if how == "all" else []
    if how == "by chance" or written is None:
        return [done] if chance.random() < 0.5 else []
    ends = [*range(SECTOR - place % SECTOR, len(written), SECTOR), len(written)]
    sectors = zip([0, *ends[:-1]], ends, strict=True)
    return [(place + begin, written[begin:end]) for begin, end in sectors if chance.random() < 0.5]


def _rename(names: dict[str, File | None], change: Name) -> None:
    if change.old is not None:
        names.pop(change.old, None)
    if change.new is not None:
        names[change.new] = change.file


def _folder(change: Name) -> str:
    parent = str(PurePosixPath(change.new or change.old or "").parent)
    return "" if parent == "." else parent

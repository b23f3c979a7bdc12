"""The spoilt disk of shim.c, from Python: compiled into a folder, put before libc, watched, armed, read out.

Owns the numbers both sides share and the form of the log. What a disk keeps after a power cut is disk.py.
Linux with gcc and glibc only.
"""

from __future__ import annotations

import ctypes
import errno
import struct
import subprocess
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
HEAD = struct.Struct("=BIqIQ")


class Kind(IntEnum):
    """Which calls are meant."""

    ANY = 0
    CREATE = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    RENAME = 5
    UNLINK = 6
    MKDIR = 7


class Action(IntEnum):
    """What happens at the call."""

    NOTHING = 0
    REFUSE = 1
    KILL_BEFORE = 2
    KILL_TORN = 3  # half of it is written first
    KILL_AFTER = 4


class Op(IntEnum):
    """One line of the log."""

    OPEN = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    RENAME = 5
    UNLINK = 6
    MKDIR = 7
    RMDIR = 8


@dataclass(frozen=True, slots=True)
class Arm:
    """At the `number`-th call of a kind (from 1), do this; `stays`: at every one from there on."""

    kind: Kind = Kind.ANY
    number: int = 1
    action: Action = Action.NOTHING
    error: int = errno.EIO
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One call that changed the folder. `opened` says which opening of a file, `place` where in it (or its new size).

    For OPEN, `place` is 1 where the file was made, 2 where it was emptied, 3 for both.
    """

    op: Op
    opened: int
    place: int
    path: str
    data: bytes = field(repr=False)


def compiled(folder: Path) -> Path:
    """The shared library, made in `folder`."""
    made = folder / "shim.so"
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["gcc", *flags, "-o", str(made), str(SOURCE), "-ldl", "-lpthread"], check=True)
    return made


class Shim:
    """The shim under this very process, which was started with it before libc."""

    def __init__(self, root: Path) -> None:
        """Watch `root` (a real path); all counts begin again, nothing is armed."""
        self._library = ctypes.CDLL(None)
        self._library.shim_count.restype = self._library.shim_fired.restype = ctypes.c_long
        self._library.shim_arm.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_int, ctypes.c_int]
        self._library.shim_watch(str(root).encode())

    def arm(self, arm: Arm) -> None:
        """What is to happen, counted from here."""
        self._library.shim_arm(arm.kind, arm.number, arm.action, arm.error, arm.stays)

    def disarm(self) -> None:
        """The disk is well again."""
        self.arm(Arm())

    def log(self, path: Path) -> None:
        """Write down every change from here on."""
        self._library.shim_log(str(path).encode())

    def counts(self) -> dict[str, int]:
        """How many calls of each kind there were."""
        return {kind.name: int(self._library.shim_count(kind)) for kind in Kind}

    def fired(self) -> int:
        """How many calls were refused or ended the process."""
        return int(self._library.shim_fired())


def read_log(data: bytes) -> list[tuple[int, Change]]:
    """Every change, each with where in the log it ends."""
    changes, at = [], 0
    while at < len(data):
        op, opened, place, path_size, data_size = HEAD.unpack_from(data, at)
        at += HEAD.size
        path = data[at : at + path_size].decode()
        at += path_size
        changes.append((at + data_size, Change(Op(op), opened, place, path, data[at : at + data_size])))
        at += data_size
    return changes

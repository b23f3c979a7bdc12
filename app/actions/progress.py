"""How far a visit to several holders is: told from several threads, and only ever rising.

Owns the arithmetic: each holder is an equal part of the whole, each update an equal part of its holder. What is told is
bytes as they arrive and entries once they are stored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a visit is: which holder moved, and the share of the whole that is done (0.0 to 1.0).

    `received_bytes` and `entries` are of all holders together; `finished` names the holders that are over with.
    """

    holder: str
    done: float
    received_bytes: int = 0
    entries: int = 0
    finished: tuple[str, ...] = ()


class Gauge:
    """The progress of one visit; safe to use from several threads, which `told` is called from one at a time."""

    def __init__(self, names: Sequence[str], told: Callable[[Progress], None]) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._shares = dict.fromkeys(names, 0.0)
        self._bytes = dict.fromkeys(names, 0)
        self._entries = 0
        self._finished: list[str] = []

    def asked(self, name: str) -> None:
        """A holder is being asked."""
        with self._lock:
            self._tell(name)

    def arrived(self, name: str, share: float, received_bytes: int) -> None:
        """So much of a holder's part is here (0.0 to 1.0), in so many bytes; less than before changes nothing."""
        with self._lock:
            self._shares[name] = max(self._shares[name], min(share, 1.0))
            self._bytes[name] = max(self._bytes[name], received_bytes)
            self._tell(name)

    def stored(self, name: str, entries: int) -> None:
        """So many more entries of a holder are stored."""
        with self._lock:
            self._entries += entries
            self._tell(name)

    def finished(self, name: str) -> None:
        """A holder gave everything, or nothing more."""
        with self._lock:
            self._shares[name] = 1.0
            self._finished.append(name)
            self._tell(name)

    def over(self) -> None:
        """The visit is over."""
        with self._lock:
            self._shares = dict.fromkeys(self._shares, 1.0)
            self._tell("")

    def _tell(self, name: str) -> None:
        shares = self._shares.values()
        done = sum(shares) / len(shares) if shares and min(shares) < 1.0 else 1.0
        self._told(Progress(name, done, sum(self._bytes.values()), self._entries, tuple(self._finished)))

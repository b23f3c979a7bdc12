"""What the store knows of its own age: a count that every change raises, and being read-only where it is an old copy.

Owns the one row of `guard` and refusing to write. The triggers that raise the count are schema.py's; what the count
is compared with, and when, is app/actions/guarding.py's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NoReturn

from app.store.driver import Driver, Row, Values
from crypto.errors import OlderCopyOpened, StoreDamaged


@dataclass(frozen=True, slots=True)
class StoreAge:
    """`head` is a SHA-256 in hex over the random mark of the last change and where every feed stands.

    `older`: found to be an older copy and not put right since. `told`: a keystore was told of this store before.
    """

    counter: int
    head: str
    older: bool
    told: bool


class StillDriver:
    """A `Driver` that reads; every write is refused, by itself and by SQLite (`query_only`)."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        driver.run("PRAGMA query_only=ON")

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows of one statement."""
        return self.driver.rows(sql, values)

    def run(self, sql: str, values: Values = ()) -> int:
        """Raises OlderCopyOpened."""
        _refuse()

    def run_many(self, sql: str, many: Iterable[Sequence[object]]) -> None:
        """Raises OlderCopyOpened."""
        _refuse()

    def transaction(self) -> AbstractContextManager[None]:
        """Raises OlderCopyOpened: whoever opens one means to write."""
        _refuse()

    def faults(self) -> list[str]:
        """What the library finds wrong with the file."""
        return self.driver.faults()

    def close(self) -> None:
        """Close the file."""
        self.driver.close()


class Guarded:
    """The part of an open store that knows its age."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def age(self) -> StoreAge:
        """Where the count stands, in one statement, so of one moment."""
        found = self._driver.rows(
            """SELECT counter, hex(mark), older, told,
                 (SELECT json_group_array(json_array(iss, feed, seq, head, sub)) FROM (SELECT * FROM feed ORDER BY iss))
               FROM guard WHERE id = 1"""
        )
        if not found:
            raise StoreDamaged("guard: expected its row, found none")
        counter, mark, older, told, feeds = found[0]
        return StoreAge(counter, hashlib.sha256(f"{mark} {feeds}".encode()).hexdigest(), bool(older), bool(told))

    def note_told(self) -> None:
        """Note that a keystore has been told of this store."""
        self._driver.run("UPDATE guard SET told = 1 WHERE told = 0")

    def note_older(self) -> None:
        """Note that this is an older copy: it stays one over restarts, however often it is written to."""
        self._driver.run("UPDATE guard SET older = 1")

    def renew(self, above: int) -> None:
        """From here on it is the newest: its count is over `above` and its own, and it is no older copy any more."""
        self._driver.run("UPDATE guard SET counter = max(counter, ?) + 1, mark = randomblob(16), older = 0", (above,))

    @property
    def still(self) -> bool:
        """Whether writes are refused."""
        return isinstance(self._driver, StillDriver)

    def hold_still(self) -> None:
        """Refuse every write from now on: OlderCopyOpened."""
        if not isinstance(self._driver, StillDriver):
            self._driver = StillDriver(self._driver)

    def let_write(self) -> None:
        """Take writes again."""
        if isinstance(self._driver, StillDriver):
            self._driver = self._driver.driver
            self._driver.run("PRAGMA query_only=OFF")


def _refuse() -> NoReturn:
    raise OlderCopyOpened("expected the newest copy of the store, found an older one")

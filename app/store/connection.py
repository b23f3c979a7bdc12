"""What both libraries' drivers share: one connection for many threads, transactions inside transactions, the recipe.

Owns the lock, the depth of transactions and reading every setting back. Leaves the key, what an insert answers and
turning the library's errors into ours to sqlcipher_driver.py and mc_driver.py.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from app.store import driver
from app.store.driver import KEY_BYTES, Row, Values
from crypto.errors import StoreDamaged, StoreUnavailable


class Connection(ABC):
    """One connection, used by one thread at a time."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make the file, and hold it to the recipe. Raises as `open_driver` does."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"store key: expected {KEY_BYTES} bytes, found {len(key)}")
        self._lock = threading.RLock()
        self._depth = 0
        self._open: Any = self._opened(path, key)

    @abstractmethod
    def _connect(self, path: Path) -> Any:
        """The library's connection to a file, which has no key yet."""

    @abstractmethod
    def _unlock(self, connection: Any, key: bytes) -> None:
        """Give it the key, and refuse where it does not open with it; extensions stay switched off."""

    def _abandon(self, connection: Any) -> None:
        """Close a connection that was refused, whatever it was doing."""
        connection.close()

    @abstractmethod
    def _translated(self) -> AbstractContextManager[None]:
        """Inside, the library's errors are ours: the disk's and locks', those of our own rules, and damage.

        A wrong use of the library stays as it is.
        """

    @abstractmethod
    def run(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the rowid of the last insert."""

    def _opened(self, path: Path, key: bytes) -> Any:
        with self._translated():
            connection = self._connect(path)
            try:
                self._unlock(connection, key)
                follow_recipe(lambda sql: connection.execute(sql).fetchall())
            except BaseException:
                self._abandon(connection)
                raise
        return connection

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows of one statement."""
        with self._lock, self._translated():
            found: list[Row] = self._connection.execute(sql, values).fetchall()
            return found

    def run_many(self, sql: str, many: Iterable[Sequence[object]]) -> None:
        """Run one statement once for each of `many`."""
        with self._lock, self._translated():
            self._connection.executemany(sql, many)

    def close(self) -> None:
        """Close the file; every later call raises StoreUnavailable."""
        with self._lock, self._translated():
            if self._open is not None:
                self._open.close()
                self._open = None

    @abstractmethod
    def _checked(self) -> list[Row]:
        """What the library's own checks of the file answer."""

    def faults(self) -> list[str]:
        """What the library finds wrong with the file, its pages and its tables; empty for a whole one."""
        try:
            return [str(row[0]) for row in self._checked() if row[0] != "ok"]
        except StoreDamaged as error:
            return [str(error)]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together or not at all; a transaction inside another joins it."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self.run("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                if outermost:
                    self.run("COMMIT")
            except BaseException:
                if outermost:
                    self._roll_back()
                raise
            finally:
                self._depth -= 1

    @property
    def _connection(self) -> Any:
        if self._open is None:
            raise StoreUnavailable("the store is closed")
        return self._open

    def _roll_back(self) -> None:
        """After a full disk SQLite may have rolled back already; then there is nothing left to do."""
        if self._open is not None and self._open.in_transaction:
            self.run("ROLLBACK")


def follow_recipe(ask: Callable[[str], Sequence[Row]]) -> None:
    """Make every setting through `ask`, and read it back; raises StoreUnavailable for one that did not take."""
    for name, asked, expected in driver.RECIPE:
        ask(f"PRAGMA {name}={asked}")
        found = ask(f"PRAGMA {name}")[0][0]
        if found != expected:
            raise StoreUnavailable(f"{name}: expected {expected}, found {found}")

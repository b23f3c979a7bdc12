"""The port to the store's encrypted file (design D4), and which library fills it.

Owns what the store asks of a library, the settings every connection must have, and the choice between the two
libraries. Leaves filling the port to sqlcipher_driver.py and mc_driver.py, what the tables hold to schema.py and
record.py, where the key comes from to crypto/vault.py.

One process uses one library: two on one file silently lost a committed write when one of them closed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

KEY_BYTES: Final = 32
BUSY_TIMEOUT_MS: Final = 5_000
"""How long one process waits for another's write (the app and the command line) before refusing."""
CACHE_KIB: Final = 32_000
"""Pages kept in the clear in this process's memory at most: a page that is there is not decrypted again. Every page
that a search of 100,000 entries looks at; a smaller record takes less."""

Row = tuple[Any, ...]
Values = Sequence[object] | Mapping[str, object]

RECIPE: Final[tuple[tuple[str, str, object], ...]] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("temp_store", "MEMORY", 2),  # FILE writes plaintext temporary files
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("cache_size", str(-CACHE_KIB), -CACHE_KIB),
    ("busy_timeout", str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
)
"""Setting, the value asked for, the value that must be read back."""


class RuleBroken(Exception):
    """A write that a rule of our own tables forbids: a mistake of this program, never of the disk."""


class Driver(Protocol):
    """What the store asks of a library. Statements outside `transaction` commit by themselves."""

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows of one statement."""

    def run(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the rowid of the last insert."""

    def run_many(self, sql: str, many: Iterable[Sequence[object]]) -> None:
        """Run one statement once for each of `many`."""

    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside is written together or not at all; other threads wait."""

    def faults(self) -> list[str]:
        """What the library finds wrong with the file, its pages and its tables; empty for a whole one."""

    def close(self) -> None:
        """Close the file; every later call raises StoreUnavailable."""


def open_driver(path: Path, key: bytes) -> Driver:
    """Open or make the file at `path` with a raw 32-byte key (no key stretching).

    By sqlcipher3 where it is installed, by apsw-sqlite3mc where it is not (phones): both read and write the same
    file. Raises StoreDamaged for a wrong key or a file that is no store, StoreUnavailable where the disk or the
    library does not do what the recipe asks.
    """
    try:
        from app.store.sqlcipher_driver import SqlcipherDriver
    except ImportError:
        from app.store.mc_driver import McDriver

        return McDriver(path, key)
    return SqlcipherDriver(path, key)

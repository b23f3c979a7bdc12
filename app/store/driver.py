"""One encrypted connection to the store's file (design D4), behind a protocol a second library can fill.

Owns the SQLCipher connection recipe, each line of it read back; the lock that lets several threads
share the connection; and turning the library's errors into ours. Leaves what the tables hold to
schema.py and record.py, where the key comes from to crypto/vault.py.

Never set here: `cipher_memory_security`. It makes search six to nine times slower and cannot be
undone in the process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from sqlcipher3 import dbapi2 as sqlcipher

from crypto.errors import PassportError, StoreDamaged, StoreUnavailable

KEY_BYTES: Final = 32
BUSY_TIMEOUT_MS: Final = 5_000
"""How long one process waits for another's write (the app and the command line) before refusing."""

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
    ("busy_timeout", str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
)
"""Setting, the value asked for, the value that must be read back."""


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

    def close(self) -> None:
        """Close the file; every later call raises StoreUnavailable."""


class SqlcipherDriver:
    """A `Driver` over sqlcipher3. One connection, used by one thread at a time."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or make the file at `path` with a raw 32-byte key (no key stretching).

        Raises StoreDamaged for a wrong key or a file that is no store, StoreUnavailable where the
        disk or the library does not do what the recipe asks.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"store key: expected {KEY_BYTES} bytes, found {len(key)}")
        self._lock = threading.RLock()
        self._depth = 0
        self._open: Any = None
        with _translated():
            connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
            try:
                _apply_recipe(connection, key)
            except BaseException:
                connection.close()
                raise
        self._open = connection

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All rows of one statement."""
        with self._lock, _translated():
            found: list[Row] = self._connection().execute(sql, values).fetchall()
            return found

    def run(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the rowid of the last insert."""
        with self._lock, _translated():
            return int(self._connection().execute(sql, values).lastrowid or 0)

    def run_many(self, sql: str, many: Iterable[Sequence[object]]) -> None:
        """Run one statement once for each of `many`."""
        with self._lock, _translated():
            self._connection().executemany(sql, many)

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

    def close(self) -> None:
        """Close the file; every later call raises StoreUnavailable."""
        with self._lock, _translated():
            if self._open is not None:
                self._open.close()
                self._open = None

    def _connection(self) -> Any:
        if self._open is None:
            raise StoreUnavailable("the store is closed")
        return self._open

    def _roll_back(self) -> None:
        """After a full disk SQLite may have rolled back already; then there is nothing left to do."""
        if self._open is not None and self._open.in_transaction:
            self.run("ROLLBACK")


def _apply_recipe(connection: Any, key: bytes) -> None:
    connection.execute("PRAGMA cipher_log_level=NONE")  # before the key: a wrong key prints on stderr
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    if not connection.execute("PRAGMA cipher_version").fetchone():
        raise StoreUnavailable("this SQLite library has no cipher")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a wrong key is noticed here
    connection.enable_load_extension(False)
    for name, asked, expected in RECIPE:
        connection.execute(f"PRAGMA {name}={asked}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            raise StoreUnavailable(f"{name}: expected {expected}, found {found}")


@contextmanager
def _translated() -> Iterator[None]:
    """OperationalError is the disk's or a lock's; any other DatabaseError but a broken rule of ours is damage."""
    try:
        yield
    except PassportError:
        raise
    except sqlcipher.OperationalError as error:
        raise StoreUnavailable(str(error)) from error
    except (sqlcipher.IntegrityError, sqlcipher.ProgrammingError, sqlcipher.InterfaceError):
        raise
    except sqlcipher.DatabaseError as error:
        raise StoreDamaged(str(error)) from error

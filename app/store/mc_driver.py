"""The same file through apsw-sqlite3mc, where there is no sqlcipher3: phones.

Owns how SQLite3 Multiple Ciphers is told to write what SQLCipher 4 writes, and turning apsw's errors into ours. The
port and the recipe are driver.py, threads and transactions connection.py. Nothing else imports apsw.

apsw is no DB-API: it raises one class for each of SQLite's result codes, and its cursors are the connection's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from app.store.connection import Connection
from app.store.driver import Row, RuleBroken, Values
from crypto.errors import PassportError, StoreDamaged, StoreUnavailable

_CIPHER: Final = (("cipher", "sqlcipher"), ("legacy", "4"))
"""Setting and value: the pages of SQLCipher 4, asked for before the key and read back."""

_UNAVAILABLE: Final = (
    apsw.SQLError, apsw.PermissionsError, apsw.AbortError, apsw.BusyError, apsw.LockedError, apsw.ReadOnlyError,
    apsw.InterruptError, apsw.IOError, apsw.FullError, apsw.CantOpenError, apsw.ProtocolError, apsw.EmptyError,
    apsw.SchemaChangeError, apsw.TooBigError, apsw.NoLFSError, apsw.AuthError,
)  # fmt: skip
_RULE: Final = (apsw.ConstraintError, apsw.MismatchError)
_DAMAGED: Final = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError, apsw.InternalError)


class McDriver(Connection):
    """A `Driver` over apsw-sqlite3mc."""

    def run(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the rowid of the last insert."""
        with self._lock, self._translated():
            self._connection.execute(sql, values).fetchall()  # to its end: apsw stops at each row
            return int(self._connection.last_insert_rowid())

    def _checked(self) -> list[Row]:
        """The tables: every page in use is read, and each is checked as it is read."""
        return self.rows("PRAGMA integrity_check")

    def _connect(self, path: Path) -> Any:
        return apsw.Connection(str(path))

    def _unlock(self, connection: Any, key: bytes) -> None:
        for name, asked in _CIPHER:
            connection.execute(f"PRAGMA {name}='{asked}'").fetchall()
            found = connection.execute(f"PRAGMA {name}").fetchall()
            if found != [(asked,)]:
                raise StoreUnavailable("this SQLite library has no cipher")
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"").fetchall()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # a wrong key is noticed here
        connection.enable_load_extension(False)

    def _abandon(self, connection: Any) -> None:
        connection.close(True)  # also where a statement is under way

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except PassportError:
            raise
        except _UNAVAILABLE as error:
            raise StoreUnavailable(str(error)) from error
        except _RULE as error:
            raise RuleBroken(str(error)) from error
        except _DAMAGED as error:
            raise StoreDamaged(str(error)) from error

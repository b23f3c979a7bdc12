"""The store's file through sqlcipher3: desktops.

Owns how SQLCipher is keyed and turning its errors into ours. The port and the recipe are driver.py, threads and
transactions connection.py. Nothing else imports sqlcipher3.

Never set here: `cipher_memory_security`. It makes search six to nine times slower and cannot be undone in the
process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from app.store.connection import Connection
from app.store.driver import Row, RuleBroken, Values
from crypto.errors import PassportError, StoreDamaged, StoreUnavailable


class SqlcipherDriver(Connection):
    """A `Driver` over sqlcipher3."""

    def run(self, sql: str, values: Values = ()) -> int:
        """Run one statement; the rowid of the last insert."""
        with self._lock, self._translated():
            return int(self._connection.execute(sql, values).lastrowid or 0)

    def _checked(self) -> list[Row]:
        """The check of every page, free ones too, then the tables."""
        return self.rows("PRAGMA cipher_integrity_check") or self.rows("PRAGMA integrity_check")

    def _connect(self, path: Path) -> Any:
        return sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)

    def _unlock(self, connection: Any, key: bytes) -> None:
        connection.execute("PRAGMA cipher_log_level=NONE")  # before the key: a wrong key prints on stderr
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
        if not connection.execute("PRAGMA cipher_version").fetchone():
            raise StoreUnavailable("this SQLite library has no cipher")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a wrong key is noticed here
        connection.enable_load_extension(False)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except PassportError:
            raise
        except (sqlcipher.OperationalError, sqlcipher.DataError) as error:
            raise StoreUnavailable(str(error)) from error
        except sqlcipher.IntegrityError as error:
            raise RuleBroken(str(error)) from error
        except (sqlcipher.ProgrammingError, sqlcipher.InterfaceError):
            raise
        except sqlcipher.DatabaseError as error:
            raise StoreDamaged(str(error)) from error

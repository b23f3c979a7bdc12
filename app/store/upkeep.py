"""Looking after the store's file: a whole copy of it, another key, what is wrong with it, what it holds as it came.

Owns the statements for that. What a copy is made for, and when one may take another's place, is the actions'.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.record.entry import Entry
from app.record.source import SourceInfo
from app.store import received, rows, schema
from app.store.driver import KEY_BYTES, Driver
from crypto.errors import StoreDamaged, StoreUnavailable

FILE_MODE: Final = 0o600
_COPIES_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """One received message as it is kept; `unpacked` gives the bytes as received."""

    source: SourceInfo
    fhir_version: str
    form: str
    kept: bytes = field(repr=False)

    def unpacked(self) -> bytes:
        """The message as received; raises StoreDamaged."""
        return received.unpack(self.form, self.kept)


class Upkeep:
    """The part of the store that looks at its own file."""

    _driver: Driver

    def copy_to(self, path: Path) -> None:
        """Write the whole store as it stands now into a new file, under the same key; raises StoreUnavailable."""
        with _disk():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        self._driver.run("VACUUM INTO ?", (str(path),))
        sync_file(path)

    @contextmanager
    def copied_and_still(self, path: Path) -> Iterator[None]:
        """A copy as `copy_to` makes it, and nothing of the store changes while the caller goes on with it.

        Another thread may have written between the copy and the stop: then it is made again. Raises StoreUnavailable
        where that does not come to an end, and for every write meanwhile.
        """
        for _ in range(_COPIES_AT_MOST):
            with _disk():
                path.unlink(missing_ok=True)
            before = self._changes()
            self.copy_to(path)
            self._driver.run("PRAGMA query_only=ON")
            if self._changes() == before:
                break
            self._driver.run("PRAGMA query_only=OFF")
        else:
            raise StoreUnavailable("the store: expected a still moment, found none")
        try:
            yield
        except BaseException:
            self._driver.run("PRAGMA query_only=OFF")
            raise

    def change_key(self, key: bytes) -> None:
        """Encrypt every page again under another raw 32-byte key."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"store key: expected {KEY_BYTES} bytes, found {len(key)}")
        self._driver.rows(f"PRAGMA rekey=\"x'{key.hex()}'\"")

    def faults(self) -> list[str]:
        """What the library finds wrong with the pages and tables of the file; empty for a whole one."""
        return self._driver.faults()

    def counts(self) -> dict[str, int]:
        """How many rows each table has, by name."""
        names = self._driver.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return {name: int(self._driver.rows(f'SELECT count(*) FROM "{name}"')[0][0]) for (name,) in names}  # noqa: S608

    def holdings(self) -> frozenset[str]:
        """What must not be lost unasked: messages received by their hash, accesses given by their id, own words."""
        found = self._driver.rows(
            """SELECT file_hash FROM source UNION SELECT id FROM access_grant
               UNION SELECT json_array(iss, feed, file_hash, part, key, note, questioned_at, label, hidden) FROM own
               UNION SELECT json_array(section, label, hidden) FROM own_section"""
        )
        return frozenset(str(name) for (name,) in found)

    def schema_version(self) -> int:
        """The number of the last migration this file has had."""
        return schema.version(self._driver)

    def message_numbers(self) -> list[int]:
        """The source id of every message received, oldest first."""
        return [int(number) for (number,) in self._driver.rows("SELECT id FROM source ORDER BY id")]

    def message(self, source_id: int) -> KeptMessage:
        """One message as it is kept; raises StoreDamaged where it is missing or cannot be read."""
        found = self._driver.rows(
            f"""SELECT r.form, r.bytes, s.fhir_version, {rows.SOURCE_COLUMNS}
                FROM source s JOIN received r ON r.source_id = s.id WHERE s.id = ?""",  # noqa: S608
            (source_id,),
        )
        if not found:
            raise StoreDamaged("received message: expected one, found none")
        form, kept, fhir_version, *columns = found[0]
        return KeptMessage(rows.source_from(tuple(columns)), fhir_version, form, bytes(kept))

    def entries_from(self, source_id: int) -> list[Entry]:
        """The entries a message brought, as they are kept, in the order it brought them."""
        found = self._driver.rows(
            f"""SELECT {rows.STORED_COLUMNS} FROM entry e JOIN source s ON s.id = e.source_id
                WHERE e.source_id = ? ORDER BY e.id""",  # noqa: S608
            (source_id,),
        )
        return [rows.stored_entry_from(row).entry for row in found]

    def _changes(self) -> int:
        return int(self._driver.rows("SELECT total_changes()")[0][0])


def sync_file(path: Path) -> None:
    """Wait until the disk has a file's bytes; raises StoreUnavailable."""
    with _disk():
        handle = os.open(path, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def size_of(path: Path) -> int:
    """A file's size in bytes; raises StoreUnavailable."""
    with _disk():
        return path.stat().st_size


def pieces_of(path: Path, size: int) -> Iterator[bytes]:
    """A file's bytes, at most `size` at a time; raises StoreUnavailable."""
    with _disk(), path.open("rb") as file:
        while piece := file.read(size):
            yield piece


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"the disk refused ({error.strerror})") from error

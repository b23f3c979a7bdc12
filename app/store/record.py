"""The patient's record as it is kept: messages in, entries out, all in one encrypted file.

Owns opening the file, what one message brings in, and giving it back as it came. Writing a message is
update.py, finding entries shelf.py, what is kept beside the record ledger.py, what the patient says about
it own.py, what is not believed evidence.py, how old it is guard.py, the tables schema.py.
It believes what it is given: crypto and the actions decide what may be stored.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from app.record.entry import Person, Reading
from app.record.reading import read_resources
from app.record.source import Checked, SourceInfo, StoredEntry
from app.store import received, rows
from app.store.driver import Driver, open_driver
from app.store.evidence import Evidence
from app.store.guard import Guarded
from app.store.instant import to_text
from app.store.ledger import Ledger, StoredTrust
from app.store.outgoing import Outgoing
from app.store.own import OwnSide
from app.store.schema import migrate
from app.store.shelf import Shelf, list_words
from app.store.update import remove_messages, write_message
from app.store.upkeep import Upkeep
from crypto.errors import NoPassport, PassportExists, StoreDamaged, StoreUnavailable
from crypto.feed import FeedPosition

_PERSON: Final = "record.person"
_PERSON_RANK: Final = "record.person-rank"
_PERSON_CHECKED: Final = "record.person-checked"
"""What stores had before ranks: "yes" or "no"."""

_PERSON_SOURCE: Final = "record.person-source"
_PIECES: Final = "import.pieces."
"""Where a file held several messages: the ids of those after the first, under the first's."""
_SHARED: Final = "import.shared."
"""Where a file held messages that an earlier file had brought: their ids, under its own first's."""


class Store(Shelf, OwnSide, Ledger, Evidence, Outgoing, Guarded, Upkeep):
    """One open store. Its methods may be called from any thread; they block, so call them off the event loop."""

    @classmethod
    def create(cls, path: Path, key: bytes, *, now: datetime) -> Self:
        """Make a new store at `path` with a raw 32-byte key; raises PassportExists where a file is."""
        if path.exists():
            raise PassportExists("expected no store, found one")
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise StoreUnavailable(f"the disk refused ({error.strerror})") from error
        return cls._opened(path, key, now)

    @classmethod
    def open(cls, path: Path, key: bytes, *, now: datetime) -> Self:
        """Open a store; raises NoPassport without a file, StoreDamaged for a wrong key, StoreUnavailable."""
        if not path.exists():
            raise NoPassport("expected a store, found none")
        return cls._opened(path, key, now)

    @classmethod
    def _opened(cls, path: Path, key: bytes, now: datetime) -> Self:
        return cls.over(open_driver(path, key), now=now)

    @classmethod
    def over(cls, driver: Driver, *, now: datetime) -> Self:
        """A store over an open driver, brought to the last migration; the driver is closed where that is refused."""
        try:
            migrate(driver, now=now)
            list_words(driver)
        except BaseException:
            driver.close()
            raise
        return cls(driver)

    def close(self) -> None:
        """Close the file; whatever is asked afterwards raises StoreUnavailable."""
        self.forget_words()
        self._driver.close()

    # ---- in -----------------------------------------------------------------------------

    def add_update(
        self,
        reading: Reading,
        raw: bytes,
        source: SourceInfo,
        position: FeedPosition | None = None,
        trust: StoredTrust | None = None,
    ) -> int:
        """Store one message, where its feed now stands and the trust it was checked by: all or nothing.

        Gives the source id. `raw` is the message byte for byte as received.
        """
        with self._driver.transaction():
            source_id = write_message(self._driver, reading, raw, source)
            if reading.person is not None and source.checked is not Checked.QUARANTINED:
                self._note_person(reading.person, source, source_id)
            if position is not None:
                self.set_feed_position(position)
            if trust is not None:
                self.set_trust(trust)
        return source_id

    def add_imported(
        self, pieces: Iterable[tuple[Reading, bytes, SourceInfo]], already_here: Collection[int] = ()
    ) -> None:
        """Store all messages of one file, the first of which stands for the file: all or nothing.

        `already_here` are messages this file holds too, that other files brought: they stay when one of those goes.
        """
        with self._driver.transaction():
            first, *more = [self.add_update(reading, raw, source) for reading, raw, source in pieces]
            self._set_numbers(f"{_PIECES}{first}", more)
            self._set_numbers(f"{_SHARED}{first}", sorted(set(already_here)))

    def inside_imports(self) -> frozenset[int]:
        """The messages that came in a file with others, but for the first of each file."""
        return frozenset(source_id for _, ids in self._numbers(_PIECES) for source_id in ids)

    def remove_imported(self, source_id: int) -> int:
        """Take away every message of a file, named by its first, all or nothing; gives how many shown entries went.

        What another file holds too becomes that one's.
        """
        with self._driver.transaction():
            pieces = dict(self._numbers(_PIECES))
            self.remove_setting(f"{_PIECES}{source_id}")
            self.remove_setting(f"{_SHARED}{source_id}")
            of_file = {source_id, *pieces.pop(source_id, ())}
            for other, shared in self._numbers(_SHARED):
                if mine := of_file.intersection(shared):
                    of_file -= mine
                    self._set_numbers(f"{_PIECES}{other}", [*pieces.get(other, ()), *sorted(mine)])
                    self._set_numbers(f"{_SHARED}{other}", [one for one in shared if one not in mine])
            removed = self.shown_of(sorted(of_file))
            remove_messages(self._driver, sorted(of_file))
            self._forget_person_of_nobody()
        return removed

    def _numbers(self, kind: str) -> list[tuple[int, list[int]]]:
        """Of each file, by its first message, what one kind of setting lists; the file that came first is first."""
        found = self._driver.rows("SELECT name, value FROM setting WHERE name LIKE ?", (f"{kind}%",))
        return sorted((int(name.removeprefix(kind)), json.loads(value)) for name, value in found)

    def _set_numbers(self, name: str, numbers: Sequence[int]) -> None:
        if numbers:
            self.set_setting(name, json.dumps(numbers))
        else:
            self.remove_setting(name)

    def _forget_person_of_nobody(self) -> None:
        """The person goes with the message that named them; another message that names the same one keeps them."""
        source_id = self.setting(_PERSON_SOURCE)
        if source_id and not self._driver.rows("SELECT 1 FROM source WHERE id = ?", (int(source_id),)):
            for name in (_PERSON, _PERSON_RANK, _PERSON_SOURCE, _PERSON_CHECKED):
                self.remove_setting(name)
            for source in reversed(self.all_sources()):
                self._note_person_again(source)

    def _note_person_again(self, source: SourceInfo) -> None:
        if source.checked is Checked.QUARANTINED:
            return
        form, raw = self._received(source.source_id)
        person = read_resources(received.resource_texts(form, raw)).person
        if person is not None:
            self._note_person(person, source, source.source_id)

    def _note_person(self, person: Person, source: SourceInfo, source_id: int) -> None:
        """The word signed last counts, whichever came first; an unsigned one never replaces a checked one."""
        checked = source.checked is Checked.CHECKED
        said_at = to_text(source.signed_at or source.received_at)
        rank = f"{int(checked)} {said_at} {source.iss}"  # of two signed at one moment, always the same one
        known = self.setting(_PERSON_RANK) or ("1" if self.setting(_PERSON_CHECKED) == "yes" else "")
        if rank >= known:
            self.set_setting(_PERSON, rows.person_text(person))
            self.set_setting(_PERSON_RANK, rank)
            self.set_setting(_PERSON_SOURCE, str(source_id))

    # ---- out ----------------------------------------------------------------------------

    def person(self) -> Person | None:
        """Whose record this is; None before the first message."""
        text = self.setting(_PERSON)
        return None if text is None else rows.person_from(text)

    def person_source(self) -> SourceInfo | None:
        """The message that `person` was last told by; None where all that it brought is hidden."""
        number = self.setting(_PERSON_SOURCE)
        return None if number is None else next((one for one in self.sources() if one.source_id == int(number)), None)

    # ---- as it came ---------------------------------------------------------------------

    def raw_message(self, source_id: int) -> bytes:
        """A message byte for byte as received; raises StoreDamaged where it is missing."""
        return self._received(source_id)[1]

    def raw_resource(self, entry_id: int) -> bytes:
        """The exact bytes an entry was made from."""
        stored = self._existing(entry_id)
        return self.raw_at(stored.source.source_id, stored.entry.position)

    def raw_at(self, source_id: int, position: int) -> bytes:
        """The exact bytes of the resource at a position of a message, displayed or not."""
        text = None if position < 0 else received.resource_text_at(*self._received(source_id), position)
        if text is None:
            raise StoreDamaged(f"position: expected one in the message, found {position}")
        return text

    def resources_of(self, source_id: int) -> tuple[bytes, ...]:
        """The exact bytes of every resource of a message, by position."""
        return received.resource_texts(*self._received(source_id))

    def _received(self, source_id: int) -> tuple[str, bytes]:
        found = self._driver.rows("SELECT form, bytes FROM received WHERE source_id = ?", (source_id,))
        if not found:
            raise StoreDamaged("received message: expected one, found none")
        form = str(found[0][0])
        return form, received.unpack(form, bytes(found[0][1]))

    def _existing(self, entry_id: int) -> StoredEntry:
        stored = self.entry(entry_id)
        if stored is None:
            raise StoreDamaged("entry: expected one with this id, found none")
        return stored

"""Looking whether the store is whole: its pages, its version, every message it received, what is shown of them.

Owns what is compared with what. It changes nothing, and what it finds names no content: counts and numbers alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.actions.import_forms import card_reading
from app.actions.receiving import reading_of
from app.actions.session import Passport
from app.record.entry import Entry, Reading
from app.record.reading import read_bundle
from app.record.source import Checked, SourceKind
from app.store.record import Store
from app.store.schema import MIGRATIONS
from app.store.upkeep import KeptMessage
from crypto.errors import PassportError, StoreDamaged
from crypto.update import read_unverified_update, read_update


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What was found. `faults` is what the library says of pages and tables; the counts are of what is not as it was.

    `messages_changed`: no longer the bytes that were received, or not to be read. `entries_different`: shown otherwise
    than the bytes read today (an app that reads more than the one that stored them does that too; the bytes count).
    `older_copy`: the guard found that this is not the newest copy.
    """

    faults: tuple[str, ...]
    schema: int
    schema_expected: int
    messages: int
    messages_changed: int
    entries: int
    entries_different: int
    changes: int
    older_copy: bool

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong; entries that are read otherwise today are not wrong."""
        return not (self.faults or self.messages_changed or self.older_copy) and self.schema == self.schema_expected

    def to_json(self) -> dict[str, Any]:
        """What the command line prints."""
        return asdict(self) | {"faults": list(self.faults), "sound": self.sound}


def verify_store(passport: Passport) -> StoreReport:
    """Look at all of it; one message in memory at a time. Raises StoreUnavailable, StoreDamaged."""
    store = passport.store
    faults = tuple(store.faults())
    numbers = store.message_numbers()
    changed = entries = different = 0
    for number in numbers:
        looked = _looked(store, number)
        changed += looked is None
        if looked is not None:
            entries, different = entries + looked[0], different + looked[1]
    return StoreReport(
        faults=faults,
        schema=store.schema_version(),
        schema_expected=len(MIGRATIONS),
        messages=len(numbers),
        messages_changed=changed,
        entries=entries,
        entries_different=different,
        changes=store.age().counter,
        older_copy=passport.rolled_back,
    )


def _looked(store: Store, number: int) -> tuple[int, int] | None:
    """How many entries a message brought and how many differ; None where it is not what was received."""
    try:
        message = store.message(number)
        kept = store.entries_from(number)
    except StoreDamaged:
        return None
    raw = _as_received(message)
    if raw is None:
        return None
    aside = message.source.checked is Checked.QUARANTINED
    return len(kept), 0 if aside else _different(kept, raw, message)


def _as_received(message: KeptMessage) -> bytes | None:
    try:
        raw = message.unpacked()
    except PassportError:
        return None
    return raw if hashlib.sha256(raw).hexdigest() == message.source.file_hash else None


def _different(kept: Sequence[Entry], raw: bytes, message: KeptMessage) -> int:
    """How many entries are on one side only."""
    try:
        read = _read(raw, message)
    except PassportError:
        return len(kept)
    before, today = Counter(kept), Counter(read.entries)
    return max((before - today).total(), (today - before).total())


def _read(raw: bytes, message: KeptMessage) -> Reading:
    if message.source.kind is SourceKind.UPDATE:
        return reading_of(read_update(read_unverified_update(raw.decode("ascii", "replace"))))
    return read_bundle(raw) if raw.lstrip().startswith(b"{") else card_reading(raw.decode("ascii", "replace"))

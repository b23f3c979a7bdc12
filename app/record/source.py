"""Entries as they are kept: each with the message it came in, and whether that was checked.

Owns the shapes that go from the store to screens, policy and the command line. It decides nothing;
the rows behind them are app/store's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.record.entry import Entry, NotDisplayed, Section, SectionNote, Standing


class SourceKind(StrEnum):
    """How the bytes reached the passport."""

    UPDATE = "update"
    IMPORT = "import"
    LINK = "link"


BROUGHT_IN = frozenset({SourceKind.IMPORT, SourceKind.LINK})
"""What the patient brought in, and may take back."""


class Checked(StrEnum):
    """What is known about who wrote it. Only CHECKED may ever be shown as checked."""

    CHECKED = "checked"
    NOT_SIGNED = "not-signed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """One received message: a signed update, an imported file or a file from behind a link.

    `source_id` is 0 until the store has given one. `file_hash` is the SHA-256 of the bytes as
    received, in hex. For an import nobody signed `issuer_name` is the file's name, or the host of its
    link, and `iss`, `kid`, `feed` are empty. `trust_version` is the version of the key list it was checked against.
    """

    kind: SourceKind
    issuer_name: str
    checked: Checked
    received_at: datetime
    source_id: int = 0
    iss: str = ""
    kid: str = ""
    signed_at: datetime | None = None
    trust_version: int | None = None
    feed: str = ""
    seq: int | None = None
    file_hash: str = ""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry and where it came from; `superseded` when a later update of the same feed replaced it.

    `taken_back_at` is when the feed's holder signed that it no longer stands by it, None while it does. `hidden`:
    the patient hid it, and it is here because hidden entries are shown now.
    """

    id: int
    entry: Entry = field(repr=False)
    source: SourceInfo
    superseded: bool = False
    taken_back_at: datetime | None = None
    hidden: bool = False

    @property
    def live(self) -> bool:
        """Whether it stands today: neither replaced, nor taken back, nor kept aside."""
        return not self.superseded and self.taken_back_at is None and self.source.checked is not Checked.QUARANTINED


@dataclass(frozen=True, slots=True)
class StoredNote:
    """What a list said about itself, and who said it."""

    note: SectionNote
    source: SourceInfo


@dataclass(frozen=True, slots=True)
class StoredNotDisplayed:
    """A resource that could not be shown, and where it came from."""

    resource: NotDisplayed
    source: SourceInfo


@dataclass(frozen=True, slots=True)
class SectionCount:
    """A section of the home screen: how many entries stand in it today and what its lists said.

    `taken_back` counts those whose holder no longer stands by them.
    """

    section: Section
    count: int
    notes: tuple[StoredNote, ...] = ()
    taken_back: int = 0


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands in no list of a record and is named all the same: what was taken back, what could not be shown.

    `taken_back` are the newest ones of `total`.
    """

    taken_back: tuple[StoredEntry, ...] = ()
    total: int = 0
    not_displayed: tuple[StoredNotDisplayed, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryFilters:
    """Which entries of a section: all that is None is left open. `since` and `until` are date texts, both included."""

    source_id: int | None = None
    iss: str | None = None
    issuer_name: str | None = field(default=None, repr=False)
    standing: Standing | None = None
    since: str | None = None
    until: str | None = None

"""Shapes to rows and back. Nothing else knows the order of the columns.

Owns the columns each query selects and what an entry keeps as JSON beside its columns; how that is kept is facts.py.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from app.record.entry import (
    Absence,
    Coding,
    Contact,
    Entry,
    Fact,
    ListWarning,
    Person,
    Quantity,
    Section,
    SectionNote,
    Standing,
    When,
)
from app.record.source import Checked, SourceInfo, SourceKind, StoredEntry
from app.store import facts as kept_facts
from app.store.driver import Row
from app.store.instant import from_text, from_text_or_none, to_text
from app.store.veil import LINKS
from crypto.errors import StoreDamaged

SOURCE_COLUMNS: Final = (
    "s.id, s.kind, s.issuer_name, s.checked, s.received_at, s.iss, s.kid, s.signed_at, s.trust_version, s.feed, s.seq, "
    "s.file_hash"
)
ENTRY_WRITTEN: Final = (
    "id, source_id, superseded_by, key, position, section, resource_type, title, detail, at, standing, organisation, "
    "author, more, taken_back_by"
)
ENTRY_COLUMNS: Final = (
    "e.id, e.superseded_by, e.key, e.position, e.section, e.resource_type, e.title, e.detail, e.at, e.standing, "
    "e.organisation, e.author, e.more, (SELECT coalesce(b.signed_at, b.received_at) FROM source b "
    "WHERE b.id = e.taken_back_by)"
)
STORED_COLUMNS: Final = f"{ENTRY_COLUMNS}, {SOURCE_COLUMNS}"

_ENTRY_WIDTH: Final = 14
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""One encoder for all rows: json.dumps makes a new one at each call."""


def source_row(source: SourceInfo, source_id: int) -> Row:
    """The first twelve columns of `source`."""
    return (
        source_id,
        source.kind.value,
        source.issuer_name,
        source.checked.value,
        to_text(source.received_at),
        source.iss,
        source.kid,
        None if source.signed_at is None else to_text(source.signed_at),
        source.trust_version,
        source.feed,
        source.seq,
        source.file_hash,
    )


def source_from(row: Row) -> SourceInfo:
    """A source from SOURCE_COLUMNS."""
    return SourceInfo(
        source_id=row[0],
        kind=SourceKind(row[1]),
        issuer_name=row[2],
        checked=Checked(row[3]),
        received_at=from_text(row[4]),
        iss=row[5],
        kid=row[6],
        signed_at=from_text_or_none(row[7]),
        trust_version=row[8],
        feed=row[9],
        seq=row[10],
        file_hash=row[11],
    )


def entry_row(entry: Entry, entry_id: int, source_id: int) -> Row:
    """The columns of `entry` in the order of ENTRY_WRITTEN."""
    at = "" if entry.when is None else entry.when.sort_key
    return (
        entry_id,
        source_id,
        None,
        entry.key,
        entry.position,
        entry.section.value,
        entry.resource_type,
        entry.title,
        entry.detail,
        at,
        entry.standing.value,
        entry.organisation,
        entry.author,
        kept_facts.fold(_more(entry), entry.title, entry.detail, at),
        None,
    )


def stored_entry_from(row: Row) -> StoredEntry:
    """An entry with its source from STORED_COLUMNS."""
    source = source_from(row[_ENTRY_WIDTH:])
    taken_back = from_text_or_none(row[_ENTRY_WIDTH - 1])
    return StoredEntry(row[0], _entry_from(row), source, superseded=row[1] is not None, taken_back_at=taken_back)


def words_of(entry: Entry) -> str:
    """What an entry is found by beside its title: each phrase once, however often the entry says it."""
    found = [entry.detail, entry.organisation, entry.author]
    found += [fact.value for fact in entry.facts if fact.name not in LINKS]
    for coding in entry.codings:
        found += (coding.display, coding.code)
    if entry.when is not None:
        found.append(entry.when.text[:4])
    said = dict.fromkeys(found)
    said.pop(entry.title, None)
    said.pop("", None)
    return " ".join(said)


def note_row(note: SectionNote, source_id: int) -> Row:
    """The columns of `section_note`."""
    return (
        source_id,
        note.section.value,
        None if note.warning is None else note.warning.value,
        None if note.absence is None else note.absence.value,
    )


def note_from(section: str, warning: str | None, absence: str | None) -> SectionNote:
    """A note from its three columns."""
    return SectionNote(
        Section(section),
        None if warning is None else ListWarning(warning),
        None if absence is None else Absence(absence),
    )


def person_text(person: Person) -> str:
    """A person as JSON."""
    return json.dumps(asdict(person), ensure_ascii=False)


def person_from(text: str) -> Person:
    """The person `person_text` wrote."""
    members: dict[str, Any] = json.loads(text)
    contacts = tuple(Contact(**contact) for contact in members["contacts"])
    return Person(**(members | {"given": tuple(members["given"]), "contacts": contacts}))


def _more(entry: Entry) -> str:
    quantity = entry.quantity
    if not entry.facts and not entry.codings and quantity is None:
        return ""
    numbers = None
    if quantity is not None:
        bounds = (quantity.low, quantity.high, quantity.comparator, quantity.interpretation)
        numbers = (quantity.value, quantity.unit, *bounds)
    facts = [(fact.name, fact.value) for fact in entry.facts]
    codings = [(coding.system, coding.code, coding.display) for coding in entry.codings]
    return _encoded((facts, codings, numbers))


def _entry_from(row: Row) -> Entry:
    more = kept_facts.unfold(row[12], title=row[6], detail=row[7], at=row[8])
    try:
        facts, codings, quantity = json.loads(more) if more else ((), (), None)
    except ValueError:
        raise StoreDamaged("facts: expected JSON of three") from None
    return Entry(
        key=row[2],
        position=row[3],
        section=Section(row[4]),
        resource_type=row[5],
        title=row[6],
        detail=row[7],
        when=When(row[8]) if row[8] else None,
        standing=Standing(row[9]),
        facts=tuple(Fact(*fact) for fact in facts),
        codings=tuple(Coding(*coding) for coding in codings),
        quantity=None if quantity is None else Quantity(*quantity),
        organisation=row[10],
        author=row[11],
    )

"""Ways out of the record: a patient summary for another app, everything as FHIR, results as a table.

Owns what goes out (`exportable`, the one place that decides), under which name, and the line in the patient's log.
How each file is written is app/record (ips.py, export_fhir.py, export_table.py); the one to print is app/paper's.
No passphrase is asked for: the passport is open, and the file is the patient's own to have. It leaves unprotected,
which the screen says before it is saved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.actions import guarding
from app.actions.as_received import AsReceived, as_received
from app.actions.session import Passport
from app.actions.share_contents import Message, named_by, travelling
from app.record.bundle import Frame
from app.record.entry import Person, Section
from app.record.export_fhir import Message as Outgoing
from app.record.export_fhir import everything
from app.record.export_table import SECTIONS, results_table
from app.record.ips import Provided, ProvidedNote, ips_bytes, ips_document
from app.record.people import NAMED, literals
from app.record.source import Aside, Checked, SourceInfo, StoredEntry, StoredNote
from app.store.ledger import AccessRow
from crypto.errors import NothingToSave

SAVED: Final = "record-saved"
"""In the patient's log: a copy of the record was saved as a file; `why` is its form."""

TABLE_SECTIONS: Final = SECTIONS
"""What a table can hold."""


class Form(StrEnum):
    """What a record is saved as. The value is what the command line and the log call it."""

    PDF = "pdf"
    IPS = "ips"
    FHIR = "fhir"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Exportable:
    """What may go out: live entries of the sections, newest first, and what lists said of these sections.

    `aside` is what paper names besides; what could not be shown belongs to no section and is there with all of them.
    """

    person: Person | None = field(repr=False)
    sections: tuple[Section, ...]
    whole: bool
    entries: tuple[StoredEntry, ...]
    notes: tuple[StoredNote, ...]
    aside: Aside


@dataclass(frozen=True, slots=True)
class Made:
    """A file to be saved: its name says what it is, never whose. `entries` it holds; `left_out` have no place in it."""

    form: Form
    name: str
    data: bytes = field(repr=False)
    entries: int
    left_out: int = 0


def exportable(passport: Passport, sections: Collection[Section] | None) -> Exportable:
    """Everything of `sections` that may leave the passport; of all of them for None. Nothing else decides that."""
    store, whole = passport.store, sections is None or set(sections) == set(Section)
    covered = tuple(section for section in Section if sections is None or section in sections)
    found = [stored for section in covered for stored in store.entries(section, 0, -1)]
    notes = tuple(note for note in store.notes() if note.note.section in covered)
    return Exportable(store.person(), covered, whole, tuple(found), notes, _aside(passport, covered, whole))


def _aside(passport: Passport, covered: Collection[Section], whole: bool) -> Aside:
    store = passport.store
    gone = {one.section: one.taken_back for one in store.sections() if one.taken_back}
    listed = [stored for section in covered if section in gone for stored in store.taken_back(section)]
    unread = [one for one in store.not_displayed() if one.source.checked is not Checked.QUARANTINED] if whole else []
    total = sum(gone.get(section, 0) for section in covered)
    return Aside(tuple(listed), total, tuple(unread))


def file_name(form: Form, *, now: datetime) -> str:
    """What a saved file is called: no name, no number."""
    ending = {Form.PDF: "pdf", Form.IPS: "json", Form.FHIR: "json", Form.CSV: "csv"}[form]
    what = {Form.PDF: "record", Form.IPS: "summary", Form.FHIR: "everything", Form.CSV: "results"}[form]
    return f"patient-passport-{what}-{now:%Y-%m-%d}.{ending}"


def export(passport: Passport, form: Form, sections: Collection[Section] | None, *, now: datetime) -> Made:
    """The file of a form other than PDF; raises NothingToSave where it would be empty. Nothing is written down yet."""
    found = exportable(passport, sections)
    match form:
        case Form.IPS:
            return _summary(found, now)
        case Form.FHIR:
            return _everything(passport, found, now)
        case Form.CSV:
            return _table(found, now)
        case Form.PDF:
            raise ValueError("expected a form that is no paper")


def note_saved(passport: Passport, form: Form, sections: Collection[Section] | None, *, now: datetime) -> None:
    """Write down that a copy was saved; into an older copy of the passport nothing is written."""
    if passport.rolled_back:
        return
    named = tuple(section.value for section in Section if sections is None or section in sections)
    passport.store.log(AccessRow(now, SAVED, "", form.value, named))
    guarding.mirror(passport)


def require_something(found: Exportable) -> Person:
    """The person; raises NothingToSave where nothing of the record is there."""
    if found.person is None or not (found.entries or found.notes):
        raise NothingToSave("expected entries in the sections, found none")
    return found.person


def _summary(found: Exportable, now: datetime) -> Made:
    person = require_something(found)
    provided = [Provided(one.entry, one.source.issuer_name) for one in found.entries]
    notes = [ProvidedNote(one.note, one.source.issuer_name) for one in found.notes]
    document = ips_document(person, provided, notes, sections=found.sections, now=now)
    held = len(document["entry"]) - 2
    return Made(
        Form.IPS, file_name(Form.IPS, now=now), ips_bytes(document), held, len(found.entries) - held
    )  # fmt: skip


def _table(found: Exportable, now: datetime) -> Made:
    table = results_table(sorted(found.entries, key=_newest_first, reverse=True))
    if not table.rows:
        raise NothingToSave(f"expected entries in {' or '.join(TABLE_SECTIONS)}, found none")
    return Made(Form.CSV, file_name(Form.CSV, now=now), table.data, table.rows, table.left_out)


def _newest_first(stored: StoredEntry) -> tuple[str, int]:
    return stored.entry.when.sort_key if stored.entry.when else "", stored.id


def _everything(passport: Passport, found: Exportable, now: datetime) -> Made:
    messages = list(_messages(passport, found))
    if not messages:
        raise NothingToSave("expected a message, found none")
    return Made(Form.FHIR, file_name(Form.FHIR, now=now), everything(messages, now=now), len(found.entries))


def _messages(passport: Passport, found: Exportable) -> Iterator[Outgoing]:
    """One for each source that something stands of, the oldest first."""
    chosen: dict[int, Message] = {}
    for stored in found.entries:
        chosen.setdefault(stored.source.source_id, Message(stored.source)).positions.add(stored.entry.position)
    for note in found.notes:
        chosen.setdefault(note.source.source_id, Message(note.source)).notes.add(note.note)
    shown = {one.source.source_id for one in passport.store.not_displayed()} if found.whole else set()
    for source in reversed(passport.store.sources()):
        if source.checked is not Checked.QUARANTINED and (source.source_id in chosen or source.source_id in shown):
            yield _outgoing(passport, source, chosen.get(source.source_id, Message(source)), whole=found.whole)


def _outgoing(passport: Passport, source: SourceInfo, message: Message, *, whole: bool) -> Outgoing:
    kept = as_received(passport, source)
    going = _standing(message, kept) if whole else travelling(message, kept.reading, kept.bundle, kept.texts)
    if kept.reading.person is not None:
        going.add(kept.reading.person.position)
    resources = [(kept.places.full_urls[at], kept.texts[at]) for at in sorted(going) if not _is_bundle(kept, at)]
    return Outgoing(source, kept.reading.fhir_version, resources)


def _standing(message: Message, kept: AsReceived) -> set[int]:
    """All of a message but what does not stand any more or may not leave, what was told through that, and what
    speaks of it: a list that names an entry may carry its words. Whom the rest names goes along.
    """
    reading, frame = kept.reading, Frame(kept.places)
    out = {entry.position for entry in reading.entries} - message.positions
    out |= {at for at, into in reading.merged.items() if into in out}
    people = {at for at in out if frame.at(at).get("resourceType") in NAMED}
    if out := out - people:
        frames = {at for at, into in reading.merged.items() if into < 0}
        out |= {
            at
            for at in frames
            if frame.at(at).get("resourceType") not in NAMED | {"Patient"}
            and any(frame.position(literal) in out for literal in literals(frame.at(at)))
        }
    going = set(range(len(kept.texts))) - out - people
    return going | named_by(going, frame)


def _is_bundle(kept: AsReceived, at: int) -> bool:
    """A Bundle inside the Bundle: its resources go one by one."""
    one = kept.places.resources[at]
    return isinstance(one, dict) and one.get("resourceType") == "Bundle"

"""Bringing in what the patient has, and taking it back: read, held against the patient, stored, accounted for.

Owns the order of steps, which is one for a file and for the files behind a link. Leaves fetching those to link_in.py,
the form of a file to import_forms.py, reading FHIR to app/record/reading.py and whose record it is to
app/record/identity.py. A file is shown as not signed, except a health card whose issuer's signature was checked here
against the stored list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from app.actions import guarding
from app.actions.import_forms import Piece, pieces_of
from app.actions.session import Passport
from app.actions.trusting import stored_trust
from app.record.entry import NotDisplayed, Person, Section
from app.record.identity import same_person
from app.record.source import BROUGHT_IN, Checked, SourceInfo, SourceKind
from crypto.errors import NotAnImport, TooLarge
from crypto.trust import TrustList

MAX_FILE_BYTES: Final = 128 * 1024 * 1024
"""As an update may be inflated (design, Limits)."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What is brought in at once: a file by its name, or what lies behind a link by the link's host.

    `other` are the media types of files that are no record: they are counted and not kept.
    """

    kind: SourceKind
    name: str = field(repr=False)
    files: tuple[bytes, ...] = field(repr=False)
    other: tuple[str, ...] = ()


def brought_file(data: bytes, name: str) -> Brought:
    """A file, as something brought in; `name` is the file's name as the patient knows it."""
    return Brought(SourceKind.IMPORT, PurePath(name).name, (data,))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Where every resource of the file went: sum(sections) + merged + len(not_displayed) == accounted.

    `already_here` when the very same file was brought in before: then nothing was stored again.
    `person` is None for a file that names no patient. `signed_by` are the listed issuers of the health cards in it.
    """

    sections: Mapping[str, int]
    accounted: int
    merged: int
    not_displayed: tuple[NotDisplayed, ...]
    person: Person | None = field(default=None, repr=False)
    already_here: bool = False
    signed_by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What the command line prints."""
        return {
            "sections": dict(self.sections),
            "accounted": self.accounted,
            "merged": self.merged,
            "not_displayed": [
                {"position": each.position, "resource_type": each.resource_type, "reason": each.reason}
                for each in self.not_displayed
            ],
            "already_here": self.already_here,
            "signed_by": list(self.signed_by),
        }


def preview_import(passport: Passport, data: bytes, name: str, *, now: datetime) -> ImportReport:
    """What `import_file` would store; raises as it does and stores nothing."""
    return preview_brought(passport, brought_file(data, name), now=now)


def import_file(passport: Passport, data: bytes, name: str, *, now: datetime) -> ImportReport:
    """`import_brought` for one file; `name` is the file's name as the patient knows it."""
    return import_brought(passport, brought_file(data, name), now=now)


def preview_brought(passport: Passport, brought: Brought, *, now: datetime) -> ImportReport:
    """What `import_brought` would store; raises as it does and stores nothing."""
    pieces = _believable(passport, brought, now)
    return _report(passport, brought, pieces, [_hash(piece.raw) for piece in pieces])


def import_brought(passport: Passport, brought: Brought, *, now: datetime) -> ImportReport:
    """Store what was brought in, whole or not at all; the same again changes nothing.

    A message that is here already is not stored a second time, and what the patient said of it (hidden, a note) stays.
    Raises what import_forms.py raises, WrongPatient (number, birth date and name must all match), StoreUnavailable.
    """
    pieces = _believable(passport, brought, now)
    hashes = [_hash(piece.raw) for piece in pieces]
    report = _report(passport, brought, pieces, hashes)
    if not report.already_here:
        passport.store.add_imported(
            (
                (piece.reading, piece.raw, _source(piece, brought, now, file_hash))
                for piece, file_hash in _new(passport, pieces, hashes)
            ),
            already_here=_brought_before(passport, hashes),
        )
        guarding.mirror(passport)
    return report


def undo_import(passport: Passport, source_id: int) -> int:
    """Take back what was brought in at once, all of it; gives how many entries went. It can be brought in again.

    Raises NotAnImport where the id is nothing the patient brought in.
    """
    found = next((one for one in passport.store.sources() if one.source_id == source_id), None)
    if found is None or found.kind not in BROUGHT_IN:
        raise NotAnImport("source: expected a file that was brought in")
    removed = passport.store.remove_imported(source_id)
    guarding.mirror(passport)
    return removed


def imported_files(passport: Passport) -> tuple[SourceInfo, ...]:
    """What was brought in, newest first, each file and each link once."""
    inside = passport.store.inside_imports()
    return tuple(
        source for source in passport.store.sources() if source.kind in BROUGHT_IN and source.source_id not in inside
    )


def read_brought(brought: Brought, *, now: datetime) -> tuple[Piece, ...]:
    """What it says, before it is held against anybody; raises TooLarge and what import_forms.py raises."""
    return _read(brought, None, now)


def _read(brought: Brought, trust: TrustList | None, now: datetime) -> tuple[Piece, ...]:
    size = sum(map(len, brought.files))
    if size > MAX_FILE_BYTES:
        raise TooLarge(f"file: expected at most {MAX_FILE_BYTES} bytes, found {size}")
    return tuple(piece for data in brought.files for piece in pieces_of(data, brought.name, trust, now=now))


def _believable(passport: Passport, brought: Brought, now: datetime) -> tuple[Piece, ...]:
    pieces = _read(brought, stored_trust(passport, now=now), now)
    known = passport.store.person()
    for person in (piece.reading.person for piece in pieces):
        if known is not None and person is not None:
            same_person(known, person)
        known = known or person
    return pieces


def _new(passport: Passport, pieces: Sequence[Piece], hashes: Sequence[str]) -> list[tuple[Piece, str]]:
    both = zip(pieces, hashes, strict=True)
    return [(piece, each) for piece, each in both if passport.store.source_with_hash(each) is None]


def _brought_before(passport: Passport, hashes: Sequence[str]) -> list[int]:
    """The messages of this file that another file brought."""
    here = (passport.store.source_with_hash(each) for each in hashes)
    return [one.source_id for one in here if one is not None and one.kind in BROUGHT_IN]


def _source(piece: Piece, brought: Brought, now: datetime, file_hash: str) -> SourceInfo:
    signed = piece.signed
    if signed is None:
        return SourceInfo(brought.kind, brought.name, Checked.NOT_SIGNED, received_at=now, file_hash=file_hash)
    return SourceInfo(
        kind=brought.kind,
        issuer_name=signed.name,
        checked=Checked.CHECKED,
        received_at=now,
        iss=signed.iss,
        kid=signed.kid,
        signed_at=signed.at,
        trust_version=signed.trust_version,
        file_hash=file_hash,
    )


def _report(passport: Passport, brought: Brought, pieces: Sequence[Piece], hashes: Sequence[str]) -> ImportReport:
    sections: dict[str, int] = {}
    resources = sum(piece.reading.resources for piece in pieces)
    other = (NotDisplayed(at, kind, "not-a-record") for at, kind in enumerate(brought.other, resources))
    for piece in pieces:
        for section, count in piece.reading.counts().items():
            sections[section] = sections.get(section, 0) + count
    return ImportReport(
        sections={one.value: sections[one.value] for one in Section if one.value in sections},
        accounted=resources + len(brought.other),
        merged=sum(len(piece.reading.merged) for piece in pieces),
        not_displayed=(*(each for piece in pieces for each in piece.reading.not_displayed), *other),
        person=next((piece.reading.person for piece in pieces if piece.reading.person is not None), None),
        already_here=not _new(passport, pieces, hashes),
        signed_by=tuple(dict.fromkeys(piece.signed.name for piece in pieces if piece.signed is not None)),
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

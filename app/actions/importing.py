"""Bringing in a file the patient has: read, held against the patient, stored as "not signed", accounted for.

Owns the order of steps. Leaves reading FHIR to app/record/reading.py and whose record it is to
app/record/identity.py. A file is never shown as checked: nobody signed it, or nobody's signature on
it was checked here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from app.actions import guarding
from app.actions.session import Passport
from app.record.entry import NotDisplayed, Person, Reading
from app.record.identity import same_person
from app.record.reading import read_bundle
from app.record.source import Checked, SourceInfo, SourceKind
from crypto.errors import TooLarge

MAX_FILE_BYTES: Final = 128 * 1024 * 1024
"""As an update may be inflated (design, Limits)."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Where every resource of the file went: sum(sections) + merged + len(not_displayed) == accounted.

    `already_here` when the very same file was brought in before: then nothing was stored again.
    `person` is None for a file that names no patient.
    """

    sections: Mapping[str, int]
    accounted: int
    merged: int
    not_displayed: tuple[NotDisplayed, ...]
    person: Person | None = field(default=None, repr=False)
    already_here: bool = False

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
        }


def preview_import(passport: Passport, data: bytes) -> ImportReport:
    """What `import_file` would store; raises as it does and stores nothing."""
    return _report(passport, _believable(passport, data), _hash(data))


def import_file(passport: Passport, data: bytes, name: str, *, now: datetime) -> ImportReport:
    """Store a FHIR file, whole or not at all; the same file again changes nothing.

    `name` is the file's name as the patient knows it. Raises TooLarge, NotJson, NotFhir,
    WrongPatient (number, birth date and name must all match), StoreUnavailable.
    """
    reading = _believable(passport, data)
    file_hash = _hash(data)
    report = _report(passport, reading, file_hash)
    if not report.already_here:
        source = SourceInfo(
            kind=SourceKind.IMPORT,
            issuer_name=PurePath(name).name,
            checked=Checked.NOT_SIGNED,
            received_at=now,
            file_hash=file_hash,
        )
        passport.store.add_update(reading, data, source)
        guarding.mirror(passport)
    return report


def read_file(data: bytes) -> Reading:
    """What a file says, before it is held against anybody; raises TooLarge, NotJson, NotFhir."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"file: expected at most {MAX_FILE_BYTES} bytes, found {len(data)}")
    return read_bundle(data)


def _believable(passport: Passport, data: bytes) -> Reading:
    reading = read_file(data)
    known = passport.store.person()
    if known is not None and reading.person is not None:
        same_person(known, reading.person)
    return reading


def _report(passport: Passport, reading: Reading, file_hash: str) -> ImportReport:
    return ImportReport(
        sections=reading.counts(),
        accounted=reading.resources,
        merged=len(reading.merged),
        not_displayed=reading.not_displayed,
        person=reading.person,
        already_here=passport.store.source_with_hash(file_hash) is not None,
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

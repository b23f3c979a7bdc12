"""Small made-up resources and stored entries for the tests of app/record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.record.entry import Absence, Coding, Entry, Fact, ListWarning, Person, Section, SectionNote, Standing
from app.record.reading import read_bundle
from app.record.source import Checked, SourceInfo, SourceKind, StoredEntry, StoredNote

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERSON = Person(
    nhs_number="9990000018", birth_date="1959-03-04", family="Llŷr", given=("Siân",), gp_surgery="Oak Lane Surgery"
)
SURGERY = SourceInfo(
    SourceKind.UPDATE, "Oak Lane Surgery", Checked.CHECKED, NOW, signed_at=datetime(2026, 11, 2, tzinfo=UTC)
)
HOSPITAL = SourceInfo(
    SourceKind.UPDATE, "Riverside Hospital", Checked.CHECKED, NOW, signed_at=datetime(2026, 11, 3, tzinfo=UTC)
)
SNOMED = "http://snomed.info/sct"


def concept(name: str, code: str = "") -> dict[str, Any]:
    return {"coding": [{"system": SNOMED, "code": code, "display": name}]} if code else {"text": name}


def bundle(*resources: object) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def only(resource: dict[str, Any]) -> Entry:
    """The one entry of one resource."""
    (found,) = read_bundle(resource).entries
    return found


def facts(entry: Entry) -> dict[str, str]:
    return {fact.name: fact.value for fact in entry.facts}


def stored(
    title: str,
    section: Section = Section.MEDICINES,
    *,
    source: SourceInfo = SURGERY,
    detail: str = "",
    standing: Standing = Standing.CURRENT,
    code: str = "",
    superseded: bool = False,
    resource_type: str = "MedicationStatement",
    facts: tuple[Fact, ...] = (),
) -> StoredEntry:
    codings = (Coding(SNOMED, code),) if code else ()
    entry = Entry(
        f"{resource_type}/{title}",
        0,
        section,
        resource_type,
        title,
        detail,
        standing=standing,
        codings=codings,
        facts=facts,
    )
    return StoredEntry(1, entry, source, superseded)


def note(
    section: Section,
    *,
    absence: Absence | None = None,
    warning: ListWarning | None = None,
    source: SourceInfo = SURGERY,
) -> StoredNote:
    return StoredNote(SectionNote(section, warning=warning, absence=absence), source)

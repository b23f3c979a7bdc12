"""Made-up people and readings for the store's tests, built by hand so that no parser is needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.record.entry import (
    Coding,
    Contact,
    Entry,
    Fact,
    NotDisplayed,
    Person,
    Quantity,
    Reading,
    Section,
    SectionNote,
    Standing,
    When,
)
from app.record.source import Checked, SourceInfo, SourceKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = bytes(range(32))
PERSON = Person(
    "9990000018",
    "1959-03-04",
    "Évans-Llwyd",
    ("Siân", "Mair"),
    phone="01632 960000",
    contacts=(Contact("Gwen Llwyd", "daughter", "01632 960001"),),
)


def entry(key: str, title: str, *, section: Section = Section.MEDICINES, position: int = 0, **more: Any) -> Entry:
    return Entry(key=key, position=position, section=section, resource_type="MedicationStatement", title=title, **more)


FULL = Entry(
    key="Observation/1",
    position=1,
    section=Section.RESULTS,
    resource_type="Observation",
    title="Potassium",
    detail="4.60 mmol/L",
    when=When("2024-05-06T09:10:00+01:00"),
    standing=Standing.CURRENT,
    facts=(Fact("status", "final"), Fact("note", "haemolysed slightly")),
    codings=(Coding("http://snomed.info/sct", "1000731000000107", "Serum potassium level"),),
    quantity=Quantity("4.60", "mmol/L", "3.5", "5.3", "", "N"),
    organisation="Oak Lane Surgery",
    author="Dr A. Khan",
)


def reading(
    *entries: Entry,
    person: Person | None = PERSON,
    notes: Sequence[SectionNote] = (),
    not_displayed: Sequence[NotDisplayed] = (),
) -> Reading:
    return Reading(
        fhir_version="4.0.1",
        person=person,
        entries=entries,
        merged={},
        not_displayed=tuple(not_displayed),
        notes=tuple(notes),
        resources=len(entries) + len(not_displayed),
    )


def bundle(*resources: dict[str, Any]) -> bytes:
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}).encode()


def imported(raw: bytes = b"{}", *, name: str = "record.json", at: datetime = NOW) -> SourceInfo:
    return SourceInfo(
        kind=SourceKind.IMPORT,
        issuer_name=name,
        checked=Checked.NOT_SIGNED,
        received_at=at,
        file_hash=hashlib.sha256(raw).hexdigest(),
    )


def update(seq: int, *, iss: str = "https://oak-lane-surgery.example", **more: Any) -> SourceInfo:
    given: dict[str, Any] = {
        "kind": SourceKind.UPDATE,
        "issuer_name": "Oak Lane Surgery",
        "checked": Checked.CHECKED,
        "received_at": NOW,
        "iss": iss,
        "kid": "kid-1",
        "signed_at": NOW,
        "trust_version": 3,
        "feed": "feed-" + iss,
        "seq": seq,
    }
    return SourceInfo(**(given | more))

"""An International Patient Summary out of what the passport holds: an R4 document Bundle (HL7 IPS 2.0).

Owns the document: Composition, the three required sections always there, others where there is
something, each with a narrative that names who said what. It is written anew from entries, so it is
unsigned: the entry proofs beside it carry the signatures. Empty sections say why in emptyReason and
never claim "none known" unless a source did.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from types import MappingProxyType
from typing import Any

from app.record.entry import Absence, Entry, Person, Section, SectionNote, Standing
from app.record.identity import clean

Json = dict[str, Any]

_NAMESPACE = uuid.UUID("6f1c7c52-6a0e-5d0f-9d56-0c8f3f1f7a51")
_LOINC = "http://loinc.org"
_MARK = "\ue000"
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")

_REQUIRED = (Section.CONDITIONS, Section.ALLERGIES, Section.MEDICINES)
_SECTIONS: Mapping[Section, tuple[str, str]] = MappingProxyType(
    {
        Section.CONDITIONS: ("11450-4", "Problem list"),
        Section.ALLERGIES: ("48765-2", "Allergies and adverse reactions"),
        Section.MEDICINES: ("10160-0", "Medicines"),
        Section.VACCINATIONS: ("11369-6", "Vaccinations"),
        Section.RESULTS: ("30954-2", "Test results"),
        Section.PROCEDURES: ("47519-4", "Procedures"),
        Section.DEVICES: ("46264-8", "Devices"),
        Section.MEASUREMENTS: ("8716-3", "Measurements"),
        Section.PREGNANCY: ("10162-6", "Pregnancy"),
        Section.SOCIAL: ("29762-2", "Social history"),
        Section.PLANS: ("18776-5", "Plans and wishes"),
        Section.NEEDS: ("104605-1", "Alerts and needs"),
    }
)
"""IPS 2.0 sections we write, by LOINC code. What has no IPS section goes by the other ways out."""

_WHAT: Mapping[Section, str] = MappingProxyType(
    {Section.CONDITIONS: "Conditions", Section.ALLERGIES: "Allergies", Section.MEDICINES: "Medicines"}
)
_REASONS: Mapping[Absence, tuple[str, str]] = MappingProxyType(
    {
        Absence.NONE_KNOWN: ("nilknown", "Nil Known"),
        Absence.NOT_ASKED: ("notasked", "Not Asked"),
        Absence.WITHHELD: ("withheld", "Information Withheld"),
        Absence.UNAVAILABLE: ("unavailable", "Unavailable"),
    }
)


class ExactNumber(float):
    """A JSON number that remembers the text it came as; `ips_bytes` writes that text."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> ExactNumber:
        """Raises ValueError where the text is not a JSON number."""
        if not _NUMBER.fullmatch(text):
            raise ValueError("expected a JSON number")
        number = super().__new__(cls, text)
        number.text = text
        return number


@dataclass(frozen=True, slots=True)
class Provided:
    """An entry to be told, and the name of who said it."""

    entry: Entry
    source: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProvidedNote:
    """Why a section is empty, and the name of who said so."""

    note: SectionNote
    source: str = field(repr=False)


def ips_document(
    person: Person,
    entries: Sequence[Provided],
    notes: Iterable[ProvidedNote] = (),
    *,
    sections: Collection[Section] | None = None,
    now: datetime,
) -> Json:
    """An IPS document Bundle of these entries, current and past alike, each with its source's name.

    `sections` are those the document covers (None: not known); a required section outside them is
    said to be withheld, so that leaving it out never reads as "none". Entries without an IPS section
    or entered in error are left out; what is superseded or quarantined the caller leaves out. The
    same input gives the same document. `ips_bytes` writes it with numbers exactly as received.
    """
    kept = [
        (_url("entry", str(place), one.source, one.entry.key), one)
        for place, one in enumerate(entries)
        if one.entry.section in _SECTIONS and one.entry.standing is not Standing.ENTERED_IN_ERROR
    ]
    patient = _url("patient", person.nhs_number)
    said = [note for note in notes if note.note.absence is not None]
    parts = [
        _section(section, [pair for pair in kept if pair[1].entry.section is section], said, sections)
        for section in _SECTIONS
    ]
    stamp = now.isoformat(timespec="seconds")
    identity = _url("document", stamp, *(url for url, _ in kept))
    composition = _composition(patient, [part for part in parts if part is not None], stamp)
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": identity},
        "type": "document",
        "timestamp": stamp,
        "entry": [
            {"fullUrl": _url("composition", identity), "resource": composition},
            {"fullUrl": patient, "resource": _patient(person)},
            *({"fullUrl": url, "resource": _resource(one.entry, patient)} for url, one in kept),
        ],
    }


def ips_bytes(document: Json) -> bytes:
    """A document as minified JSON in UTF-8, numbers with the text they came as."""
    marked = json.dumps(_mark(document), ensure_ascii=False, separators=(",", ":"))
    return re.sub(f'"{_MARK}([^"]*)"', r"\1", marked).encode("utf-8")


def _mark(value: object) -> object:
    if isinstance(value, ExactNumber):
        return f"{_MARK}{value.text}"
    if isinstance(value, dict):
        return {name: _mark(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_mark(item) for item in value]
    return value.replace(_MARK, "") if isinstance(value, str) else value


def _url(*parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, '|'.join(parts))}"


def _composition(patient: str, sections: list[Json], stamp: str) -> Json:
    return {
        "resourceType": "Composition",
        "text": _narrative(["Patient summary written by the patient's own passport."]),
        "status": "final",
        "type": {"coding": [{"system": _LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": patient},
        "date": stamp,
        "author": [{"reference": patient}],
        "title": "Patient summary",
        "section": sections,
    }


def _patient(person: Person) -> Json:
    name: Json = {"use": "official", "text": person.display_name, "family": person.family, "given": list(person.given)}
    found: Json = {
        "resourceType": "Patient",
        "text": _narrative([person.display_name, person.birth_date]),
        "name": [{key: value for key, value in name.items() if value}],
    }
    if person.nhs_number:
        found["identifier"] = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": person.nhs_number}]
    if person.gender in ("male", "female", "other", "unknown"):
        found["gender"] = person.gender
    if _DATE.fullmatch(person.birth_date):
        found["birthDate"] = person.birth_date
    return found


def _section(
    section: Section,
    pairs: list[tuple[str, Provided]],
    notes: list[ProvidedNote],
    covered: Collection[Section] | None,
) -> Json | None:
    if not pairs and section not in _REQUIRED:
        return None
    code, title = _SECTIONS[section]
    found: Json = {"title": title, "code": {"coding": [{"system": _LOINC, "code": code}]}}
    if pairs:
        found["text"] = _narrative([_told(one) for _, one in pairs])
        found["entry"] = [{"reference": url} for url, _ in pairs]
        return found
    lines, found["emptyReason"] = _emptiness(section, notes, covered)
    found["text"] = _narrative(lines)
    return found


def _emptiness(
    section: Section, notes: list[ProvidedNote], covered: Collection[Section] | None
) -> tuple[list[str], Json]:
    """Why a required section is empty: left out by choice, as sources said, or silence told as silence."""
    what = _WHAT[section]
    if covered is not None and section not in covered:
        return [f"{what} are not included in what was shared"], _coded_reason(Absence.WITHHELD)
    said = [(note.note.absence, note.source) for note in notes if note.note.section is section and note.note.absence]
    if not said:
        where = "recorded in this passport" if covered is not None else "in this document; there may be some elsewhere"
        silence = f"No {what.lower()} {where}"
        return [silence], {"text": silence}
    lines = [f"{_REASONS[absence][1]} (said by {source})" for absence, source in said]
    agreed = {absence for absence, _ in said}
    return lines, _coded_reason(agreed.pop()) if len(agreed) == 1 else {"text": "Sources differ"}


def _coded_reason(absence: Absence) -> Json:
    code, display = _REASONS[absence]
    system = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _told(one: Provided) -> str:
    entry = one.entry
    parts = [entry.title, entry.detail, entry.when.text[:10] if entry.when else "", f"said by {one.source}"]
    return ", ".join(clean(part) for part in parts if part)


def _narrative(lines: Sequence[str]) -> Json:
    items = "".join(f"<li>{escape(clean(line), quote=False)}</li>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{items}</ul></div>'}


def _concept(entry: Entry) -> Json:
    found: Json = {"text": entry.title}
    coded = [
        {name: value for name, value in (("system", c.system), ("code", c.code), ("display", c.display)) if value}
        for c in entry.codings
        if c.code and c.system
    ]
    return found | ({"coding": coded} if coded else {})


def _resource(entry: Entry, patient: str) -> Json:
    build = _BUILD.get(entry.section, _observation)
    return build(entry, {"reference": patient}) | {
        "text": _narrative([", ".join(filter(None, (entry.title, entry.detail)))])
    }


def _date(entry: Entry) -> str:
    """The entry's date where it is a FHIR date, "" where it came in another form."""
    return entry.when.text if entry.when and _DATE.fullmatch(entry.when.text) else ""


def _dated(name: str, entry: Entry) -> Json:
    return {name: _date(entry)} if _date(entry) else {}


def _clinical(entry: Entry, system: str) -> Json:
    code = {Standing.CURRENT: "active", Standing.PAST: "resolved"}.get(entry.standing)
    base = "http://terminology.hl7.org/CodeSystem"
    found: Json = (
        {"clinicalStatus": {"coding": [{"system": f"{base}/{system}-clinical", "code": code}]}} if code else {}
    )
    if entry.standing is Standing.REFUTED:
        found["verificationStatus"] = {"coding": [{"system": _REFUTED[system], "code": "refuted"}]}
    return found


_REFUTED: Mapping[str, str] = MappingProxyType(
    {
        "allergyintolerance": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
        "condition": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    }
)


def _allergy(entry: Entry, patient: Json) -> Json:
    facts = {fact.name: fact.value for fact in entry.facts}
    found: Json = {
        "resourceType": "AllergyIntolerance",
        **_clinical(entry, "allergyintolerance"),
        "code": _concept(entry),
    }
    found |= {"patient": patient, **_dated("onsetDateTime", entry)}
    if facts.get("criticality") in ("low", "high", "unable-to-assess"):
        found["criticality"] = facts["criticality"]
    if entry.detail:
        found["reaction"] = [{"manifestation": [{"text": entry.detail}]}]
    return found


def _condition(entry: Entry, patient: Json) -> Json:
    base = {"resourceType": "Condition", **_clinical(entry, "condition"), "code": _concept(entry)}
    return base | {"subject": patient, **_dated("onsetDateTime", entry)}


def _medicine(entry: Entry, patient: Json) -> Json:
    status = {Standing.CURRENT: "active", Standing.PAST: "completed", Standing.REFUTED: "not-taken"}
    found: Json = {"resourceType": "MedicationStatement", "status": status.get(entry.standing, "unknown")}
    found |= {"medicationCodeableConcept": _concept(entry), "subject": patient}
    if date := _date(entry):
        found["effectivePeriod"] = {"start": date}
    else:
        found["effectivePeriod"] = _unknown_date()
    return found | ({"dosage": [{"text": entry.detail}]} if entry.detail else {})


def _unknown_date() -> Json:
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    return {"extension": [{"url": url, "valueCode": "unknown"}]}


def _vaccination(entry: Entry, patient: Json) -> Json:
    status = "not-done" if entry.standing is Standing.REFUTED else "completed"
    found: Json = {"resourceType": "Immunization", "status": status, "vaccineCode": _concept(entry), "patient": patient}
    if date := _date(entry):
        return found | {"occurrenceDateTime": date}
    return found | {"occurrenceString": "unknown"}


def _procedure(entry: Entry, patient: Json) -> Json:
    status = "not-done" if entry.standing is Standing.REFUTED else "completed"
    found: Json = {"resourceType": "Procedure", "status": status, "code": _concept(entry), "subject": patient}
    return found | (_dated("performedDateTime", entry) or {"_performedDateTime": _unknown_date()})


def _device(entry: Entry, patient: Json) -> Json:
    found: Json = {"resourceType": "DeviceUseStatement", "status": "active", "subject": patient}
    when = _dated("timingDateTime", entry) or {"_timingDateTime": _unknown_date()}
    return found | when | {"device": {"display": entry.title}}


def _plan(entry: Entry, patient: Json) -> Json:
    found = {
        "resourceType": "CarePlan",
        "status": "unknown",
        "intent": "plan",
        "title": entry.title,
        "subject": patient,
    }
    return found | _dated("created", entry) | ({"description": entry.detail} if entry.detail else {})


def _flag(entry: Entry, patient: Json) -> Json:
    status = "inactive" if entry.standing is Standing.PAST else "active"
    return {"resourceType": "Flag", "status": status, "code": _concept(entry), "subject": patient}


def _observation(entry: Entry, patient: Json) -> Json:
    found: Json = {"resourceType": "Observation", "status": "final", "code": _concept(entry), "subject": patient}
    found |= _dated("effectiveDateTime", entry) or {"_effectiveDateTime": _unknown_date()}
    quantity = entry.quantity
    if quantity is None or not _NUMBER.fullmatch(quantity.value):
        return found | ({"valueString": entry.detail} if entry.detail else {"dataAbsentReason": {"text": "unknown"}})
    value: Json = {"value": ExactNumber(quantity.value)}
    value |= {"comparator": quantity.comparator} if quantity.comparator in ("<", "<=", ">=", ">") else {}
    value |= {"unit": quantity.unit} if quantity.unit else {}
    limits = {
        name: {"value": ExactNumber(limit)}
        for name, limit in (("low", quantity.low), ("high", quantity.high))
        if _NUMBER.fullmatch(limit)
    }
    if quantity.interpretation:
        found["interpretation"] = [{"text": quantity.interpretation}]
    return found | {"valueQuantity": value} | ({"referenceRange": [limits]} if limits else {})


_BUILD: Mapping[Section, Callable[[Entry, Json], Json]] = MappingProxyType(
    {
        Section.ALLERGIES: _allergy,
        Section.CONDITIONS: _condition,
        Section.MEDICINES: _medicine,
        Section.VACCINATIONS: _vaccination,
        Section.PROCEDURES: _procedure,
        Section.DEVICES: _device,
        Section.PLANS: _plan,
        Section.NEEDS: _flag,
    }
)
"""Every other section is written as Observations."""

"""A record holder's emergency summary of one patient, small enough for one code: what a real holder would sign.

Owns what goes into it and what gives way: allergies first, then medicines whose mistakes are worst, major problems,
the rest. Each resource holds only what whoever helps must read. Codes give way first, then strengths and forms of
medicines, then reactions, then whole lines; those are counted in the notes of a List ("2 of 9 medicines not shown"),
never dropped silently. What the holder's lists say of themselves (withheld, none known) goes along. How a passport
reads its own record is app/record, which nothing in sync may import: these are the holder's own choices.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crypto import json_text
from crypto.bundle import EMERGENCY_TYPE
from crypto.card import MAX_QR_CHARACTERS, make_card
from crypto.errors import NotFhir
from crypto.keys import SigningKey
from sync.sandbox.people import NHS_NUMBER, nhs_number, objects, official_name, patients, resources

MAX_TRIED: Final = 120
"""Lines that are tried, most important first; one code never holds as many."""

_SNOMED: Final = "http://snomed.info/sct"
_ALLERGY_STATUS: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_WORST_MISTAKES: Final = re.compile(
    r"warfarin|xaban\b|dabigatran|heparin|enoxaparin|dalteparin|insulin|prednisolone|hydrocortisone|dexamethasone"
    r"|morphine|codone|fentanyl|buprenorphine|methadone|tramadol|codeine|valpro|carbamazepine|lamotrigine|levetiracetam"
    r"|phenytoin|methotrexate|azathioprine|ciclosporin|limus\b|mycophenolate|lithium|digoxin|amiodarone",
    re.IGNORECASE,
)
_WARNINGS: Final = {
    "confidential-items": "some items withheld",
    "data-in-transit": "some items still on their way",
    "data-awaiting-filing": "some items not yet filed",
}
_EMPTY: Final = frozenset({"nilknown", "notasked", "withheld", "unavailable"})
_NOT_SO: Final = frozenset({"entered-in-error", "refuted"})
_STRENGTH: Final = re.compile(r",?\s+\d[\d.,]*\s?(?:mg|micrograms?|g|ml|units?|mmol|%|million)\b.*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of line: the holder's list of it, and what several are called."""

    name: str
    list_codes: tuple[str, ...]


_ALLERGIES: Final = _Part("allergies", ("886921000000105", "48765-2"))
_MEDICINES: Final = _Part("medicines", ("933361000000108", "10160-0"))
_CONDITIONS: Final = _Part("conditions", ("717711000000103", "11450-4"))
_PARTS: Final = (_ALLERGIES, _MEDICINES, _CONDITIONS)


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing to tell: `rank` 0 comes first, `must` are the lines that codes and reactions give way for."""

    part: _Part
    rank: int
    must: bool
    text: str = field(repr=False)
    code: str = ""
    reactions: tuple[str, ...] = field(default=(), repr=False)
    grave: bool = False


@dataclass(frozen=True, slots=True)
class _Whole:
    """Everything that could be told. `said` is what lists said of themselves: in words, or as members of a List."""

    patient: Mapping[str, Any] = field(repr=False)
    lines: Sequence[_Line] = field(repr=False)
    said: tuple[str | Mapping[str, Any], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Form:
    """What a line tells beside its words."""

    codes: bool = False
    strengths: bool = False
    reactions: bool = False


_FORMS: Final = (_Form(True, True, True), _Form(False, True, True), _Form(False, False, True), _Form())
"""Tried in this order: the first two only where everything fits, the third where all that must does."""


def emergency_card(bundle: bytes, key: SigningKey, *, iss: str, now: datetime) -> str | None:
    """The summary of a holder's Bundle (STU3 or R4) as a SMART Health Card that fits one code.

    None where not even the person and the counts fit; raises NotFhir where there is no Patient.
    """

    def signed(summary: Mapping[str, Any]) -> str:
        return make_card(json_text.dump(summary), key, iss=iss, nbf=now, types=(EMERGENCY_TYPE,))

    summary = emergency_summary(bundle, fits=lambda tried: len(signed(tried)) <= MAX_QR_CHARACTERS)
    return None if summary is None else signed(summary)


def emergency_summary(bundle: bytes, *, fits: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any] | None:
    """An R4 Bundle of the patient and the lines there is room for, as `fits` says; None where there is room for none.

    Raises NotJson, and NotFhir where no Patient is inside.
    """
    source = json_text.parse_object(bundle)
    patient = next(patients(source), None)
    if patient is None:
        raise NotFhir("emergency summary: expected a Patient, found none")
    whole = _Whole(patient, sorted(_lines(source), key=lambda line: line.rank), tuple(_said_of_lists(source)))
    last = None
    for form in _FORMS:
        chosen = _fitted(whole, form, fits)
        if chosen is None:
            continue
        last = _bundle(whole, chosen, form)
        if all(line in chosen for line in whole.lines if line.must or form.strengths):
            break
    return last


def _fitted(whole: _Whole, form: _Form, fits: Callable[[Mapping[str, Any]], bool]) -> Sequence[_Line] | None:
    """The lines there is room for, most important first; None where there is not even room for their counts."""
    if fits(_bundle(whole, whole.lines, form)):
        return whole.lines
    if not fits(_bundle(whole, (), form)):
        return None
    chosen: list[_Line] = []
    for line in whole.lines[:MAX_TRIED]:
        if fits(_bundle(whole, [*chosen, line], form)):
            chosen.append(line)
    return chosen


def _bundle(whole: _Whole, chosen: Sequence[_Line], form: _Form) -> dict[str, Any]:
    notes = [said for said in whole.said if isinstance(said, str)]
    for part in _PARTS:
        total = sum(line.part is part for line in whole.lines)
        if left := total - sum(line.part is part for line in chosen):
            notes.append(f"{left} of {total} {part.name} not shown")
    held = [_patient(whole.patient), *(_resource(line, form) for line in chosen)]
    held += [_list(**said) for said in whole.said if not isinstance(said, str)]
    if notes:
        held.append(_list(note=[{"text": note} for note in notes]))
    entries = [{"fullUrl": f"resource:{number}", "resource": resource} for number, resource in enumerate(held)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _list(**members: Any) -> dict[str, Any]:
    return {"resourceType": "List", "status": "current", "mode": "snapshot", **members}


def _patient(patient: Mapping[str, Any]) -> dict[str, Any]:
    name = official_name(patient)
    found: dict[str, Any] = {"resourceType": "Patient"}
    if number := nhs_number(patient):
        found["identifier"] = [{"system": NHS_NUMBER, "value": number}]
    found["name"] = [{member: name[member] for member in ("family", "given") if member in name}]
    if "birthDate" in patient:
        found["birthDate"] = patient["birthDate"]
    return found


def _resource(line: _Line, form: _Form) -> dict[str, Any]:
    medicine = line.part is _MEDICINES
    words = _STRENGTH.sub("", line.text) if medicine and not form.strengths else line.text
    told: dict[str, Any] = {"text": words}
    if line.code and form.codes:
        told = {"coding": [{"system": _SNOMED, "code": line.code}]} | told
    who = {"reference": "resource:0"}
    if medicine:
        kind = {"resourceType": "MedicationStatement", "status": "active"}
        return kind | {"medicationCodeableConcept": told, "subject": who}
    if line.part is _CONDITIONS:
        return {"resourceType": "Condition", "code": told, "subject": who}
    found: dict[str, Any] = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"system": _ALLERGY_STATUS, "code": "active"}]},
        "code": told,
        "patient": who,
    }
    if line.grave:
        found["criticality"] = "high"
    if line.reactions and form.reactions:
        found["reaction"] = [{"manifestation": [{"text": words} for words in line.reactions]}]
    return found


def _lines(source: Mapping[str, Any]) -> Iterator[_Line]:
    """Everything of today, each thing once."""
    named = {f"Medication/{one.get('id')}": one for one in resources(source) if one.get("resourceType") == "Medication"}
    kinds = {one.get("resourceType") for one in resources(source)}
    orders = () if "MedicationStatement" in kinds else ("MedicationRequest",)
    seen: set[tuple[str, str]] = set()
    for one in resources(source):
        line = _line(one, named, orders)
        if line is not None and line.text and (key := (line.part.name, line.text.casefold())) not in seen:
            seen.add(key)
            yield line


def _line(one: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]], orders: Sequence[str]) -> _Line | None:
    kind = one.get("resourceType")
    if _code(one.get("verificationStatus")) in _NOT_SO:
        return None
    if kind == "MedicationStatement" or kind in orders:
        told = one.get("medicationCodeableConcept") or _object(named.get(_reference(one))).get("code")
        worst = bool(_WORST_MISTAKES.search(_words(told)))
        return _Line(_MEDICINES, 1 if worst else 3, worst, *_told(told)) if one.get("status") == "active" else None
    if kind not in ("AllergyIntolerance", "Condition") or _code(one.get("clinicalStatus")) not in ("active", ""):
        return None
    if kind == "Condition":
        major = any(extension.get("valueCode") == "major" for extension in objects(one.get("extension")))
        return _Line(_CONDITIONS, 2 if major else 4, False, *_told(one.get("code")))
    grave = one.get("criticality") == "high"
    manifested = [
        words for part in objects(one.get("reaction")) for words in map(_words, part.get("manifestation", []))
    ]
    return _Line(_ALLERGIES, -1 if grave else 0, True, *_told(one.get("code")), tuple(filter(None, manifested)), grave)


def _said_of_lists(source: Mapping[str, Any]) -> Iterator[str | Mapping[str, Any]]:
    """What the holder's lists say of themselves: something is withheld, or why there is nothing in one."""
    for part in _PARTS:
        for one in resources(source):
            codes = {coding.get("code") for coding in objects(_object(one.get("code")).get("coding"))}
            if one.get("resourceType") != "List" or codes.isdisjoint(part.list_codes):
                continue
            warned = [extension.get("valueCode") for extension in objects(one.get("extension"))]
            yield from (f"{part.name}: {_WARNINGS[code]}" for code in warned if code in _WARNINGS)
            if not one.get("entry") and _code(one.get("emptyReason")) in _EMPTY:
                yield {"code": one["code"], "emptyReason": one["emptyReason"]}


def _told(concept: Any) -> tuple[str, str]:
    """A concept's words and its SNOMED CT code, "" where it has none."""
    coded = (one for one in objects(_object(concept).get("coding")) if one.get("system") == _SNOMED)
    return _words(concept), str(next(coded, {}).get("code", ""))


def _words(concept: Any) -> str:
    found = _object(concept)
    displayed = (one["display"] for one in objects(found.get("coding")) if isinstance(one.get("display"), str))
    words = found.get("text") if isinstance(found.get("text"), str) else next(displayed, "")
    return " ".join(str(words).split())


def _code(status: Any) -> str:
    """A status as STU3 (text) and R4 (a concept) write it."""
    if isinstance(status, str):
        return status
    return str(next(objects(_object(status).get("coding")), {}).get("code", ""))


def _reference(one: Mapping[str, Any]) -> str:
    return str(_object(one.get("medicationReference")).get("reference", ""))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

"""What a source said about a whole section: list warnings and why a list is empty.

GP Connect Lists carry warnings as an extension; R4 Lists and IPS Composition sections carry
emptyReason. "No content recorded" is silence, not a statement, so it makes no note: the screen
then says that nothing is recorded here. Only a list of everything current may say "none known":
that a list of ended allergies is empty says nothing about allergies.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.record.element import Resource, as_map, codes, concept, maps, text
from app.record.entry import Absence, ListWarning, Section, SectionNote

_SECTION_BY_CODE: Mapping[str, Section] = MappingProxyType(
    {
        "886921000000105": Section.ALLERGIES,  # GP Connect: Allergies and adverse reactions
        "933361000000108": Section.MEDICINES,  # Medications and medical devices
        "717711000000103": Section.CONDITIONS,  # Problems
        "1102181000000102": Section.VACCINATIONS,  # Immunisations
        "1149501000000101": Section.VISITS,  # List of consultations
        "887191000000108": Section.RESULTS,  # Investigations and results
        "826501000000100": Section.OTHER,  # Miscellaneous record
        "792931000000107": Section.OTHER,  # Outbound referral
        "714311000000108": Section.OTHER,  # Patient recall administration
        "48765-2": Section.ALLERGIES,
        "10160-0": Section.MEDICINES,
        "11450-4": Section.CONDITIONS,
        "11369-6": Section.VACCINATIONS,
        "30954-2": Section.RESULTS,
        "47519-4": Section.PROCEDURES,
        "46264-8": Section.DEVICES,
        "42348-3": Section.PLANS,
        "18776-5": Section.PLANS,
        "29762-2": Section.SOCIAL,
        "8716-3": Section.MEASUREMENTS,
        "10162-6": Section.PREGNANCY,
        "52472-8": Section.ALLERGIES,
    }
)
"""Lists of everything current in a section: SNOMED CT for GP Connect, LOINC for the IPS."""

_WARNED_TOO: Mapping[str, Section] = MappingProxyType(
    {
        "1103671000000101": Section.ALLERGIES,  # Ended allergies
        "11348-0": Section.CONDITIONS,  # Past problems
    }
)
_SECONDARY = (
    ("allergies", Section.ALLERGIES),
    ("medications", Section.MEDICINES),
    ("immunisations", Section.VACCINATIONS),
    ("investigations", Section.RESULTS),
    ("problems", Section.CONDITIONS),
    ("consultations", Section.VISITS),
)
_ABSENCE: Mapping[str, Absence] = MappingProxyType(
    {
        "nilknown": Absence.NONE_KNOWN,
        "notasked": Absence.NOT_ASKED,
        "withheld": Absence.WITHHELD,
        "unavailable": Absence.UNAVAILABLE,
    }
)
_WARNING: Mapping[str, ListWarning] = MappingProxyType(
    {warning.value: warning for warning in ListWarning if warning is not ListWarning.LEFT_OFF}
)


def list_notes(resource: Resource) -> list[SectionNote]:
    """The notes of one List, or of one Composition's sections."""
    if resource.get("resourceType") == "Composition":
        return _composition_notes(resource)
    said = codes(resource.get("code"))
    if resource.get("status") in ("entered-in-error", "retired"):
        return []
    whole = next((section for code, section in _SECTION_BY_CODE.items() if code in said), None)
    section = whole or next((one for code, one in _WARNED_TOO.items() if code in said), None) or _secondary(resource)
    notes = [SectionNote(section, warning=warning) for warning in _warnings(resource)]
    absence = _absence(resource)
    if absence is not None and whole is not None:
        notes.append(SectionNote(whole, absence=absence))
    return notes


def _composition_notes(composition: Resource) -> list[SectionNote]:
    found = []
    for part in maps(composition.get("section")):
        absence = _absence(part)
        section = next((_SECTION_BY_CODE[code] for code in codes(part.get("code")) if code in _SECTION_BY_CODE), None)
        if absence is not None and section is not None:
            found.append(SectionNote(section, absence=absence))
    return found


def _warnings(resource: Resource) -> list[ListWarning]:
    found = []
    for one in maps(resource.get("extension")):
        if "WarningCode" in text(one.get("url")):
            warning = _WARNING.get(text(one.get("valueCode")) or concept(one.get("valueCodeableConcept")))
            if warning is not None:
                found.append(warning)
    return found


def _absence(holder: Resource) -> Absence | None:
    if holder.get("entry"):
        return None
    reasons = codes(as_map(holder.get("emptyReason")))
    return next((_ABSENCE[code] for code in sorted(reasons) if code in _ABSENCE), None)


def _secondary(resource: Resource) -> Section:
    """GP Connect's helper lists are called "Consultations - allergies contained in consultations" and the like."""
    called = (text(resource.get("title")) or concept(resource.get("code"))).lower()
    topic = called.split(" - ", 1)[-1]
    return next((section for word, section in _SECONDARY if word in topic), Section.OTHER)

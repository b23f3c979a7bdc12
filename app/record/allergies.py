"""Allergies and adverse reactions, and the three facts that must never become one another.

"No known allergies" said by a source is not an allergy: it becomes a note (reading.py), unless the
same source also names an allergy, when both stand beside each other. "No known drug allergy" says
less than that and is shown as it was said.
"""

from __future__ import annotations

from app.record.codes import NO_INFORMATION, NO_KNOWN_ALLERGY
from app.record.context import Context, entry
from app.record.element import Resource, codes, codings, concept, concepts, facts, maps, notes, text, value_of, when
from app.record.entry import Absence, Entry, Section, Standing
from app.record.standing import standing_of


def absence_said(resource: Resource) -> Absence | None:
    """What an AllergyIntolerance says about there being none, or None where it names something."""
    said = codes(resource.get("code"))
    standing = _standing(resource)
    if standing not in (Standing.CURRENT, Standing.UNKNOWN):
        return None
    if said & NO_KNOWN_ALLERGY:
        return Absence.NONE_KNOWN
    return Absence.UNAVAILABLE if said & NO_INFORMATION else None


def read_allergy(position: int, resource: Resource, context: Context) -> Entry:
    """An AllergyIntolerance, or an AdverseEvent told like one."""
    reactions = [line for line in map(_reaction, maps(resource.get("reaction"))) if line]
    substance = concepts([item.get("substance") for item in maps(resource.get("reaction"))])
    named = resource.get("code") or resource.get("event")
    return entry(
        position,
        resource,
        Section.ALLERGIES,
        concept(named) or substance,
        detail="; ".join(reactions),
        when=when(resource, "onsetDateTime", "onsetPeriod", "assertedDate", "recordedDate", "date"),
        standing=_standing(resource),
        facts=facts(
            ("reaction", "; ".join(reactions)),
            ("criticality", text(resource.get("criticality"))),
            ("kind", concept(resource.get("type"))),
            ("category", concepts(resource.get("category"))),
            ("onset", value_of(resource, "onset")),
            ("recorded", text(resource.get("assertedDate")) or text(resource.get("recordedDate"))),
            ("status", concept(resource.get("clinicalStatus"))),
            ("verification", concept(resource.get("verificationStatus"))),
            ("note", notes(resource.get("note"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "recorder", "asserter"),
    )


def _standing(resource: Resource) -> Standing:
    return standing_of(resource, "clinicalStatus", "verificationStatus", "status")


def _reaction(reaction: Resource) -> str:
    shown = concepts(reaction.get("manifestation")) or text(reaction.get("description"))
    severity = text(reaction.get("severity"))
    return f"{shown} ({severity})" if shown and severity else shown or severity

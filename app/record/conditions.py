"""Health conditions: Conditions and GP problem headers, active and past as their source said."""

from __future__ import annotations

from app.record.context import Context, entry
from app.record.element import (
    Resource,
    as_map,
    codings,
    concept,
    concepts,
    extension,
    facts,
    maps,
    notes,
    text,
    value_of,
    when,
)
from app.record.entry import Entry, Section
from app.record.standing import standing_of


def read_condition(position: int, resource: Resource, context: Context) -> Entry:
    """A Condition, or a ClinicalImpression told by its summary."""
    named = resource.get("code")
    severity = concept(resource.get("severity"))
    significance = extension(resource, "ProblemSignificance-1", "problemSignificance")
    note = "\n".join(filter(None, (notes(resource.get("note")), text(resource.get("summary")))))
    return entry(
        position,
        resource,
        Section.CONDITIONS,
        concept(named) or text(resource.get("description")),
        detail=severity,
        when=when(resource, "onsetDateTime", "onsetPeriod", "recordedDate", "assertedDate", "dateRecorded", "date"),
        standing=standing_of(resource, "clinicalStatus", "verificationStatus"),
        facts=facts(
            ("status", concept(resource.get("clinicalStatus"))),
            ("verification", concept(resource.get("verificationStatus"))),
            ("severity", severity),
            ("significance", text(significance.get("valueCode"))),
            ("category", concepts(resource.get("category"))),
            ("body-site", concepts(resource.get("bodySite"))),
            ("onset", value_of(resource, "onset")),
            ("ended", value_of(resource, "abatement") or text(as_map(resource.get("abatement")).get("end"))),
            ("recorded", text(resource.get("recordedDate")) or text(resource.get("assertedDate"))),
            ("finding", concepts([item.get("code") for item in maps(resource.get("evidence"))])),
            ("note", note),
        )
        + context.problems.of_problem(position),
        codings=codings(named),
        said_by=context.said_by(resource, "asserter", "recorder", "assessor"),
    )

"""Everything that has no place of its own: shown under OTHER rather than dropped."""

from __future__ import annotations

from app.record.context import Context, entry
from app.record.element import Resource, as_map, codings, concept, concepts, facts, maps, notes, text, when
from app.record.entry import Entry, Section
from app.record.standing import standing_of

_NAMED_BY = ("code", "reasonCode", "serviceType", "type", "category", "name", "title", "description", "topic")
_DATES = (
    "occurrenceDateTime", "occurrencePeriod", "occurrenceDate", "authoredOn", "authored", "date", "dateTime", "created",
    "period", "billablePeriod", "recorded", "issued", "sent", "performedDateTime", "receivedTime", "whenHandedOver",
    "executionPeriod", "effectivePeriod", "effectiveDateTime", "start",
)  # fmt: skip


def read_other(position: int, resource: Resource, context: Context) -> Entry:
    """Any resource: what it calls itself, its date, its status, its notes."""
    supplied = as_map(resource.get("suppliedItem")).get("itemCodeableConcept")
    named = supplied or next((value for name in _NAMED_BY if concepts(value := resource.get(name))), None)
    issues = [concept(one.get("details")) or text(one.get("diagnostics")) for one in maps(resource.get("issue"))]
    description = text(resource.get("description"))
    title = concepts(named)
    return entry(
        position,
        resource,
        Section.OTHER,
        title or next(filter(None, issues), ""),
        detail=description if description != title else "",
        when=when(resource, *_DATES),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("status", text(resource.get("status"))),
            ("reason", concepts(resource.get("reasonCode")) or concepts(resource.get("reason"))),
            ("category", concepts(resource.get("category"))),
            ("kind", text(resource.get("intent"))),
            *(("note", line) for line in issues if line and title),
            ("note", notes(resource.get("note"))),
            ("until", text(as_map(resource.get("period")).get("end"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "requester", "performer", "author", "provider", "insurer", "payor"),
    )

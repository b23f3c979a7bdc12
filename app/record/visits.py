"""Visits and appointments: Encounters, EpisodesOfCare, Appointments."""

from __future__ import annotations

from app.record.context import Context, entry
from app.record.element import Resource, as_map, codes, codings, concept, concepts, facts, maps, notes, text, when
from app.record.entry import Entry
from app.record.sections import SECTION_OF
from app.record.standing import standing_of

_NO_KIND = frozenset({"UNK", "unknown", "Unknown"})
"""Codes of Encounter.class that say nothing."""


def read_visit(position: int, resource: Resource, context: Context) -> Entry:
    """An Encounter or EpisodeOfCare, with what it was about as its source headed it."""
    topics = list(dict.fromkeys(context.topics.get(position, ())))
    reason = concepts(resource.get("reasonCode")) or concepts(resource.get("reason"))
    named = resource.get("type")
    places = [context.frame.name(one.get("location"), resource) for one in maps(resource.get("location"))]
    period = as_map(resource.get("period"))
    kind = "" if codes(resource.get("class")) & _NO_KIND else concept(resource.get("class"))
    return entry(
        position,
        resource,
        SECTION_OF[text(resource.get("resourceType"))],
        concepts(named) or concepts(resource.get("serviceType")) or kind,
        detail=reason or "; ".join(topics),
        when=when(resource, "period"),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("reason", reason),
            *(("topic", topic) for topic in topics),
            ("kind", kind),
            ("place", ", ".join(dict.fromkeys(filter(None, places)))),
            ("ended", text(period.get("end"))),
            ("status", text(resource.get("status"))),
            ("finding", concepts([one.get("condition") for one in maps(resource.get("diagnosis"))])),
            ("note", notes(resource.get("note"))),
        )
        + context.problems.of_visit(position),
        codings=codings(named),
        said_by=context.said_by(resource, "participant", "careManager", "serviceProvider", "managingOrganization"),
    )


def read_appointment(position: int, resource: Resource, context: Context) -> Entry:
    """An Appointment: what for, when, where, with whom."""
    named = resource.get("appointmentType") or resource.get("serviceType")
    people = maps(resource.get("participant"))
    places = [
        context.frame.name(one.get("actor"), resource)
        for one in people
        if context.frame.follow(one.get("actor"), resource).get("resourceType") == "Location"
    ]
    practitioners = [one for one in people if "Patient/" not in text(as_map(one.get("actor")).get("reference"))]
    reason = concepts(resource.get("reasonCode")) or concepts(resource.get("reason"))
    status = text(resource.get("status"))
    return entry(
        position,
        resource,
        SECTION_OF["Appointment"],
        text(resource.get("description")) or concepts(resource.get("serviceType")) or concept(named),
        detail=reason or concepts(resource.get("specialty")),
        when=when(resource, "start", "requestedPeriod", "created"),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("status", status),
            ("status-reason", concept(resource.get("cancelationReason"))),
            ("reason", reason),
            ("kind", concept(resource.get("appointmentType"))),
            ("place", ", ".join(filter(None, places))),
            ("ended", text(resource.get("end"))),
            ("note", text(resource.get("comment")) or text(resource.get("patientInstruction"))),
        ),
        codings=codings(named),
        said_by=_with_whom(practitioners, resource, context),
    )


def _with_whom(people: list[Resource], resource: Resource, context: Context) -> tuple[str, str]:
    author = organisation = ""
    for one in people:
        kind = context.frame.follow(one.get("actor"), resource).get("resourceType")
        called = context.frame.name(one.get("actor"), resource)
        if kind in ("HealthcareService", "Organization"):
            organisation = organisation or called
        elif kind != "Location":
            author = author or called
    return author, organisation

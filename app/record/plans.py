"""Care plans, goals, consents and wishes. A wish is always told as a copy: the original decides."""

from __future__ import annotations

from app.record.codes import PLAN_CONSENTS, WISHES
from app.record.context import Context, entry
from app.record.element import (
    Resource,
    as_map,
    codes,
    codings,
    concept,
    concepts,
    facts,
    maps,
    notes,
    text,
    value_of,
    when,
)
from app.record.entry import Entry, Section
from app.record.standing import standing_of


def read_plan(position: int, resource: Resource, context: Context) -> Entry:
    """A CarePlan or a Goal."""
    activities = [_activity(one, resource, context) for one in maps(resource.get("activity"))]
    goals = [concept(context.frame.follow(one, resource).get("description")) for one in maps(resource.get("goal"))]
    targets = [value_of(one, "detail") for one in maps(resource.get("target"))]
    named = resource.get("category") if resource.get("resourceType") == "CarePlan" else resource.get("description")
    title = text(resource.get("title")) or concepts(named)
    about = concept(resource.get("description"))
    period = as_map(resource.get("period"))
    return entry(
        position,
        resource,
        Section.PLANS,
        title or about,
        detail=about if title and about != title else "",
        when=when(resource, "period", "created", "startDate", "statusDate"),
        standing=standing_of(resource, "status", "lifecycleStatus"),
        facts=facts(
            ("status", text(resource.get("status")) or text(resource.get("lifecycleStatus"))),
            *(("activity", line) for line in activities if line),
            *(("goal", line) for line in (*goals, *targets) if line),
            ("until", text(period.get("end"))),
            ("note", notes(resource.get("note"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "author", "contributor", "expressedBy", "custodian"),
    )


def read_consent(position: int, resource: Resource, context: Context) -> Entry:
    """A Consent: an advance decision stands with the plans, a choice about information under OTHER."""
    provision = as_map(resource.get("provision")) or as_map(resource.get("except"))
    said = codes(resource.get("category")) | codes(resource.get("scope")) | codes(provision.get("code"))
    wish = bool(said & (PLAN_CONSENTS | WISHES))
    named = provision.get("code") if wish and provision.get("code") else resource.get("category")
    choice = text(provision.get("type")) or text(resource.get("decision"))
    return entry(
        position,
        resource,
        Section.PLANS if wish else Section.OTHER,
        concepts(named) or concepts(resource.get("category")) or concept(resource.get("scope")),
        detail=choice,
        when=when(resource, "dateTime", "date", "period"),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("status", text(resource.get("status"))),
            ("kind", concept(resource.get("scope"))),
            ("category", concepts(resource.get("category"))),
            ("stored-at", _original(resource, context)),
            ("until", text(as_map(provision.get("period")).get("end"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "performer", "consentingParty", "organization"),
    )


def _original(resource: Resource, context: Context) -> str:
    source = resource.get("sourceReference")
    target = context.frame.follow(source, resource)
    return text(target.get("description")) or concept(target.get("type")) or text(as_map(source).get("display"))


def _activity(one: Resource, holder: Resource, context: Context) -> str:
    detail = as_map(one.get("detail"))
    told = concept(detail.get("code")) or text(detail.get("description"))
    if told:
        return told
    pointer = one.get("reference")
    return concept(context.frame.follow(pointer, holder).get("code")) or text(as_map(pointer).get("display"))

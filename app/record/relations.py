"""The people around a person: family history, related persons, care teams."""

from __future__ import annotations

from app.record.context import Context, entry
from app.record.element import (
    Resource,
    address,
    as_map,
    codings,
    concept,
    concepts,
    facts,
    human_name,
    maps,
    notes,
    phone,
    reference,
    text,
    value_of,
    when,
)
from app.record.entry import Entry, Section
from app.record.standing import standing_of


def read_family(position: int, resource: Resource, context: Context) -> Entry:
    """A FamilyMemberHistory: which relative, which conditions."""
    conditions = maps(resource.get("condition"))
    relative = concept(resource.get("relationship"))
    found = concepts([one.get("code") for one in conditions])
    remarks = [notes(resource.get("note")), *(notes(one.get("note")) for one in conditions)]
    ages = [value_of(one, "onset") for one in conditions]
    return entry(
        position,
        resource,
        Section.FAMILY,
        found or relative or text(resource.get("name")),
        detail=relative if found else "",
        when=when(resource, "date"),
        standing=standing_of(resource, "status", done_is_current=True),
        facts=facts(
            ("relationship", relative),
            ("finding", found),
            ("onset", ", ".join(filter(None, ages))),
            ("status", text(resource.get("status"))),
            ("note", "\n".join(filter(None, remarks))),
        ),
        codings=tuple(coding for one in conditions for coding in codings(one.get("code")))
        or codings(resource.get("relationship")),
        said_by=context.said_by(resource, "reporter", "recorder"),
    )


def read_related_person(position: int, resource: Resource, context: Context) -> Entry:
    """A RelatedPerson or a CareTeam: who they are, how to reach them."""
    members = ", ".join(filter(None, (_member(one, resource, context) for one in maps(resource.get("participant")))))
    relation = concepts(resource.get("relationship")) or concepts(resource.get("category"))
    is_team = resource.get("resourceType") == "CareTeam"
    named = text(resource.get("name")) if is_team else human_name(resource.get("name"))
    patient = as_map(resource.get("patient"))
    return entry(
        position,
        resource,
        Section.PEOPLE,
        named or relation or text(patient.get("display")),
        detail=(relation if named else "") or members,
        when=when(resource, "period"),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("relationship", relation),
            ("phone", phone(resource.get("telecom"))),
            ("place", address(resource.get("address"))),
            ("role", members),
            ("status", text(resource.get("status"))),
        ),
        codings=codings(resource.get("relationship")),
        said_by=context.said_by(resource, "managingOrganization"),
    )


def _member(one: Resource, team: Resource, context: Context) -> str:
    """Somebody of a care team and what they do there; the patient is nobody to be told of."""
    member = one.get("member")
    if "Patient" in (context.frame.follow(member, team).get("resourceType"), reference(member).split("/", 1)[0]):
        return ""
    name, role = context.frame.name(member, team), concepts(one.get("role"))
    return f"{name} ({role})" if name and role else name or role

"""The professionals, organisations and places of a record: who they are and how to reach them.

Owns what is shown of those whom other resources name, and which of them are the patient's own GP and surgery.
Related people and care teams are relations.py's. Whoever came without anything to read (a bare number, say)
stays part of the record's frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from app.record.bundle import STU3, Frame
from app.record.context import Context, entry
from app.record.element import (
    Resource,
    address,
    codes,
    codings,
    concept,
    concepts,
    email,
    facts,
    maps,
    phone,
    references,
    text,
)
from app.record.entry import Entry, Section, Standing
from app.record.standing import standing_of

NAMED: Final = frozenset({"Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService"})
"""Types that entries name as author, organisation or place; they say nothing about the patient."""

GP, GP_SURGERY, RECORD_HOLDER = "gp", "gp-surgery", "record-holder"
"""What somebody is to the patient: codes of the fact "to-you", with words of their own in the catalogue."""

_PEOPLE = frozenset({"Practitioner", "PractitionerRole"})
_KIND_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "PractitionerRole": ("code", "specialty"),
        "Organization": ("type",),
        "HealthcareService": ("type", "serviceType", "specialty", "serviceCategory"),
        "Location": ("type", "physicalType"),
    }
)
"""The elements that say what one of these is, the best first; a Practitioner has none of its own."""


_REGISTERS = ("https://fhir.nhs.uk/Id/", "https://fhir.hl7.org.uk/Id/", "http://hl7.org/fhir/sid/")
"""Where numbers are given out for everybody: the national registers of people and organisations."""


def read_named(position: int, resource: Resource, context: Context) -> Entry:
    """A Practitioner with the roles told through it, or a role, organisation, service or place."""
    kind = text(resource.get("resourceType"))
    roles = context.told(position, "PractitionerRole") or ([resource] if kind == "PractitionerRole" else [])
    is_a = _words([one for name in _KIND_OF.get(kind, ()) for one in maps(resource.get(name))])
    told = list(dict.fromkeys(filter(None, (_role(role, context) for role in roles)))) or [is_a]
    title = context.frame.called(resource, resource) or told[0]
    holders = [resource, *roles]
    return entry(
        position,
        resource,
        Section.PEOPLE,
        title,
        detail=told[0] if told[0] != title else "",
        standing=_standing(resource),
        facts=facts(
            ("to-you", context.ties.get(position, "")),
            *(("role", one) for one in told if kind in _PEOPLE and one != title),
            ("kind", is_a if kind not in _PEOPLE and is_a != title else ""),
            ("phone", _first(phone(one.get("telecom")) for one in holders)),
            ("email", _first(email(one.get("telecom")) for one in holders)),
            ("place", address(resource.get("address"))),
            ("note", text(resource.get("comment")) or text(resource.get("description"))),
        ),
        codings=codings(resource.get("type")),
        said_by=("", _organisation(resource, roles, context)),
    )


def alike(entries: Sequence[Entry], frame: Frame) -> dict[int, int]:
    """Position → that of the same one: a message may hold a laboratory once for each of its results.

    Two who are told alike but registered under other numbers, or of whom one works there no more, are two.

    The one that is the patient's own stands for all, else the first.
    """
    first: dict[object, int] = {}
    found: dict[int, int] = {}
    for one in sorted(entries, key=lambda entry: entry.facts[:1] == () or entry.facts[0].name != "to-you"):
        if one.resource_type in NAMED:
            told = tuple(fact for fact in one.facts if fact.name != "to-you")
            registered = _registered(frame.at(one.position))
            same = (one.resource_type, one.title, told, one.organisation, one.standing, registered)
            into = first.setdefault(same, one.position)
            if into != one.position:
                found[one.position] = into
    return found


def ties(patient: Resource, frame: Frame, merged: Mapping[int, int], fhir_version: str) -> dict[int, str]:
    """Position → what the one shown there is to this patient.

    (STU3) the GP record's managing organisation is the surgery; in R4 it is whoever keeps the record.
    """
    found: dict[int, str] = {}
    keeper = GP_SURGERY if fhir_version == STU3 else RECORD_HOLDER
    for name, of_people, of_others in (("generalPractitioner", GP, GP_SURGERY), ("managingOrganization", "", keeper)):
        for literal in references(patient.get(name)):
            at = frame.position(literal)
            kind = frame.at(at).get("resourceType")
            tie = of_people if kind in _PEOPLE else of_others
            if at is not None and kind in NAMED and tie:
                found.setdefault(merged.get(at, at), tie)
    return found


def literals(value: Any) -> Iterator[str]:
    """Every literal reference in a resource, however deep."""
    waiting = [value]
    for one in waiting:
        if isinstance(one, Mapping):
            if literal := text(one.get("reference")):
                yield literal
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _registered(resource: Resource) -> frozenset[tuple[str, str]]:
    """Under which registers' numbers somebody is known; what one system numbers for itself says nothing."""
    found = ((text(one.get("system")), text(one.get("value"))) for one in maps(resource.get("identifier")))
    return frozenset((system, value) for system, value in found if system.startswith(_REGISTERS))


def _role(role: Resource, context: Context) -> str:
    """What somebody is and where: "General Medical Practitioner, Oak Lane Surgery"."""
    said = _words(role.get("code")) or _words(role.get("specialty"))
    return ", ".join(filter(None, (said, context.frame.name(role.get("organization"), role))))


def _words(value: object) -> str:
    """What concepts are called, those left out that are a code and no word."""
    return concepts([one for one in maps(value) if not codes(one) & {concept(one)}])


def _organisation(resource: Resource, roles: Sequence[Resource], context: Context) -> str:
    parents = [(resource, name) for name in ("partOf", "providedBy", "managingOrganization")]
    parents += [(role, "organization") for role in roles]
    return _first(context.frame.name(holder.get(name), holder) for holder, name in parents)


def _standing(resource: Resource) -> Standing:
    return Standing.PAST if resource.get("active") is False else standing_of(resource, "status")


def _first(said: Iterator[str]) -> str:
    return next(filter(None, said), "")

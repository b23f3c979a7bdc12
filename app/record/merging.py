"""Which resources are told through another one: the requests of a medicine, the specimen of a report.

Owns the answer to "merged into which entry". A merged resource is never lost: its position leads
to the entry that tells of it, and its bytes stay raw. Only links a source made itself are followed;
two entries are never merged because they look alike, the people and places of one message aside (people.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.record.bundle import Frame
from app.record.codes import COMMENT_NOTE
from app.record.element import (
    Resource,
    address,
    as_map,
    codes,
    email,
    extension,
    maps,
    phone,
    reference,
    references,
    text,
)

INTO_FRAME = -1

_WRITTEN = frozenset({"Composition", "Provenance", "DocumentReference"})
_Link = Callable[[Resource, Frame], list[int]]


def told_through(resources: Sequence[object], frame: Frame) -> dict[int, int]:
    """Position of each resource that another one tells of → position of that one.

    Chains end at the entry that is shown; a ring of links is left as it is, every part shown.
    """
    links: dict[int, int] = {}
    authors: dict[str, None] = {}
    makers: dict[str, None] = {}
    for position, resource in enumerate(resources):
        if not isinstance(resource, dict):
            continue
        kind = resource.get("resourceType")
        if isinstance(kind, str):
            _link(kind, position, resource, frame, links)
            authors.update(_authors(kind, resource))
            if maker := reference(resource.get("manufacturer")):
                makers[maker] = None
    systems = (at for at in _found(list(authors), frame, "Device") if not frame.at(at).get("patient"))
    links.update({at: INTO_FRAME for at in systems if at not in links})
    links.update(dict.fromkeys(_found(list(makers), frame, "Organization"), INTO_FRAME))
    return {absorbed: end for absorbed in links if (end := _end(absorbed, links)) is not None}


def _authors(kind: str, resource: Resource) -> dict[str, None]:
    """Who wrote a record or a document: the computer system named here is no device of the person's."""
    if kind not in _WRITTEN:
        return {}
    agents = (reference(one.get("who") or one.get("whoReference")) for one in maps(resource.get("agent")))
    return dict.fromkeys(literal for literal in (*references(resource.get("author")), *agents) if literal)


def _link(kind: str, position: int, resource: Resource, frame: Frame, links: dict[int, int]) -> None:
    absorb = _ABSORBS.get(kind)
    if absorb is not None:
        for other in absorb(resource, frame):
            if other != position:
                links.setdefault(other, position)
    join = _JOINS.get(kind)
    if join is not None:
        for other in join(resource, frame):
            if other != position:
                links.setdefault(position, other)


def _end(start: int, links: Mapping[int, int]) -> int | None:
    seen = {start}
    at = links[start]
    while at in links:
        if at in seen:
            return None
        seen.add(at)
        at = links[at]
    return at if at != start else None


def _found(literals: Sequence[str], frame: Frame, *kinds: str) -> list[int]:
    positions = (frame.position(literal) for literal in literals)
    return [at for at in positions if at is not None and frame.at(at).get("resourceType") in kinds]


def _of_medicine(resource: Resource, frame: Frame) -> list[int]:
    named = [reference(resource.get("medicationReference")), reference(as_map(resource.get("medication")))]
    asked = references(resource.get("basedOn")) if resource.get("resourceType") == "MedicationStatement" else ()
    return _found(named, frame, "Medication") + _found(list(asked), frame, "MedicationRequest")


def _order_of_plan(resource: Resource, frame: Frame) -> list[int]:
    return _found(list(references(resource.get("basedOn"))), frame, "MedicationRequest", "MedicationStatement")[:1]


def _role_of_person(resource: Resource, frame: Frame) -> list[int]:
    return _found([reference(resource.get("practitioner"))], frame, "Practitioner")


def _site_of_organisation(resource: Resource, frame: Frame) -> list[int]:
    """A place that is called as the organisation that runs it, and reached as it is, is no other place to go to."""
    runs = resource.get("managingOrganization") or resource.get("providedBy")
    found = _found([reference(runs)], frame, "Organization")
    return [
        at for at in found if frame.called(frame.at(at)) == frame.called(resource) and _reached(resource, frame.at(at))
    ]


def _reached(site: Resource, organisation: Resource) -> bool:
    """Whether a site says no address, phone or email that its organisation does not say."""
    ways = ((address, "address"), (phone, "telecom"), (email, "telecom"))
    return all(way(site.get(name)) in ("", way(organisation.get(name))) for way, name in ways)


def _dispense_of_request(resource: Resource, frame: Frame) -> list[int]:
    return _found(list(references(resource.get("authorizingPrescription"))), frame, "MedicationRequest")[:1]


def _of_specimen_holder(resource: Resource, frame: Frame) -> list[int]:
    return _found(list(references(resource.get("specimen"))), frame, "Specimen")


def _of_problem(resource: Resource, frame: Frame) -> list[int]:
    """GP Connect: a problem header and the coded statement it was made from are one thing."""
    actual = as_map(extension(resource, "ActualProblem-1").get("valueReference"))
    if not actual:
        return []
    found = _found([text(actual.get("reference"))], frame, "Observation", "Condition")
    return [at for at in found if codes(frame.at(at).get("code")) & codes(resource.get("code"))]


def _comment_of_result(resource: Resource, frame: Frame) -> list[int]:
    if "related" not in resource or COMMENT_NOTE not in codes(resource.get("code")):
        return []
    literals = [reference(item.get("target")) for item in maps(resource.get("related"))]
    return _found(literals, frame, "Observation")[:1]


def _list_of_visit(resource: Resource, frame: Frame) -> list[int]:
    return _found([reference(resource.get("encounter"))], frame, "Encounter")


def _of_device_use(resource: Resource, frame: Frame) -> list[int]:
    return _found([reference(resource.get("device"))], frame, "Device")


def _of_document(resource: Resource, frame: Frame) -> list[int]:
    attachments = [as_map(item.get("attachment")) for item in maps(resource.get("content"))]
    return _found([text(item.get("url")) for item in attachments], frame, "Binary")


_ABSORBS: dict[str, _Link] = {
    "MedicationStatement": _of_medicine,
    "MedicationRequest": _of_medicine,
    "MedicationDispense": _of_medicine,
    "MedicationAdministration": _of_medicine,
    "DiagnosticReport": _of_specimen_holder,
    "Observation": _of_specimen_holder,
    "Condition": _of_problem,
    "DeviceUseStatement": _of_device_use,
    "DocumentReference": _of_document,
}
"""Types that tell of the resources they point at."""

_JOINS: dict[str, _Link] = {
    "MedicationRequest": _order_of_plan,
    "MedicationDispense": _dispense_of_request,
    "Observation": _comment_of_result,
    "List": _list_of_visit,
    "PractitionerRole": _role_of_person,
    "Location": _site_of_organisation,
    "HealthcareService": _site_of_organisation,
}
"""Types told of by the resource they point at."""

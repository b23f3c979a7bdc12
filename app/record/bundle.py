"""From received bytes to a numbered row of resources: JSON, Bundles, Parameters, references.

Owns which resource has which position and how one resource finds another. It reads no meaning.

Positions count the resources of the outermost Bundle in order, entries without a resource (a
DELETE, say) left out, so position i is the i-th `resource` in the text. Resources inside nested
Bundles (NHS prescriptions come so) follow after all of those, and the nested Bundle itself keeps
its own position. Contained resources have none: they belong to the resource that holds them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NoReturn, overload

from app.record.element import EMPTY, Resource, as_map, human_name, maps, text
from crypto.errors import NotFhir, NotJson

R4 = "4.0.1"
STU3 = "3.0.1"
MAX_NESTED_BUNDLES = 1_000
_KEPT_PARSED = 1_024

_KEY = re.compile(r"[A-Za-z]{1,64}/[A-Za-z0-9\-.]{1,64}", re.ASCII)

_STU3_TYPES = frozenset({"ProcedureRequest", "ReferralRequest", "DeviceComponent", "BodySite", "Sequence"})


@dataclass(frozen=True, slots=True)
class Received:
    """Resources in order of position; each is whatever JSON value stood there.

    `deleted` are the keys ("Condition/1") that elements of the outermost Bundle ask to delete.
    """

    resources: Sequence[object] = field(repr=False)
    full_urls: tuple[str, ...] = field(repr=False)
    fhir_version: str
    deleted: tuple[str, ...] = ()


class Texts(Sequence[object]):
    """Resources kept as the JSON texts they are, each parsed when it is asked for and then let go.

    A large record takes several times the room of its text once parsed. Those asked for again and again
    (a practice, a panel) are found parsed.
    """

    __slots__ = ("_at", "_present", "_texts")

    def __init__(self, texts: Sequence[bytes], present: Sequence[int]) -> None:
        """`present` are the indexes of those in `texts` that count."""
        self._texts = texts
        self._present = present
        self._at = lru_cache(maxsize=_KEPT_PARSED)(self._parsed)

    def __len__(self) -> int:
        return len(self._present)

    def __iter__(self) -> Iterator[object]:
        return (load(self._texts[index]) for index in self._present)

    @overload
    def __getitem__(self, position: int) -> object: ...

    @overload
    def __getitem__(self, position: slice) -> Texts: ...

    def __getitem__(self, position: int | slice) -> object:
        return self._at(position) if isinstance(position, int) else Texts(self._texts, self._present[position])

    def _parsed(self, position: int) -> object:
        return load(self._texts[self._present[position]])


def load(data: bytes) -> object:
    """Parse JSON, numbers kept as the text they had.

    Raises NotJson for anything else, NaN and Infinity included. Duplicate names are not checked
    here: where bytes are signed, crypto.json_text has refused them before.
    """
    try:
        return _DECODER.decode(data.decode(json.detect_encoding(data), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise NotJson(f"expected JSON, found {len(data)} bytes that are not: {type(error).__name__}") from error


def unwrap(document: object, fhir_version: str | None = None) -> Received:
    """The resources of a Bundle, of a Parameters that carries one, or of a single resource.

    `fhir_version` is what the carrier said ("3.0.1", "4.0.1"); without it the version is told by
    its marks. Raises NotFhir where there is no resourceType at the top.
    """
    if not isinstance(document, dict):
        raise NotFhir(f"expected a FHIR resource, found a JSON {type(document).__name__}")
    kind = document.get("resourceType")
    if not isinstance(kind, str) or not kind:
        raise NotFhir("expected resourceType at the top, found none")
    found: list[object] = []
    urls: list[str] = []
    nested: list[Resource] = []
    for resource, url in _top(document, kind):
        found.append(resource)
        urls.append(url)
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            nested.append(resource)
    _flatten(nested, found, urls)
    return Received(tuple(found), tuple(urls), fhir_version or version_of(found), _deleted(document))


def unwrap_sliced(frame: Resource, resources: Sequence[bytes], fhir_version: str) -> Received | None:
    """As `unwrap` for a Bundle taken apart: `frame` with nothing for each resource, and for each element its resource.

    An element without a resource has b"". None for a document of another kind, or one with Bundles inside it.
    """
    if frame.get("resourceType") != "Bundle":
        return None
    present, urls = [], []
    for index, (element, data) in enumerate(zip(maps(frame.get("entry")), resources, strict=False)):
        if data in (b"", b"null"):
            continue
        if (b"Bundle" in data or b"\\u" in data) and as_map(load(data)).get("resourceType") == "Bundle":
            return None
        present.append(index)
        urls.append(text(element.get("fullUrl")))
    return Received(Texts(resources, present), tuple(urls), fhir_version, _deleted(frame))


def _deleted(document: Resource) -> tuple[str, ...]:
    """Elements with request.method DELETE and a plain Type/id as url; a search or another server's url says nothing."""
    requests = [as_map(entry.get("request")) for entry in maps(document.get("entry"))]
    urls = [text(one.get("url")) for one in requests if one.get("method") == "DELETE"]
    return tuple(dict.fromkeys(url for url in urls if _KEY.fullmatch(url)))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant)
"""One decoder for all: json.loads makes a new one at each call."""


def _top(document: Resource, kind: str) -> Iterable[tuple[object, str]]:
    if kind == "Bundle":
        return _entries(document)
    if kind == "Parameters":
        return _parameters(document)
    return [(document, "")]


def _entries(bundle: Resource) -> list[tuple[object, str]]:
    return [
        (entry["resource"], text(entry.get("fullUrl")))
        for entry in maps(bundle.get("entry"))
        if entry.get("resource") is not None
    ]


def _parameters(parameters: Resource) -> list[tuple[object, str]]:
    found: list[tuple[object, str]] = []
    waiting = maps(parameters.get("parameter"))
    for parameter in waiting:
        waiting.extend(maps(parameter.get("part")))
        resource = parameter.get("resource")
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            found.extend(_entries(resource))
        elif resource is not None:
            found.append((resource, ""))
    return found


def _flatten(nested: list[Resource], found: list[object], urls: list[str]) -> None:
    for count, bundle in enumerate(nested):
        if count >= MAX_NESTED_BUNDLES:
            raise NotFhir(f"expected at most {MAX_NESTED_BUNDLES} Bundles inside one another, found more")
        for resource, url in _entries(bundle):
            found.append(resource)
            urls.append(url)
            if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
                nested.append(resource)


def version_of(resources: Sequence[object]) -> str:
    """STU3 tells itself by its profiles, by types R4 no longer has, or by elements R4 renamed."""
    return STU3 if any(isinstance(item, dict) and _is_stu3(item) for item in resources) else R4


def _is_stu3(resource: Resource) -> bool:
    kind = text(resource.get("resourceType"))
    if kind in _STU3_TYPES or "assertedDate" in resource or "notGiven" in resource:
        return True
    if kind == "MedicationStatement" and "taken" in resource:
        return True
    profiles = as_map(resource.get("meta")).get("profile")
    return isinstance(profiles, list) and any("/STU3/" in item for item in profiles if isinstance(item, str))


class Frame:
    """The resources of one reading, found by reference. Reads only; knows nothing of sections."""

    __slots__ = ("_index", "_names", "_resources")

    def __init__(self, received: Received) -> None:
        self._resources = received.resources
        self._names: dict[str, str] = {}
        self._index: dict[str, int] = {}
        for position, resource in enumerate(received.resources):
            if not isinstance(resource, dict):
                continue
            if identity := resource.get("id"):
                self._index.setdefault(f"{resource.get('resourceType')}/{identity}", position)
            if url := received.full_urls[position]:
                self._index.setdefault(url, position)
        for literal, position in list(self._index.items()):  # resources that travel without their fullUrl
            self._index.setdefault(f"urn:uuid:{literal.rsplit('/', 1)[-1]}", position)

    def position(self, literal: str) -> int | None:
        """Where a literal reference points in this reading, or None."""
        if not literal or literal[0] == "#":
            return None
        found = self._index.get(literal)
        if found is not None or "/" not in literal:
            return found
        parts = literal.split("/_history/", 1)[0].split("/")
        return self._index.get("/".join(parts[-2:]))

    def at(self, position: int | None) -> Resource:
        """The resource at a position, or an empty object."""
        if position is None or not 0 <= position < len(self._resources):
            return EMPTY
        return as_map(self._resources[position])

    def follow(self, value: object, holder: Resource = EMPTY) -> Resource:
        """The resource a Reference means: contained in its holder, or elsewhere in this reading."""
        literal = text(as_map(value).get("reference"))
        if literal.startswith("#"):
            wanted = literal[1:]
            return next((item for item in maps(holder.get("contained")) if item.get("id") == wanted), EMPTY)
        return self.at(self.position(literal))

    def name(self, value: object, holder: Resource = EMPTY) -> str:
        """What a Reference's target calls itself; failing that, the Reference's own display."""
        one = as_map(value)
        literal = text(one.get("reference"))
        if literal in self._names and not literal.startswith("#"):
            return self._names[literal] or text(one.get("display"))
        called = self.called(self.follow(one, holder), holder)
        if literal:
            self._names[literal] = called
        return called or text(one.get("display"))

    def called(self, target: Resource, holder: Resource = EMPTY) -> str:
        """What a person, organisation or place calls itself; "" for everything else."""
        kind = target.get("resourceType")
        if kind in ("Practitioner", "RelatedPerson", "Person"):
            return human_name(target.get("name"))
        if kind == "PractitionerRole":
            person = self.follow(target.get("practitioner"), holder)
            called = human_name(person.get("name")) if person.get("resourceType") == "Practitioner" else ""
            return called or text(as_map(target.get("practitioner")).get("display"))
        if kind in ("Organization", "Location", "HealthcareService", "CareTeam"):
            return text(target.get("name"))
        return ""

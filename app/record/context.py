"""What a mapper may ask while it reads one resource: its neighbours, its headings, its panel.

Owns the building of an Entry out of one resource. Each mapper module reads one group of types and
is a plain function (position, resource, context) → Entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.record.bundle import Frame
from app.record.element import Resource, concept, maps, narrative, reference, text
from app.record.entry import Coding, Entry, Fact, Quantity, Section, Standing, When
from app.record.problems import Problems
from app.record.sections import type_words

_ACTORS = ("actor", "individual", "agent", "member", "onBehalfOf", "who")
_ORGANISATIONS = frozenset({"Organization", "HealthcareService", "CareTeam"})
_WORDS_JOINED = re.compile(r"[a-z]+(?:-[a-z]+)+")
MAX_NARRATIVE_CHARS = 600


class Context:
    """One reading's resources and the links between them, looked up by position."""

    __slots__ = ("_told", "frame", "headings", "panels", "problems", "ties", "topics")

    def __init__(self, resources: Sequence[object], frame: Frame, merged: Mapping[int, int]) -> None:
        self.frame = frame
        self._told: dict[int, list[int]] = {}
        for absorbed, into in merged.items():
            self._told.setdefault(into, []).append(absorbed)
        self.headings: dict[int, str] = {}
        self.topics: dict[int, list[str]] = {}
        self.panels: dict[int, str] = {}
        self.ties: Mapping[int, str] = {}
        self.problems = Problems(frame)
        for position, resource in enumerate(resources):
            if isinstance(resource, dict):
                self._learn(resource)
                self.problems.learn(position, resource)

    def told(self, position: int, resource_type: str) -> list[Resource]:
        """Resources of this type merged into the one at a position, in the order received."""
        if position not in self._told:
            return []
        found = (self.frame.at(absorbed) for absorbed in self._told[position])
        return [resource for resource in found if resource.get("resourceType") == resource_type]

    def said_by(self, resource: Resource, *names: str) -> tuple[str, str]:
        """The first person and the first organisation named under these elements, "" where there is none."""
        author = organisation = ""
        for name in names:
            for item in maps(resource.get(name)):
                actor = next((item[key] for key in _ACTORS if key in item), item)
                called = self.frame.name(actor, resource)
                if not called:
                    continue
                if self._is_organisation(actor, resource):
                    organisation = organisation or called
                else:
                    author = author or called
        return author, organisation

    def _is_organisation(self, actor: object, holder: Resource) -> bool:
        kind = text(self.frame.follow(actor, holder).get("resourceType"))
        if kind:
            return kind in _ORGANISATIONS
        literal = reference(actor)
        return literal.rsplit("/", 2)[-2:-1] == ["Organization"]

    def _learn(self, resource: Resource) -> None:
        kind = resource.get("resourceType")
        if kind == "List":
            self._learn_list(resource)
        elif "result" in resource or "hasMember" in resource or "related" in resource:
            called = concept(resource.get("code"))
            for literal in _members(resource):
                position = self.frame.position(literal)
                if position is not None and (kind == "Observation" or position not in self.panels):
                    self.panels[position] = called

    def _learn_list(self, resource: Resource) -> None:
        title = text(resource.get("title"))
        visit = self.frame.position(reference(resource.get("encounter")))
        if not title:
            return
        kind = concept(resource.get("code"))
        if visit is not None and kind == "Topic (EHR)":
            self.topics.setdefault(visit, []).append(title)
        for item in maps(resource.get("entry")):
            position = self.frame.position(reference(item.get("item")))
            if position is not None and kind == "Category (EHR)":
                self.headings[position] = title


def _is_bare_code(title: str, codings: tuple[Coding, ...]) -> bool:
    """Whether a title is only a code that its source put no words to."""
    return any(one.code == title and one.display in ("", title) for one in codings) and " " not in title


def _code_words(kind: str, code: str) -> str:
    """A bare code made sayable: "no-known-food-allergies" is words already, "207" is nobody's name for a vaccine."""
    if _WORDS_JOINED.fullmatch(code):
        return code.replace("-", " ").capitalize()
    return f"{type_words(kind)} ({code})" if code.isalpha() and code.islower() else f"{type_words(kind)} (code {code})"


def _members(resource: Resource) -> list[str]:
    members = [reference(item) for name in ("result", "hasMember") for item in maps(resource.get(name))]
    related = maps(resource.get("related"))
    members += [reference(item.get("target")) for item in related if item.get("type") == "has-member"]
    return [literal for literal in members if literal]


def entry(
    position: int,
    resource: Resource,
    section: Section,
    title: str,
    *,
    detail: str = "",
    when: When | None = None,
    standing: Standing = Standing.UNKNOWN,
    facts: tuple[Fact, ...] = (),
    codings: tuple[Coding, ...] = (),
    quantity: Quantity | None = None,
    said_by: tuple[str, str] = ("", ""),
) -> Entry:
    """An Entry of one resource; one its source gave no name is called by its type, its narrative told instead."""
    kind = text(resource.get("resourceType"))
    identity = text(resource.get("id"))
    if not title:
        title = type_words(kind)
        detail = detail or narrative(resource)[:MAX_NARRATIVE_CHARS]
    elif _is_bare_code(title, codings):
        title = _code_words(kind, title)
    return Entry(
        key=f"{kind}/{identity}" if identity else f"#{position}",
        position=position,
        section=section,
        resource_type=kind,
        title=title,
        detail=detail,
        when=when,
        standing=standing,
        facts=facts,
        codings=codings,
        quantity=quantity,
        organisation=said_by[1],
        author=said_by[0],
    )

"""Which consultations a problem came up in, and which problems a consultation was about, as the source linked them.

Owns the links: GP Connect's problem header and topic extensions (STU3), the lists of a consultation, the one a
Condition names, the diagnoses and reasons of an Encounter (R4 and STU3). Nothing is guessed from dates or words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.record.bundle import Frame
from app.record.element import Resource, concept, concepts, facts, maps, reference, text, when
from app.record.entry import Fact, Standing
from app.record.standing import standing_of

_CONTENT = "RelatedClinicalContent-1"
_HEADER = "RelatedProblemHeader-1"


class Problems:
    """The links of one reading, learnt resource by resource."""

    __slots__ = ("_frame", "_related", "_seen_at", "_spoken_of")

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._seen_at: dict[int, dict[int, None]] = {}
        self._spoken_of: dict[int, dict[int, None]] = {}
        self._related: dict[int, dict[int, None]] = {}

    def learn(self, position: int, resource: Resource) -> None:
        """Keep what the resource at a position says about problems and consultations."""
        kind = resource.get("resourceType")
        if kind == "Condition":
            self._link([position], self._visits(resource))
            for other in self._found(_targets(resource, _HEADER), "Condition"):
                if other != position:
                    self._related.setdefault(position, {})[other] = None
        elif kind == "Encounter":
            named = [one.get("condition") for one in maps(resource.get("diagnosis"))]
            named += [resource.get("reasonReference")]
            self._link(self._found(named, "Condition"), [position])
        elif kind == "List" and "encounter" in resource:
            items = [one.get("item") for one in maps(resource.get("entry"))]
            problems = self._found([*items, *_targets(resource, _HEADER)], "Condition")
            self._link(problems, self._found([resource["encounter"]], "Encounter"))

    def of_visit(self, position: int) -> tuple[Fact, ...]:
        """The problems a consultation was about, by name."""
        return facts(*(("problem", name) for name in self._names(self._spoken_of.get(position, ()))))

    def of_problem(self, position: int) -> tuple[Fact, ...]:
        """The problems one is linked to by name, and the consultations it came up in by date, newest first."""
        related = [("problem", name) for name in self._names(self._related.get(position, ()))]
        visits = [self._frame.at(at) for at in self._seen_at.get(position, ())]
        dates = sorted({_called(one) for one in visits if not _is_error(one)} - {""}, reverse=True)
        return facts(*related, *(("visit", one) for one in dates))

    def _link(self, problems: Iterable[int], visits: Iterable[int]) -> None:
        of = list(problems)
        for visit in visits:
            for problem in of:
                self._seen_at.setdefault(problem, {})[visit] = None
                self._spoken_of.setdefault(visit, {})[problem] = None

    def _visits(self, condition: Resource) -> Iterator[int]:
        named = [condition.get("encounter"), condition.get("context"), *_targets(condition, _CONTENT)]
        yield from self._found(named, "Encounter")
        for at in self._found(named, "List"):
            yield from self._found([self._frame.at(at).get("encounter")], "Encounter")

    def _found(self, pointers: Iterable[object], kind: str) -> Iterator[int]:
        for pointer in pointers:
            for one in maps(pointer):
                at = self._frame.position(reference(one))
                if at is not None and self._frame.at(at).get("resourceType") == kind:
                    yield at

    def _names(self, positions: Iterable[int]) -> dict[str, None]:
        found = (self._frame.at(at) for at in positions)
        return dict.fromkeys(concept(one.get("code")) for one in found if not _is_error(one))


def _targets(resource: Resource, ending: str) -> Iterator[object]:
    """What the extensions of one kind point at, whether they hold it or a part of them does."""
    for one in maps(resource.get("extension")):
        if text(one.get("url")).endswith(ending):
            yield one.get("valueReference")
            yield from (part.get("valueReference") for part in maps(one.get("extension")))


def _called(visit: Resource) -> str:
    date = when(visit, "period")
    return date.text[:10] if date else concepts(visit.get("type"))


def _is_error(resource: Resource) -> bool:
    return standing_of(resource, "status", "verificationStatus", "clinicalStatus") is Standing.ENTERED_IN_ERROR

"""What a visible entry repeats of a hidden one: the problems of a consultation, the days a problem came up.

Owns which facts name other entries. Which entries are hidden is shelf.py's. What a source wrote in free words stays
as it came: it is the visible entry's own text.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Final

from app.record.entry import Entry

LINKS: Final = frozenset({"problem", "visit"})
"""Facts that are told of another entry of the record, and are not words of this one: no search looks into them."""
_REPEATED: Final = LINKS | {"topic", "reason", "finding"}
_BETWEEN: Final = "; "


def tells_of_others(entry: Entry) -> bool:
    """Whether an entry may repeat what another one is called."""
    return any(fact.name in _REPEATED for fact in entry.facts)


def without_names(entry: Entry, names: Set[str]) -> Entry:
    """The entry without what it repeats of others; `names` are what those are called, in folded case."""
    facts = tuple(one for one in entry.facts if one.name not in _REPEATED or one.value.casefold() not in names)
    if len(facts) == len(entry.facts):
        return entry
    detail = _BETWEEN.join(part for part in entry.detail.split(_BETWEEN) if part.casefold() not in names)
    return replace(entry, facts=facts, detail=detail)

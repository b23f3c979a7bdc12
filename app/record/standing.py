"""How a source's status words stand today. One table, because FHIR spells the same fact many ways."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.record.element import Resource, codes
from app.record.entry import Standing

_WORDS: Mapping[str, Standing] = MappingProxyType(
    {
        "active": Standing.CURRENT,
        "recurrence": Standing.CURRENT,
        "relapse": Standing.CURRENT,
        "current": Standing.CURRENT,
        "final": Standing.CURRENT,
        "amended": Standing.CURRENT,
        "corrected": Standing.CURRENT,
        "appended": Standing.CURRENT,
        "preliminary": Standing.CURRENT,
        "registered": Standing.CURRENT,
        "partial": Standing.CURRENT,
        "booked": Standing.CURRENT,
        "pending": Standing.CURRENT,
        "proposed": Standing.CURRENT,
        "arrived": Standing.CURRENT,
        "in-progress": Standing.CURRENT,
        "planned": Standing.CURRENT,
        "intended": Standing.CURRENT,
        "available": Standing.CURRENT,
        "on-hold": Standing.CURRENT,
        "draft": Standing.CURRENT,
        "inactive": Standing.PAST,
        "resolved": Standing.PAST,
        "remission": Standing.PAST,
        "completed": Standing.PAST,
        "finished": Standing.PAST,
        "fulfilled": Standing.PAST,
        "stopped": Standing.PAST,
        "ended": Standing.PAST,
        "cancelled": Standing.PAST,
        "revoked": Standing.PAST,
        "rejected": Standing.PAST,
        "noshow": Standing.PAST,
        "superseded": Standing.PAST,
        "aborted": Standing.PAST,
        "refuted": Standing.REFUTED,
        "disconfirmed": Standing.REFUTED,
        "not-done": Standing.REFUTED,
        "not-taken": Standing.REFUTED,
        "declined": Standing.REFUTED,
        "entered-in-error": Standing.ENTERED_IN_ERROR,
    }
)
_ORDER = (Standing.ENTERED_IN_ERROR, Standing.REFUTED, Standing.PAST, Standing.CURRENT)


def standing_of(resource: Resource, *names: str, done_is_current: bool = False) -> Standing:
    """How a resource stands by the status elements named: an error or a denial outweighs the rest.

    `done_is_current` is for facts that stay true once done (a vaccination, a finished report).
    """
    said = [_WORDS.get(code) for name in names for code in codes(resource.get(name))]
    found = Standing.UNKNOWN
    for standing in _ORDER:
        if standing in said:
            found = standing
            break
    if done_is_current and found is Standing.PAST and "completed" in codes(resource.get("status")):
        return Standing.CURRENT
    return found

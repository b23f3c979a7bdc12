"""How much and for how long: the choices offered when a person gives access, least first.

Owns the presets. It leaves making the code to app/actions/sharing.py and the words to the catalogue.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from app.record.entry import Section

LEAST_SECTIONS: frozenset[Section] = frozenset({Section.ALLERGIES, Section.MEDICINES, Section.CONDITIONS})
"""Ticked when the choice opens: what any treating professional needs first (the IPS's three required sections)."""


class HowLong(StrEnum):
    """How long access lasts; the value is stored and names the words ("how-long.1h")."""

    QUARTER_HOUR = "15m"
    HOUR = "1h"
    TODAY = "today"
    WEEK = "7d"


DEFAULT_HOW_LONG = HowLong.HOUR

_LENGTHS = {
    HowLong.QUARTER_HOUR: timedelta(minutes=15),
    HowLong.HOUR: timedelta(hours=1),
    HowLong.WEEK: timedelta(days=7),
}


def ends_at(how_long: HowLong, *, now: datetime, zone: tzinfo) -> datetime:
    """When access given now ends, aware and in the zone of `now`; "today" is the coming midnight in `zone`."""
    if how_long is not HowLong.TODAY:
        return now + _LENGTHS[how_long]
    local = now.astimezone(zone)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(now.tzinfo)

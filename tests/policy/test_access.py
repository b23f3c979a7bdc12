"""When access ends, and what is ticked to begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.policy.access import LEAST_SECTIONS, HowLong, ends_at
from app.record.entry import Section

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("how_long", "now", "end"),
    [
        (HowLong.QUARTER_HOUR, "2026-11-23T15:12:00", "2026-11-23T15:27:00"),
        (HowLong.HOUR, "2026-11-23T15:12:00", "2026-11-23T16:12:00"),
        (HowLong.WEEK, "2026-11-23T15:12:00", "2026-11-30T15:12:00"),
        (HowLong.TODAY, "2026-11-23T15:12:00", "2026-11-24T00:00:00"),
        (HowLong.TODAY, "2026-07-01T22:59:59", "2026-07-01T23:00:00"),
        (HowLong.TODAY, "2026-07-01T23:00:00", "2026-07-02T23:00:00"),
    ],
)
def test_access_ends_when_the_choice_says(how_long: HowLong, now: str, end: str) -> None:
    given = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert ends_at(how_long, now=given, zone=LONDON) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_only_the_least_needed_is_ticked() -> None:
    assert {Section.ALLERGIES, Section.MEDICINES, Section.CONDITIONS} == LEAST_SECTIONS

"""When the patient is asked to look at their emergency card again.

Owns the rule alone. What counts as a change is app/actions/emergency_choices.py's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LOOK_AFTER: Final = timedelta(days=183)
"""Half a year: an old card is worse than none where something was stopped since."""


class Why(StrEnum):
    """Why to look again. The value is a key of the text catalogue below "emergency.look."."""

    NEVER = "never"
    CHANGED = "changed"
    LONG_AGO = "long-ago"


def why_look_again(looked_at: datetime | None, *, changed: bool, now: datetime) -> Why | None:
    """Why the patient should look at the card now, None where there is no need.

    `looked_at` is when they last said they had, `changed` whether anything that belongs on it did since.
    """
    if looked_at is None:
        return Why.NEVER
    if changed:
        return Why.CHANGED
    return Why.LONG_AGO if now - looked_at >= LOOK_AFTER else None

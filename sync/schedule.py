"""When to ask for what is new, and when to look whether there is a network again: pure, and told the time.

Owns the times. Seconds are those of a clock that never goes back, so that a phone's wrong or changed time neither
hurries nor stops anything; chance is given. Asking is app/actions/refreshing.py, looking reach.py, doing either
app/journeys/background.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

EVERY_SECONDS: Final = 15 * 60.0
"""Between two visits that went well."""

FIRST_RETRY_SECONDS: Final = 60.0
MAX_RETRY_SECONDS: Final = 60 * 60.0
FIRST_LOOK_SECONDS: Final = 20.0
MAX_LOOK_SECONDS: Final = 5 * 60.0
MAX_DOUBLINGS: Final = 16


@dataclass(frozen=True, slots=True)
class Schedule:
    """The next visit and, while there is no signal, the next look for one; `failures` counts those in a row."""

    visit_at: float = 0.0
    look_at: float = 0.0
    failures: int = 0

    def visit_is_due(self, now: float) -> bool:
        """Whether to ask for what is new."""
        return now >= self.visit_at

    def look_is_due(self, now: float) -> bool:
        """Whether to look for a network, where there was none."""
        return now >= self.look_at

    def succeeded(self, now: float) -> Schedule:
        """After a visit that reached everybody."""
        return Schedule(visit_at=now + EVERY_SECONDS)

    def failed(self, now: float, *, chance: float, asked: float | None = None) -> Schedule:
        """After a visit that did not: later each time, up to an hour.

        `chance` is 0.0 to under 1.0. `asked` is the pause a service asked for, in seconds, where one did: it is kept to
        as far as an hour.
        """
        failures = self.failures + 1
        grown = _grown(FIRST_RETRY_SECONDS, failures, MAX_RETRY_SECONDS) * (0.5 + 0.5 * chance)
        wait = max(grown, min(asked or 0.0, MAX_RETRY_SECONDS))
        return Schedule(now + wait, now + _grown(FIRST_LOOK_SECONDS, failures, MAX_LOOK_SECONDS), failures)

    def looked(self, now: float) -> Schedule:
        """After a look that found no network."""
        return replace(self, look_at=now + _grown(FIRST_LOOK_SECONDS, max(self.failures, 1), MAX_LOOK_SECONDS))

    def network_returned(self, now: float) -> Schedule:
        """After a look that found one: a visit at once. If that fails too, what follows is not begun from anew."""
        return replace(self, visit_at=now)


def _grown(first: float, failures: int, most: float) -> float:
    return float(min(first * 2.0 ** min(failures - 1, MAX_DOUBLINGS), most))

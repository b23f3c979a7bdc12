"""The only module that reads the system clock (D13). Everything else is given `now`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

MAX_AHEAD = timedelta(hours=24)
"""A signed time further ahead of the system clock than this is ignored: one bad `iat` must not expire everything."""


def system_now() -> datetime:
    """The system clock as an aware UTC datetime."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never goes back, for deadlines and delays."""
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Moment:
    """A point on two clocks: one that never goes back, and the system's, which goes on while the device sleeps."""

    steady: float
    system: datetime

    def seconds_since(self, earlier: Moment) -> float:
        """How long ago `earlier` was, by the clock that says more: set forward it counts, set back it does not."""
        return max(self.steady - earlier.steady, (self.system - earlier.system).total_seconds())


def moment() -> Moment:
    """Now, on both."""
    return Moment(monotonic(), system_now())


def pause(seconds: float) -> None:
    """Do nothing for so long; never on the event loop."""
    time.sleep(seconds)


@dataclass(slots=True)
class Clock:
    """max(system clock, newest believable signed time seen): setting the phone back revives nothing."""

    highest_signed: datetime | None = field(default=None)

    def now(self) -> datetime:
        """The time to judge by, aware UTC."""
        system = system_now()
        return system if self.highest_signed is None else max(system, self.highest_signed)

    def saw_signed(self, at: datetime, *, by_threshold: bool = False) -> None:
        """Take note of a time inside a verified message; `by_threshold` when TUF's threshold signed it."""
        if not by_threshold and at > system_now() + MAX_AHEAD:
            return
        if self.highest_signed is None or at > self.highest_signed:
            self.highest_signed = at

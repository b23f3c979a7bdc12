"""How long to wait after wrong tries at the passphrase or the PIN, growing, and not forgotten by a restart.

Owns the steps of the delay and what is noted between tries. Where it is noted is app/actions/trying.py's. It
slows a person at this device; somebody who copied the folder is slowed by Argon2id alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crypto.errors import WaitBeforeRetry

FREE_TRIES: Final = 3
"""Typing errors cost nothing this often."""

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""After the third wrong try, the fourth, …; the last one stays."""


@dataclass(frozen=True, slots=True)
class WrongTries:
    """How many in a row, when the last one was, and how many of them were PINs."""

    count: int
    last: datetime
    pins: int = 0

    def to_bytes(self) -> bytes:
        """As JSON."""
        last = self.last.astimezone(UTC).isoformat()
        return json.dumps({"count": self.count, "last": last, "pins": self.pins}).encode("ascii")

    def delay(self) -> timedelta:
        """How long after the last try the next one may come."""
        over = self.count - FREE_TRIES
        return timedelta(0) if over < 0 else DELAYS[min(over, len(DELAYS) - 1)]


def read_tries(data: bytes | None, *, now: datetime) -> WrongTries | None:
    """What was noted; a note that cannot be read, or comes from the future, counts as one made just now."""
    if data is None:
        return None
    try:
        noted = json.loads(data)
        last = datetime.fromisoformat(noted["last"]).astimezone(UTC)
        tries = WrongTries(int(noted["count"]), last, int(noted.get("pins", 0)))
        if tries.count < 1 or tries.pins < 0:
            return WrongTries(FREE_TRIES, now)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return WrongTries(FREE_TRIES, now)
    return replace(tries, last=min(tries.last, now))


def more_of(one: WrongTries | None, other: WrongTries | None) -> WrongTries | None:
    """What counts of two notes: the larger count, of two alike the later; and the more PINs."""
    if one is None or other is None:
        return one or other
    more = max(one, other, key=lambda tries: (tries.count, tries.last))
    return replace(more, pins=max(one.pins, other.pins))


def one_more(tries: WrongTries | None, *, now: datetime, pin: bool = False) -> WrongTries:
    """What to note after another wrong try."""
    before = tries or WrongTries(0, now)
    return WrongTries(before.count + 1, now, before.pins + int(pin))


def require_waited(tries: WrongTries | None, *, now: datetime) -> None:
    """Raise WaitBeforeRetry, with whole seconds rounded up, while the delay runs."""
    if tries is None:
        return
    left = tries.last + tries.delay() - now
    if left > timedelta(0):
        raise WaitBeforeRetry(-(-left // timedelta(seconds=1)))

"""How long to wait after wrong tries at the passphrase, growing, and not forgotten by a restart.

Owns the steps of the delay and what is noted between tries. The file is app/store/home.py's. It
slows a person at this device; somebody who copied the folder is slowed by Argon2id alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
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
    """How many in a row, and when the last one was."""

    count: int
    last: datetime

    def to_bytes(self) -> bytes:
        """As JSON."""
        return json.dumps({"count": self.count, "last": self.last.astimezone(UTC).isoformat()}).encode("ascii")

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
        tries = WrongTries(int(noted["count"]), datetime.fromisoformat(noted["last"]).astimezone(UTC))
        if tries.count < 1:
            return WrongTries(FREE_TRIES, now)
    except (ValueError, KeyError, TypeError, OverflowError):
        return WrongTries(FREE_TRIES, now)
    return WrongTries(tries.count, min(tries.last, now))


def one_more(tries: WrongTries | None, *, now: datetime) -> WrongTries:
    """What to note after another wrong try."""
    return WrongTries(1 if tries is None else tries.count + 1, now)


def require_waited(tries: WrongTries | None, *, now: datetime) -> None:
    """Raise WaitBeforeRetry, with whole seconds rounded up, while the delay runs."""
    if tries is None:
        return
    left = tries.last + tries.delay() - now
    if left > timedelta(0):
        raise WaitBeforeRetry(-(-left // timedelta(seconds=1)))

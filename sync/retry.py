"""How long to leave a service alone before it is asked again: what it asked for, or a pause that grows.

Pure: no clock, no sleep, no randomness of its own. Owns the numbers; whether a request may be repeated at all is
transport.py, when a whole visit is tried again schedule.py. RFC 9110 10.2.3 (Retry-After), RFC 6585 4 (429).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

BUSY: Final = (429, 503)
"""Answers that mean: not now, and nothing was done."""

MAX_TRIES: Final = 4
FIRST_PAUSE_SECONDS: Final = 0.5
MAX_PAUSE_SECONDS: Final = 20.0
"""The longest pause within one request; a service that asks for more is asked again at another visit."""

MAX_ASKED_SECONDS: Final = 3600.0
"""The longest pause a service can ask for: it must not be able to keep a passport away for days."""


def asked_seconds(headers: Mapping[str, str]) -> float | None:
    """The pause the answer asks for, 0.0 to MAX_ASKED_SECONDS; None where it asks for none that can be read.

    `headers` have lower-case names. A date counts from the answer's own Date: clocks that differ do no harm.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_ASKED_SECONDS)
    until, sent = _date(text), _date(headers.get("date", ""))
    if until is None or sent is None:
        return None
    return min(max((until - sent).total_seconds(), 0.0), MAX_ASKED_SECONDS)


def pause_seconds(tries: int, headers: Mapping[str, str], jitter: Callable[[], float]) -> float:
    """How long to wait after the `tries`-th try (from 1): never less than what was asked for, and never in step."""
    grown = min(FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1), MAX_PAUSE_SECONDS)
    asked = asked_seconds(headers)
    return grown * (0.5 + 0.5 * jitter()) if asked is None else asked + FIRST_PAUSE_SECONDS * jitter()


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None

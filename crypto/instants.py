"""NumericDate (RFC 7519 §2) to and from aware UTC datetimes, and the rules of time shared by every message.

Owns the tolerance between two clocks (D13). It reads no clock: `now` is always given.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crypto.errors import Expired, MalformedToken, NotYetValid

CLOCK_TOLERANCE = timedelta(seconds=120)
"""How far ahead another clock may be before its messages are refused (D13). Never added to an `exp`."""

MAX_NUMERIC_DATE = 253_402_300_799
"""9999-12-31T23:59:59Z in seconds: anything later is milliseconds written by mistake."""


def from_numeric_date(value: object, *, name: str) -> datetime:
    """An aware UTC datetime from seconds since 1970, fractions allowed (real cards carry them).

    Raises MalformedToken when `value` is no number or outside the years 1970–9999.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedToken(f"{name}: expected a number of seconds, found {type(value).__name__}")
    if not 0 <= value <= MAX_NUMERIC_DATE:
        raise MalformedToken(f"{name}: expected seconds from 1970 to 9999")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)


def to_numeric_date(at: datetime) -> int:
    """Whole seconds since 1970 of an aware datetime, rounded down."""
    if at.tzinfo is None:
        raise ValueError("expected an aware datetime")
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def require_begun(at: datetime, *, now: datetime, name: str) -> None:
    """Raise NotYetValid when `at` lies more than CLOCK_TOLERANCE after `now`."""
    if at > now + CLOCK_TOLERANCE:
        raise NotYetValid(f"{name}: expected at most {CLOCK_TOLERANCE.seconds} s after now, found {at.isoformat()}")


def require_before(exp: datetime, *, now: datetime) -> None:
    """Raise Expired when `now` is at or after `exp` (RFC 7519 §4.1.4)."""
    if now >= exp:
        raise Expired(f"exp: expected after now, found {exp.isoformat()}")

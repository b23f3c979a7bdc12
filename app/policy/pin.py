"""Which PINs are taken: 6 to 12 digits that are not among the first anybody tries.

Owns the rule. What a PIN opens, and only on this device, is crypto/vault.py's; wrong tries are tries.py's.
With ten tries in all, what matters is that the PIN is none of the few thousand that people choose most.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final

from crypto.errors import PinTooWeak

MIN_DIGITS: Final = 6
MAX_DIGITS: Final = 12
MAX_WRONG_PINS: Final = 10
"""So many wrong ones in a row and the PIN opens nothing any more."""

_MIN_DISTINCT: Final = 3
_ON_THE_PAD: Final = (
    "147258",
    "147852",
    "159753",
    "258369",
    "369258",
    "741852",
    "753159",
    "789456",
    "852963",
    "963852",
)
"""Ways across a number pad."""


def require_good_pin(pin: str) -> None:
    """Raise PinTooWeak, saying which rule it breaks and never the PIN."""
    if not MIN_DIGITS <= len(pin) <= MAX_DIGITS:
        raise PinTooWeak(f"expected {MIN_DIGITS} to {MAX_DIGITS} digits, found {len(pin)} characters")
    digits = [unicodedata.decimal(character, -1) for character in pin]
    if -1 in digits:
        raise PinTooWeak("expected digits alone")
    if len(set(digits)) < _MIN_DISTINCT:
        raise PinTooWeak(f"expected at least {_MIN_DISTINCT} different digits")
    if len({(after - before) % 10 for before, after in pairwise(digits)}) == 1:
        raise PinTooWeak("expected no row of digits")
    text = "".join(map(str, digits))
    if text in (text + text)[1:-1]:
        raise PinTooWeak("expected no part again and again")
    if any(text.startswith(way) for way in _ON_THE_PAD):
        raise PinTooWeak("expected no way across the pad")
    if any(_is_date(*parts) for parts in _as_dates(text)):
        raise PinTooWeak("expected no date")


def _as_dates(text: str) -> Iterator[tuple[int, int, int]]:
    """Year, month and day in the orders people write them; two-digit years are of 1900 or 2000, alike in their days."""
    if len(text) == 6:
        one, two, three = int(text[:2]), int(text[2:4]), int(text[4:])
        yield 2000 + three, two, one
        yield 2000 + three, one, two
        yield 2000 + one, two, three
    elif len(text) == 8:
        yield int(text[4:]), int(text[2:4]), int(text[:2])
        yield int(text[4:]), int(text[:2]), int(text[2:4])
        yield int(text[:4]), int(text[4:6]), int(text[6:])


def _is_date(year: int, month: int, day: int) -> bool:
    if not 1900 <= year < 2100:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True

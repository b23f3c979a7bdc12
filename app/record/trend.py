"""The same result over time: which entries measure the same thing, their numbers as received, kept apart by unit.

Owns what "the same" is: one code in common, or, where one side has none, the same name. Numbers are drawn as their
sources wrote them; nothing is converted, averaged or judged. Blood pressure is a pair of numbers. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from app.record.entry import Entry, Standing
from app.record.source import StoredEntry

MAX_ABS: Final = Decimal(10) ** 9
"""A number beyond this cannot be drawn beside others; it stays in its entry."""

_PAIR: Final = re.compile(r"(\d{1,4}(?:\.\d+)?)/(\d{1,4}(?:\.\d+)?)(?: (\S.*))?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Point:
    """One result: one number, or two for a blood pressure. `low` and `high` are the laboratory's own range."""

    stored: StoredEntry = field(repr=False)
    on: date
    values: tuple[Decimal, ...] = field(repr=False)
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def when(self) -> str:
        """The date with the precision it came with."""
        return "" if self.stored.entry.when is None else self.stored.entry.when.text


@dataclass(frozen=True, slots=True)
class Series:
    """Results in one unit, oldest first."""

    unit: str
    points: tuple[Point, ...] = field(repr=False)

    @property
    def band(self) -> tuple[Decimal, Decimal] | None:
        """The laboratory's range where every result that has one has the same; None otherwise."""
        ranges = {(point.low, point.high) for point in self.points if not (point.low is None and point.high is None)}
        if len(ranges) != 1:
            return None
        low, high = ranges.pop()
        return None if low is None or high is None else (low, high)


@dataclass(frozen=True, slots=True)
class Trend:
    """All results of one kind: a series for each unit, the longest first; `undrawn` have no number or no date."""

    title: str = field(repr=False)
    series: tuple[Series, ...]
    undrawn: int = 0

    @property
    def count(self) -> int:
        """How many results are drawn."""
        return sum(len(one.points) for one in self.series)


def can_be_drawn(entry: Entry) -> bool:
    """Whether an entry has a number and a date."""
    return _values(entry) is not None and _day(entry) is not None


def pair_of(entry: Entry) -> tuple[str, str, str] | None:
    """Systolic, diastolic and unit of a blood pressure, as received; None for any other entry."""
    pair = _PAIR.fullmatch(entry.detail) if entry.quantity is None else None
    return None if pair is None else (pair[1], pair[2], pair[3] or "")


def phrases(entry: Entry) -> tuple[str, ...]:
    """What entries of the same kind hold one of, to be looked for in an index: a code, or the name."""
    return tuple(dict.fromkeys((*(coding.code for coding in entry.codings if coding.code), entry.title)))


def trend_of(entry: Entry, others: Iterable[StoredEntry]) -> Trend:
    """The results among `others` that measure what `entry` does; entries in error or replaced are left out."""
    found: dict[str, list[Point]] = {}
    undrawn = 0
    for stored in others:
        if not stored.live or stored.entry.standing is Standing.ENTERED_IN_ERROR or not _is_same(entry, stored.entry):
            continue
        unit, point = _point(stored)
        if point is None:
            undrawn += 1
        else:
            found.setdefault(unit, []).append(point)
    series = [Series(unit, tuple(sorted(points, key=_in_time))) for unit, points in found.items()]
    return Trend(entry.title, tuple(sorted(series, key=lambda one: (-len(one.points), one.unit))), undrawn)


def _in_time(point: Point) -> tuple[str, int]:
    return point.when, point.stored.id


def _is_same(one: Entry, other: Entry) -> bool:
    if one.section is not other.section:
        return False
    mine, theirs = _codes(one), _codes(other)
    if mine and theirs:
        return not mine.isdisjoint(theirs)
    return _name(one) == _name(other)


def _codes(entry: Entry) -> set[tuple[str, str]]:
    return {(coding.system, coding.code) for coding in entry.codings if coding.code}


def _name(entry: Entry) -> str:
    return " ".join(entry.title.casefold().split())


def _point(stored: StoredEntry) -> tuple[str, Point | None]:
    entry = stored.entry
    found, on = _values(entry), _day(entry)
    if found is None or on is None:
        return "", None
    unit, values = found
    quantity = entry.quantity
    low = None if quantity is None else _number(quantity.low)
    high = None if quantity is None else _number(quantity.high)
    return unit, Point(stored, on, values, low, high)


def _values(entry: Entry) -> tuple[str, tuple[Decimal, ...]] | None:
    if entry.quantity is not None:
        value = _number(entry.quantity.value)
        return None if value is None else (entry.quantity.unit, (value,))
    if (pair := pair_of(entry)) is not None:
        upper, lower, unit = pair
        return unit, (Decimal(upper), Decimal(lower))
    return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= MAX_ABS else None


def _day(entry: Entry) -> date | None:
    """Where on the line a date stands: a year alone at its first day; the words beside it keep its precision."""
    found = _DAY.match(entry.when.text) if entry.when else None
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None

"""Results and measurements as a table for a spreadsheet: CSV (RFC 4180), a row for each, the newest first.

Owns its columns, which file_forms.py reads again, and what a cell may not do there: one that a spreadsheet would take
for a formula gets an apostrophe before it, a number never. Values, units and dates stand as they were received.
UTF-8 with a byte order mark: without it Excel reads every accent and µ wrongly; with it nothing reads worse. Pure.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.record.entry import Entry, Section, Standing
from app.record.source import Checked, StoredEntry
from app.record.trend import pair_of

SECTIONS: Final = (Section.RESULTS, Section.MEASUREMENTS)
HEADER: Final = (
    *("Date", "Name", "Value", "Unit", "Low", "High", "Systolic", "Diastolic"),
    *("Interpretation", "Note", "Source", "Signed"),
)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet may run (OWASP, CSV Injection), full-width forms too."""

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_PRESSURE_UNIT: Final = re.compile(r"mm\[?Hg\]?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """The file, how many results stand in it, and how many have no value of their own (a panel, a scan, a report)."""

    data: bytes = field(repr=False)
    rows: int
    left_out: int


def results_table(entries: Iterable[StoredEntry]) -> Table:
    """What of `entries` is a result or a measurement, in the order given; what was entered in error stays out."""
    found: list[Sequence[str]] = []
    left_out = 0
    for stored in entries:
        if stored.entry.section not in SECTIONS or stored.entry.standing is Standing.ENTERED_IN_ERROR:
            continue
        cells = _row(stored)
        if cells is None:
            left_out += 1
        else:
            found.append(cells)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows([harmless(cell) for cell in row] for row in found)
    return Table(text.getvalue().encode("utf-8-sig"), len(found), left_out)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs; numbers, -3.5 among them, are as they were."""
    risky = cell.lstrip(" \u00a0").startswith(FORMULA) or cell.startswith("'")
    return f"'{cell}" if risky and _NUMBER.fullmatch(cell) is None else cell


def _row(stored: StoredEntry) -> Sequence[str] | None:
    entry = stored.entry
    values = _values(entry)
    if values is None:
        return None
    when = entry.when.text if entry.when else ""
    said = entry.quantity.interpretation if entry.quantity else ""
    note = "; ".join(fact.value for fact in entry.facts if fact.name == "note")
    signed = "yes" if stored.source.checked is Checked.CHECKED else "no"
    return (when, entry.title, *values, said, note, stored.source.issuer_name, signed)


def _values(entry: Entry) -> tuple[str, str, str, str, str, str] | None:
    """Value, unit, low, high, systolic, diastolic; None where the entry has none of its own."""
    if (one := entry.quantity) is not None:
        return f"{one.comparator}{one.value}", one.unit, one.low, one.high, "", ""
    if (pair := pair_of(entry)) is not None and _PRESSURE_UNIT.fullmatch(pair[2]):
        return "", "mmHg", "", "", pair[0], pair[1]
    return (entry.detail, "", "", "", "", "") if entry.detail else None

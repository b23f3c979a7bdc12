"""Files that are no FHIR document yet, as one: lines of resources, a table of measurements, a letter or picture.

Owns the telling apart and the Bundle each becomes. A number in a table is written as it stood there, and the file
itself goes in whole beside what was read out of it. Whose record it is no such file says. Pure.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from crypto.errors import NotFhir, TableUnreadable, TooLarge

MAX_ROWS: Final = 20_000
MAX_ENCLOSED_BYTES: Final = 24 * 1024 * 1024
"""A letter or picture kept whole; a scanned letter of many pages stays under this."""

MEDIA_TYPES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
"""How files of a kind begin, and their media type (IANA)."""

COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "when": frozenset({"date", "when", "time", "datetime", "date/time", "date and time", "measured", "taken"}),
    "name": frozenset({"name", "measurement", "test", "what", "type", "item"}),
    "value": frozenset({"value", "result", "reading", "number"}),
    "unit": frozenset({"unit", "units"}),
    "low": frozenset({"low", "range low", "lower", "from"}),
    "high": frozenset({"high", "range high", "upper", "to"}),
    "note": frozenset({"note", "notes", "comment", "comments"}),
    "systolic": frozenset({"systolic", "sys", "systolic (mmhg)", "sys (mmhg)", "sys(mmhg)"}),
    "diastolic": frozenset({"diastolic", "dia", "diastolic (mmhg)", "dia (mmhg)", "dia(mmhg)"}),
    "pulse": frozenset({"pulse", "pulse (bpm)", "pulse(bpm)", "heart rate", "bpm"}),
}
"""What a column may be called, in small letters."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?", re.ASCII)
_BRITISH: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T,]+(\d{1,2}):(\d\d)(?::\d\d)?)?", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_STATED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
"""A FHIR dateTime whole, its zone among it."""
_PARTIAL: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_COMPARED: Final = re.compile(r"(<=|>=|<|>) ?(\S+)")
_KEPT_HARMLESS: Final = re.compile(r"'[\s'=+\-@＝＋－＠]")
_LOINC: Final = "http://loinc.org"
_PRESSURE: Final = (("85354-9", "Blood pressure"), ("8480-6", "Systolic blood pressure"))
_DIASTOLIC: Final = ("8462-4", "Diastolic blood pressure")
_PULSE: Final = ("8867-4", "Heart rate")


@dataclass(frozen=True, slots=True)
class _Raw:
    """A number to be written into JSON as it stood."""

    text: str


def media_type(data: bytes) -> str | None:
    """The media type of a letter or picture by its first bytes; None for any other file."""
    return next((kind for start, kind in MEDIA_TYPES if data.startswith(start)), None)


def bundle_of_lines(data: bytes) -> bytes | None:
    """NDJSON as a Bundle, each resource byte for byte; None for what is not lines of JSON objects.

    Raises nothing for a line that is broken: the Bundle is then refused as JSON where it is read.
    """
    lines = [line.strip() for line in data.removeprefix(b"\xef\xbb\xbf").splitlines()]
    lines = [line for line in lines if line]
    if len(lines) < 2 or not all(line.startswith(b"{") and line.endswith(b"}") for line in lines):
        return None
    inside = b",".join(b'{"resource":' + line + b"}" for line in lines)
    return b'{"resourceType":"Bundle","type":"collection","entry":[' + inside + b"]}"


def bundle_of_enclosed(data: bytes, name: str, kind: str) -> bytes:
    """A letter or picture as a DocumentReference that holds it whole; raises TooLarge."""
    if len(data) > MAX_ENCLOSED_BYTES:
        raise TooLarge(f"enclosed file: expected at most {MAX_ENCLOSED_BYTES} bytes, found {len(data)}")
    return _bundle([_enclosed(data, name, kind)])


def bundle_of_table(data: bytes, name: str) -> bytes | None:
    """A table of measurements as Observations, with the table itself beside them; None for no such table.

    Raises TableUnreadable with the number of the first row that cannot be read (the header is row 1), TooLarge.
    """
    rows = _rows(data)
    columns = _columns(rows[0]) if rows else {}
    if "when" not in columns or not ({"name", "value"} <= set(columns) or {"systolic", "diastolic"} <= set(columns)):
        return None
    if len(rows) > MAX_ROWS:
        raise TooLarge(f"table: expected at most {MAX_ROWS} rows, found {len(rows)}")
    found: list[object] = []
    for number, row in enumerate(rows[1:], 2):
        cells = {what: _said(row[at].strip()) for what, at in columns.items() if at < len(row)}
        if any(cells.values()):
            found += _observations(cells, number)
    if not found:
        raise TableUnreadable(1)
    return _bundle([*found, _enclosed(data, name, "text/csv")])


def _rows(data: bytes) -> list[list[str]]:
    """The rows of a table; none where it is no text, or not in columns."""
    try:
        text = data.decode("utf-8-sig")
        dialect = csv.Sniffer().sniff(text[:4096].split("\n")[0], delimiters=",;\t")
        dialect.doublequote = True  # the header alone does not show it
        return list(csv.reader(io.StringIO(text), dialect, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return []


def _said(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it (export_table.py)."""
    return cell[1:] if _KEPT_HARMLESS.match(cell) else cell


def _columns(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, title in enumerate(header):
        for what, names in COLUMNS.items():
            if title.strip().casefold() in names:
                found.setdefault(what, at)
    return found


def _observations(cells: Mapping[str, str], row: int) -> list[object]:
    """What one row measured: a blood pressure, a pulse, or whatever it names."""
    when, note = _when(cells.get("when", ""), row), cells.get("note", "")
    found: list[object] = []
    if cells.get("systolic") or cells.get("diastolic"):
        pair = [_component(*_PRESSURE[1], cells.get("systolic", ""), row)]
        pair.append(_component(*_DIASTOLIC, cells.get("diastolic", ""), row))
        found.append(_observation(_code(*_PRESSURE[0]), when, note) | {"component": pair})
    if cells.get("pulse"):
        found.append(
            _observation(_code(*_PULSE), when, note) | {"valueQuantity": _measured(cells["pulse"], "/min", row)}
        )
    if cells.get("value"):
        if not cells.get("name"):
            raise TableUnreadable(row)
        found.append(_observation({"text": cells["name"]}, when, note) | _value(cells, row))
    if not found:
        raise TableUnreadable(row)
    return found


def _observation(code: object, when: str, note: str) -> dict[str, object]:
    found: dict[str, object] = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": code,
    }
    return found | ({"effectiveDateTime": when} if when else {}) | ({"note": [{"text": note}]} if note else {})


def _value(cells: Mapping[str, str], row: int) -> dict[str, object]:
    value, unit = cells["value"], cells.get("unit", "")
    comparator = ""
    if compared := _COMPARED.fullmatch(value):
        comparator, value = compared.group(1, 2)
    if _NUMBER.fullmatch(value) is None:
        return {"valueString": f"{cells['value']} {unit}".strip()}
    measured = _measured(value, unit, row) | ({"comparator": comparator} if comparator else {})
    found: dict[str, object] = {"valueQuantity": measured}
    bounds = {name: _measured(cells[name], unit, row) for name in ("low", "high") if cells.get(name)}
    return found | ({"referenceRange": [bounds]} if bounds else {})


def _component(code: str, display: str, value: str, row: int) -> object:
    return {"code": _code(code, display), "valueQuantity": _measured(value, "mmHg", row)}


def _measured(value: str, unit: str, row: int) -> dict[str, object]:
    if _NUMBER.fullmatch(value) is None:
        raise TableUnreadable(row)
    return {"value": _Raw(value)} | ({"unit": unit} if unit else {})


def _code(code: str, display: str) -> object:
    return {"coding": [{"system": _LOINC, "code": code, "display": display}], "text": display}


def _when(text: str, row: int) -> str:
    """A FHIR dateTime, day before month as written in Britain; a time without a zone is left out: none was stated.

    A year or month alone keeps its precision; no date at all stays none.
    """
    if not text or _PARTIAL.fullmatch(text):
        return text
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.group(1, 2, 3))
    elif found := _BRITISH.fullmatch(text):
        day, month, year = (int(part) for part in found.group(1, 2, 3))
    else:
        raise TableUnreadable(row)
    try:
        on = date(year, month, day).isoformat()
        return text if _STATED.fullmatch(text) else on
    except ValueError:
        raise TableUnreadable(row) from None


def _enclosed(data: bytes, name: str, kind: str) -> object:
    attachment = {"contentType": kind, "title": name, "data": base64.b64encode(data).decode("ascii")}
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": name},
        "content": [{"attachment": attachment | {"size": _Raw(str(len(data)))}}],
    }


def _bundle(resources: Sequence[object]) -> bytes:
    if not resources:
        raise NotFhir("expected something to keep, found nothing")
    entry = [{"resource": one} for one in resources]
    return _written({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode("utf-8")


def _written(value: object) -> str:
    """JSON with `_Raw` numbers as they stood: the library would write 4.60 as 4.6."""
    match value:
        case _Raw(text):
            return text
        case dict():
            members = (f"{json.dumps(name, ensure_ascii=False)}:{_written(one)}" for name, one in value.items())
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)

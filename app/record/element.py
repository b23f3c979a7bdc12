"""Tolerant reading of FHIR data elements: text, CodeableConcept, Quantity, Period, HumanName …

Owns one promise: whatever JSON value stands where an element is expected, these functions answer
with what can be read out of it (often "" or nothing) and never raise. The same functions read R4
and STU3, so a list where one value is expected, or the other way round, is read too. What a
resource means is decided by the modules beside this one. Numbers arrive as the text they had in
the file (bundle.py parses them so); nothing here turns them into floats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from types import MappingProxyType
from typing import Any

from app.record.entry import Coding, Fact, When

Resource = Mapping[str, Any]
EMPTY: Resource = MappingProxyType({})

_MARKUP = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
_MACHINE_MADE = "Generated Narrative"
_NO_CODES: frozenset[str] = frozenset()


def as_map(value: object) -> Resource:
    """The object itself, the first object of a list, or an empty one."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                return item
    return EMPTY


def maps(value: object) -> list[Resource]:
    """Every object in a list, or the one object standing where a list is expected."""
    if value is None:
        return []
    if isinstance(value, list):
        return [item for item in value if isinstance(item, dict)]
    return [value] if isinstance(value, dict) else []


def text(value: object) -> str:
    """A primitive as text: strings trimmed, numbers as received, anything else ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and value:
        return text(value[0])
    return ""


def is_true(value: object) -> bool:
    """Whether a FHIR boolean says yes; some systems send it as text."""
    return value is True or value == "true"


def concept(value: object) -> str:
    """What a CodeableConcept (or Coding, code, CodeableReference or list of them) is called by its source.

    The source's own text first, then the display the user picked, then any display, then the code.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    one = as_map(value)
    if "text" in one and (said := text(one["text"])):
        return said
    inner = one.get("concept")
    return _coded(maps(one.get("coding")) or [one]) or (concept(inner) if inner is not None else "")


def _coded(found: list[Resource]) -> str:
    for one in found:
        if "userSelected" in one and is_true(one["userSelected"]) and one.get("display"):
            return text(one["display"])
    for name in ("display", "code"):
        for one in found:
            if called := text(one.get(name)):
                return called
    return ""


def concepts(value: object) -> str:
    """Names of every CodeableConcept in a list, each once, joined by commas."""
    if not isinstance(value, list):
        return concept(value)
    if len(value) == 1:
        return concept(value[0])
    return ", ".join(dict.fromkeys(name for name in map(concept, value) if name))


def codings(value: object) -> tuple[Coding, ...]:
    """Codings of a CodeableConcept, or of the first in a list, as received."""
    if value is None:
        return ()
    return tuple(
        [
            Coding(text(item.get("system")), text(item.get("code")), text(item.get("display")))
            for item in maps(as_map(value).get("coding"))
        ]
    )


def codes(value: object) -> frozenset[str]:
    """Bare codes of a CodeableConcept, of a list of them, or of a plain code."""
    if value is None:
        return _NO_CODES
    if isinstance(value, str):
        return frozenset((value,))
    return frozenset(
        [text(item["code"]) for one in maps(value) for item in maps(one.get("coding")) or [one] if item.get("code")]
    )


def quantity(value: object) -> str:
    """A Quantity as words, its number as received: "< 4.60 mmol/L"."""
    if value is None:
        return ""
    one = as_map(value)
    parts = (text(one.get("comparator")), text(one.get("value")), text(one.get("unit")) or text(one.get("code")))
    return " ".join([part for part in parts if part])


def span(value: object) -> str:
    """A Range or Ratio as words."""
    one = as_map(value)
    if "numerator" in one or "denominator" in one:
        return " / ".join(part for part in (quantity(one.get("numerator")), quantity(one.get("denominator"))) if part)
    low, high = quantity(one.get("low")), quantity(one.get("high"))
    if low and high:
        return f"{low} to {high}"
    if low:
        return f"{low} or more"
    return f"up to {high}" if high else ""


def when(resource: Resource, *names: str) -> When | None:
    """The first date under these names: dateTime, date, instant, a Period's start or end, a Timing's event."""
    for name in names:
        value = resource.get(name)
        if value is None:
            continue
        if isinstance(value, str) and value:
            return When(value)
        if isinstance(value, list) and value and isinstance(value[0], str):
            return When(value[0])
        one = as_map(value)
        for part in ("start", "end", "event"):
            if found := text(one.get(part)):
                return When(found)
    return None


def value_of(resource: Resource, stem: str = "value") -> str:
    """A choice element (value[x], onset[x] …) as words, "" where there is none or it is an attachment."""
    for name in resource:
        if name.startswith(stem):
            read = _CHOICES.get(name[len(stem) :])
            if read is not None and (said := read(resource[name])):
                return said
    return ""


def reference(value: object) -> str:
    """The literal reference of a Reference, or of the first in a list."""
    return text(as_map(value).get("reference"))


def references(value: object) -> Iterator[str]:
    """Every literal reference in a list of References."""
    for item in maps(value):
        if found := text(item.get("reference")):
            yield found


def extension(element: Resource, *endings: str) -> Resource:
    """The first extension whose url ends so, or an empty object."""
    for item in maps(element.get("extension")):
        if text(item.get("url")).endswith(endings):
            return item
    return EMPTY


def human_name(value: object) -> str:
    """A HumanName as a person says it: its text, else prefix, given and family; the official one of several."""
    names = maps(value)
    if not names:
        return text(value)
    one = next((name for name in names if name.get("use") in ("official", "usual")), names[0])
    if said := text(one.get("text")):
        return said
    parts = [*strings(one.get("prefix")), *strings(one.get("given")), *strings(one.get("family"))]
    return " ".join(parts)


def strings(value: object) -> list[str]:
    """The non-empty strings of a list, or the one string standing where a list is expected."""
    items = value if isinstance(value, list) else [value]
    return [said for said in map(text, items) if said]


def notes(value: object) -> str:
    """Annotations (or plain strings) joined by new lines."""
    if not value:
        return ""
    items = value if isinstance(value, list) else [value]
    said = (text(item.get("text")) if isinstance(item, dict) else text(item) for item in items)
    return "\n".join(dict.fromkeys(line for line in said if line))


def phone(value: object) -> str:
    """The first telephone number of a list of ContactPoints."""
    for point in maps(value):
        number = text(point.get("value"))
        if point.get("system") in ("phone", "sms", None) and number and not number.startswith("fax:"):
            return number.removeprefix("tel:")
    return ""


def email(value: object) -> str:
    """The first email address of a list of ContactPoints."""
    found = (text(point.get("value")) for point in maps(value) if point.get("system") == "email")
    return next(filter(None, found), "").removeprefix("mailto:")


def address(value: object) -> str:
    """An Address on one line; the home address of several."""
    found = maps(value)
    one = next((item for item in found if item.get("use") == "home"), as_map(value))
    if said := text(one.get("text")):
        return said
    parts = [*strings(one.get("line")), *(text(one.get(name)) for name in ("city", "district", "postalCode"))]
    return ", ".join(part for part in parts if part)


def narrative(resource: Resource) -> str:
    """The words of a resource's narrative without its markup; a publisher's dump of the elements is none."""
    div = text(as_map(resource.get("text")).get("div"))
    said = _SPACE.sub(" ", unescape(_MARKUP.sub(" ", div))).strip() if div else ""
    return "" if said.startswith(_MACHINE_MADE) else said


def facts(*pairs: tuple[str, str]) -> tuple[Fact, ...]:
    """Facts in this order, those without a value left out."""
    return tuple([Fact(name, value) for name, value in pairs if value])


def _period(value: object) -> str:
    one = as_map(value)
    return " to ".join(end for end in (text(one.get("start")), text(one.get("end"))) if end)


def _display(value: object) -> str:
    return text(as_map(value).get("display"))


_CHOICES: Mapping[str, Callable[[object], str]] = MappingProxyType(
    {
        "Quantity": quantity,
        "CodeableConcept": concept,
        "String": text,
        "DateTime": text,
        "Date": text,
        "Period": _period,
        "Range": span,
        "Ratio": span,
        "Age": quantity,
        "Integer": text,
        "Decimal": text,
        "Boolean": text,
        "Time": text,
        "Code": text,
        "PositiveInt": text,
        "Duration": quantity,
        "Reference": _display,
        "Coding": concept,
    }
)

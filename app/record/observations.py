"""Observations: results, measurements, wishes, pregnancy, lifestyle, told by code and category.

A number is shown as received, beside the laboratory's own range when there is exactly one. The GP
record files most observations without a category; there the heading its source put them under, and
whether they have a number, decide. What fits nowhere is shown under OTHER.
"""

from __future__ import annotations

import re

from app.record.codes import BLOOD_GROUP, COMMENT_NOTE, DIASTOLIC, LIFESTYLE, MEASURED, PREGNANCY, SYSTOLIC, WISHES
from app.record.context import Context, entry
from app.record.element import (
    Resource,
    as_map,
    codes,
    codings,
    concept,
    concepts,
    facts,
    maps,
    notes,
    quantity,
    span,
    text,
    value_of,
    when,
)
from app.record.entry import Entry, Fact, Quantity, Section
from app.record.standing import standing_of

_CATEGORY = (
    ("laboratory", Section.RESULTS),
    ("imaging", Section.RESULTS),
    ("vital-signs", Section.MEASUREMENTS),
    ("social-history", Section.SOCIAL),
    ("procedure", Section.PROCEDURES),
)
_HEADINGS = {
    "family history": Section.FAMILY,
    "social": Section.SOCIAL,
    "social history": Section.SOCIAL,
    "lifestyle": Section.SOCIAL,
    "lab results": Section.RESULTS,
    "care plan": Section.PLANS,
}
_CATEGORY_WORDS = (
    ("laborator", Section.RESULTS),
    ("investigation", Section.RESULTS),
    ("vital sign", Section.MEASUREMENTS),
    ("social history", Section.SOCIAL),
)
"""What a category is called where it has no code of FHIR's own (NHS Summary Care Record, say)."""
_TEST_WORDS = ("serum ", "plasma ", "urine ", "blood glucose", "haemoglobin ")
_TEST_NAMES = re.compile(
    r"full blood count|liver function|bone profile|glucose tolerance|prothrombin|thromboplastin|fa?ecal|\bfaeces\b|"
    r"\bswab\b|\bmsu\b|antibod|electrocardiogra|spirometry|serolog|\bculture\b|\b\d+ hour urine\b|\begfr|\bgfr|"
    r"\bdetection result\b|\b(?:cervical|vault) smear\b|\bb12\b|(?<!pain) level$"
)
_LIFESTYLE_NAMES = re.compile(
    r"\bsmok(?!e (?:alarm|detector))|\b(?:cigar(?:ette)?|tobacco) consumption\b|"
    r"\balcohol (?:intake|consumption|units)|\bdrinker\b|"
    r"\bdrinking alcohol\b|teetotal|\b(?:pints?|glass(?:es)?|bottles?) of (?:beer|wine)\b|"
    r"\bspirits intake\b|\boccupation\b"
)
_PLAN_NAMES = re.compile(
    r"preferred place of (?:care|death)|power of attorney|\badvance (?:decision|directive|statement)|resuscitation|"
    r"treatment escalation|agreement of care plan"
)
_FAMILY_WORDS = ("family history", "fh:", "fh ")
_BY_CODE = (
    (WISHES, Section.PLANS),
    (PREGNANCY, Section.PREGNANCY),
    (MEASURED, Section.MEASUREMENTS),
    (LIFESTYLE, Section.SOCIAL),
    (BLOOD_GROUP, Section.RESULTS),
)


def read_observation(position: int, resource: Resource, context: Context) -> Entry:
    """One Observation, with its components, range and the comments filed to it."""
    named = resource.get("code")
    section = _section(position, resource, context)
    parts = [line for line in map(_part, maps(resource.get("component"))) if line]
    pressure = _blood_pressure(resource)
    said = pressure or value_of(resource) or concept(resource.get("dataAbsentReason"))
    panel = context.panels.get(position, "")
    return entry(
        position,
        resource,
        section,
        concept(named),
        detail=said or "; ".join(parts[:2]) or _comment(resource),
        when=when(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming", "issued"),
        standing=standing_of(resource, "status", done_is_current=True),
        facts=(*_value_facts(resource, said, parts), *_context_facts(position, resource, context, panel)),
        codings=codings(named) + codings(resource.get("valueCodeableConcept")),
        quantity=_quantity(resource),
        said_by=context.said_by(resource, "performer"),
    )


def _comment(resource: Resource) -> str:
    """GP Connect: the words of a comment that stands alone, which has nothing else to say."""
    if COMMENT_NOTE not in codes(resource.get("code")):
        return ""
    return notes(resource.get("comment")) or notes(resource.get("note"))


def _section(position: int, resource: Resource, context: Context) -> Section:
    said = codes(resource.get("code")) | codes(resource.get("valueCodeableConcept"))
    for known, section in _BY_CODE:
        if not said.isdisjoint(known):
            return section
    categories = {code.lower() for code in codes(resource.get("category"))}
    for code, section in _CATEGORY:
        if code in categories:
            return section
    named = concepts(resource.get("category")).lower()
    for words, section in _CATEGORY_WORDS:
        if words in named:
            return section
    called = concept(resource.get("code")).lower()
    heading = _HEADINGS.get(context.headings.get(position, "").lower())
    if called.startswith(_FAMILY_WORDS):
        return Section.FAMILY
    return heading or _uncategorised(position, resource, context, called)


def _uncategorised(position: int, resource: Resource, context: Context, called: str) -> Section:
    """Without category or heading: by its name or by what comes with it, else a measurement where it has a number."""
    if called.startswith(_TEST_WORDS) or position in context.panels or "specimen" in resource:
        return Section.RESULTS
    for names, section in ((_LIFESTYLE_NAMES, Section.SOCIAL), (_PLAN_NAMES, Section.PLANS)):
        if names.search(called):
            return section
    parts = maps(resource.get("component"))
    a_test = "referenceRange" in resource or ("interpretation" in resource and not parts)
    if a_test or _TEST_NAMES.search(called):
        return Section.RESULTS
    numbers = _quantity(resource) or any(one.get("valueQuantity") for one in parts)
    return Section.MEASUREMENTS if numbers else Section.OTHER


def _quantity(resource: Resource) -> Quantity | None:
    number = as_map(resource.get("valueQuantity"))
    value = text(number.get("value"))
    if not value:
        return None
    ranges = maps(resource.get("referenceRange"))
    only = ranges[0] if len(ranges) == 1 else {}
    return Quantity(
        value=value,
        unit=text(number.get("unit")) or text(number.get("code")),
        low=text(as_map(only.get("low")).get("value")),
        high=text(as_map(only.get("high")).get("value")),
        comparator=text(number.get("comparator")),
        interpretation=concepts(resource.get("interpretation")),
    )


def _blood_pressure(resource: Resource) -> str:
    """Systolic over diastolic as one reading, when both are there in one unit."""
    found: dict[str, Resource] = {}
    for component in maps(resource.get("component")):
        said = codes(component.get("code"))
        for name, known in (("systolic", SYSTOLIC), ("diastolic", DIASTOLIC)):
            if said & known:
                found.setdefault(name, as_map(component.get("valueQuantity")))
    upper, lower = found.get("systolic", {}), found.get("diastolic", {})
    if not (text(upper.get("value")) and text(lower.get("value"))) or upper.get("unit") != lower.get("unit"):
        return ""
    return f"{text(upper['value'])}/{text(lower['value'])} {text(upper.get('unit'))}".strip()


def _part(component: Resource) -> str:
    called = concept(component.get("code"))
    said = value_of(component) or concept(component.get("dataAbsentReason"))
    return f"{called}: {said}" if called and said else called or said


def _value_facts(resource: Resource, said: str, parts: list[str]) -> tuple[Fact, ...]:
    ranges = [line for line in map(_range, maps(resource.get("referenceRange"))) if line]
    return facts(
        ("result", said),
        *(("part", line) for line in parts),
        *(("range", line) for line in ranges),
        ("interpretation", concepts(resource.get("interpretation"))),
    )


def _range(one: Resource) -> str:
    said = text(one.get("text")) or span(one)
    whose = concept(one.get("type")) or concepts(one.get("appliesTo"))
    return f"{said} ({whose})" if said and whose else said


def _context_facts(position: int, resource: Resource, context: Context, panel: str) -> tuple[Fact, ...]:
    comments = [notes(one.get("comment")) or notes(one.get("note")) for one in context.told(position, "Observation")]
    specimens = [concept(one.get("type")) for one in context.told(position, "Specimen")]
    members = [context.frame.at(context.frame.position(text(item.get("reference")))) for item in _member_refs(resource)]
    said = (notes(resource.get("note")), notes(resource.get("comment")), *comments)
    return facts(
        ("panel", panel),
        ("tests", ", ".join(filter(None, (concept(one.get("code")) for one in members)))),
        ("specimen", ", ".join(filter(None, specimens)) or text(as_map(resource.get("specimen")).get("display"))),
        ("status", text(resource.get("status"))),
        ("body-site", concept(resource.get("bodySite"))),
        ("method", concept(resource.get("method"))),
        ("topic", context.headings.get(position, "")),
        ("note", "\n".join(line for line in said if line)),
        ("category", concepts(resource.get("category"))),
        ("amount", quantity(resource.get("valueQuantity")) if resource.get("component") else ""),
    )


def _member_refs(resource: Resource) -> list[Resource]:
    related = [as_map(item.get("target")) for item in maps(resource.get("related")) if item.get("type") == "has-member"]
    return [*maps(resource.get("hasMember")), *related]

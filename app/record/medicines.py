"""Medicines: statements, requests, dispenses and administrations, each told as one medicine.

In the GP record (STU3) one medicine is a MedicationStatement with a plan, its orders and a
Medication beside it; merging.py has led those here. In R4 a request may stand alone. Doses are
told as the source wrote them; nothing is calculated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.record.context import Context, entry
from app.record.element import (
    Resource,
    as_map,
    codes,
    codings,
    concept,
    concepts,
    extension,
    facts,
    is_true,
    maps,
    notes,
    quantity,
    span,
    text,
    value_of,
    when,
)
from app.record.entry import Coding, Entry, Fact, Standing, When
from app.record.sections import SECTION_OF
from app.record.standing import standing_of

_UNIT = r"(?:mg|micrograms?|mcg|nanograms?|g|ml|litres?|units?|mmol|%|million|dose|actuation|hours?)"
_STRENGTH = re.compile(
    rf"\s*\b\d[\d.,]*\s?{_UNIT}(?!\w)(?:\s?/\s?[\d.,]*\s?{_UNIT}(?!\w))*",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\s*\b(?:gastro-resistant|modified-release|prolonged-release|dispersible|soluble|effervescent|chewable)?\s*"
    r"\b(?:tablets?|capsules?|oral solution|solution for injection|suspension for injection)\b.*$",
    re.IGNORECASE,
)

_UNITS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "s": ("second", "seconds"),
        "min": ("minute", "minutes"),
        "h": ("hour", "hours"),
        "d": ("day", "days"),
        "wk": ("week", "weeks"),
        "mo": ("month", "months"),
        "a": ("year", "years"),
    }
)
"""FHIR's codes for units of time."""


def plain_name(title: str) -> str:
    """A medicine's name without strength and without the form of what is swallowed or injected.

    Creams, inhalers, patches and drops keep their form: it says how the medicine reaches the body.
    """
    name = _FORM.sub("", _STRENGTH.sub("", title))
    name = re.sub(r"\s+|\bcfc[- ]free\b", " ", name, flags=re.IGNORECASE)
    name = " ".join(name.split()).strip(" ,/-")
    return name or title.strip()


def read_medicine(position: int, resource: Resource, context: Context) -> Entry:
    """A MedicationStatement, MedicationRequest, MedicationDispense or MedicationAdministration."""
    kind = text(resource.get("resourceType"))
    title, coded = _medicine(resource, context)
    dosages = maps(resource.get("dosage")) or maps(resource.get("dosageInstruction"))
    dose = "; ".join(filter(None, map(dosage_words, dosages)))
    requests = [resource] if kind == "MedicationRequest" else []
    requests += context.told(position, "MedicationRequest")
    date = when(resource, "effectivePeriod", "effectiveDateTime", "effective", "authoredOn", "whenHandedOver",
                "whenPrepared", "occurrenceDateTime", "occurrencePeriod", "dateWritten", "dateAsserted")  # fmt: skip
    return entry(
        position,
        resource,
        SECTION_OF[kind],
        title,
        detail=dose,
        when=date,
        standing=_standing(resource),
        facts=(*_dose_facts(resource, dose, dosages), *_supply_facts(resource, requests, context, position)),
        codings=coded,
        said_by=_prescriber(resource, requests, context),
    )


def dosage_words(dosage: Resource) -> str:
    """A Dosage as its source wrote it, or put together from its coded parts."""
    if said := text(dosage.get("text")) or text(dosage.get("patientInstruction")):
        return said
    rate = as_map(dosage.get("doseAndRate")) or dosage
    amount = value_of(rate, "dose") or span(rate.get("doseRange"))
    timing = as_map(dosage.get("timing"))
    repeat = as_map(timing.get("repeat"))
    often = concept(timing.get("code"))
    if not often and repeat.get("frequency"):
        often = _often(repeat)
    needed = "as needed" if is_true(dosage.get("asNeededBoolean")) else concept(dosage.get("asNeededCodeableConcept"))
    parts = (amount, often, concept(dosage.get("route")), needed, concept(dosage.get("additionalInstruction")))
    return ", ".join(part for part in parts if part)


def _often(repeat: Resource) -> str:
    """How often, from the coded parts: "2 times per day", "once every 8 hours"."""
    times, every, unit = (text(repeat.get(name)) for name in ("frequency", "period", "periodUnit"))
    one, several = _UNITS.get(unit, (unit, unit))
    said = "once" if times == "1" else f"{times} times"
    if not unit:
        return said
    return f"{said} per {one}" if every in ("", "1") else f"{said} every {every} {several}"


def _medicine(resource: Resource, context: Context) -> tuple[str, tuple[Coding, ...]]:
    named = resource.get("medicationCodeableConcept") or as_map(resource.get("medication")).get("concept")
    if called := concept(named):
        return called, codings(named)
    pointer = resource.get("medicationReference") or as_map(resource.get("medication")).get("reference")
    if isinstance(pointer, str):
        pointer = resource.get("medication")
    medication = context.frame.follow(pointer, resource)
    code = medication.get("code")
    return concept(code) or text(as_map(pointer).get("display")) or _made_of(medication), codings(code)


def _made_of(medication: Resource) -> str:
    return concepts([item.get("itemCodeableConcept") for item in maps(medication.get("ingredient"))])


def _standing(resource: Resource) -> Standing:
    if "n" in codes(resource.get("taken")) and "active" in codes(resource.get("status")):
        return Standing.PAST
    return standing_of(resource, "status")


def _dose_facts(resource: Resource, dose: str, dosages: list[Resource]) -> tuple[Fact, ...]:
    period = as_map(resource.get("effectivePeriod"))
    return facts(
        ("dose", dose),
        ("route", concepts([item.get("route") for item in dosages])),
        ("started", text(period.get("start"))),
        ("ended", text(period.get("end"))),
        ("reason", concepts(resource.get("reasonCode")) or concepts(resource.get("reasonCodeableConcept"))),
        ("status", text(resource.get("status"))),
        (
            "status-reason",
            concepts(resource.get("statusReason"))
            or concept(resource.get("reasonNotTaken"))
            or _stopped_because(resource),
        ),
        ("category", concepts(resource.get("category"))),
        ("note", notes(resource.get("note"))),
    )


def _stopped_because(resource: Resource) -> str:
    reason = extension(resource, "MedicationStatusReason-1")
    return concept(extension(reason, "statusReason").get("valueCodeableConcept"))


def _supply_facts(resource: Resource, requests: list[Resource], context: Context, position: int) -> tuple[Fact, ...]:
    plans = [one for one in requests if one.get("intent") != "order"] or requests[:1]
    plan = plans[0] if plans else resource
    supply = as_map(plan.get("dispenseRequest"))
    repeat = extension(plan, "MedicationRepeatInformation-1", "MedicationRepeatInformation")
    orders = [one for one in requests if one.get("intent") == "order" and one is not resource]
    last = text(extension(resource, "LastIssueDate-1", "LastIssueDate").get("valueDateTime"))
    kind = concept(extension(plan, "PrescriptionType-1", "PrescriptionType").get("valueCodeableConcept"))
    return facts(
        ("kind", kind or concept(plan.get("courseOfTherapyType"))),
        ("amount", quantity(supply.get("quantity")) or quantity(resource.get("quantity"))),
        ("issues", _issues(repeat, len(orders))),
        ("last-issued", last or _latest(orders)),
        ("dispenses", str(len(context.told(position, "MedicationDispense")) or "")),
    )


def _issues(repeat: Resource, orders: int) -> str:
    allowed = text(extension(repeat, "numberOfRepeatPrescriptionsAllowed").get("valueUnsignedInt"))
    issued = text(extension(repeat, "numberOfRepeatPrescriptionsIssued").get("valueUnsignedInt"))
    if issued and allowed:
        return f"{issued} of {allowed}"
    return issued or (str(orders) if orders else "")


def _latest(orders: list[Resource]) -> str:
    dates = [found.text for one in orders if isinstance(found := when(one, "authoredOn"), When)]
    return max(dates, default="")


def _prescriber(resource: Resource, requests: list[Resource], context: Context) -> tuple[str, str]:
    author, organisation = context.said_by(resource, "requester", "informationSource", "performer", "recorder")
    for request in requests:
        if author and organisation:
            break
        other, place = context.said_by(request, "requester", "recorder")
        author, organisation = author or other, organisation or place
    return author, organisation

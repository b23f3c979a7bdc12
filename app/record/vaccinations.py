"""Vaccinations, given and not given; one that was not given always says so first."""

from __future__ import annotations

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
    text,
    value_of,
    when,
)
from app.record.entry import Entry, Section, Standing
from app.record.standing import standing_of

NOT_GIVEN = "Not given"
_UNKNOWN = frozenset({"UNK", "unknown"})


def read_vaccination(position: int, resource: Resource, context: Context) -> Entry:
    """An Immunization, or an ImmunizationRecommendation told as a vaccination that is due."""
    refused = is_true(resource.get("notGiven")) or bool(codes(resource.get("status")) & {"not-done"})
    standing = Standing.REFUTED if refused else standing_of(resource, "status", done_is_current=True)
    advice = maps(resource.get("recommendation"))
    procedure = extension(resource, "VaccinationProcedure-1", "VaccinationProcedure").get("valueCodeableConcept")
    named = resource.get("vaccineCode") or concept_list(advice)
    if procedure and (not named or codes(named) & _UNKNOWN):
        named = procedure
    series = maps(resource.get("protocolApplied")) or maps(resource.get("vaccinationProtocol"))
    reason = _not_given_reason(resource)
    return entry(
        position,
        resource,
        Section.VACCINATIONS,
        concepts(named),
        detail=": ".join(filter(None, (NOT_GIVEN, reason))) if refused else "",
        when=when(resource, "occurrenceDateTime", "date", "recorded"),
        standing=standing,
        facts=facts(
            ("status", NOT_GIVEN if refused else text(resource.get("status"))),
            ("status-reason", reason),
            ("dose-number", ", ".join(filter(None, (_dose_number(one) for one in series)))),
            ("protects-against", concepts([one.get("targetDisease") for one in series])),
            ("amount", quantity(resource.get("doseQuantity"))),
            ("batch", text(resource.get("lotNumber"))),
            ("expires", text(resource.get("expirationDate"))),
            ("maker", context.frame.name(resource.get("manufacturer"), resource)),
            ("site", concept(resource.get("site"))),
            ("route", concept(resource.get("route"))),
            ("reason", concepts(resource.get("reasonCode"))),
            ("place", context.frame.name(resource.get("location"), resource)),
            ("recorded", text(resource.get("recorded")) or _recorded(resource)),
            ("note", "\n".join(filter(None, (notes(resource.get("note")), text(resource.get("reportOrigin")))))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "performer", "practitioner", "authority"),
    )


def concept_list(advice: list[Resource]) -> object:
    """The vaccines a recommendation names."""
    return [as_map(one.get("vaccineCode")) for one in advice if one.get("vaccineCode")]


def _not_given_reason(resource: Resource) -> str:
    explanation = as_map(resource.get("explanation"))
    return concept(resource.get("statusReason")) or concepts(explanation.get("reasonNotGiven"))


def _dose_number(series: Resource) -> str:
    number = value_of(series, "doseNumber") or text(series.get("doseSequence"))
    of = value_of(series, "seriesDoses") or text(series.get("seriesDoses"))
    return f"{number} of {of}" if number and of else number


def _recorded(resource: Resource) -> str:
    return text(extension(resource, "DateRecorded-1", "DateRecorded").get("valueDateTime"))

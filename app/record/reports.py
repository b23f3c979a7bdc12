"""Test reports: a DiagnosticReport or ImagingStudy, its tests named; each test is an entry of its own."""

from __future__ import annotations

from app.record.context import Context, entry
from app.record.element import Resource, as_map, codings, concept, concepts, facts, maps, notes, text, when
from app.record.entry import Entry, Section
from app.record.standing import standing_of


def read_report(position: int, resource: Resource, context: Context) -> Entry:
    """A DiagnosticReport or an ImagingStudy."""
    named = resource.get("code") or resource.get("procedureCode") or resource.get("modality")
    results = maps(resource.get("result"))
    tests = [concept(context.frame.follow(one, resource).get("code")) or text(one.get("display")) for one in results]
    conclusion = "\n".join(filter(None, (text(resource.get("conclusion")), concepts(resource.get("conclusionCode")))))
    specimens = [concept(one.get("type")) for one in context.told(position, "Specimen")]
    files = [text(one.get("title")) or text(one.get("contentType")) for one in maps(resource.get("presentedForm"))]
    return entry(
        position,
        resource,
        Section.RESULTS,
        concept(named) or text(resource.get("description")),
        detail=conclusion or ", ".join(filter(None, tests)),
        when=when(resource, "effectiveDateTime", "effectivePeriod", "started", "issued"),
        standing=standing_of(resource, "status", done_is_current=True),
        facts=facts(
            ("conclusion", conclusion),
            ("tests", ", ".join(filter(None, tests))),
            ("specimen", ", ".join(filter(None, specimens))),
            ("category", concepts(resource.get("category"))),
            ("status", text(resource.get("status"))),
            ("body-site", concepts([one.get("bodySite") for one in maps(resource.get("series"))])),
            ("file-type", ", ".join(filter(None, files))),
            ("recorded", text(resource.get("issued"))),
            ("note", notes(resource.get("note")) or text(as_map(resource.get("reason")).get("display"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "performer", "resultsInterpreter", "interpreter"),
    )

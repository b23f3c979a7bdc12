"""Documents and letters: where they are kept and in what form. Their content stays raw.

A document that is a care plan or a wish (ReSPECT, advance decision) is shown with the plans.
"""

from __future__ import annotations

from app.record.codes import PLAN_DOCUMENTS
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
    text,
    value_of,
    when,
)
from app.record.entry import Entry, Section
from app.record.sections import SECTION_OF
from app.record.standing import standing_of

MAX_ANSWERS = 200


def read_document(position: int, resource: Resource, context: Context) -> Entry:
    """A DocumentReference, Media or Binary."""
    files = [as_map(one.get("attachment") or one) for one in maps(resource.get("content"))]
    kinds = dict.fromkeys(text(one.get("contentType")) for one in files)
    kind = ", ".join(filter(None, kinds)) or text(resource.get("contentType"))
    title = next(filter(None, (text(one.get("title")) for one in files)), "")
    said = codes(resource.get("type")) | codes(resource.get("category"))
    description = text(resource.get("description"))
    named = concepts(resource.get("type")) or title or description
    return entry(
        position,
        resource,
        Section.PLANS if said & PLAN_DOCUMENTS else Section.DOCUMENTS,
        named,
        detail=next((line for line in (description, title) if line and line != named), ""),
        when=when(resource, "date", "created", "createdDateTime", "createdPeriod", "indexed", "issued"),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("category", concepts(resource.get("category")) or concepts(resource.get("class"))),
            ("file-type", kind),
            ("amount", _size(files)),
            ("stored-at", next(filter(None, (text(one.get("url")) for one in files)), "")),
            ("status", text(resource.get("status"))),
            ("place", concept(as_map(resource.get("context")).get("practiceSetting"))),
            ("note", notes(resource.get("note"))),
        ),
        codings=codings(resource.get("type")),
        said_by=context.said_by(resource, "author", "authenticator", "operator", "custodian"),
    )


def read_answers(position: int, resource: Resource, context: Context) -> Entry:
    """A QuestionnaireResponse or Communication: what was asked and answered, or said."""
    answers = _answers(resource)
    said = [text(one.get("contentString")) for one in maps(resource.get("payload"))]
    reason = concepts(resource.get("reasonCode"))
    asked = text(as_map(resource.get("questionnaire")).get("display"))
    pairs = [(question, answer) for question, answer in answers if answer]
    return entry(
        position,
        resource,
        SECTION_OF[text(resource.get("resourceType"))],
        concept(resource.get("topic")) or asked or _title(resource),
        detail="\n".join(filter(None, said)) or "; ".join(f"{q}: {a}" if q else a for q, a in pairs[:3]),
        when=when(resource, "authored", "sent", "received"),
        standing=standing_of(resource, "status", done_is_current=True),
        facts=facts(
            ("status", text(resource.get("status"))),
            ("reason", reason),
            *(("answer", f"{question}: {answer}" if question else answer) for question, answer in pairs),
            ("category", concepts(resource.get("category"))),
            ("note", notes(resource.get("note"))),
        ),
        said_by=context.said_by(resource, "author", "sender", "source"),
    )


def _title(resource: Resource) -> str:
    groups = (one for one in maps(resource.get("item")) if one.get("item"))
    return next(filter(None, (text(one.get("text")) for one in groups)), "")


def _answers(resource: Resource) -> list[tuple[str, str]]:
    waiting = list(reversed(maps(resource.get("item"))))
    found: list[tuple[str, str]] = []
    while waiting and len(found) < MAX_ANSWERS:
        item = waiting.pop()
        given = maps(item.get("answer"))
        found.append((text(item.get("text")), ", ".join(filter(None, map(value_of, given)))))
        inner = [*maps(item.get("item")), *(deeper for one in given for deeper in maps(one.get("item")))]
        waiting.extend(reversed(inner))
    return found


def _size(files: list[Resource]) -> str:
    size = next(filter(None, (text(one.get("size")) for one in files)), "")
    return f"{size} bytes" if size else ""

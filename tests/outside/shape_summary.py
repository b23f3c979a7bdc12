"""A reading in words, one line an entry: what is compared, and what a person reads when it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from app.record.entry import Entry, Reading, Section


def lines(reading: Reading) -> Iterator[str]:
    """The whole summary: what could not be shown, what lists said, and every entry by section."""
    yield f"FHIR {reading.fhir_version}, {reading.resources} resources, {len(reading.merged)} told through others"
    for one in reading.not_displayed:
        yield f"not displayed: {one.resource_type or '?'} ({one.reason})"
    for note in reading.notes:
        yield f"{note.section}: {note.warning or note.absence}"
    for section in Section:
        for entry in reading.entries:
            if entry.section is section:
                yield _line(entry)


def _line(entry: Entry) -> str:
    date = entry.when.text if entry.when else "no date"
    told = "; ".join(f"{fact.name}={fact.value}" for fact in entry.facts)
    number = ""
    if (of := entry.quantity) is not None:
        number = f" | {of.comparator}{of.value} {of.unit} [{of.low}..{of.high}] {of.interpretation}"
    who = f"{entry.author} / {entry.organisation}"
    head = f"{entry.section} | {entry.resource_type} | {entry.title} | {entry.detail} | {date} | {entry.standing}"
    return f"{head} | {told} | {who}{number}".replace("\n", "⏎")


def golden(reading: Reading) -> dict[str, object]:
    """What is kept of a summary: counts and a hash, nothing of the record itself."""
    told = "\n".join(lines(reading))
    return {
        "resources": reading.resources,
        "told": len(reading.merged),
        "hidden": len(reading.not_displayed),
        "notes": len(reading.notes),
        "sections": reading.counts(),
        "sha256": hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest(),
    }

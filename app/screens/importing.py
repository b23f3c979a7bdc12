"""Importing a file: what is in it before it is kept, and what was kept.

Owns both screens. Every resource of the file is accounted for on them, those that cannot be shown too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.record.entry import Section
from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class ImportPreviewState:
    """What a picked file holds. `person` and `born` as read from it, ready to be shown."""

    file_name: str = field(repr=False)
    person: str = field(repr=False)
    born: str = field(repr=False)
    counts: tuple[tuple[Section, int], ...]
    not_displayed: int


@dataclass(frozen=True, slots=True)
class ImportedState:
    """What was kept: `accounted` resources of the file in all."""

    counts: tuple[tuple[Section, int], ...]
    accounted: int
    not_displayed: int


@dataclass(frozen=True, slots=True)
class ImportEvents:
    """What a person can do here."""

    keep: Callable[[], object]
    done: Callable[[], object]
    back: Callable[[], object]


def preview(state: ImportPreviewState, events: ImportEvents, look: Look) -> ft.View:
    """Before it is kept."""
    w = look.words
    who = [
        (w("import.file"), state.file_name),
        (w("import.about"), state.person or w("import.about.nobody")),
        (w("import.born"), state.born or w("import.about.nobody")),
    ]
    controls = [
        parts.card(look, [parts.summary(look, who)]),
        parts.callout(look, w("import.check.title"), [w("import.check.you"), w("import.check.not-signed")]),
        *_counts(look, state.counts, state.not_displayed),
        parts.primary(look, w("import.keep"), events.keep, identifier="keep"),
    ]
    return parts.frame(look, w("import.preview.title"), controls, name="import-preview", back=events.back)


def imported(state: ImportedState, events: ImportEvents, look: Look) -> ft.View:
    """After it was kept."""
    w = look.words
    controls = [
        parts.told(parts.body(look, w.count("import.accounted", state.accounted)), identifier="imported"),
        *_counts(look, state.counts, state.not_displayed),
        parts.primary(look, w("button.continue"), events.done, identifier="continue"),
    ]
    return parts.frame(look, w("import.done.title"), controls, name="imported")


def _counts(look: Look, counts: tuple[tuple[Section, int], ...], not_displayed: int) -> list[ft.Control]:
    w = look.words
    rows = [(w(f"section.{section.value}"), w.count("home.count", number)) for section, number in counts]
    found: list[ft.Control] = [parts.heading(look, w("import.contents"))]
    if rows:
        found.append(parts.card(look, [parts.summary(look, rows)]))
    if not_displayed:
        found.append(parts.body(look, w.count("import.not-displayed", not_displayed)))
    return found

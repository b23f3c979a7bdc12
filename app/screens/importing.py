"""Importing a file: what is in it before it is kept, and what was kept.

Owns both screens. Every resource of the file is accounted for on them, those that cannot be shown too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import flet as ft

from app.record.entry import Section
from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class ImportPreviewState:
    """What a picked file holds, or what came by a link. `person` and `born` as read from it, ready to be shown.

    `file_name` is the link's host where it came `by_link`. `signed_by` are the issuers of health cards in it whose
    signature was checked.
    """

    file_name: str = field(repr=False)
    person: str = field(repr=False)
    born: str = field(repr=False)
    counts: tuple[tuple[Section, int], ...]
    not_displayed: int
    signed_by: tuple[str, ...] = ()
    already_here: bool = False
    by_link: bool = False


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
        (w("import.link" if state.by_link else "import.file"), state.file_name),
        (w("import.about"), state.person or w("import.about.nobody")),
        (w("import.born"), state.born or w("import.about.nobody")),
    ]
    controls = [
        parts.card(look, [parts.summary(look, who)]),
        parts.callout(look, w("import.check.title"), [w("import.check.you"), _signed(look, state)]),
        *_counts(look, state.counts, state.not_displayed),
    ]
    if state.already_here:
        controls.append(parts.told(parts.body(look, w("import.already.text"), bold=True), identifier="already-here"))
        controls.append(parts.primary(look, w("button.continue"), events.back, identifier="continue"))
    else:
        controls.append(parts.primary(look, w("import.keep"), events.keep, identifier="keep"))
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


def _signed(look: Look, state: ImportPreviewState) -> str:
    if not state.signed_by:
        return look.words("import.check.not-signed")
    return look.words("import.check.signed", names=look.words("list.and").join(state.signed_by))


def _counts(look: Look, counts: tuple[tuple[Section, int], ...], not_displayed: int) -> list[ft.Control]:
    w = look.words
    rows = [(w(f"section.{section.value}"), w.count("home.count", number)) for section, number in counts]
    found: list[ft.Control] = [parts.heading(look, w("import.contents"))]
    if rows:
        found.append(parts.card(look, [parts.summary(look, rows)]))
    if not_displayed:
        found.append(parts.body(look, w.count("import.not-displayed", not_displayed)))
    return found


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """A file that was brought in, by the name it had, and how many entries came in it."""

    source_id: int
    name: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class FilesState:
    """Files that were brought in, newest first; `asked` is the one to be taken back if the person says so again."""

    files: tuple[BroughtIn, ...]
    asked: BroughtIn | None = None
    removed: int | None = None


@dataclass(frozen=True, slots=True)
class FilesEvents:
    """What a person can do with them: `ask` first, then `remove`."""

    ask: Callable[[int], object]
    remove: Callable[[int], object]
    keep: Callable[[], object]
    back: Callable[[], object]


def files(state: FilesState, events: FilesEvents, look: Look) -> ft.View:
    """The files, each to be taken back as a whole."""
    w = look.words
    controls: list[ft.Control] = []
    if state.removed is not None:
        controls.append(
            parts.told(parts.body(look, w.count("files.removed.text", state.removed)), identifier="removed")
        )
    if state.asked is not None:
        one = state.asked
        controls += [
            parts.callout(look, w("files.ask", name=one.name), [w("files.ask.text")]),
            parts.danger(look, w("files.remove"), lambda: events.remove(one.source_id), identifier="remove"),
            parts.secondary(look, w("files.keep"), events.keep, identifier="keep"),
        ]
        return parts.frame(look, w("files.title"), controls, name="files", back=events.keep)
    controls.append(parts.body(look, w("files.lead" if state.files else "files.none")))
    controls += [_file(look, one, events) for one in state.files]
    return parts.frame(look, w("files.title"), controls, name="files", back=events.back)


def _file(look: Look, one: BroughtIn, events: FilesEvents) -> ft.Control:
    note = look.words("files.note", when=look.words.moment(one.at))
    return parts.card_link(
        look, one.name, lambda: events.ask(one.source_id), identifier=f"file-{one.source_id}", note=note
    )

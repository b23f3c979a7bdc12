"""A section: its entries under GP surgery, Hospital and imported files, in pages, with what the lists say.

Owns the three absences and the warnings in words (SCREENS.md): none known, nothing recorded here and
not asked are never turned into one another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.record.entry import Absence, ListWarning, Section
from app.screens.entry_list import Row, row_card
from app.screens.places import Moves, bar
from app.screens.source import Source, source_tag
from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed
from app.ui.words import Words

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one source on this page, with what its list said about itself."""

    source: Source
    rows: tuple[Row, ...] = field(repr=False)
    warnings: tuple[ListWarning, ...] = ()
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class SectionState:
    """One page of a section: `offset` entries before it, `total` in all; `query` narrows it.

    `taken_back` are entries that no longer count, listed by themselves after the rest. Without a section it is the
    timeline of all: `rows` instead of groups. `narrowed` says what was chosen to be shown.
    """

    section: Section | None
    groups: tuple[Group, ...]
    total: int
    offset: int = 0
    query: str = field(default="", repr=False)
    taken_back: tuple[Row, ...] = field(default=(), repr=False)
    rows: tuple[Row, ...] = field(default=(), repr=False)
    narrowed: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class SectionEvents:
    """What a person can do here. `find` gets what was typed; `page` the new offset; `choose` what is to be shown."""

    moves: Moves
    open_entry: Callable[[int], object]
    find: Callable[[str], object]
    page: Callable[[int], object]
    choose: Callable[[], object]
    show_all: Callable[[], object]
    mark: Callable[[Section], object]
    back: Callable[[], object]


def view(state: SectionState, events: SectionEvents, look: Look) -> ft.View:
    """The list."""
    w, section = look.words, state.section
    name = f"section-{section.value if section else 'all'}-{state.offset}"
    controls: list[ft.Control] = []
    if section is not None and (state.total > 1 or state.query):
        controls.append(FindForm(look, events.find, state.query))
    controls += _narrowed(look, state, events)
    if not state.groups and not state.rows:
        controls.append(parts.body(look, w("section.nothing-found" if state.query else "section.nothing")))
    for group in state.groups:
        controls += _group(look, group, events, section)
    controls += _by_year(look, state.rows, events)
    controls += _pages(look, state, events)
    if state.taken_back:
        controls += [parts.heading(look, w("section.taken-back")), parts.body(look, w("section.taken-back.text"))]
        controls += [row_card(look, row, events.open_entry) for row in state.taken_back]
    if section is not None:
        mark = parts.quiet(look, w("own.mark.title"), lambda: events.mark(section), identifier="mark")
        controls.append(ft.Row([mark], wrap=True))
    title = w("timeline.title" if section is None else f"section.{section.value}")
    places = bar(look, events.moves, "home")
    return parts.frame(look, title, controls, name=name, back=events.back, places=places)


@ft.component
def FindForm(look: Look, find: Callable[[str], object], query: str) -> ft.Control:  # noqa: N802 - a Flet component
    """The search field and its button; what is typed lives here only."""
    typed = use_typed(query)

    def search() -> object:
        return find(typed.now)

    button = parts.secondary(look, look.words("find.button"), search, identifier="find", icon=ft.Icons.SEARCH)
    entry = parts.text_field(
        look, look.words("find.label"), typed.shown, typed.change, identifier="query", submitted=search
    )
    if look.scale > 1.4:
        return ft.Column([entry, button], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    row: list[ft.Control] = [ft.Container(entry, expand=True), button]
    return ft.Row(row, spacing=8, vertical_alignment=ft.CrossAxisAlignment.END)


def _narrowed(look: Look, state: SectionState, events: SectionEvents) -> list[ft.Control]:
    """The way to choose what is shown, and what was chosen, with a way back to all of it."""
    w = look.words
    if state.narrowed:
        said = parts.body(look, w("list.choose.narrowed", what=", ".join(state.narrowed)))
        buttons: list[ft.Control] = [
            parts.secondary(look, w("list.choose.change"), events.choose, identifier="choose", icon=ft.Icons.TUNE),
            parts.quiet(look, w("list.choose.show-all"), events.show_all, identifier="show-all"),
        ]
        return [parts.told(said, identifier="narrowed"), ft.Row(buttons, wrap=True, spacing=16, run_spacing=8)]
    if state.query or state.total < 2:
        return []
    button = parts.secondary(look, w("list.choose.button"), events.choose, identifier="choose", icon=ft.Icons.TUNE)
    return [ft.Row([button])]


def _by_year(look: Look, rows: tuple[Row, ...], events: SectionEvents) -> list[ft.Control]:
    """The timeline: entries of all sections under their years."""
    controls: list[ft.Control] = []
    last = None
    for row in rows:
        year = row.entry.when.text[:4] if row.entry.when else look.words("timeline.undated")
        if year != last:
            controls.append(parts.heading(look, year))
            last = year
        controls.append(row_card(look, row, events.open_entry, with_section=True))
    return controls


def _group(look: Look, group: Group, events: SectionEvents, section: Section | None) -> list[ft.Control]:
    w = look.words
    found: list[ft.Control] = [
        parts.heading(look, w(f"source.kind.{group.source.kind.value}")),
        ft.Row([source_tag(look, group.source)], wrap=True),
    ]
    if group.warnings:
        found.append(parts.callout(look, w("warning.title"), [w(f"warning.{one.value}") for one in group.warnings]))
    if group.absence is not None and section is not None:
        found.append(parts.body(look, absence_words(w, section, group.absence, group.source.name)))
    elif not group.rows:
        found.append(parts.body(look, w("section.nothing")))
    found += [row_card(look, row, events.open_entry) for row in group.rows]
    return found


def absence_words(words: Words, section: Section, absence: Absence, name: str) -> str:
    """What a list said about being empty, in the words of its section and with who said it."""
    own = f"absence.{absence.value}.{section.value}"
    return words(own if words.has(own) else f"absence.{absence.value}", name=name)


def _pages(look: Look, state: SectionState, events: SectionEvents) -> list[ft.Control]:
    if state.total <= PAGE_SIZE:
        return []
    w = look.words
    last = min(state.offset + PAGE_SIZE, state.total)
    where = w("page.where", first=state.offset + 1, last=last, total=f"{state.total:,}")
    buttons: list[ft.Control] = []
    if state.offset:
        before = max(state.offset - PAGE_SIZE, 0)
        buttons.append(parts.secondary(look, w("page.previous"), lambda: events.page(before), identifier="previous"))
    if last < state.total:
        buttons.append(parts.secondary(look, w("page.next"), lambda: events.page(last), identifier="next"))
    return [parts.small(look, where), ft.Row(buttons, spacing=16, wrap=True)]

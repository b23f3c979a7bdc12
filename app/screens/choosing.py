"""What of a list is shown: whose entries, which standing, which year; or where in the list to go on.

Owns the screen. How many entries each choice leaves stands beside it, so that none leads to an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import flet as ft

from app.record.entry import Section, Standing
from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look

ANY = "any"
JUMPED_FROM = 50
"""A list of no more than a page needs no place to jump to."""


@dataclass(frozen=True, slots=True)
class ChoosingState:
    """The choices as (value, entries left), what is chosen (None: all), and how many entries that leaves."""

    section: Section | None
    sources: tuple[tuple[str, int], ...] = field(repr=False)
    standings: tuple[tuple[Standing, int], ...]
    years: tuple[tuple[str, int], ...]
    source: str | None = field(default=None, repr=False)
    standing: Standing | None = None
    year: str | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class ChoosingEvents:
    """What a person can do here; None takes a choice back. `jump` goes to a year in the whole list."""

    moves: Moves
    source: Callable[[str | None], object]
    standing: Callable[[Standing | None], object]
    year: Callable[[str | None], object]
    jump: Callable[[str], object]
    show: Callable[[], object]
    back: Callable[[], object]


def view(state: ChoosingState, events: ChoosingEvents, look: Look) -> ft.View:
    """The choices, and a button that says how many entries they leave."""
    w = look.words
    sources = [(name, name, count) for name, count in state.sources]
    standings = [(one.value, w(f"list.choose.standing.{one.value}"), count) for one, count in state.standings]
    years = [(year, year, count) for year, count in state.years]
    chosen = None if state.standing is None else state.standing.value

    def stand(value: str | None) -> object:
        return events.standing(None if value is None else Standing(value))

    controls = [
        parts.primary(look, w.count("list.choose.show", state.total), events.show, identifier="show"),
        *_choice(look, "source", sources, state.source, events.source),
        *_choice(look, "standing", standings, chosen, stand),
        *_jumps(look, state, events),
        *_choice(look, "year", years, state.year, events.year),
    ]
    title = w("list.choose.title" if state.section is None else f"section.{state.section.value}")
    return parts.frame(look, title, controls, name="choosing", back=events.back, places=bar(look, events.moves, "home"))


def _choice(
    look: Look,
    name: str,
    found: Sequence[tuple[str, str, int]],
    chosen: str | None,
    choose: Callable[[str | None], object],
) -> list[ft.Control]:
    if len(found) < 2 and chosen is None:
        return []
    w = look.words
    choices = [parts.Choice(ANY, w(f"list.choose.{name}.any"))]
    choices += [parts.Choice(value, f"{label} ({count:,})") for value, label, count in found]
    radios = parts.radios(
        look, choices, chosen or ANY, lambda v: choose(None if v == ANY else str(v)), identifier=f"choose-{name}"
    )
    return [parts.heading(look, w(f"list.choose.{name}")), parts.card(look, [radios])]


def _jumps(look: Look, state: ChoosingState, events: ChoosingEvents) -> list[ft.Control]:
    """A button for each year, for a list that has more than a page."""
    if state.year is not None or len(state.years) < 2 or state.total <= JUMPED_FROM:
        return []
    buttons: list[ft.Control] = [
        parts.secondary(look, year, lambda year=year: events.jump(year), identifier=f"jump-{year}")
        for year, _ in state.years
    ]
    row = ft.Row(buttons, wrap=True, spacing=8, run_spacing=8)
    w = look.words
    return [parts.heading(look, w("list.choose.jump")), parts.body(look, w("list.choose.jump.text")), row]

"""Search over the whole record: one field, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.screens.entry_list import Row, row_card
from app.screens.places import Moves, bar
from app.screens.section_list import FindForm
from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class SearchState:
    """What was looked for and found; `rows` is None before the first search. `more` says the list was cut."""

    query: str = field(default="", repr=False)
    rows: tuple[Row, ...] | None = field(default=None, repr=False)
    more: bool = False


@dataclass(frozen=True, slots=True)
class SearchEvents:
    """What a person can do here."""

    moves: Moves
    find: Callable[[str], object]
    open_entry: Callable[[int], object]
    back: Callable[[], object]


def view(state: SearchState, events: SearchEvents, look: Look) -> ft.View:
    """The search screen."""
    w = look.words
    controls: list[ft.Control] = [FindForm(look, events.find, state.query)]
    if state.rows is not None:
        said = w.count("search.found", len(state.rows)) if state.rows else w("search.nothing")
        controls.append(parts.told(parts.heading(look, said), identifier="found"))
        if not state.rows:
            controls.append(parts.body(look, w("search.hint")))
        controls += [row_card(look, row, events.open_entry, with_section=True) for row in state.rows]
        if state.more:
            controls.append(parts.body(look, w("search.more")))
    places = bar(look, events.moves, "home")
    return parts.frame(look, w("search.title"), controls, name="search", back=events.back, places=places)

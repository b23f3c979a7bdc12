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
    """What was looked for and found; `rows` is None before the first search. `more` says the list was cut.

    `like` are what the words may have meant: other words for the same, or without a typing error.
    """

    query: str = field(default="", repr=False)
    rows: tuple[Row, ...] | None = field(default=None, repr=False)
    more: bool = False
    like: tuple[Row, ...] = field(default=(), repr=False)


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
        controls += _found(look, state.rows, state.like, events)
        if state.more:
            controls.append(parts.body(look, w("search.more")))
    places = bar(look, events.moves, "home")
    return parts.frame(look, w("search.title"), controls, name="search", back=events.back, places=places)


def _found(look: Look, rows: tuple[Row, ...], like: tuple[Row, ...], events: SearchEvents) -> list[ft.Control]:
    w = look.words
    nothing = w("search.nothing-exact" if like else "search.nothing")
    said = w.count("search.found", len(rows)) if rows else nothing
    controls = [parts.told(parts.heading(look, said), identifier="found")]
    controls += [row_card(look, row, events.open_entry, with_section=True) for row in rows]
    if like:
        controls.append(parts.told(parts.heading(look, w.count("search.like", len(like))), identifier="like"))
        controls.append(parts.body(look, w("search.like.text")))
        controls += [row_card(look, row, events.open_entry, with_section=True) for row in like]
    elif not rows:
        controls.append(parts.body(look, w("search.hint")))
    return controls

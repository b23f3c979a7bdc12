"""Save or print the record: what for, which parts, and the plain word that a saved file is not protected.

Owns the screen. What each kind of file holds is app/actions/exporting.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.record.entry import Section
from app.screens.give_access import SectionChoice, section_tick
from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class ExportState:
    """The kinds of file as the action calls them, the one chosen, and the parts. `done` says what was saved.

    `problem` is a sentence, or empty.
    """

    forms: tuple[str, ...]
    form: str
    sections: tuple[SectionChoice, ...]
    done: tuple[str, ...] = field(default=(), repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ExportEvents:
    """What a person can do here. `choose` gets the kind of file, `tick` a part and its new state."""

    moves: Moves
    choose: Callable[[str], object]
    tick: Callable[[Section, bool], object]
    save: Callable[[], object]
    back: Callable[[], object]


def view(state: ExportState, events: ExportEvents, look: Look) -> ft.View:
    """The two choices, the warning and the button."""
    w = look.words
    choices = [parts.Choice(form, w(f"export.form.{form}"), w(f"export.form.{form}.note")) for form in state.forms]
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    if state.done:
        told = parts.inset(look, [parts.body(look, line) for line in state.done])
        controls.append(parts.told(told, identifier="done"))
    controls += [
        parts.body(look, w("export.lead")),
        parts.heading(look, w("export.form")),
        parts.card(look, [parts.radios(look, choices, state.form, events.choose, identifier="form")]),
        parts.heading(look, w("export.sections")),
        parts.card(
            look, [section_tick(look, one, events.tick, identifier="part") for one in state.sections], spacing=4
        ),
        parts.callout(look, w("export.unlocked.title"), [w("export.unlocked.text")]),
        parts.primary(look, w("export.save"), events.save, identifier="save-file"),
    ]
    places = bar(look, events.moves, "share")
    return parts.frame(look, w("share.save"), controls, name="export", back=events.back, places=places)

"""Deleting everything: what goes, what remains elsewhere, asked twice, and that it is done.

Owns the three screens. Their sentences about what remains come ready to be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class DeleteState:
    """The first asking: what remains elsewhere, a sentence each."""

    remains: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeleteSureState:
    """The second asking; `problem` is a sentence, or empty."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class DeletedState:
    """Nothing is here any more; what remains elsewhere, a sentence each."""

    remains: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeleteEvents:
    """What a person can do here. `delete` gets the word as typed."""

    go_on: Callable[[], object]
    delete: Callable[[str], object]
    done: Callable[[], object]
    back: Callable[[], object]


def first(state: DeleteState, events: DeleteEvents, look: Look) -> ft.View:
    """What is deleted, what is not, and the way on."""
    w = look.words
    controls = [
        parts.body(look, w("delete.lead")),
        parts.card(look, [parts.body(look, w(f"delete.goes.{n}.text")) for n in (1, 2)]),
        *_remains(look, state.remains),
        parts.callout(look, w("delete.final.title"), [w("delete.final.text")]),
        parts.danger(look, w("delete.go-on"), events.go_on, identifier="delete-go-on"),
        parts.secondary(look, w("delete.keep"), events.back, identifier="keep"),
    ]
    return parts.frame(look, w("delete.title"), controls, name="delete", back=events.back)


def _remains(look: Look, remains: tuple[str, ...]) -> list[ft.Control]:
    if not remains:
        return []
    lines = [parts.body(look, line) for line in remains]
    return [parts.heading(look, look.words("delete.remains")), parts.marked("remains", parts.card(look, lines))]


def sure(state: DeleteSureState, events: DeleteEvents, look: Look) -> ft.View:
    """The word to type, and the last button."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, w("delete.sure.lead")),
        DeleteForm(look, events),
        parts.secondary(look, w("delete.keep"), events.back, identifier="keep"),
    ]
    return parts.frame(look, w("delete.sure.title"), controls, name="delete-sure", back=events.back)


@ft.component
def DeleteForm(look: Look, events: DeleteEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """The word; what is typed lives here only."""
    w = look.words
    typed = use_typed()

    def delete() -> object:
        return events.delete(typed.now)

    label = w("delete.sure.label", word=w("delete.word"))
    return parts.card(
        look,
        [
            parts.text_field(look, label, typed.shown, typed.change, identifier="delete-word"),
            parts.danger(look, w("delete.button"), delete, identifier="delete"),
        ],
        spacing=16,
    )


def deleted(state: DeletedState, events: DeleteEvents, look: Look) -> ft.View:
    """That it is done, and what remains elsewhere."""
    w = look.words
    controls = [
        parts.told(parts.body(look, w("deleted.text")), identifier="deleted"),
        *_remains(look, state.remains),
        parts.primary(look, w("button.continue"), events.done, identifier="continue"),
    ]
    return parts.frame(look, w("deleted.title"), controls, name="deleted")

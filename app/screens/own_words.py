"""What a patient says themselves: a note beside an entry, what is wrong with it, and its label and hiding.

Owns the three screens. Nothing on them looks signed, and each says beforehand what it does and does not do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.record.entry import Section
from app.record.own import Label
from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed

LINES = 6


@dataclass(frozen=True, slots=True)
class NoteState:
    """Writing the own note of an entry; `problem` is a sentence, or empty."""

    entry_id: int
    title: str = field(repr=False)
    note: str = field(default="", repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LetterState:
    """Saying what is wrong with an entry; `to` is who the letter goes to, `wrong` what was written so far."""

    entry_id: int
    title: str = field(repr=False)
    to: str = field(default="", repr=False)
    wrong: str = field(default="", repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MarkState:
    """Label and hiding of an entry (`entry_id`, `title`) or of a section; `shown` where hidden entries are shown."""

    label: Label
    hidden: bool = False
    shown: bool = False
    entry_id: int = 0
    title: str = field(default="", repr=False)
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class OwnWordsEvents:
    """What a person can do here. `mark` gets the state as it should be."""

    keep_note: Callable[[int, str], object]
    make_letter: Callable[[int, str], object]
    mark: Callable[[MarkState, Label, bool], object]
    back: Callable[[], object]


def note(state: NoteState, events: OwnWordsEvents, look: Look) -> ft.View:
    """The own note."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, state.title, bold=True), parts.body(look, w("own.note.lead"))]
    controls.append(OwnForm(look, w("own.note.label"), state.note, w("own.note.keep"), "note",
                            lambda text: events.keep_note(state.entry_id, text)))  # fmt: skip
    if state.note:
        remove = lambda: events.keep_note(state.entry_id, "")  # noqa: E731 - the button's own
        controls.append(ft.Row([parts.quiet(look, w("own.note.remove"), remove, identifier="note-remove")]))
    return parts.frame(look, w("own.note.title"), controls, name="own-note", back=events.back)


def letter(state: LetterState, events: OwnWordsEvents, look: Look) -> ft.View:
    """What is wrong, and what the letter does."""
    w = look.words
    to = state.to or w("letter.to.holder")
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, state.title, bold=True),
        parts.body(look, w("own.wrong.lead", name=to)),
        parts.inset(look, [parts.body(look, w("own.wrong.nothing-changes.text"))]),
        OwnForm(look, w("own.wrong.label"), state.wrong, w("own.wrong.make"), "wrong",
                lambda text: events.make_letter(state.entry_id, text)),
    ]  # fmt: skip
    return parts.frame(look, w("own.wrong.title"), controls, name="own-letter", back=events.back)


@ft.component
def OwnForm(  # noqa: N802 - a Flet component
    look: Look, label: str, text: str, button: str, identifier: str, done: Callable[[str], object]
) -> ft.Control:
    """A field of several lines and its button; what is typed lives here only."""
    typed = use_typed(text)
    entry = parts.text_field(
        look, label, typed.shown, typed.change, identifier=identifier, hint=look.words("own.hint"), lines=LINES
    )
    press = parts.primary(look, button, lambda: done(typed.now), identifier=f"{identifier}-done")
    return parts.card(look, [entry, press], spacing=16)


def mark(state: MarkState, events: OwnWordsEvents, look: Look) -> ft.View:
    """The label, and hiding with what it does and does not do."""
    w = look.words
    name = state.title if state.section is None else w(f"section.{state.section.value}")
    choices = [parts.Choice(one.value, w(f"label.{one.value}")) for one in Label]
    controls: list[ft.Control] = [
        parts.body(look, name, bold=True),
        parts.heading(look, w("own.mark.label")),
        parts.card(look, [
            parts.radios(look, choices, state.label.value, lambda v: events.mark(state, Label(str(v)), state.hidden),
                         identifier="label"),
        ]),
        parts.heading(look, w("own.hide.heading")),
    ]  # fmt: skip
    if state.hidden:
        controls.append(parts.body(look, w("own.hide.is.text")))
        show = lambda: events.mark(state, state.label, False)  # noqa: E731 - the button's own
        controls.append(parts.primary(look, w("own.hide.stop"), show, identifier="unhide"))
    else:
        controls.append(parts.body(look, w("own.hide.does.text")))
        lines = [w("own.hide.card.text"), w("own.hide.holder.text"), w("own.hide.again.text")]
        controls.append(parts.callout(look, w("own.hide.know"), lines))
        hide = lambda: events.mark(state, state.label, True)  # noqa: E731 - the button's own
        key = "own.hide.entry" if state.section is None else "own.hide.section"
        controls.append(parts.danger(look, w(key), hide, identifier="hide"))
    return parts.frame(look, w("own.mark.title"), controls, name="own-mark", back=events.back)

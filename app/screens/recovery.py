"""The recovery words: shown once to be kept, saved as a sheet, and the proof that they were kept.

Owns both screens. Drawing the sheet and comparing what was typed are done elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed

SheetForm = Literal["pdf", "svg"]


@dataclass(frozen=True, slots=True)
class RecoveryState:
    """The twelve recovery words, shown once. `saved` once a sheet was handed to the file saver."""

    words: tuple[str, ...] = field(repr=False)
    saved: bool = False


@dataclass(frozen=True, slots=True)
class ProofState:
    """Two of the words are asked for, by their numbers from 1; `problem` is a sentence, or empty."""

    asked: tuple[int, int]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RecoveryEvents:
    """What a person can do here. `prove` gets the two words as typed, in the order they were asked for."""

    save: Callable[[SheetForm], object]
    kept: Callable[[], object]
    prove: Callable[[str, str], object]
    look_again: Callable[[], object]


def sheet(state: RecoveryState, events: RecoveryEvents, look: Look) -> ft.View:
    """The recovery words, numbered, to be written on paper or saved as a sheet."""
    w = look.words
    controls: list[ft.Control] = [
        parts.body(look, w("recovery.lead")),
        _word_list(look, state.words),
        parts.callout(look, w("recovery.care.title"), [w("recovery.care.1"), w("recovery.care.2")]),
        parts.heading(look, w("recovery.paper")),
        parts.body(look, w("recovery.paper.note")),
        _save(look, "pdf", events),
        _save(look, "svg", events),
    ]
    if state.saved:
        controls.append(parts.told(parts.body(look, w("recovery.saved.note")), identifier="saved"))
    controls.append(parts.primary(look, w("recovery.written"), events.kept, identifier="written-down"))
    return parts.frame(look, w("recovery.title"), controls, name="recovery")


def _save(look: Look, form: SheetForm, events: RecoveryEvents) -> ft.Control:
    icon = ft.Icons.PICTURE_AS_PDF_OUTLINED if form == "pdf" else ft.Icons.IMAGE_OUTLINED
    label = look.words(f"recovery.save.{form}")
    return parts.secondary(look, label, lambda: events.save(form), identifier=f"save-{form}", icon=icon)


def _word_list(look: Look, words: tuple[str, ...]) -> ft.Control:
    """Numbered down, one column at large text, two otherwise."""
    columns = 1 if look.scale > 1.4 else 2
    height = -(-len(words) // columns)
    numbered = [parts.body(look, f"{n}. {word}", bold=True) for n, word in enumerate(words, 1)]
    stacks: list[ft.Control] = [
        ft.Column(numbered[i : i + height], spacing=8, expand=True) for i in range(0, len(numbered), height)
    ]
    row = ft.Row(stacks, spacing=16, vertical_alignment=ft.CrossAxisAlignment.START)
    return parts.marked("recovery-words", parts.card(look, [row]))


def proof(state: ProofState, events: RecoveryEvents, look: Look) -> ft.View:
    """Two fields, each named by the number of the word."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, w("proof.lead")),
        ProofForm(look, events, state.asked),
        parts.secondary(look, w("proof.look"), events.look_again, identifier="look-again"),
    ]
    return parts.frame(look, w("proof.title"), controls, name="proof", back=events.look_again)


@ft.component
def ProofForm(look: Look, events: RecoveryEvents, asked: tuple[int, int]) -> ft.Control:  # noqa: N802 - a component
    """The two words; what is typed lives here only."""
    w = look.words
    first, second = use_typed(), use_typed()

    def prove() -> object:
        return events.prove(first.now, second.now)

    fields = [
        parts.text_field(
            look, w("proof.word", number=number), typed.shown, typed.change,
            identifier=f"proof-{place}", submitted=prove,
        )
        for place, number, typed in ((1, asked[0], first), (2, asked[1], second))
    ]  # fmt: skip
    return parts.card(look, [*fields, parts.primary(look, w("proof.button"), prove, identifier="prove")], spacing=16)

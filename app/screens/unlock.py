"""Unlock: the passphrase, the emergency card one tap away, and the way back by recovery words.

Owns both screens of a locked passport. The growing delay is decided elsewhere and said here in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class UnlockState:
    """Locked. `problem` is a sentence (wrong passphrase, how long to wait) or empty."""

    emergency: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RecoverState:
    """Opening with the recovery words."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class UnlockEvents:
    """What a person can do while locked. `unlock` gets the passphrase, `recover` the twelve words as typed."""

    unlock: Callable[[str], object]
    emergency: Callable[[], object]
    forgotten: Callable[[], object]
    recover: Callable[[str], object]
    back: Callable[[], object]


def view(state: UnlockState, events: UnlockEvents, look: Look) -> ft.View:
    """The passphrase field; the emergency card above it where it was switched on."""
    w = look.words
    controls: list[ft.Control] = []
    if state.problem:
        controls.append(parts.error_summary(look, state.problem))
    if state.emergency:
        controls.append(parts.emergency_strip(look, w("emergency.title"), events.emergency, identifier="emergency"))
    controls.append(UnlockForm(look, events, state.problem))
    forgotten = parts.quiet(look, w("unlock.forgotten"), events.forgotten, identifier="forgotten")
    controls.append(ft.Row([forgotten], wrap=True))
    return parts.frame(look, w("unlock.title"), controls, name="unlock")


@ft.component
def UnlockForm(look: Look, events: UnlockEvents, problem: str) -> ft.Control:  # noqa: N802 - a Flet component
    """The field and its button; what is typed lives here only."""
    typed = use_typed()

    def unlock() -> object:
        return events.unlock(typed.now)

    return _form(
        look,
        parts.secret_field(
            look, look.words("unlock.label"), typed.shown, typed.change,
            identifier="passphrase", submitted=unlock, autofocus=not problem,
        ),
        parts.primary(look, look.words("unlock.button"), unlock, identifier="unlock"),
    )  # fmt: skip


def recover(state: RecoverState, events: UnlockEvents, look: Look) -> ft.View:
    """The field for the twelve words."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w("recover.lead")), RecoverForm(look, events)]
    return parts.frame(look, w("recover.title"), controls, name="recover", back=events.back)


@ft.component
def RecoverForm(look: Look, events: UnlockEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """The words, in one field of three lines."""
    typed = use_typed()

    def open_passport() -> object:
        return events.recover(typed.now)

    return _form(
        look,
        parts.text_field(
            look, look.words("recover.label"), typed.shown, typed.change,
            identifier="recovery-words", hint=look.words("recover.hint"), lines=3,
        ),
        parts.primary(look, look.words("recover.button"), open_passport, identifier="recover"),
    )  # fmt: skip


def _form(look: Look, *controls: ft.Control) -> ft.Control:
    return parts.card(look, list(controls), spacing=16)

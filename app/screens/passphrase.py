"""Choosing a passphrase, and typing the one there is before something weighty is done.

Owns both screens. What is typed stays in the form until it is handed over; nothing here decides whether a
passphrase is strong enough, or the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import flet as ft

from app.policy.passphrase import Grade, Strength
from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


class Choosing(StrEnum):
    """What a passphrase is chosen for; the words of the screen go by it."""

    MAKE = "make"
    CHANGE = "change"
    RECOVERED = "recovered"
    RESTORE = "restore"


class Asking(StrEnum):
    """What the passphrase there is is asked for."""

    CHANGE = "change"
    NEW_WORDS = "new-words"
    NEW_KEYS = "new-keys"
    SHOW_HIDDEN = "show-hidden"


@dataclass(frozen=True, slots=True)
class PassphraseState:
    """Choosing a passphrase; `problem` is a sentence, or empty."""

    choosing: Choosing = Choosing.MAKE
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AskPassphraseState:
    """Typing the passphrase there is; `problem` is a sentence, or empty."""

    asking: Asking
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PassphraseEvents:
    """What a person can do here. `choose` and `answer` get what it is for and the passphrase."""

    strength: Callable[[str], Strength]
    choose: Callable[[Choosing, str], object]
    answer: Callable[[Asking, str], object]
    back: Callable[[], object]


NO_WAY_BACK = Choosing.RECOVERED
"""Opened with the recovery words: without a new passphrase nobody could open it as before."""


def choose(state: PassphraseState, events: PassphraseEvents, look: Look) -> ft.View:
    """Choosing a passphrase, with its strength said as it is typed."""
    w, kind = look.words, state.choosing
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w(f"passphrase.{kind}.lead")), PassphraseForm(look, events, kind)]
    back = None if kind is NO_WAY_BACK else events.back
    return parts.frame(look, w(f"passphrase.{kind}.title"), controls, name=f"passphrase-{kind}", back=back)


@ft.component
def PassphraseForm(look: Look, events: PassphraseEvents, kind: Choosing) -> ft.Control:  # noqa: N802 - a component
    """Two fields; what is typed lives here only."""
    w = look.words
    typed = use_typed()
    again = use_typed()
    wrong, set_wrong = ft.use_state("")

    def chosen() -> object:
        if events.strength(typed.now).grade is Grade.WEAK:
            return set_wrong("strength")
        if typed.now != again.now:
            return set_wrong("again")
        set_wrong("")
        return events.choose(kind, typed.now)

    first_error = w("error.passphrase-too-weak") if wrong == "strength" else ""
    second_error = w("passphrase.differ") if wrong == "again" else ""
    return ft.Column(
        [
            parts.secret_field(
                look, w("passphrase.label"), typed.shown, typed.change,
                identifier="passphrase", hint=w("passphrase.hint"), error=first_error,
            ),
            _strength(look, events.strength(typed.shown) if typed.shown else None),
            parts.secret_field(
                look, w("passphrase.again"), again.shown, again.change,
                identifier="passphrase-again", error=second_error, submitted=chosen,
            ),
            parts.inset(look, [parts.body(look, w(f"passphrase.{kind}.note"))]),
            parts.primary(look, w(f"passphrase.{kind}.button"), chosen, identifier="make"),
        ],
        spacing=16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


GRADE_COLOURS = {Grade.WEAK: "yellow", Grade.FAIR: "blue", Grade.STRONG: "green"}


def _strength(look: Look, strength: Strength | None) -> ft.Control:
    if strength is None:
        return parts.told(parts.small(look, look.words("passphrase.strength.none")), identifier="strength")
    reason = f"-{strength.reason.value}" if strength.reason else ""
    word = look.words(f"passphrase.strength.{strength.grade.value}{reason}")
    return parts.told(parts.tag(look, word, GRADE_COLOURS[strength.grade]), identifier="strength")


def ask(state: AskPassphraseState, events: PassphraseEvents, look: Look) -> ft.View:
    """The passphrase there is, before something that cannot be taken back lightly."""
    w, kind = look.words, state.asking
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w(line)) for line in LEADS[kind]]
    controls.append(AskForm(look, events, kind))
    return parts.frame(look, w(f"ask.{kind}.title"), controls, name=f"ask-{kind}", back=events.back)


LEADS = {
    Asking.CHANGE: ("ask.change.lead",),
    Asking.NEW_WORDS: ("ask.new-words.lead", "ask.new-words.backups.note"),
    Asking.NEW_KEYS: ("ask.new-keys.lead", "ask.new-keys.after.note", "ask.new-words.backups.note"),
    Asking.SHOW_HIDDEN: ("ask.show-hidden.lead",),
}


@ft.component
def AskForm(look: Look, events: PassphraseEvents, kind: Asking) -> ft.Control:  # noqa: N802 - a Flet component
    """The field and its button; what is typed lives here only."""
    typed = use_typed()

    def answer() -> object:
        return events.answer(kind, typed.now)

    field = parts.secret_field(
        look, look.words("ask.label"), typed.shown, typed.change, identifier="passphrase", submitted=answer
    )
    button = parts.primary(look, look.words(f"ask.{kind}.button"), answer, identifier="answer")
    return parts.card(look, [field, button], spacing=16)

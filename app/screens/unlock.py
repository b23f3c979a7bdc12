"""Unlock: the passphrase or the PIN, the emergency card one tap or one hold away, and the way back by recovery words.

Owns the screens of a locked passport. The growing delay is decided elsewhere and said here in words.
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
    """Locked, asking for the passphrase. `problem` is a sentence (wrong passphrase, how long to wait) or empty.

    `pin` where a PIN opens it too; `hold` where the card opens only by holding, or after saying yes and waiting.
    """

    emergency: bool
    problem: str = ""
    pin: bool = False
    hold: bool = False


@dataclass(frozen=True, slots=True)
class UnlockPinState:
    """Locked, asking for the PIN. `problem` is a sentence or empty; `hold` as above."""

    emergency: bool
    problem: str = ""
    hold: bool = False


@dataclass(frozen=True, slots=True)
class AskCardState:
    """Whether the emergency card shall open: for who cannot hold. `waiting` after yes, as long as a hold takes."""

    waiting: bool = False


@dataclass(frozen=True, slots=True)
class RecoverState:
    """Opening with the recovery words."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class UnlockEvents:
    """What a person can do while locked. `unlock` gets the passphrase, `recover` the twelve words as typed."""

    unlock: Callable[[str], object]
    unlock_pin: Callable[[str], object]
    use_passphrase: Callable[[], object]
    use_pin: Callable[[], object]
    emergency: Callable[[], object]
    hold_began: Callable[[], object]
    hold_ended: Callable[[], object]
    open_card: Callable[[], object]
    forgotten: Callable[[], object]
    recover: Callable[[str], object]
    restore: Callable[[], object]
    back: Callable[[], object]


def view(state: UnlockState, events: UnlockEvents, look: Look) -> ft.View:
    """The passphrase field; the emergency card above it where it was switched on."""
    w = look.words
    links = [parts.quiet(look, w("unlock.forgotten"), events.forgotten, identifier="forgotten")]
    if state.pin:
        links.insert(0, parts.quiet(look, w("unlock.use-pin"), events.use_pin, identifier="use-pin"))
    form = UnlockForm(look, "unlock.label", "passphrase", events.unlock)
    controls = [*_above(look, state, events), form, _links(links)]
    return parts.frame(look, w("unlock.title"), controls, name="unlock")


def pin(state: UnlockPinState, events: UnlockEvents, look: Look) -> ft.View:
    """The PIN field; the passphrase one tap away."""
    w = look.words
    links = [
        parts.quiet(look, w("unlock.use-passphrase"), events.use_passphrase, identifier="use-passphrase"),
        parts.quiet(look, w("unlock.forgotten"), events.forgotten, identifier="forgotten"),
    ]
    form = UnlockForm(look, "unlock.pin.label", "pin", events.unlock_pin, digits=True)
    controls = [*_above(look, state, events), form, _links(links)]
    return parts.frame(look, w("unlock.title"), controls, name="unlock-pin")


def ask_card(state: AskCardState, events: UnlockEvents, look: Look) -> ft.View:
    """Whether to open the card; after yes, that it is about to."""
    w = look.words
    if state.waiting:
        below = parts.told(parts.body(look, w("unlock.card.waiting.text")), identifier="card-waiting")
    else:
        below = parts.primary(look, w("unlock.card.yes"), events.open_card, identifier="open-card")
    note = parts.body(look, w("unlock.card.ask.text"))
    return parts.frame(look, w("unlock.card.ask"), [note, below], name="unlock-card", back=events.back)


def _above(look: Look, state: UnlockState | UnlockPinState, events: UnlockEvents) -> list[ft.Control]:
    above: list[ft.Control] = []
    if state.problem:
        above.append(parts.error_summary(look, state.problem))
    if state.emergency:
        held = (events.hold_began, events.hold_ended) if state.hold else None
        label = look.words("unlock.card.hold" if state.hold else "emergency.title")
        above.append(parts.emergency_strip(look, label, events.emergency, identifier="emergency", held=held))
        if state.hold:
            above.append(parts.small(look, look.words("unlock.card.hold.note")))
    return above


def _links(links: list[ft.Control]) -> ft.Control:
    """One below the other, each where the line begins."""
    return ft.Column([ft.Row([link], wrap=True) for link in links], spacing=0)


@ft.component
def UnlockForm(  # noqa: N802 - a Flet component
    look: Look, label: str, name: str, unlock: Callable[[str], object], *, digits: bool = False
) -> ft.Control:
    """The field and its button; what is typed lives here only."""
    typed = use_typed()

    def entered() -> object:
        return unlock(typed.now)

    return _form(
        look,
        parts.secret_field(
            look, look.words(label), typed.shown, typed.change,
            identifier=name, submitted=entered, digits=digits,
        ),
        parts.primary(look, look.words("unlock.button"), entered, identifier="unlock"),
    )  # fmt: skip


def recover(state: RecoverState, events: UnlockEvents, look: Look) -> ft.View:
    """The field for the twelve words."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, w("recover.lead")),
        RecoverForm(look, events),
        _links([parts.quiet(look, w("welcome.restore"), events.restore, identifier="restore")]),
    ]
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

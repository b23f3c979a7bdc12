"""A PIN for opening the passport on this device: choosing it, or going without.

Owns the screen. Whether a device can keep one, and which PINs are too easy, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


class Offer(StrEnum):
    """When a PIN is chosen: at the first run, where one may do without, or later."""

    FIRST = "first"
    SET = "set"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class PinState:
    """Choosing a PIN; `problem` is a sentence, or empty."""

    offer: Offer
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PinEvents:
    """What a person can do here. `choose` gets the figures as typed."""

    choose: Callable[[str], object]
    without: Callable[[], object]
    back: Callable[[], object]


def view(state: PinState, events: PinEvents, look: Look) -> ft.View:
    """Two fields for figures, and at the first run the way past them."""
    w = look.words
    first = state.offer is Offer.FIRST
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w("pin.lead")), PinForm(look, events)]
    if first:
        controls.append(parts.secondary(look, w("pin.without"), events.without, identifier="without-pin"))
    title = w("pin.change.title" if state.offer is Offer.CHANGE else "pin.title")
    return parts.frame(look, title, controls, name="pin", back=None if first else events.back)


@ft.component
def PinForm(look: Look, events: PinEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """The figures twice; what is typed lives here only."""
    w = look.words
    typed, again = use_typed(), use_typed()
    differ, set_differ = ft.use_state(False)

    def choose() -> object:
        set_differ(typed.now != again.now)
        return events.choose(typed.now) if typed.now == again.now else None

    return ft.Column(
        [
            parts.secret_field(
                look, w("pin.label"), typed.shown, typed.change, identifier="pin", hint=w("pin.hint"), digits=True
            ),
            parts.secret_field(
                look, w("pin.again"), again.shown, again.change,
                identifier="pin-again", error=w("pin.differ") if differ else "", submitted=choose, digits=True,
            ),
            parts.inset(look, [parts.body(look, w("pin.tries.note"))]),
            parts.primary(look, w("pin.button"), choose, identifier="set-pin"),
        ],
        spacing=16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip

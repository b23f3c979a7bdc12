"""Waiting for a login that goes on in the browser: what to do there, open it again, stop.

Owns the one screen. What the browser comes back with is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class ConnectingState:
    """The login page was opened."""


@dataclass(frozen=True, slots=True)
class ConnectingEvents:
    """What a person can do while it waits."""

    again: Callable[[], object]
    stop: Callable[[], object]


def view(_state: ConnectingState, events: ConnectingEvents, look: Look) -> ft.View:
    """What happens now, and two ways on."""
    w = look.words
    controls: list[ft.Control] = [
        parts.body(look, w("connecting.lead")),
        parts.inset(look, [parts.body(look, w("connecting.note"))]),
        parts.secondary(look, w("connecting.again"), events.again, identifier="open-login"),
        parts.secondary(look, w("connecting.stop"), events.stop, identifier="stop"),
    ]
    return parts.frame(look, w("connecting.title"), controls, name="connecting")

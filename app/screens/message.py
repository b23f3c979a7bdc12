"""A plain message with one thing to do: something could not be done, or is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class MessageState:
    """What to say; `problem` when it is a refusal. `action` is the label of the button."""

    heading: str
    text: str = field(repr=False)
    action: str
    problem: bool = False


@dataclass(frozen=True, slots=True)
class MessageEvents:
    """The one thing to do."""

    act: Callable[[], object]


def view(state: MessageState, events: MessageEvents, look: Look) -> ft.View:
    """The message."""
    said = parts.told(parts.body(look, state.text), identifier="message")
    button = parts.secondary if state.problem else parts.primary
    controls = [said, button(look, state.action, events.act, identifier="message-action")]
    return parts.frame(look, state.heading, controls, name="message")

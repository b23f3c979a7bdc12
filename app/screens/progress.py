"""Work that takes a while: what is being done, how far it is, and from whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class Step:
    """One organisation asked: `done` once its part is in."""

    name: str
    done: bool


@dataclass(frozen=True, slots=True)
class ProgressState:
    """`done` 0.0 to 1.0, or None where the end is not known."""

    label: str
    done: float | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgressEvents:
    """What a person can do while it runs; `stop` None where it cannot be stopped."""

    stop: Callable[[], object] | None = None


def view(state: ProgressState, events: ProgressEvents, look: Look) -> ft.View:
    """The bar, and each organisation with a tick once it is in."""
    w = look.words
    controls: list[ft.Control] = [parts.progress(look, state.label, state.done)]
    if state.steps:
        controls.append(parts.card(look, [_step(look, step) for step in state.steps]))
    if events.stop is not None:
        controls.append(parts.secondary(look, w("progress.stop"), events.stop, identifier="stop"))
    return parts.frame(look, w("progress.title"), controls, name="progress")


def _step(look: Look, step: Step) -> ft.Control:
    key = "progress.step.done" if step.done else "progress.step.waiting"
    icon = ft.Icons.CHECK_CIRCLE_OUTLINE if step.done else ft.Icons.HOURGLASS_EMPTY
    color = look.tokens.tags["green"].text if step.done else look.tokens.secondary
    words = ft.Container(parts.body(look, look.words(key, name=step.name)), expand=True)
    return ft.Row([ft.Icon(icon, size=look.icon(), color=color), words], spacing=12)

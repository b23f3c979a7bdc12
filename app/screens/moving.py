"""Moving to a new phone, on the old one: what will happen, and the moving code itself.

Owns both screens. What the code carries, and when the next picture is due, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class MoveState:
    """Before anything is shown. `too_large` where only a file can carry the passport."""

    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """Which of the four changes of the code there is room for."""

    slower: bool
    faster: bool
    bigger: bool
    smaller: bool


@dataclass(frozen=True, slots=True)
class ShowingState:
    """The moving code. `tenths` of its parts were shown once, 10 for all; `wait` is how long that takes, in words."""

    picture: parts.MovingPicture = field(repr=False)
    need: int
    tenths: int
    wait: str
    steps: Steps
    paused: bool = False


@dataclass(frozen=True, slots=True)
class MoveEvents:
    """What a person can do on the old phone."""

    start: Callable[[], object]
    save_copy: Callable[[], object]
    pause: Callable[[], object]
    go_on: Callable[[], object]
    slower: Callable[[], object]
    faster: Callable[[], object]
    bigger: Callable[[], object]
    smaller: Callable[[], object]
    done: Callable[[], object]
    back: Callable[[], object]


def view(state: MoveState, events: MoveEvents, look: Look) -> ft.View:
    """What will happen, what is needed, and the two ways."""
    w = look.words
    save = w("moving.file")
    if state.too_large:
        told = parts.told(parts.body(look, w("moving.too-large.text")), identifier="too-large")
        controls = [told, parts.primary(look, save, events.save_copy, identifier="save-copy")]
        return parts.frame(look, w("moving.title"), controls, name="move-file", back=events.back)
    needs = [w("moving.needs.phone.text"), w("moving.needs.words.text")]
    controls = [
        parts.body(look, w("moving.lead")),
        parts.callout(look, w("moving.needs"), needs),
        parts.body(look, w("moving.private.text")),
        parts.body(look, w("moving.stays.text")),
        parts.primary(look, w("moving.start"), events.start, identifier="show-code"),
        parts.secondary(look, save, events.save_copy, identifier="save-copy"),
    ]
    return parts.frame(look, w("moving.title"), controls, name="move", back=events.back)


def showing(state: ShowingState, events: MoveEvents, look: Look) -> ft.View:
    """The code, how far it is, and the ways to make it easier to see."""
    w = look.words
    controls: list[ft.Control] = [
        parts.moving_box(look, state.picture, w("moving.code"), identifier="moving-code"),
        parts.told(parts.body(look, _how_far(look, state)), identifier="shown"),
        parts.body(look, w("moving.show.lead")),
        parts.primary(look, w("moving.done"), events.done, identifier="done"),
        _pause(look, state, events),
        parts.heading(look, w("moving.hard")),
        _steps(look, state.steps, events),
        parts.small(look, w("moving.hard.note")),
        parts.secondary(look, w("moving.file"), events.save_copy, identifier="save-copy"),
    ]
    return parts.frame(look, w("moving.show.title"), controls, name="moving-code", back=events.back)


def _how_far(look: Look, state: ShowingState) -> str:
    w = look.words
    if state.paused:
        return w("moving.paused.text")
    if state.tenths == 10:
        return w("moving.shown.all.text")
    if state.tenths == 0:
        return w.count("moving.shown.none", state.need, wait=state.wait)
    return w("moving.shown.text", percent=state.tenths * 10)


def _pause(look: Look, state: ShowingState, events: MoveEvents) -> ft.Control:
    w = look.words
    if state.paused:
        return parts.secondary(look, w("moving.go-on"), events.go_on, identifier="go-on", icon=ft.Icons.PLAY_ARROW)
    return parts.secondary(look, w("moving.pause"), events.pause, identifier="pause", icon=ft.Icons.PAUSE)


def _steps(look: Look, steps: Steps, events: MoveEvents) -> ft.Control:
    w = look.words
    pace: list[ft.Control] = [
        parts.secondary(look, w("moving.slower"), events.slower, identifier="slower", enabled=steps.slower),
        parts.secondary(look, w("moving.faster"), events.faster, identifier="faster", enabled=steps.faster),
    ]
    size: list[ft.Control] = [
        parts.secondary(look, w("moving.bigger"), events.bigger, identifier="bigger", enabled=steps.bigger),
        parts.secondary(look, w("moving.smaller"), events.smaller, identifier="smaller", enabled=steps.smaller),
    ]
    return ft.Column([ft.Row(row, wrap=True, spacing=8, run_spacing=8) for row in (pace, size)], spacing=8)

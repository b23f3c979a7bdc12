"""Moving from another phone, on the new one: what to do, and what the camera has seen so far.

Owns both screens. The camera's loop is app/ui/camera.py; what was received goes on elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import flet as ft

from app.ui import parts
from app.ui.look import Look


class Hint(StrEnum):
    """What would help now; the value names its sentence below "receive."."""

    STARTING = "starting"
    LOOKING = "looking"
    CLOSER = "closer"
    OTHER = "other"
    SLOWER = "slower"
    AGAIN = "again"
    STILL = "still"


@dataclass(frozen=True, slots=True)
class ReceiveState:
    """Before the camera is started. `problem` is a sentence, or empty."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReceivingState:
    """The camera at work: `have` of `need` parts, 0 of 0 before the first."""

    camera: ft.Control = field(repr=False)
    hint: Hint = Hint.STARTING
    have: int = 0
    need: int = 0

    @property
    def tenths(self) -> int:
        """How many tenths of the parts are here."""
        return self.have * 10 // self.need if self.need else 0


@dataclass(frozen=True, slots=True)
class ReceiveEvents:
    """What a person can do on the new phone."""

    start: Callable[[], object]
    stop: Callable[[], object]
    from_file: Callable[[], object]
    back: Callable[[], object]


def view(state: ReceiveState, events: ReceiveEvents, look: Look) -> ft.View:
    """What to do on both phones, and the two ways."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, w("receive.lead")),
        parts.callout(look, w("moving.needs"), [w("receive.needs.phone.text"), w("receive.needs.words.text")]),
        parts.primary(look, w("receive.start"), events.start, identifier="start-camera"),
        parts.secondary(look, w("receive.file"), events.from_file, identifier="from-file"),
    ]
    return parts.frame(look, w("receive.title"), controls, name="receive", back=events.back)


def receiving(state: ReceivingState, events: ReceiveEvents, look: Look) -> ft.View:
    """What the camera sees, how many parts are here, and what would help.

    A screen reader is told each tenth and each new hint; the number of parts it finds when it looks for it.
    """
    w = look.words
    controls: list[ft.Control] = [
        parts.viewfinder(look, state.camera, w("receive.camera"), identifier="camera"),
        parts.told(parts.body(look, w(f"receive.{state.hint}.text")), identifier="hint"),
    ]
    if state.need:
        said = w("receive.tenths", percent=state.tenths * 10) if state.tenths else w("receive.first")
        here = w.count("receive.parts", state.need, have=f"{state.have:,}")
        controls.append(parts.marked("parts", parts.body(look, here, bold=True)))
        controls.append(parts.progress(look, said, state.have / state.need))
    controls += [
        parts.secondary(look, w("receive.stop"), events.stop, identifier="stop-camera"),
        parts.secondary(look, w("receive.file"), events.from_file, identifier="from-file"),
    ]
    return parts.frame(look, w("receive.title"), controls, name="receiving", back=events.stop)

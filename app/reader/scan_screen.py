"""The first screen of the reader: scan with the camera, from a picture, or paste what was read.

Owns its words' order and its fields. The loop behind the camera is app/ui/camera.py; what happens is desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.reader.list_age import list_line
from app.reader.verdict import ListAge
from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class ScanState:
    """What the screen says. `camera` is the running camera's control; `told` and `problem` are keys or sentences."""

    trust_list: ListAge | None = None
    days_past: int = 0
    camera: ft.Control | None = field(default=None, repr=False)
    told: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ScanEvents:
    """What a professional can do here. `typed` gets the text."""

    start_camera: Callable[[], object]
    stop_camera: Callable[[], object]
    picture: Callable[[], object]
    typed: Callable[[str], object]
    update_list: Callable[[], object]


def view(state: ScanState, events: ScanEvents, look: Look) -> ft.View:
    """The ways in, the camera first."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls.append(parts.body(look, w("reader.scan.lead")))
    controls += _camera(look, state, events)
    picture = parts.secondary(look, w("reader.scan.picture"), events.picture, identifier="picture")
    controls += [picture, TypedForm(look, events.typed), parts.heading(look, w("reader.list.title"))]
    controls.append(list_line(look, state.trust_list, state.days_past))
    update = parts.quiet(look, w("reader.list.update"), events.update_list, identifier="update-list")
    controls.append(ft.Row([update], wrap=True))
    return parts.frame(look, w("reader.scan.title"), controls, name="reader-scan", brand=w("reader.brand"))


@ft.component
def TypedForm(look: Look, typed: Callable[[str], object]) -> ft.Control:  # noqa: N802 - a Flet component
    """The field for a pasted or typed code; what is in it lives here only."""
    text = use_typed()

    def check() -> object:
        return typed(text.now)

    entry = parts.text_field(
        look,
        look.words("reader.scan.typed"),
        text.shown,
        text.change,
        identifier="typed",
        hint=look.words("reader.scan.typed.hint"),
        lines=3,
    )
    button = parts.secondary(look, look.words("reader.scan.check"), check, identifier="check-typed")
    return ft.Column([entry, button], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _camera(look: Look, state: ScanState, events: ScanEvents) -> list[ft.Control]:
    w = look.words
    if state.camera is None:
        return [parts.primary(look, w("reader.scan.start"), events.start_camera, identifier="start-camera")]
    picture = parts.viewfinder(look, state.camera, w("reader.scan.camera"), identifier="camera")
    told = parts.told(parts.body(look, state.told or w("reader.scan.looking")), identifier="camera-told")
    stop = parts.secondary(look, w("reader.scan.stop"), events.stop_camera, identifier="stop-camera")
    return [picture, told, stop]

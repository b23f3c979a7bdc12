"""Codes on the screen: the white box around a QR picture that stands or moves, and the time left.

Owns the quiet white surround, whole pixels for each module, and gapless change of picture. Drawing
the picture itself is app/qr.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import flet as ft

from app.ui import text
from app.ui.look import Look
from app.ui.theme import QR_WHITE, Kind

MAX_SIDE = 420
"""The largest side of a code on the screen, in px: larger does not scan better at arm's length."""


@dataclass(frozen=True, slots=True)
class CodePicture:
    """A QR picture as PNG bytes, black on white, with its quiet zone; `modules` counts it along one side."""

    png: bytes = field(repr=False)
    modules: int


@ft.observable
@dataclass(eq=False)
class MovingPicture:
    """A code that changes many times a second: a new `png` redraws it alone, and not the screen around it.

    Every picture has the same `modules` along one side, as of a CodePicture. Change it on the event loop only.
    """

    png: bytes = field(repr=False)
    modules: int


class Sided(Protocol):
    """What has modules along one side, the quiet zone among them."""

    @property
    def modules(self) -> int: ...


def code_box(look: Look, picture: CodePicture, label: str, *, identifier: str) -> ft.Control:
    """The picture in a white box, at whole pixels for each module; `label` names it to a screen reader."""
    px = side(look, picture)
    return _box(_image(picture.png, px), label, identifier)


def moving_box(look: Look, picture: MovingPicture, label: str, *, identifier: str) -> ft.Control:
    """The same for a code that moves."""
    return _box(MovingCode(picture, side(look, picture)), label, identifier)


@ft.component
def MovingCode(picture: MovingPicture, px: float) -> ft.Control:  # noqa: N802 - a Flet component
    """The picture as it is now; drawn again by itself whenever it changes."""
    return _image(picture.png, px)


def _image(png: bytes, px: float) -> ft.Image:
    return ft.Image(
        src=png,
        width=px,
        height=px,
        fit=ft.BoxFit.FILL,
        gapless_playback=True,
        filter_quality=ft.FilterQuality.NONE,
        anti_alias=False,
        exclude_from_semantics=True,
    )


def _box(image: ft.Control, label: str, identifier: str) -> ft.Control:
    box = ft.Container(image, bgcolor=QR_WHITE, padding=8, alignment=ft.Alignment.CENTER)
    return ft.Semantics(identifier=identifier, label=label, image=True, container=True, content=box)


def side(look: Look, picture: Sided) -> float:
    """The side in px: the largest whole number of the device's own pixels for each module that fits, at least one."""
    room = min(MAX_SIDE, look.content_width - 16) * look.pixel_ratio
    return max(int(room // picture.modules), 1) * picture.modules / look.pixel_ratio


def countdown(look: Look, seconds: int) -> ft.Control:
    """The time left, in words that a screen reader can find but is not interrupted by each second."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    shown = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    said = look.words.count("countdown.minutes", hours * 60 + minutes) if hours or minutes else ""
    label = look.words("countdown.left", time=said or look.words.count("countdown.seconds", rest))
    number = ft.Text(
        look.words.directed(shown, left_to_right=True), style=look.style(Kind.SECTION), semantics_label=label
    )
    return ft.Row([ft.Icon(ft.Icons.TIMER_OUTLINED, color=look.tokens.secondary), number], spacing=8, tight=True)


def caption(look: Look, words: str) -> ft.Control:
    """A line below a code."""
    return text.small(look, words)

"""What a running camera sees, as a part of a screen.

Owns its box and its name. The loop behind it is camera.py.
"""

from __future__ import annotations

import flet as ft

from app.ui.look import Look
from app.ui.theme import RADIUS

MAX_WIDTH = 420


@ft.component
def CameraPicture(camera: ft.Control) -> ft.Control:  # noqa: N802 - a Flet component
    """The running camera, the same control through every redrawing: a new one would have to be started again.

    As a memoized component it keeps its place in the tree; a bare control that is used twice loses its page.
    """
    return camera


def viewfinder(look: Look, camera: ft.Control, label: str, *, identifier: str) -> ft.Control:
    """The picture of a running camera, four wide to three high, named for a screen reader."""
    width = min(look.content_width, MAX_WIDTH)
    box = ft.Container(
        ft.memo(CameraPicture)(camera),  # type: ignore[no-untyped-call]
        width=width,
        height=width * 3 / 4,
        bgcolor="#000000",
        border_radius=RADIUS,
        clip_behavior=ft.ClipBehavior.HARD_EDGE,
    )
    picture = ft.Semantics(identifier=identifier, label=label, image=True, container=True, content=box)
    return ft.Row([picture], alignment=ft.MainAxisAlignment.CENTER)

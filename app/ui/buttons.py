"""Buttons: primary, secondary, danger and quiet, each at least 48 px high with its focus shown.

Owns their look and that each handler goes through the guard. What happens is the caller's.
"""

from __future__ import annotations

import flet as ft

from app.ui.guard import Action
from app.ui.look import Look
from app.ui.theme import FOCUS, FOCUS_EDGE, LOWER_EDGE, RADIUS, Kind, Pair

STATE = ft.ControlState


def primary(look: Look, label: str, action: Action, *, identifier: str, enabled: bool = True) -> ft.Control:
    """The one main thing to do on a screen: green, with a lower edge."""
    return _edged(look, label, action, look.tokens.primary, look.tokens.primary_edge, identifier, enabled=enabled)


def danger(look: Look, label: str, action: Action, *, identifier: str) -> ft.Control:
    """A thing that ends or deletes something: red, with a lower edge."""
    return _edged(look, label, action, look.tokens.danger, look.tokens.danger_edge, identifier, enabled=True)


def secondary(
    look: Look, label: str, action: Action, *, identifier: str, icon: ft.IconData | None = None, enabled: bool = True
) -> ft.Control:
    """Another thing to do: outlined."""
    style = button_style(look, Pair(look.tokens.card, look.tokens.link), border=look.tokens.link)
    content = _label(look, label, icon)
    button = ft.TextButton(content=content, style=style, disabled=not enabled, on_click=look.guard.click(action))
    return ft.Semantics(identifier=identifier, content=button)


def quiet(
    look: Look,
    label: str,
    action: Action,
    *,
    identifier: str,
    icon: ft.IconData | None = None,
    color: str | None = None,
) -> ft.Control:
    """A thing to do that is a link: Back, show the source."""
    style = button_style(look, Pair(ft.Colors.TRANSPARENT, color or look.tokens.link), horizontal=4)
    content = _label(look, label, icon)
    button = ft.TextButton(content=content, style=style, on_click=look.guard.click(action))
    return ft.Semantics(identifier=identifier, content=button)


def button_style(look: Look, pair: Pair, *, border: str | None = None, horizontal: int = 16) -> ft.ButtonStyle:
    """The style of every button: flat, square-cornered, 48 px, yellow with dark text when focused."""
    plain = ft.BorderSide(2, border) if border else ft.BorderSide(0, ft.Colors.TRANSPARENT)
    faded = ft.Colors.with_opacity(0.6, pair.text)
    return ft.ButtonStyle(
        bgcolor={STATE.FOCUSED: FOCUS, STATE.DEFAULT: pair.back},
        color={STATE.FOCUSED: FOCUS_EDGE, STATE.DISABLED: faded, STATE.DEFAULT: pair.text},
        icon_color={STATE.FOCUSED: FOCUS_EDGE, STATE.DISABLED: faded, STATE.DEFAULT: pair.text},
        overlay_color=ft.Colors.with_opacity(0.1, pair.text),
        elevation=0,
        shape=ft.RoundedRectangleBorder(radius=RADIUS),
        side={STATE.FOCUSED: ft.BorderSide(3, FOCUS_EDGE), STATE.DEFAULT: plain},
        padding=ft.Padding.symmetric(horizontal=horizontal, vertical=12),
        text_style=_button_text(look),
        visual_density=ft.VisualDensity.STANDARD,
    )


def _button_text(look: Look) -> ft.TextStyle:
    style = look.style(Kind.BODY_BOLD)
    style.color = None
    return style


def _label(look: Look, label: str, icon: ft.IconData | None) -> ft.Control:
    """Text that may wrap at 200 %, with an icon before it that has no name of its own."""
    words = ft.Text(look.words.directed(label), text_align=ft.TextAlign.START if icon else ft.TextAlign.CENTER)
    if icon is None:
        return words
    row: list[ft.Control] = [ft.Icon(icon, size=look.icon()), words]
    return ft.Row(row, spacing=8, tight=True, alignment=ft.MainAxisAlignment.CENTER)


def _edged(
    look: Look, label: str, action: Action, pair: Pair, edge: str, identifier: str, *, enabled: bool
) -> ft.Control:
    shown = pair if enabled else Pair(look.tokens.border, look.tokens.secondary)
    button = ft.TextButton(
        content=_label(look, label, None),
        style=button_style(look, shown),
        disabled=not enabled,
        expand=True,
        on_click=look.guard.click(action),
    )
    return ft.Container(
        content=ft.Row([ft.Semantics(identifier=identifier, content=button, expand=True)], spacing=0),
        bgcolor=edge if enabled else look.tokens.border,
        border_radius=RADIUS,
        padding=ft.Padding.only(bottom=LOWER_EDGE),
    )

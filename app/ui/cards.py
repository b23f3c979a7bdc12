"""Cards: plain, as a link, the summary list, and tags of icon, word and colour.

Owns the look of things in boxes. Their words and order are the screen's.
"""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.ui import buttons, text
from app.ui.guard import Action
from app.ui.look import Look
from app.ui.theme import FOCUS, FOCUS_EDGE, RADIUS, Kind

STATE = ft.ControlState

TAG_ICONS = {
    "green": ft.Icons.CHECK_CIRCLE_OUTLINE,
    "blue": ft.Icons.INFO_OUTLINE,
    "yellow": ft.Icons.WARNING_AMBER,
    "red": ft.Icons.ERROR_OUTLINE,
    "grey": ft.Icons.CIRCLE_OUTLINED,
}


def card(look: Look, controls: Sequence[ft.Control], *, spacing: int = 8) -> ft.Control:
    """A white box around things that belong together."""
    return ft.Container(
        content=ft.Column(list(controls), spacing=spacing, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=look.tokens.card,
        border=ft.Border.all(1, look.tokens.border),
        border_radius=RADIUS,
        padding=16,
    )


def card_link(
    look: Look,
    label: str,
    action: Action,
    *,
    identifier: str,
    note: str = "",
    tags: Sequence[ft.Control] = (),
    icon: ft.IconData | None = None,
) -> ft.Control:
    """A whole card that is one button: label, note below it, tags, and an arrow."""
    lines: list[ft.Control] = [ft.Text(look.words.directed(label), style=look.style(Kind.CARD, look.tokens.link))]
    if note:
        lines.append(text.small(look, note))
    if tags:
        lines.append(ft.Row(list(tags), wrap=True, spacing=8, run_spacing=4))
    row: list[ft.Control] = [
        ft.Column(lines, spacing=4, expand=True),
        ft.Icon(ft.Icons.CHEVRON_RIGHT, color=look.tokens.link, size=look.icon()),
    ]
    if icon is not None:
        row.insert(0, ft.Icon(icon, color=look.tokens.link, size=look.icon(28)))
    button = ft.TextButton(
        content=ft.Container(ft.Row(row, spacing=16), padding=ft.Padding.symmetric(vertical=4)),
        style=link_style(look),
        on_click=look.guard.click(action),
        expand=True,
    )
    return ft.Row([ft.Semantics(identifier=identifier, content=button, expand=True)], spacing=0)


def link_style(look: Look) -> ft.ButtonStyle:
    """The style of a card that is a button."""
    focused = look.tokens.card if look.tokens.dark else FOCUS
    edge = FOCUS if look.tokens.dark else FOCUS_EDGE
    return ft.ButtonStyle(
        bgcolor={STATE.FOCUSED: focused, STATE.DEFAULT: look.tokens.card},
        color=look.tokens.text,
        overlay_color=ft.Colors.with_opacity(0.08, look.tokens.link),
        elevation=0,
        shape=ft.RoundedRectangleBorder(radius=RADIUS),
        side={STATE.FOCUSED: ft.BorderSide(4, edge), STATE.DEFAULT: ft.BorderSide(1, look.tokens.border)},
        padding=ft.Padding.symmetric(horizontal=16, vertical=12),
        alignment=ft.Alignment.CENTER_LEFT,
        visual_density=ft.VisualDensity.STANDARD,
    )


def tag(look: Look, word: str, colour: str, *, icon: ft.IconData | None = None) -> ft.Control:
    """A status as icon, word and colour (green, blue, yellow, red or grey): never colour alone."""
    pair = look.tokens.tags[colour]
    return ft.Container(
        content=ft.Row(
            [
                ft.Icon(icon or TAG_ICONS[colour], size=look.icon(18), color=pair.text),
                ft.Text(
                    look.words.directed(word), style=look.style(Kind.SMALL, pair.text), expand_loose=True, expand=True
                ),
            ],
            spacing=4,
            tight=True,
        ),
        bgcolor=pair.back,
        border_radius=RADIUS,
        padding=ft.Padding.symmetric(horizontal=8, vertical=2),
    )


def summary(look: Look, rows: Sequence[tuple[str, str]]) -> ft.Control:
    """A summary list: each row a name and its value, read together by a screen reader."""
    lines: list[ft.Control] = []
    for number, (name, value) in enumerate(rows, 1):
        edge = ft.BorderSide(1, look.tokens.border)
        line = ft.Column(
            [text.body(look, name, bold=True), text.body(look, value)],
            spacing=0,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
        lines.append(
            ft.Container(
                content=ft.MergeSemantics(line),
                padding=ft.Padding.only(top=0 if number == 1 else 8, bottom=0 if number == len(rows) else 8),
                border=ft.Border.only(bottom=edge) if number < len(rows) else None,
            )
        )
    return ft.Column(lines, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


LONG_PRESS_SECONDS = 0.5
"""After so long the toolkit takes a finger that stays down for a hold (Flutter's kLongPressTimeout)."""


def emergency_strip(
    look: Look, label: str, action: Action, *, identifier: str, held: tuple[Action, Action] | None = None
) -> ft.Control:
    """The red strip that leads to the emergency card. `held`: what is called when a hold begins and when it ends.

    A hold begins LONG_PRESS_SECONDS after the finger went down, and is no press.
    """
    style = buttons.button_style(look, look.tokens.emergency)
    row = [
        ft.Icon(ft.Icons.MEDICAL_INFORMATION, size=look.icon(28)),
        ft.Text(look.words.directed(label), expand=True),
        ft.Icon(ft.Icons.CHEVRON_RIGHT),
    ]
    content = ft.Container(ft.Row(list(row), spacing=16), padding=ft.Padding.symmetric(vertical=4))
    button = ft.TextButton(content=content, style=style, expand=True, on_click=look.guard.click(action))
    strip = ft.Row([ft.Semantics(identifier=identifier, content=button, expand=True)], spacing=0)
    if held is None:
        return strip
    began, ended = held
    return ft.GestureDetector(
        strip,
        on_long_press_start=look.guard.click(began),
        on_long_press_end=look.guard.click(ended),
        exclude_from_semantics=True,
    )

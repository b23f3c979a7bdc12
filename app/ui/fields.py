"""Fields: text with a visible label, tick boxes, radio buttons and a switch, each named for screen readers.

Owns their look and that each change goes through the guard. What is typed is held by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from app.ui import buttons, text
from app.ui.guard import Action
from app.ui.look import Look
from app.ui.theme import FOCUS, RADIUS, Kind


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: the value handed back, and what a person reads."""

    value: str
    label: str
    note: str = ""


def text_field(
    look: Look,
    label: str,
    value: str,
    changed: Action,
    *,
    identifier: str,
    hint: str = "",
    error: str = "",
    secret: bool = False,
    lines: int = 1,
    submitted: Action | None = None,
    digits: bool = False,
) -> ft.Control:
    """A field under its visible label; `changed` gets the whole text at each change. Paste is never refused."""
    above: list[ft.Control] = [text.body(look, label, bold=True)]
    if hint:
        above.append(text.small(look, hint))
    if error:
        above.append(text.told(text.body(look, error, bold=True, color=look.tokens.danger_text)))
    above.append(_entry(look, value, changed, error, secret, lines, submitted, digits=digits))
    column = ft.Column(above, spacing=4, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Semantics(identifier=identifier, content=ft.MergeSemantics(column))


@ft.component
def secret_field(
    look: Look,
    label: str,
    value: str,
    changed: Action,
    *,
    identifier: str,
    hint: str = "",
    error: str = "",
    submitted: Action | None = None,
    digits: bool = False,
) -> ft.Control:
    """A field whose text is hidden until Show is pressed; the toolkit's own eye has no name for a screen reader."""
    shown, set_shown = ft.use_state(False)
    entry = text_field(
        look, label, value, changed,
        identifier=identifier, hint=hint, error=error, secret=not shown, submitted=submitted, digits=digits,
    )  # fmt: skip
    word = look.words("field.hide" if shown else "field.show")
    toggle = buttons.secondary(look, word, lambda: set_shown(not shown), identifier=f"{identifier}-show")
    if look.scale > 1.4:
        return ft.Column([entry, toggle], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    row: list[ft.Control] = [ft.Container(entry, expand=True), toggle]
    return ft.Row(row, spacing=8, vertical_alignment=ft.CrossAxisAlignment.END)


def _entry(
    look: Look,
    value: str,
    changed: Action,
    error: str,
    secret: bool,
    lines: int,
    submitted: Action | None,
    *,
    digits: bool,
) -> ft.TextField:
    edge = look.tokens.danger_text if error else look.tokens.input_border
    return ft.TextField(
        value=value,
        password=secret,
        multiline=lines > 1,
        min_lines=lines if lines > 1 else None,
        max_lines=lines if lines > 1 else 1,
        autocorrect=False,
        enable_suggestions=False,
        keyboard_type=ft.KeyboardType.NUMBER if digits else ft.KeyboardType.TEXT,
        text_style=look.style(Kind.BODY),
        border={
            ft.ControlState.FOCUSED: _outline(FOCUS if look.tokens.dark else look.tokens.text, 4),
            ft.ControlState.DEFAULT: _outline(edge, 2),
        },
        bgcolor=look.tokens.card,
        cursor_color=look.tokens.text,
        content_padding=ft.Padding.symmetric(horizontal=12, vertical=14),
        on_change=look.guard.value(changed),
        on_submit=look.guard.click(submitted) if submitted else None,
    )


def _outline(color: str, width: int) -> ft.InputBorder:
    return ft.OutlineInputBorder(side=ft.BorderSide(width, color), border_radius=RADIUS)


def tick(look: Look, label: str, value: bool, changed: Action, *, identifier: str, note: str = "") -> ft.Control:
    """A tick box with its label; `changed` gets the new state."""
    box = ft.Checkbox(
        label=_wrapped(look, label, 48),
        value=value,
        visual_density=ft.VisualDensity.STANDARD,
        border_side=ft.BorderSide(2, look.tokens.input_border),
        active_color=look.tokens.link,
        check_color=look.tokens.card,
        on_change=look.guard.value(changed),
    )
    content: ft.Control = ft.Semantics(identifier=identifier, content=box)
    if note:
        below = ft.Container(text.small(look, note), padding=_indent(look))
        content = ft.Column([content, below], spacing=0)
    return content


def radios(look: Look, choices: Sequence[Choice], value: str, changed: Action, *, identifier: str) -> ft.Control:
    """One of several; `changed` gets the chosen value. The toolkit's own label does not wrap, so it stands beside."""
    rows: list[ft.Control] = []
    for choice in choices:
        button = ft.Radio(
            value=choice.value,
            visual_density=ft.VisualDensity.STANDARD,
            active_color=look.tokens.link,
            fill_color=look.tokens.link,
        )
        label = ft.Container(text.body(look, choice.label), expand=True, padding=ft.Padding.symmetric(vertical=8))
        pressed = ft.GestureDetector(
            ft.Row([button, label], spacing=4),
            on_tap=look.guard.click(partial(changed, choice.value)),
            mouse_cursor=ft.MouseCursor.CLICK,
        )
        rows.append(ft.Semantics(identifier=f"{identifier}-{choice.value}", content=ft.MergeSemantics(pressed)))
        if choice.note:
            rows.append(ft.Container(text.small(look, choice.note), padding=_indent(look)))
    return ft.RadioGroup(value=value, content=ft.Column(rows, spacing=0), on_change=look.guard.value(changed))


def switch(look: Look, label: str, value: bool, changed: Action, *, identifier: str) -> ft.Control:
    """A switch with its label; `changed` gets the new state."""
    control = ft.Switch(
        label=_wrapped(look, label, 68),
        value=value,
        active_track_color=look.tokens.link,
        on_change=look.guard.value(changed),
    )
    return ft.Semantics(identifier=identifier, content=control)


def _indent(look: Look) -> ft.Padding:
    """The place of a note below its control, on the side where the line begins."""
    return ft.Padding.only(right=48) if look.words.rtl else ft.Padding.only(left=48)


def _wrapped(look: Look, label: str, taken: int) -> ft.Control:
    """A label that wraps inside a card instead of running out of it; `taken` px go to the control itself."""
    return ft.Container(
        ft.Text(look.words.directed(label), style=look.style(Kind.BODY)), width=look.content_width - 34 - taken
    )

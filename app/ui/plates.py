"""Name plates of several people on one device: the banner on every screen, the plate in a list, the choice of colour.

Owns that a person is told by icon, name and colour, never by colour alone. Who is here is the household's.
"""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.ui import buttons, cards, text
from app.ui.guard import Action
from app.ui.look import Look, Whose
from app.ui.theme import PLATES, RADIUS, Kind, Pair
from app.ui.words import Words


def banner(look: Look, whose: Whose) -> ft.Control:
    """The coloured line below the brand bar: whose passport this is, and the way to another."""
    pair = PLATES[whose.colour]
    said = look.words("whose.banner", name=shown_name(look.words, whose.number, whose.name))
    switch = buttons.quiet(look, look.words("whose.switch"), whose.switch, identifier="switch-person", color=pair.text)
    name = ft.Semantics(identifier="whose", container=True, content=_named(look, said, pair))
    line: ft.Control
    if look.scale > 1.4:
        line = ft.Column([name, ft.Row([switch])], spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    else:
        line = ft.Row([ft.Container(name, expand=True), switch], spacing=16)
    return ft.Container(line, bgcolor=pair.back, padding=ft.Padding.symmetric(horizontal=look.gutter, vertical=4))


def shown_name(words: Words, number: int, name: str) -> str:
    """The name that was typed, or the number in words where none was."""
    return name or words("whose.unnamed", n=number)


def plate(look: Look, name: str, colour: str) -> ft.Control:
    """A name on its colour."""
    pair = PLATES[colour]
    return ft.Container(
        _named(look, name, pair),
        bgcolor=pair.back,
        border_radius=RADIUS,
        padding=ft.Padding.symmetric(horizontal=12, vertical=8),
    )


def plate_link(look: Look, name: str, colour: str, action: Action, *, identifier: str, note: str = "") -> ft.Control:
    """A whole card that is one button: the plate, a note below it, and an arrow."""
    lines: list[ft.Control] = [plate(look, name, colour)]
    if note:
        lines.append(text.small(look, note))
    row: list[ft.Control] = [
        ft.Column(lines, spacing=4, expand=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        ft.Icon(ft.Icons.CHEVRON_RIGHT, color=look.tokens.link, size=look.icon()),
    ]
    button = ft.TextButton(
        content=ft.Container(ft.Row(row, spacing=16), padding=ft.Padding.symmetric(vertical=4)),
        style=cards.link_style(look),
        on_click=look.guard.click(action),
        expand=True,
    )
    return ft.Row([ft.Semantics(identifier=identifier, content=button, expand=True)], spacing=0)


def colour_radios(look: Look, colours: Sequence[str], value: str, changed: Action, *, identifier: str) -> ft.Control:
    """One of the colours, each said in words with a patch of it beside them; `changed` gets the chosen one."""
    rows: list[ft.Control] = []
    for colour in colours:
        radio = ft.Radio(
            label=look.words.directed(look.words(f"colour.{colour}")),
            label_style=look.style(Kind.BODY),
            value=colour,
            visual_density=ft.VisualDensity.STANDARD,
            active_color=look.tokens.link,
            fill_color=look.tokens.link,
        )
        patch = ft.Container(
            bgcolor=PLATES[colour].back,
            width=look.icon(28),
            height=look.icon(28),
            border_radius=RADIUS,
            border=ft.Border.all(1, look.tokens.input_border),
        )
        named = ft.Semantics(identifier=f"{identifier}-{colour}", content=radio, expand=True)
        rows.append(ft.Row([named, patch], spacing=16))
    return ft.RadioGroup(value=value, content=ft.Column(rows, spacing=0), on_change=look.guard.value(changed))


def _named(look: Look, name: str, pair: Pair) -> ft.Control:
    icon = ft.Icon(ft.Icons.PERSON, size=look.icon(), color=pair.text)
    words = ft.Text(look.words.directed(name), style=look.style(Kind.BODY_BOLD, pair.text), expand=True)
    return ft.Row([icon, words], spacing=8)

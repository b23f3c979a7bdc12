"""The frame of every screen: brand bar, whose passport it is, Back, content column, and the bar or rail of places.

Owns the order in which a screen reader meets things: brand, name plate, Back, heading, content, places. The
content is the screen's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flet as ft

from app.ui import buttons, plates, text
from app.ui.guard import Action
from app.ui.look import Look
from app.ui.theme import CONTENT_WIDTH, Kind, Pair, text_style

ROUTE = "/"
"""The one route: what a person reads never stands in an address."""

SCROLL_EVERY_MS = 1000
"""How often scrolling is told: it only says that somebody is there."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of the few places of the bottom bar or the rail."""

    name: str
    label: str
    icon: ft.IconData
    open: Action


@dataclass(frozen=True, slots=True)
class Places:
    """All places, and the name of the one a person is in."""

    current: str
    places: tuple[Place, ...]


def frame(
    look: Look,
    heading: str,
    controls: Sequence[ft.Control],
    *,
    name: str,
    back: Action | None = None,
    places: Places | None = None,
    brand: str | None = None,
) -> ft.View:
    """A screen: `name` keys it, so that another screen never takes over its fields or its scroll place."""
    lines: list[ft.Control] = []
    if back is not None:
        lines.append(_back(look, back))
    lines.append(text.title(look, heading))
    lines.extend(controls)
    column = ft.Column(lines, spacing=16, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    narrower = look.width > CONTENT_WIDTH
    inner: ft.Control = ft.Container(
        column,
        padding=ft.Padding.only(left=look.gutter, right=look.gutter, top=16, bottom=40),
        width=CONTENT_WIDTH if narrower else None,
    )
    scrolled = ft.Column(
        [inner],
        key=name,
        scroll=ft.ScrollMode.AUTO,
        on_scroll=look.guard.seen,
        scroll_interval=SCROLL_EVERY_MS,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER if narrower else ft.CrossAxisAlignment.STRETCH,
    )
    main: ft.Control = scrolled
    below: list[ft.Control] = []
    if places is not None and look.rail:
        main = ft.Row([_rail(look, places), scrolled], expand=True, spacing=0, vertical_alignment=_TOP)
    elif places is not None:
        below = [_bar(look, places)]
    above = [_brand(look, brand or look.words("brand.name"))]
    if look.whose is not None:
        above.append(plates.banner(look, look.whose))
    return ft.View(
        route=ROUTE,
        controls=[*above, main, *below],
        padding=0,
        spacing=0,
        bgcolor=look.tokens.page,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        can_pop=back is None,
        on_confirm_pop=look.guard.click(back) if back is not None else None,
    )


_TOP = ft.CrossAxisAlignment.START


def _brand(look: Look, name: str) -> ft.Control:
    # The name of the app stays on one line at the largest text, so that the screen begins high up.
    style = text_style(Kind.CARD, wide=look.wide, scale=min(look.scale, 1.5), color=look.tokens.brand.text)
    badge = ft.Icon(ft.Icons.BADGE_OUTLINED, size=look.icon(), color=look.tokens.brand.text)
    row: list[ft.Control] = [badge, ft.Text(look.words.directed(name), style=style, expand=True)]
    return ft.Container(
        ft.SafeArea(ft.Row(row, spacing=12), avoid_intrusions_bottom=False),
        bgcolor=look.tokens.brand.back,
        padding=ft.Padding.symmetric(horizontal=look.gutter, vertical=12),
    )


def _back(look: Look, action: Action) -> ft.Control:
    button = buttons.quiet(look, look.words("button.back"), action, identifier="back", icon=ft.Icons.ARROW_BACK)
    return ft.Row([button], alignment=ft.MainAxisAlignment.START)


def _bar(look: Look, places: Places) -> ft.Control:
    row: list[ft.Control] = []
    for place in places.places:
        chosen = place.name == places.current
        colour = look.tokens.link if chosen else look.tokens.secondary
        row.append(_place(look, place, chosen=chosen, colour=colour))
    return ft.Container(
        ft.SafeArea(ft.Row(row, spacing=0), avoid_intrusions_top=False),
        bgcolor=look.tokens.card,
        border=ft.Border.only(top=ft.BorderSide(1, look.tokens.border)),
    )


def _rail(look: Look, places: Places) -> ft.Control:
    rows: list[ft.Control] = []
    for place in places.places:
        chosen = place.name == places.current
        colour = look.tokens.link if chosen else look.tokens.secondary
        rows.append(ft.Row([_place(look, place, chosen=chosen, colour=colour)], spacing=0))
    edge = ft.BorderSide(1, look.tokens.border)
    return ft.Container(
        ft.Column(rows, spacing=8, width=140),
        padding=ft.Padding.symmetric(vertical=24),
        border=ft.Border.only(left=edge) if look.words.rtl else ft.Border.only(right=edge),
        bgcolor=look.tokens.card,
        expand=False,
    )


def _place(look: Look, place: Place, *, chosen: bool, colour: str) -> ft.Control:
    style = buttons.button_style(look, Pair(ft.Colors.TRANSPARENT, colour), horizontal=4)
    style.padding = ft.Padding.symmetric(horizontal=4, vertical=8)
    style.text_style = look.style(Kind.SMALL, None)
    style.text_style.color = None
    if chosen:
        style.text_style.font_family = look.style(Kind.BODY_BOLD).font_family
        style.text_style.weight = ft.FontWeight.W_600
    content = ft.Column(
        [ft.Icon(place.icon, size=look.icon()), ft.Text(place.label, text_align=ft.TextAlign.CENTER)],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    button = ft.TextButton(content=content, style=style, on_click=look.guard.click(place.open), expand=True)
    return ft.Semantics(identifier=f"place-{place.name}", selected=chosen, content=button, expand=True)

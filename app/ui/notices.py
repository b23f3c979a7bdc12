"""Notices: callout, error summary, inset text, offline chip, progress and countdown.

Owns how a screen says that something is so, is wrong, or is under way.
"""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.ui import text
from app.ui.look import Look
from app.ui.theme import RADIUS, Kind


def callout(look: Look, heading: str, lines: Sequence[str]) -> ft.Control:
    """A yellow callout with a heading; at most two on a screen."""
    pair, label = look.tokens.callout, look.tokens.callout_label
    return ft.Container(
        content=ft.Column(
            [
                ft.Container(
                    text.heading(look, heading, Kind.CARD, color=label.text),
                    bgcolor=label.back,
                    padding=ft.Padding.symmetric(horizontal=16, vertical=8),
                ),
                ft.Container(
                    ft.Column([text.body(look, line, color=pair.text) for line in lines], spacing=8),
                    padding=16,
                ),
            ],
            spacing=0,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        bgcolor=pair.back,
        border=ft.Border.all(1, label.back),
        border_radius=RADIUS,
        clip_behavior=ft.ClipBehavior.HARD_EDGE,
    )


def error_summary(look: Look, sentence: str) -> ft.Control:
    """ "There is a problem" and the sentence, in a red frame at the top of a screen, spoken at once."""
    column = ft.Column(
        [text.heading(look, look.words("problem.title")), text.body(look, sentence)],
        spacing=8,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    framed = ft.Container(
        column,
        border=ft.Border.all(4, look.tokens.danger_text),
        bgcolor=look.tokens.card,
        border_radius=RADIUS,
        padding=16,
    )
    return text.told(framed, identifier="error-summary")


def inset(look: Look, controls: Sequence[ft.Control], *, color: str | None = None) -> ft.Control:
    """Text set apart by a bar at its side."""
    bar = ft.BorderSide(8, color or look.tokens.link)
    edge = ft.Border.only(right=bar) if look.words.rtl else ft.Border.only(left=bar)
    column = ft.Column(list(controls), spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Container(column, border=edge, padding=ft.Padding.symmetric(horizontal=16, vertical=4))


def offline_chip(look: Look) -> ft.Control:
    """The calm word that there is no signal and that nothing is lost by it."""
    pair = look.tokens.tags["grey"]
    row = [
        ft.Icon(ft.Icons.CLOUD_OFF, size=look.icon(20), color=pair.text),
        _line(look, look.words("offline.chip"), pair.text),
    ]
    chip = ft.Container(
        ft.Row(row, spacing=8),
        bgcolor=pair.back,
        border_radius=RADIUS,
        padding=ft.Padding.symmetric(horizontal=12, vertical=8),
    )
    return text.told(chip, identifier="offline-chip")


def progress(look: Look, label: str, done: float | None) -> ft.Control:
    """A bar with its label above; `done` 0.0 to 1.0, or None where the end is not known."""
    bar = ft.ProgressBar(
        value=done,
        bar_height=8,
        color=look.tokens.link,
        bgcolor=look.tokens.border,
        border_radius=RADIUS,
        semantics_label=label,
        semantics_value=None if done is None else round(done * 100),
    )
    return ft.Column([text.told(text.body(look, label)), bar], spacing=8)


def _line(look: Look, words: str, color: str) -> ft.Control:
    return ft.Text(look.words.directed(words), style=look.style(Kind.SMALL, color), expand=True)

"""Text parts: headings that are headings to a screen reader, body, small and secondary text.

Owns how words stand on the page. Which words, and in which order, is the screen's.
"""

from __future__ import annotations

import re

import flet as ft

from app.ui.look import Look
from app.ui.theme import TYPES, Kind

WIDTH_OF_LETTER = 0.62
"""Of the size: a generous mean for the semibold font."""

LEVELS = {Kind.TITLE: 1, Kind.SECTION: 2, Kind.CARD: 3}


def title(look: Look, words: str) -> ft.Control:
    """The one main heading of a screen (level 1)."""
    return heading(look, words, Kind.TITLE)


def heading(look: Look, words: str, kind: Kind = Kind.SECTION, *, color: str | None = None) -> ft.Control:
    """A heading: level 1, 2 or 3 by its kind."""
    style = look.style(kind, color)
    style.size = fitted(look, words, kind)
    return ft.Semantics(
        heading_level=LEVELS[kind], container=True, content=ft.Text(look.words.directed(words), style=style)
    )


def fitted(look: Look, words: str, kind: Kind) -> float:
    """The size in px at which the longest word still stands on one line; never below the unscaled size."""
    spec = TYPES[kind]
    plain = spec.wide_size if look.wide else spec.size
    longest = max((len(word) for word in re.split(r"[\s\-/]+", words)), default=0)
    room = look.content_width / max(longest * WIDTH_OF_LETTER, 1)
    return max(float(plain), min(plain * look.scale, room))


def body(look: Look, words: str, *, bold: bool = False, color: str | None = None) -> ft.Control:
    """A paragraph."""
    return ft.Text(look.words.directed(words), style=look.style(Kind.BODY_BOLD if bold else Kind.BODY, color))


def small(look: Look, words: str, *, color: str | None = None) -> ft.Control:
    """A small line in the secondary colour unless another is given."""
    return ft.Text(look.words.directed(words), style=look.style(Kind.SMALL, color or look.tokens.secondary))


def figures(look: Look, words: str, spoken: str) -> ft.Control:
    """A large number to be read aloud; `spoken` is what a screen reader says (figure by figure)."""
    shown = look.words.directed(words, left_to_right=True)
    return ft.Text(shown, style=look.style(Kind.FIGURES), semantics_label=spoken)


def raw(look: Look, words: str) -> ft.Control:
    """Source text as received: small, never re-ordered by direction, broken anywhere."""
    return ft.Container(
        content=ft.Text(
            look.words.directed(words, left_to_right=True),
            style=look.style(Kind.SMALL),
            text_align=ft.TextAlign.LEFT,
        ),
        padding=16,
        bgcolor=look.tokens.card,
        border=ft.Border.all(1, look.tokens.border),
        border_radius=4,
    )


def told(content: ft.Control, *, identifier: str | None = None) -> ft.Control:
    """A live region: a screen reader speaks it when it changes."""
    return ft.Semantics(live_region=True, container=True, identifier=identifier, content=content)


def marked(identifier: str, content: ft.Control) -> ft.Control:
    """The same control with a stable test id."""
    return ft.Semantics(identifier=identifier, content=content)

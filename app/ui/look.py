"""What a screen is drawn with: words, colours, size of text, width of the window, and the guard.

Owns the one value that is handed to every screen and part, so that each stays a pure function.
Who changes it (settings, a turned phone, a dark evening) is shell.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import flet as ft

from app.ui import theme
from app.ui.guard import Action, Guard
from app.ui.words import Words


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose passport the window shows, said on every screen where several people's are kept on this device."""

    number: int
    name: str = field(repr=False)
    colour: str
    switch: Action = field(repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """Words, tokens, guard of handlers, window width in px, text scale (1.0 to 2.0), device pixels for each px.

    `whose` where more than one person's passport is kept on this device.
    """

    words: Words
    tokens: theme.Tokens
    guard: Guard = field(repr=False)
    width: float = 390.0
    scale: float = 1.0
    pixel_ratio: float = 1.0
    whose: Whose | None = None

    @property
    def wide(self) -> bool:
        """Whether the larger type of laptops is used."""
        return self.width >= theme.PHONE_BELOW

    @property
    def rail(self) -> bool:
        """Whether navigation stands at the side instead of at the bottom."""
        return self.width >= theme.RAIL_FROM

    @property
    def content_width(self) -> float:
        """The width that content has, in px, margins taken off."""
        return min(theme.CONTENT_WIDTH, self.width) - 2 * self.gutter

    @property
    def gutter(self) -> int:
        """The margin at each side, in px."""
        return 24 if self.wide else 16

    def icon(self, px: int = 24) -> float:
        """The size of an icon beside text, in px: it grows with the text, up to half as large again."""
        return px * min(self.scale, 1.5)

    def style(self, kind: theme.Kind, color: str | None = None) -> ft.TextStyle:
        """The text style of a kind, in the text colour unless another is given."""
        return theme.text_style(kind, wide=self.wide, scale=self.scale, color=color or self.tokens.text)

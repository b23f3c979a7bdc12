"""The three places of the bottom bar and the rail: Home, Share, You.

Owns their names, icons and order. Opening them is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import flet as ft

from app.ui import parts
from app.ui.look import Look

Move = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Moves:
    """Ways to go, the same on every screen of an unlocked passport."""

    home: Move
    share: Move
    you: Move


def bar(look: Look, moves: Moves, current: Literal["home", "share", "you"]) -> parts.Places:
    """The three places, with the one a person is in."""
    return parts.Places(
        current,
        (
            parts.Place("home", look.words("place.home"), ft.Icons.HOME_OUTLINED, moves.home),
            parts.Place("share", look.words("place.share"), ft.Icons.QR_CODE_2, moves.share),
            parts.Place("you", look.words("place.you"), ft.Icons.PERSON_OUTLINE, moves.you),
        ),
    )

"""What is being typed, held by the form alone.

Owns one trap of the toolkit: a button pressed right after the last letter may still be the button of
the drawing before it, so `now` is read when it is pressed and never captured while drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft


@dataclass(frozen=True, slots=True)
class Typed:
    """`shown` is what to draw, `now` what stands in the field at this moment."""

    shown: str = field(repr=False)
    change: Callable[[str], None] = field(repr=False)
    _newest: ft.MutableRef[str] = field(repr=False)

    @property
    def now(self) -> str:
        """The text as it stands."""
        return self._newest.current or ""


def use_typed(initial: str = "") -> Typed:
    """A hook: a text that lives as long as the component that draws it."""
    shown, set_shown = ft.use_state(initial)
    newest = ft.use_ref(initial)

    def change(text: str) -> None:
        newest.current = text
        set_shown(text)

    return Typed(shown, change, newest)

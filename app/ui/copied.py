"""What the app put on the clipboard, and taking it off again: after a minute, and when the passport locks.

Owns that. On phones and in Flet's own desktop window it is taken off only if it is still what is there. In a browser
window it is taken off without looking: to look, a page must ask the person, in words of the browser's own. A browser
lets a page write only while its window is in front, so what was refused is tried again when the window is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

KEPT_SECONDS = 60.0
"""How long a link stays on the clipboard."""


@dataclass(slots=True)
class Copied:
    """The clipboard of one window. `start` runs a task of the window's loop."""

    page: ft.Page
    start: Callable[[Callable[[], object]], None]
    clipboard: ft.Clipboard = field(default_factory=ft.Clipboard, repr=False)
    _text: str = field(default="", repr=False)
    _overdue: bool = False
    _timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    async def copy(self, text: str) -> None:
        """Put text on the clipboard, for a minute."""
        await self.clipboard.set(text)
        self._text, self._overdue = text, False
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.take_back)

    def take_back(self) -> None:
        """Take it off now, or as soon as that is allowed."""
        if self._timer is not None:
            self._timer.cancel()
        self._overdue = bool(self._text)
        self.try_again()

    def try_again(self) -> None:
        """The window is in front again: what could not be taken off is."""
        if self._overdue:
            self.start(self._clear)

    async def _clear(self) -> None:
        text = self._text
        try:
            if self.page.web or await self.clipboard.get() == text:
                await self.clipboard.set("")
        except RuntimeError:  # the device does not allow it now
            return
        if self._text == text:
            self._text, self._overdue = "", False

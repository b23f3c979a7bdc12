"""The screen stays on while something is being watched: a moving code, or the camera that looks at one.

Owns asking the device, and that a device that will not is no reason to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import flet as ft

ANSWER_SECONDS = 2
"""What a device is given to answer: a window that is gone never does."""


@dataclass(slots=True)
class Awake:
    """Keeps one window's screen on, for as long as somebody asks for it."""

    _lock: ft.Wakelock | None = field(default=None, repr=False)
    _asked: int = 0

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Inside, the screen does not go dark by itself."""
        if self._lock is None:
            self._lock = ft.Wakelock()
        self._asked += 1
        if self._asked == 1:
            await _where_it_can(self._lock.enable)
        ending = False
        try:
            yield
        except asyncio.CancelledError:
            ending = True  # with the program or the window: nobody is there who could answer
            raise
        finally:
            self._asked -= 1
            if self._asked == 0 and not ending:
                await _where_it_can(self._lock.disable)


async def _where_it_can(ask: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(RuntimeError, TimeoutError):  # a browser without it, a window that is gone
        async with asyncio.timeout(ANSWER_SECONDS):  # wait_for may swallow a cancelling that comes with the answer
            await ask()

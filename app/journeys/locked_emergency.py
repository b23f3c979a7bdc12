"""The emergency card of a locked passport: opened by a tap, or by a hold or a yes that takes as long, and noted.

Owns the way to it. The card is shown first; noting that comes after and never keeps it from being shown. The screens
are unlock.py's and emergency_card.py's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from app.actions.card_openings import note_opening
from app.actions.locked_card import choices_while_locked, locked_card
from app.journeys.desk import Desk, Place
from app.journeys.emergency import emergency_state
from app.policy.locked_choices import HOLD_SECONDS
from app.screens.unlock import AskCardState, UnlockPinState, UnlockState
from app.ui.cards import LONG_PRESS_SECONDS
from crypto.errors import PassportError


@dataclass(slots=True)
class LockedEmergency:
    """One window's way to it. `begin` shows the first screen of whoever sits at the desk."""

    desk: Desk
    begin: Place
    _timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    async def pressed(self) -> None:
        """One tap opens it; where the patient chose that it takes long, it is asked first."""
        self._stop()
        choices = await self.desk.work(choices_while_locked, self.desk.home)
        await self.desk.go(self._ask if choices.hold else self._show)

    def hold_began(self) -> None:
        """A finger stays on the strip."""
        self._later(HOLD_SECONDS - LONG_PRESS_SECONDS, self.desk.go, UnlockState, UnlockPinState)

    def hold_ended(self) -> None:
        """It was lifted."""
        self._stop()

    def open_after_yes(self) -> None:
        """Yes was said: it takes as long as a hold."""
        self.desk.shell.show(AskCardState(waiting=True))
        self._later(HOLD_SECONDS, self.desk.replace, AskCardState)

    async def _ask(self) -> None:
        self.desk.shell.show(AskCardState())

    def _later(self, seconds: float, way: Callable[[Place], Awaitable[None]], *asked_on: type) -> None:
        """Open it then, where that is still asked for: on one of these screens."""

        async def opened() -> None:
            if isinstance(shell.screen, asked_on):
                await way(self._show)

        self._stop()
        shell = self.desk.shell
        self._timer = shell.loop.call_later(seconds, shell.start, opened)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _show(self) -> None:
        desk = self.desk
        card = await desk.work(locked_card, desk.home)
        if card is None:
            await self.begin()
            return
        desk.shell.show(await desk.work(emergency_state, card, desk, locked=True))
        with contextlib.suppress(PassportError):  # a full disk or a damaged folder is no reason to fail who reads it
            await desk.work(note_opening, desk.home, now=desk.now())

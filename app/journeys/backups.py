"""A backup behind the screens after each change: one at a time, and nobody waits for it.

Owns when one is begun in a window and telling Home. What a backup is, whether one is wanted and what is noted where
it fails: app/actions/backing_up.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.actions.backing_up import back_up_if_chosen
from app.journeys.desk import Desk, Place


@dataclass(slots=True)
class Backups:
    """One window's backups. `home_again` tells Home anew where it is on the screen."""

    desk: Desk
    home_again: Place
    _running: bool = False
    _again: bool = False

    def changed(self) -> None:
        """Something of the record changed: back it up; what changes meanwhile is backed up once more afterwards."""
        self._again = True
        if not self._running:
            self._running = True
            self.desk.shell.start(self._make)

    async def _make(self) -> None:
        state = None
        try:
            while self._again and self.desk.is_open:
                self._again = False
                passport = self.desk.passport
                state = await self.desk.work(back_up_if_chosen, passport, now=self.desk.now())
            if state is not None and self.desk.is_open:
                await self.home_again()
        finally:
            self._running = False

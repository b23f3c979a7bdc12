"""When an open passport locks by itself: nobody uses it, nobody can see it, or another program of this folder asks.

Owns the times and the timer of one window. What locking is: opening.py and desk.py. The lock on close and on a lost
connection is compose.py's, on demand you.py's. As in background.py no task sleeps: each look arms the next, and only
a lock is a task.

A long update or import is no sign of a person. It is not waited for: what is being written when the time comes is
written whole, what has not begun to be written is not, and the lock happens either way (Desk.lock).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from app.clock import Moment, moment
from app.journeys.desk import Desk, Place
from app.screens.connecting import ConnectingState
from app.ui.shell import Warned
from crypto.errors import StoreUnavailable

IDLE: timedelta = timedelta(minutes=5)
"""Without a click, a key, typing or scrolling for so long it locks."""

WARNED_FOR: timedelta = timedelta(minutes=1)
"""So long before an idle lock it is said, with a button to stay unlocked (WCAG 2.2, 2.2.1: at least 20 seconds)."""

AWAY: timedelta = timedelta(minutes=1)
"""Hidden for longer than this it locks: while hidden where the program still runs, else on return."""

LOOK_EVERY_SECONDS = 1.0
"""How often it is looked; a look compares times and asks the folder whether a file is there."""


@dataclass(slots=True)
class Locking:
    """One window's lock. `lock` locks and shows so."""

    desk: Desk
    lock: Place
    _used: Moment = field(default_factory=moment)
    _hidden: Moment | None = None
    _asked: object = None
    _timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def begin(self) -> None:
        """A passport was opened at the desk: from now on look."""
        self._used, self._hidden = moment(), None
        self._asked = self._request()
        self._arm()

    def used(self) -> None:
        """A person did something."""
        self._used = moment()
        if self.desk.shell.stage.warned is not None:
            self.desk.shell.warn(None)

    async def hidden(self, hidden: bool) -> None:
        """The window is hidden from every eye, or seen again."""
        if hidden:
            self._hidden = self._hidden or moment()
            return
        if self._is_due():
            await self.lock()
        self._hidden = None

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        shell = self.desk.shell
        self._timer = shell.loop.call_later(LOOK_EVERY_SECONDS, self._look, context=shell.context)

    def _look(self) -> None:
        """The last look is the one that locks, or that finds it locked."""
        if not self.desk.is_open:
            return
        if self._is_due():
            self.desk.shell.start(self.lock)
            return
        if moment().seconds_since(self._used) >= (IDLE - WARNED_FOR).total_seconds():
            self._warn()
        self._arm()

    def _is_due(self) -> bool:
        now = moment()
        return self.desk.is_open and (self._is_idle(now) or self._is_away(now) or self._is_asked())

    def _is_idle(self, now: Moment) -> bool:
        return now.seconds_since(self._used) >= IDLE.total_seconds()

    def _is_away(self, now: Moment) -> bool:
        """On the page of a login, in another window or app, one may be as long as with the app in front."""
        if self._hidden is None or isinstance(self.desk.shell.screen, ConnectingState):
            return False
        return now.seconds_since(self._hidden) > AWAY.total_seconds()

    def _is_asked(self) -> bool:
        """A request that was there when the passport was opened is an old one."""
        asked = self._request()
        return asked is not None and asked != self._asked

    def _request(self) -> object:
        """A folder that cannot be read asks for nothing."""
        try:
            return self.desk.home.lock_request()
        except StoreUnavailable:
            return None

    def _warn(self) -> None:
        words, shell = self.desk.words, self.desk.shell
        if shell.stage.warned is not None:
            return
        left = words.count("wait.minutes", int(WARNED_FOR.total_seconds() // 60))
        idle = words.count("wait.minutes", int((IDLE - WARNED_FOR).total_seconds() // 60))
        heading, text = words("lock.warning.title", time=left), words("lock.warning.text", time=idle)
        # Pressing anything is use, and use takes the warning away: the button has nothing more to do.
        shell.warn(Warned(heading, text, words("lock.stay"), self.used))

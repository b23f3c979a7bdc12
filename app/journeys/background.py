"""Updating behind the screens while a passport is open: every quarter of an hour, and at once when the network is back.

Owns the timer of one window. When is sync/schedule.py; what a visit does and what of it is shown is record.py.
Between two looks no task runs: locking needs to stop nothing, the next look finds the desk empty and is the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.clock import monotonic
from app.journeys.desk import Desk
from app.journeys.record import Record
from crypto.errors import PassportError, ServiceBusy, Unavailable
from crypto.jitter import jitter
from sync.reach import is_reachable
from sync.schedule import Schedule

LOOK_EVERY_SECONDS = 10.0
"""How often it is looked whether anything is due; looking costs nothing."""


@dataclass(slots=True)
class Background:
    """One window's updates behind the screens."""

    desk: Desk
    record: Record
    _schedule: Schedule = field(default_factory=Schedule)
    _told: str = ""
    _timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def begin(self) -> None:
        """A passport was opened at the desk: from now on look. The first visit is `visit`'s or a person's."""
        self._schedule, self._told = Schedule().succeeded(monotonic()), ""
        self._arm()

    async def visit(self) -> None:
        """Ask for what is new, and plan the next visit by how it went."""
        refusals: tuple[PassportError, ...] = ()
        try:
            refusals = await self.record.update_quietly()
        except PassportError as error:
            refusals = (error,)
            raise
        finally:
            self._plan([one for one in refusals if isinstance(one, Unavailable)])

    def _plan(self, unreached: Sequence[Unavailable]) -> None:
        """What was not believed will be no truer in a minute: only what was not reached is asked again sooner."""
        if not unreached:
            self._schedule = self._schedule.succeeded(monotonic())
            return
        asked = max((one.retry_after or 0.0 for one in unreached if isinstance(one, ServiceBusy)), default=None)
        self._schedule = self._schedule.failed(monotonic(), chance=jitter(), asked=asked)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        shell = self.desk.shell
        self._timer = shell.loop.call_later(LOOK_EVERY_SECONDS, shell.start, self._look, context=shell.context)

    async def _look(self) -> None:
        if not self.desk.is_open or self.desk.services is None:
            return
        try:
            await self._look_for_network()
            if self.desk.is_open and self._schedule.visit_is_due(monotonic()):
                await self.visit()
        except PassportError as error:
            if error.code == self._told:
                return  # it was told, and is no news each quarter of an hour
            self._told = error.code
            raise
        finally:
            self._arm()

    async def _look_for_network(self) -> None:
        desk = self.desk
        if not desk.offline or not self._schedule.look_is_due(monotonic()):
            return
        online = desk.online
        if await desk.work(is_reachable, online.transport, online.profile):
            self._schedule = self._schedule.network_returned(monotonic())
        else:
            self._schedule = self._schedule.looked(monotonic())

"""Moving to a new phone, on the old one: the backup as a moving code, at the pace and size a camera can follow.

Owns what is shown when. What the frames say is crypto/frames.py, how they are drawn app/qr/frames.py; what they
carry is the backup (app/actions), which is sealed already and which the recovery words alone open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from app.actions.session import Passport
from app.clock import monotonic
from app.journeys.desk import Desk, Place
from app.qr.draw import QUIET_ZONE_MODULES
from app.qr.frames import FrameSize, draw_frame
from app.screens.moving import MoveEvents, MoveState, ShowingState, Steps
from app.ui.awake import Awake
from app.ui.parts import MovingPicture
from app.ui.say import wait as in_words
from crypto.errors import MovingCodeTooLarge
from crypto.frames import MAX_SYMBOLS, Sender, blocks_needed

PACES: Final = (10, 5, 3)
"""Frames a second. Ten are safe with a camera of 30 pictures a second at any phase; slower where light is poor."""
SIZES: Final = (FrameSize.LARGEST, FrameSize.MIDDLE, FrameSize.SMALLEST)


class BackUp(Protocol):
    """Makes the bytes that move: app/actions/backing_up.py."""

    def __call__(self, passport: Passport, *, now: datetime) -> bytes: ...


@dataclass(slots=True, eq=False)
class Showing:
    """A moving code on the screen: what it carries, and where in the row of frames it is."""

    payload: bytes = field(repr=False)
    size: FrameSize
    sender: Sender = field(repr=False)
    picture: MovingPicture = field(repr=False)
    pace: int = 0
    number: int = 0
    paused: bool = False

    @property
    def tenths(self) -> int:
        """How many tenths of the parts were shown once."""
        return min(self.number * 10 // self.sender.need, 10)

    @property
    def seconds(self) -> int:
        """How long every part once takes."""
        return -(-self.sender.need // PACES[self.pace])

    @property
    def bigger(self) -> FrameSize | None:
        """The next size with bigger modules that still carries it all."""
        smaller_ones = [one for one in SIZES if one < self.size]
        fits = [one for one in smaller_ones if blocks_needed(len(self.payload), one.symbol_bytes) <= MAX_SYMBOLS]
        return max(fits, default=None)

    @property
    def smaller(self) -> FrameSize | None:
        """The next size with smaller modules."""
        return min((one for one in SIZES if one > self.size), default=None)


@dataclass(slots=True)
class Moving:
    """One window's way through showing a moving code. `save_copy` leads to the backup as a file."""

    desk: Desk
    back_up: BackUp
    save_copy: Place
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = monotonic
    awake: Awake = field(default_factory=Awake)
    _showing: Showing | None = field(default=None, repr=False)
    _turn: object = None
    """The one loop that may change the picture."""

    def events(self) -> MoveEvents:
        """What both screens call."""
        return MoveEvents(
            start=self._start,
            save_copy=self.save_copy,
            pause=lambda: self._pause(True),
            go_on=lambda: self._pause(False),
            slower=lambda: self._at_pace(1),
            faster=lambda: self._at_pace(-1),
            bigger=lambda: self._resized(lambda now: now.bigger),
            smaller=lambda: self._resized(lambda now: now.smaller),
            done=self._back,
            back=self._back,
        )

    def forget(self) -> None:
        """Let go of what was shown, after locking too."""
        self._showing = None

    async def begin(self) -> None:
        """What will happen, before anything is shown."""
        self.forget()
        self.desk.shell.show(MoveState())

    async def _back(self) -> None:
        self.forget()
        await self.desk.back()

    async def _start(self) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.moving"))
        payload = await desk.work(self.back_up, desk.passport, now=desk.now())
        try:
            self._showing = await desk.work(begin_showing, payload, SIZES[0])
        except MovingCodeTooLarge:
            desk.shell.show(MoveState(too_large=True))
            return
        await desk.go(self._put_on)

    # ---- what changes while it is shown ---------------------------------------------------

    async def _pause(self, paused: bool) -> None:
        if (showing := self._showing) is not None and showing.paused != paused:
            showing.paused = paused
            await self._put_on()

    async def _at_pace(self, slower_by: int) -> None:
        if (showing := self._showing) is not None:
            showing.pace = min(max(showing.pace + slower_by, 0), len(PACES) - 1)
            self._draw(showing)

    async def _resized(self, choose: Callable[[Showing], FrameSize | None]) -> None:
        before = self._showing
        size = None if before is None else choose(before)
        if before is None or size is None:
            return
        after = await self.desk.work(begin_showing, before.payload, size)
        if self._showing is before:
            after.pace = before.pace
            self._showing = after
            await self._put_on()

    # ---- frame after frame ----------------------------------------------------------------

    async def _put_on(self) -> None:
        """The code where it was; before anything where it was let go meanwhile."""
        self._turn = turn = object()
        if (showing := self._showing) is None:
            await self.begin()
            return
        self._draw(showing)
        if not showing.paused:
            self.desk.shell.start(self._run, showing, turn)

    def _draw(self, showing: Showing) -> None:
        steps = Steps(
            slower=showing.pace < len(PACES) - 1,
            faster=showing.pace > 0,
            bigger=showing.bigger is not None,
            smaller=showing.smaller is not None,
        )
        self.desk.shell.show(
            ShowingState(
                showing.picture, showing.sender.need, showing.tenths, in_words(showing.seconds, self.desk.words),
                steps, showing.paused,
            )
        )  # fmt: skip

    def _is_on(self, showing: Showing, turn: object) -> bool:
        """Whether it is still what this window shows; a locked passport and another screen end it."""
        there = isinstance(self.desk.shell.screen, ShowingState)
        return self._showing is showing and self._turn is turn and self.desk.is_open and there and not showing.paused

    async def _run(self, showing: Showing, turn: object) -> None:
        async with self.awake.kept():
            await self._frame_after_frame(showing, turn)
        if not self.desk.is_open:
            self.forget()

    async def _frame_after_frame(self, showing: Showing, turn: object) -> None:
        """The next frame when it is due: drawn while the one before is shown, never two at once to catch up."""
        due = self.clock()
        while True:
            png = await self.desk.work(drawn, showing, showing.number + 1)
            due = max(due + 1 / PACES[showing.pace], self.clock())
            await self.wait(max(due - self.clock(), 0))
            if not self._is_on(showing, turn):
                return
            before = showing.tenths
            showing.number += 1
            showing.picture.png = png
            if showing.tenths != before:
                self._draw(showing)


def begin_showing(payload: bytes, size: FrameSize) -> Showing:
    """A moving code at its first frame; raises MovingCodeTooLarge where it has too many parts."""
    sender = Sender(payload, size.symbol_bytes)
    first = draw_frame(sender.frame(0), size)
    picture = MovingPicture(first.png, first.modules + 2 * QUIET_ZONE_MODULES)
    return Showing(payload, size, sender, picture)


def drawn(showing: Showing, number: int) -> bytes:
    """One frame as a picture."""
    return draw_frame(showing.sender.frame(number), showing.size).png

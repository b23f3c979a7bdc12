"""Moving from another phone, on the new one: the camera until the moving code is whole, then on as from a file.

Owns what a person is told meanwhile. Frames are put together by crypto/frames.py; what came is believed or refused
by whoever opens it (app/actions/restoring.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, cast

from app.clock import monotonic
from app.journeys.desk import Desk, Place
from app.qr.scan import read_image
from app.screens.receiving import Hint, ReceiveEvents, ReceiveState, ReceivingState
from app.ui.awake import Awake
from app.ui.camera import Camera, CameraStopped, Eye, Patience, Read, Trouble, new_camera, open_eye, watch
from crypto.errors import FrameBroken, FramesDoNotFit, MovingCodeTooLarge, NotACode
from crypto.frames import Collector, Progress

BLIND_PICTURES: Final = 20
"""So many pictures without a frame, two seconds of them, and a person is told to come closer."""
LOOKED_BACK: Final = 40
"""Pictures by which it is judged whether it goes slowly: fewer than a quarter of them brought something new."""
REDRAW_SECONDS: Final = 0.5
"""The number of parts is drawn at most so often: a redrawing costs the camera time."""


@dataclass(slots=True, eq=False)
class Receipt:
    """What was seen so far, and what would help."""

    collector: Collector = field(default_factory=Collector, repr=False)
    progress: Progress | None = None
    hint: Hint = Hint.LOOKING
    blind: int = 0
    brought: deque[bool] = field(default_factory=lambda: deque(maxlen=LOOKED_BACK))

    def take(self, texts: list[str]) -> None:
        """Take the texts of one picture."""
        before, self.blind = self.progress, self.blind + 1
        hint: Hint | None = None
        for text in texts:
            hint = self._take_one(text) or hint
        self.brought.append(self.progress is not None and self.progress != before)
        self.hint = hint or self._how_it_goes()

    def _take_one(self, text: str) -> Hint | None:
        try:
            self.progress = self.collector.take(text)
        except (NotACode, MovingCodeTooLarge):
            return Hint.OTHER
        except FramesDoNotFit:
            self.progress = None
            return Hint.AGAIN
        except FrameBroken:
            return None
        self.blind = 0
        return None

    def _how_it_goes(self) -> Hint:
        if self.hint in (Hint.OTHER, Hint.AGAIN) and 0 < self.blind < BLIND_PICTURES:
            return self.hint  # long enough to be read
        if self.blind >= BLIND_PICTURES:
            return Hint.CLOSER
        if len(self.brought) == LOOKED_BACK and sum(self.brought) < LOOKED_BACK // 4:
            return Hint.SLOWER
        return Hint.LOOKING if self.progress is None else Hint.STILL


@dataclass(slots=True)
class Receiving:
    """One window's way through seeing a moving code. `from_file` leads to picking a backup file instead."""

    desk: Desk
    restored_from: Callable[[bytes], Awaitable[None]]
    from_file: Place
    camera: Callable[[], Camera] = new_camera
    patience: Patience = field(default_factory=Patience)
    read: Read = read_image
    awake: Awake = field(default_factory=Awake)
    _receipt: Receipt | None = field(default=None, repr=False)
    _drawn_at: float = 0.0

    def events(self) -> ReceiveEvents:
        """What both screens call."""
        return ReceiveEvents(start=self._start, stop=self.begin, from_file=self._from_file, back=self._back)

    def forget(self) -> None:
        """Let go of what was seen; the camera stops with the next picture."""
        self._receipt = None

    async def begin(self) -> None:
        """What to do on both phones."""
        await self._first()

    async def _first(self, trouble: Trouble | None = None) -> None:
        self.forget()
        problem = "" if trouble is None else self.desk.words(f"receive.camera.{trouble}.text")
        self.desk.shell.show(ReceiveState(problem))

    async def _from_file(self) -> None:
        self.forget()
        await self.from_file()

    async def _back(self) -> None:
        self.forget()
        await self.desk.back()

    async def _start(self) -> None:
        try:
            camera = self.camera()
        except CameraStopped as stopped:
            await self._first(stopped.trouble)
            return
        self._receipt = receipt = Receipt()
        self.desk.shell.show(ReceivingState(camera))
        self.desk.shell.start(self._watch, camera, receipt)

    def _is_on(self, receipt: Receipt) -> bool:
        return self._receipt is receipt and isinstance(self.desk.shell.screen, ReceivingState)

    async def _watch(self, camera: Camera, receipt: Receipt) -> None:
        eye = cast(Eye, camera)

        def seen(texts: list[str]) -> bool:
            if not self._is_on(receipt):
                return True
            receipt.take(texts)
            self._tell(camera, receipt)
            return receipt.collector.payload is not None

        try:
            async with self.awake.kept():
                await open_eye(eye, self.patience)
                await watch(eye, self.patience, self.read, seen)
        except CameraStopped as stopped:
            if self._is_on(receipt):
                await self._first(stopped.trouble)
            return
        if self._is_on(receipt) and (payload := receipt.collector.payload) is not None:
            self.forget()
            await self.restored_from(payload)

    def _tell(self, camera: Camera, receipt: Receipt) -> None:
        """Draw what changed: a new hint and each tenth at once, the number of parts twice a second."""
        have, need = (receipt.progress.have, receipt.progress.need) if receipt.progress else (0, 0)
        state = ReceivingState(camera, receipt.hint, have, need)
        shown = self.desk.shell.screen
        if state == shown or not isinstance(shown, ReceivingState):
            return
        now, matters = monotonic(), (state.hint, state.tenths) != (shown.hint, shown.tenths)
        if matters or now - self._drawn_at >= REDRAW_SECONDS:
            self._drawn_at = now
            self.desk.shell.show(state)

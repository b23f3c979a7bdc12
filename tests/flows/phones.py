"""A phone of a move in this process: both journeys over an open passport, its pace and camera in the test's hand."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import flet as ft
import flet_camera
from PIL import Image

from app.actions.session import Passport, create_passport
from app.clock import Clock
from app.journeys.desk import Desk
from app.journeys.moving import Moving, Showing
from app.journeys.receiving import Receiving
from app.screens import moving, receiving
from app.screens.moving import ShowingState
from app.store.household import Household
from app.ui.camera import Patience
from app.ui.look import Look
from app.ui.shell import Appearance, Shell
from crypto.errors import StoreUnavailable
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE
from tests.flows.driver import Driver

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BACK = flet_camera.CameraDescription("back", flet_camera.CameraLensDirection.BACK, 90)
NO_CODE = b"cut short"


def bytes_of(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def seen(png: bytes) -> bytes:
    """A picture of the code as a camera would have it: each module four pixels wide."""
    small = Image.open(io.BytesIO(png)).convert("L")
    out = io.BytesIO()
    small.resize((small.width * 4,) * 2, Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


class Pace:
    """Stands for asyncio.sleep and the clock: notes each wait and the picture shown then, stops after `frames`."""

    def __init__(self, frames: int) -> None:
        self.left = frames
        self.now = 0.0
        self.waits: list[float] = []
        self.shown: list[bytes] = []
        self.showing: Callable[[], Showing | None] = lambda: None
        self.more = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        showing = self.showing()
        self.waits.append(round(seconds, 6))
        if showing is not None:
            self.shown.append(showing.picture.png)
        if len(self.waits) >= self.left:
            self.more.clear()
            await self.more.wait()
        await asyncio.sleep(0)
        self.now += seconds

    def go_on(self, frames: int) -> None:
        self.left = len(self.waits) + frames
        self.more.set()


class Lens(ft.Container):
    """A camera that sees these pictures in turn and then the last of them, or raises, or never answers (None)."""

    def sees(self, *pictures: bytes | Exception | None, cameras: tuple[object, ...] = (BACK,)) -> Lens:
        self.data = (list(pictures), list(cameras))
        return self

    async def get_available_cameras(self) -> list[object]:
        assert isinstance(self.data, tuple)
        return list(self.data[1])

    async def initialize(self, description: object, resolution_preset: object, enable_audio: bool) -> None:
        assert description is BACK
        assert not enable_audio

    async def take_picture(self) -> bytes:
        await asyncio.sleep(0)
        assert isinstance(self.data, tuple)
        left = self.data[0]
        picture = left.pop(0) if len(left) > 1 else left[0]
        if picture is None:
            await asyncio.Event().wait()
        if isinstance(picture, Exception):
            raise picture
        assert isinstance(picture, bytes)
        return picture


@dataclass
class Phone(Driver):
    """One window with both journeys, over a passport that is open."""

    folder: Path
    payload: bytes = b""
    pace: Pace = field(default_factory=lambda: Pace(8))
    lens: Lens = field(default_factory=Lens)
    received: list[bytes] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    failing: bool = False
    drawn: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def opened(self) -> Phone:
        await self.start(self._main)
        return self

    def _main(self, page: ft.Page) -> None:
        shell = Shell(page, self._draw, Appearance())
        household = Household(self.folder)
        self.desk = Desk(household, household.first(), shell, Clock(), UTC)
        self.moving = Moving(
            self.desk, self._back_up, self._to("save-copy"), wait=self.pace, clock=lambda: self.pace.now
        )
        self.receiving = Receiving(
            self.desk, self._restored, self._to("from-file"), lambda: self.lens, Patience(0.05, 0.05)
        )
        self.pace.showing = lambda: self.moving._showing
        shell.open(receiving.ReceiveState())
        passport, _ = create_passport(self.desk.home, PHRASE, now=NOW, cost=FLOOR)
        self.desk.open(passport)

    def _draw(self, state: object, look: Look) -> ft.View:
        drawings = {
            moving.MoveState: lambda: moving.view(state, self.moving.events(), look),  # type: ignore[arg-type]
            moving.ShowingState: lambda: moving.showing(state, self.moving.events(), look),  # type: ignore[arg-type]
            receiving.ReceiveState: lambda: receiving.view(state, self.receiving.events(), look),  # type: ignore[arg-type]
            receiving.ReceivingState: lambda: receiving.receiving(state, self.receiving.events(), look),  # type: ignore[arg-type]
        }
        self.drawn.append(state)
        return drawings[type(state)]()

    def _back_up(self, passport: Passport, *, now: datetime) -> bytes:
        assert passport is self.desk.passport
        if self.failing:
            raise StoreUnavailable("disk full")
        return self.payload

    async def _restored(self, data: bytes) -> None:
        self.received.append(data)

    def _to(self, name: str) -> Callable[[], Awaitable[None]]:
        async def go() -> None:
            self.went.append(name)

        return go

    @property
    def showing(self) -> ShowingState:
        state = self.desk.shell.screen
        assert isinstance(state, ShowingState)
        return state

    async def show_code(self) -> None:
        await self.desk.start_at(self.moving.begin)
        await self.settle()
        await self.press("show-code")
        await self.until(lambda: len(self.pace.waits) >= self.pace.left)

    async def until(self, fact: Callable[[], bool]) -> None:
        for _ in range(600):
            if fact():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("it never came about")

    async def ended(self) -> None:
        self.pace.more.set()
        self.desk.lock()
        self.receiving.forget()
        for task in set(self.desk.shell.guard.tasks):
            task.cancel()
        await asyncio.gather(*self.desk.shell.guard.tasks, return_exceptions=True)
        await self.stop()


Story = Callable[[Phone], Awaitable[None]]


async def told(story: Story, folder: Path, payload: bytes, lens: Lens | None = None) -> None:
    """The story of one phone whose backup is `payload`, from its window's opening to its end."""
    one = await Phone(folder, payload, lens=lens or Lens()).opened()
    try:
        await story(one)
        assert one.client.crashes == []
    finally:
        await one.ended()

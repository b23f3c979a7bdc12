"""Moving to a new phone in this process: the old one's screens, the new one's, and one before the other."""

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
import pytest
from PIL import Image

from app.actions.session import Passport, create_passport
from app.clock import Clock
from app.journeys import receiving as receiving_journey
from app.journeys.desk import Desk
from app.journeys.moving import Moving, Showing
from app.journeys.receiving import BLIND_PICTURES, LOOKED_BACK, Receiving
from app.qr.draw import draw_words
from app.qr.frames import FrameSize, draw_frame
from app.qr.scan import read_image
from app.screens import moving, receiving
from app.screens.moving import ShowingState
from app.store.home import PassportHome
from app.ui import camera
from app.ui.camera import CameraStopped, Patience, Trouble
from app.ui.look import Look
from app.ui.shell import Appearance, Shell
from crypto.errors import StoreUnavailable
from crypto.frames import Collector, Frame, Sender, read_frame, write_frame
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
        self.desk = Desk(PassportHome(self.folder), shell, Clock(), UTC)
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


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a story on a phone whose backup is `payload`."""
    monkeypatch.setattr(camera, "READY_SECONDS", 0)
    monkeypatch.setattr(receiving_journey, "REDRAW_SECONDS", 0)

    def run(story: Story, payload: bytes = b"", lens: Lens | None = None) -> None:
        async def whole() -> None:
            one = await Phone(tmp_path, payload, lens=lens or Lens()).opened()
            try:
                await story(one)
                assert one.client.crashes == []
            finally:
                await one.ended()

        asyncio.run(whole())

    return run


# ---- the old phone ------------------------------------------------------------------------------


def test_before_anything_is_shown_it_says_what_is_needed_and_offers_a_file(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        await old.desk.start_at(old.moving.begin)
        await old.settle()
        assert old.heading() == "Move to a new phone"
        assert old.says("Your 12 recovery words. The new phone asks for them.")
        assert old.says("No signal is needed")
        assert old.says("Nothing is taken away from this phone")
        await old.press("save-copy")
        assert old.went == ["save-copy"]

    phone(story)


def test_what_is_shown_frame_after_frame_is_the_backup_and_nothing_else(phone: Callable[..., None]) -> None:
    payload = bytes_of(12_000)

    async def story(old: Phone) -> None:
        old.pace.left = 22
        await old.show_code()
        texts = [read_image(seen(png))[0] for png in old.pace.shown]
        assert [read_frame(text).number for text in texts] == list(range(22))
        collector = Collector()
        for text in texts[2:]:
            collector.take(text)
        assert collector.payload == payload

    phone(story, payload)


def test_ten_frames_a_second_then_five_then_three_and_back(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        async def waits_after(identifier: str) -> set[float]:
            await old.press(identifier)
            before = len(old.pace.waits)
            old.pace.go_on(3)
            await old.until(lambda: len(old.pace.waits) >= old.pace.left)
            return set(old.pace.waits[before:])

        await old.show_code()
        assert set(old.pace.waits) == {0.1}
        assert await waits_after("slower") == {0.2}
        assert await waits_after("slower") == {0.333333}
        assert not old.showing.steps.slower
        assert await waits_after("faster") == {0.2}
        assert await waits_after("faster") == {0.1}
        assert not old.showing.steps.faster
        numbers = [read_frame(read_image(seen(png))[0]).number for png in old.pace.shown]
        assert numbers == list(range(len(numbers)))

    phone(story, bytes_of(12_000))


def test_while_it_pauses_the_code_stands_still_and_then_goes_on_where_it_was(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        await old.show_code()
        await old.press("pause")
        standing = old.showing.picture.png
        old.pace.go_on(100)
        await old.settle()
        assert old.showing.picture.png == standing
        assert old.says("The code stands still")
        waited = len(old.pace.waits)
        old.pace.go_on(3)
        await old.press("go-on")
        await old.until(lambda: len(old.pace.waits) >= waited + 3)
        numbers = [read_frame(read_image(seen(png))[0]).number for png in old.pace.shown[-3:]]
        first = read_frame(read_image(seen(standing))[0]).number
        assert numbers == [first, first + 1, first + 2]

    phone(story, bytes_of(12_000))


def test_pausing_and_going_on_at_once_leaves_one_row_of_frames(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        await old.show_code()
        for _ in range(3):
            await old.press("pause")
            await old.press("go-on")
        old.pace.shown.clear()
        old.pace.go_on(12)
        await old.until(lambda: len(old.pace.shown) >= 10)
        numbers = [read_frame(read_image(seen(png))[0]).number for png in old.pace.shown]
        assert [number for at, number in enumerate(numbers) if at == 0 or number != numbers[at - 1]] == list(
            range(numbers[0], numbers[-1] + 1)
        )
        assert len({task for task in old.desk.shell.guard.tasks if not task.done()}) == 1

    phone(story, bytes_of(12_000))


def test_bigger_and_smaller_change_the_size_and_begin_the_code_anew(phone: Callable[..., None]) -> None:
    payload = bytes_of(12_000)

    async def story(old: Phone) -> None:
        async def size_after(identifier: str) -> tuple[int, int]:
            await old.press(identifier)
            await old.until(lambda: old.showing.tenths == 0)
            frame = read_frame(read_image(seen(old.showing.picture.png))[0])
            assert frame.number <= 1
            return old.showing.picture.modules, len(frame.symbol)

        await old.show_code()
        old.pace.left = 0  # each code stays at its first frame
        assert old.showing.picture.modules == FrameSize.LARGEST.modules + 8
        assert await size_after("bigger") == (FrameSize.MIDDLE.modules + 8, 813)
        assert await size_after("bigger") == (FrameSize.SMALLEST.modules + 8, 486)
        assert not old.showing.steps.bigger
        assert await size_after("smaller") == (FrameSize.MIDDLE.modules + 8, 813)
        assert await size_after("smaller") == (FrameSize.LARGEST.modules + 8, 1216)
        assert not old.showing.steps.smaller

    phone(story, payload)


def test_a_size_that_would_need_more_than_2048_parts_is_not_offered(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        await old.show_code()
        assert old.showing.steps.bigger
        await old.press("bigger")
        await old.until(lambda: old.showing.picture.modules == FrameSize.MIDDLE.modules + 8)
        assert not old.showing.steps.bigger

    phone(story, bytes(1_200_000))


def test_what_is_too_large_for_a_moving_code_is_said_and_goes_as_a_file(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        await old.desk.start_at(old.moving.begin)
        await old.settle()
        await old.press("show-code")
        await old.until(lambda: old.says("too large for a moving code"))
        assert old.moving._showing is None
        await old.press("save-copy")
        assert old.went == ["save-copy"]

    phone(story, bytes(2048 * 1216))


def test_a_backup_that_could_not_be_made_is_told_and_nothing_is_shown(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        old.failing = True
        await old.desk.start_at(old.moving.begin)
        await old.settle()
        await old.press("show-code")
        await old.until(lambda: old.desk.shell.stage.problem is not None)
        assert old.heading() == "Move to a new phone"
        assert old.moving._showing is None

    phone(story)


def test_another_screen_stops_it_and_coming_back_goes_on(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        async def elsewhere() -> None:
            old.desk.shell.show(receiving.ReceiveState())

        await old.show_code()
        picture, was = old.showing.picture, old.showing.picture.png
        await old.desk.go(elsewhere)
        old.pace.go_on(100)
        await old.until(lambda: not old.desk.shell.guard.tasks)
        assert picture.png == was
        await old.desk.back()
        await old.until(lambda: picture.png != was)

    phone(story, bytes_of(12_000))


@pytest.mark.parametrize("how", ["lock", "done", "back"])
def test_locking_or_leaving_ends_it_and_lets_go_of_the_backup(phone: Callable[..., None], how: str) -> None:
    async def story(old: Phone) -> None:
        await old.show_code()
        picture, was = old.showing.picture, old.showing.picture.png
        if how == "lock":
            old.desk.lock()
        else:
            await old.press(how)
        old.pace.go_on(100)
        await old.until(lambda: not old.desk.shell.guard.tasks)
        assert picture.png == was
        assert old.moving._showing is None

    phone(story, bytes_of(12_000))


def test_a_screen_reader_is_told_each_tenth_and_not_each_frame(phone: Callable[..., None]) -> None:
    async def story(old: Phone) -> None:
        old.pace.left = 70
        await old.show_code()
        assert old.says("Everything has been shown once")
        states = [state for state in old.drawn if isinstance(state, ShowingState)]
        assert [state.tenths for state in states] == list(range(11))
        assert len(old.pace.shown) == 70

    phone(story, bytes_of(60_000))


# ---- the new phone ------------------------------------------------------------------------------


def pictures(payload: bytes, *numbers: int, size: FrameSize = FrameSize.SMALLEST) -> list[bytes]:
    sender = Sender(payload, size.symbol_bytes)
    return [seen(draw_frame(sender.frame(number), size).png) for number in numbers]


async def started(new: Phone) -> None:
    await new.desk.start_at(new.receiving.begin)
    await new.settle()
    await new.press("start-camera")


def test_the_first_screen_says_what_to_do_on_both_phones_and_offers_a_file(phone: Callable[..., None]) -> None:
    async def story(new: Phone) -> None:
        await new.desk.start_at(new.receiving.begin)
        await new.settle()
        assert new.heading() == "Move from another phone"
        assert new.says("Your 12 recovery words. They open what comes over.")
        await new.press("from-file")
        assert new.went == ["from-file"]

    phone(story)


def test_a_whole_code_goes_on_as_a_file_does_with_identical_bytes(phone: Callable[..., None]) -> None:
    payload = bytes_of(3000)

    async def story(new: Phone) -> None:
        await started(new)
        await new.until(lambda: bool(new.received))
        await new.settle()
        assert new.received == [payload]
        assert new.receiving._receipt is None

    # Parts in another order than they were shown in, one lost, one twice, pictures without a code between them.
    phone(story, lens=Lens().sees(*pictures(payload, 3, 1), NO_CODE, *pictures(payload, 1, 5, 2, 6, 7, 8, 9, 10, 4)))


def test_the_number_of_parts_is_shown_while_it_comes_over(phone: Callable[..., None]) -> None:
    async def story(new: Phone) -> None:
        await started(new)
        await new.until(lambda: new.says("3 of 7 parts"))
        assert new.says("40% is here")
        assert new.says("It is coming over")
        assert new.received == []

    phone(story, lens=Lens().sees(*pictures(bytes_of(3000), 0, 1, 2)))


@pytest.mark.parametrize(
    ("seen_pictures", "sentence"),
    [
        ([NO_CODE] * (BLIND_PICTURES + 1), "No code can be seen"),
        ([draw_words("WIFI:S:cafe;;").png], "That is another kind of code"),
        (pictures(bytes_of(3000), 0) * (LOOKED_BACK + 1), "It is slow"),
    ],
    ids=["closer", "other", "slower"],
)
def test_what_would_help_is_said(phone: Callable[..., None], seen_pictures: list[bytes], sentence: str) -> None:
    async def story(new: Phone) -> None:
        await started(new)
        await new.until(lambda: new.says(sentence))
        assert new.received == []

    phone(story, lens=Lens().sees(*seen_pictures))


def test_parts_that_do_not_fit_are_told_dropped_and_begun_again(phone: Callable[..., None]) -> None:
    payload = bytes_of(400)
    true = read_frame(Sender(payload, FrameSize.SMALLEST.symbol_bytes).frame(0))
    forged = write_frame(Frame(true.session, 0, true.length, bytes(FrameSize.SMALLEST.symbol_bytes)))

    async def story(new: Phone) -> None:
        await started(new)
        await new.until(lambda: new.says("The parts did not fit together"))
        assert new.received == []
        new.lens.sees(*pictures(payload, 0))
        await new.until(lambda: bool(new.received))
        assert new.received == [payload]

    phone(story, lens=Lens().sees(seen(draw_frame(forged, FrameSize.SMALLEST).png)))


@pytest.mark.parametrize("how", ["stop-camera", "from-file", "back"])
def test_stopping_hands_nothing_over_and_ends_the_looking(phone: Callable[..., None], how: str) -> None:
    async def story(new: Phone) -> None:
        await started(new)
        await new.until(lambda: new.says("2 of 7 parts"))
        await new.press(how)
        new.lens.sees(*pictures(bytes_of(3000), *range(9)))
        await new.until(lambda: not new.desk.shell.guard.tasks)
        assert new.received == []
        assert new.receiving._receipt is None

    phone(story, lens=Lens().sees(*pictures(bytes_of(3000), 0, 1)))


@pytest.mark.parametrize(
    ("lens", "sentence"),
    [
        (Lens().sees(RuntimeError("CameraAccessDenied")), "The camera is not allowed. Allow it and start it again"),
        (Lens().sees(b"", cameras=()), "There is no camera on this device"),
        (Lens().sees(None), "The camera does not answer"),
        (Lens().sees(RuntimeError("cameraNotReadable")), "The camera could not be used. Another app may be using it"),
    ],
    ids=["refused", "absent", "slow", "busy"],
)
def test_a_camera_that_gives_nothing_has_its_sentence_and_a_file_is_offered(
    phone: Callable[..., None], lens: Lens, sentence: str
) -> None:
    async def story(new: Phone) -> None:
        await started(new)
        await new.until(lambda: new.says(sentence))
        assert new.says("file instead")
        await new.press("from-file")
        assert new.went == ["from-file"]
        assert new.received == []

    phone(story, lens=lens)


def test_a_device_where_the_camera_cannot_be_used_says_so(phone: Callable[..., None]) -> None:
    def none() -> ft.Control:
        raise CameraStopped(Trouble.UNSUPPORTED)

    async def story(new: Phone) -> None:
        new.receiving.camera = none
        await started(new)
        assert new.says("The camera cannot be used here")

    phone(story)


# ---- one before the other -----------------------------------------------------------------------


def test_what_the_old_phone_shows_arrives_on_the_new_one_identical(
    phone: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    payload = bytes_of(9000)
    shown: list[bytes] = []

    async def old_phone(old: Phone) -> None:
        old.pace.left = 20
        await old.show_code()
        shown.extend(old.pace.shown)

    async def new_phone(new: Phone) -> None:
        chance = random.Random(7)
        new.lens.sees(*(seen(png) for png in shown if chance.random() > 0.3))
        await started(new)
        await new.until(lambda: bool(new.received))
        assert new.received == [payload]

    async def both() -> None:
        for story, folder in ((old_phone, "old"), (new_phone, "new")):
            one = await Phone(tmp_path_factory.mktemp(folder), payload).opened()
            try:
                await story(one)
            finally:
                await one.ended()

    assert phone
    asyncio.run(both())

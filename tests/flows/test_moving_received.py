"""Moving from another phone, on the new one: what is told while it comes over, what is handed on, and what ends it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import flet as ft
import pytest

from app.journeys import receiving as receiving_journey
from app.journeys.receiving import BLIND_PICTURES, LOOKED_BACK
from app.qr.draw import draw_words
from app.qr.frames import FrameSize, draw_frame
from app.ui import camera
from app.ui.camera import CameraStopped, Trouble
from crypto.frames import Frame, Sender, read_frame, write_frame
from tests.flows.phones import NO_CODE, Lens, Phone, Story, bytes_of, seen, told


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a story on a phone whose backup is `payload`, before a camera that sees what `lens` does."""
    monkeypatch.setattr(camera, "READY_SECONDS", 0)
    monkeypatch.setattr(receiving_journey, "REDRAW_SECONDS", 0)

    def run(story: Story, payload: bytes = b"", lens: Lens | None = None) -> None:
        asyncio.run(told(story, tmp_path, payload, lens))

    return run


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

    phone(old_phone, payload)
    asyncio.run(told(new_phone, tmp_path_factory.mktemp("new"), payload))

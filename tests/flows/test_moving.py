"""Moving to a new phone, on the old one: what is said, what is shown at which pace and size, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from app.qr.frames import FrameSize
from app.qr.scan import read_image
from app.screens import receiving
from app.screens.moving import ShowingState
from crypto.frames import Collector, read_frame
from tests.flows.phones import Phone, Story, bytes_of, seen, told


@pytest.fixture
def phone(tmp_path: Path) -> Callable[..., None]:
    """Runs a story on a phone whose backup is `payload`."""

    def run(story: Story, payload: bytes = b"") -> None:
        asyncio.run(told(story, tmp_path, payload))

    return run


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

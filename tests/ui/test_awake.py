"""The screen stays on while somebody asks for it, and a device that will not is no reason to stop."""

from __future__ import annotations

import asyncio

import pytest

from app.ui import awake
from app.ui.awake import Awake


class Lock:
    """Notes what it is asked; refuses where it is told to."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.asked: list[str] = []

    async def enable(self) -> None:
        await self._note("enable")

    async def disable(self) -> None:
        await self._note("disable")

    async def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal


def kept_by(lock: Lock) -> Awake:
    awake = Awake()
    awake._lock = lock  # type: ignore[assignment]
    return awake


def test_it_is_asked_once_for_two_that_watch_and_let_go_after_the_last() -> None:
    lock = Lock()

    async def both() -> None:
        one = kept_by(lock)
        async with one.kept():
            async with one.kept():
                pass
            assert lock.asked == ["enable"]

    asyncio.run(both())
    assert lock.asked == ["enable", "disable"]


def test_it_is_let_go_also_when_the_watching_fails() -> None:
    lock = Lock()

    async def failing() -> None:
        async with kept_by(lock).kept():
            raise ValueError("the camera fell")

    with pytest.raises(ValueError, match="fell"):
        asyncio.run(failing())
    assert lock.asked == ["enable", "disable"]


@pytest.mark.parametrize("refusal", [RuntimeError("not supported"), TimeoutError()])
def test_a_device_that_will_not_is_no_reason_to_stop(refusal: Exception) -> None:
    lock, reached = Lock(refusal), []

    async def watching() -> None:
        async with kept_by(lock).kept():
            reached.append(True)

    asyncio.run(watching())
    assert reached == [True]
    assert lock.asked == ["enable", "disable"]


def test_a_window_that_ends_is_not_waited_for() -> None:
    lock = Lock()

    async def ended() -> None:
        inside = asyncio.Event()

        async def watching() -> None:
            async with kept_by(lock).kept():
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(watching())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(ended())
    assert lock.asked == ["enable"]


def test_a_device_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Lock):
        async def _note(self, what: str) -> None:
            await super()._note(what)
            await asyncio.Event().wait()

    monkeypatch.setattr(awake, "ANSWER_SECONDS", 0.01)
    lock = Silent()

    async def watching() -> None:
        async with kept_by(lock).kept():
            pass

    asyncio.run(watching())
    assert lock.asked == ["enable", "disable"]

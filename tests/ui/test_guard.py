"""The guard: nothing raised in a handler, task or drawing passes it, and nothing raised is quoted by it."""

from __future__ import annotations

import asyncio

import pytest

from app.ui.guard import Guard, Problem, note_fault, problem_of
from app.ui.words import load_words
from crypto.errors import WrongPassphrase

MARKER = "999 123 4567"


def guarded() -> tuple[Guard, list[Problem]]:
    told: list[Problem] = []
    return Guard(load_words(), told.append), told


def refuse() -> None:
    raise WrongPassphrase(MARKER)


async def fail_later() -> None:
    await asyncio.sleep(0)
    raise ValueError(MARKER)


def test_a_refusal_becomes_its_sentence() -> None:
    guard, told = guarded()
    asyncio.run(guard.click(refuse)(object()))
    assert told == [Problem("wrong-passphrase", load_words()("error.wrong-passphrase"))]


def test_a_fault_becomes_a_calm_sentence_with_a_reference(capsys: pytest.CaptureFixture[str]) -> None:
    guard, told = guarded()
    asyncio.run(guard.run(fail_later))
    noted = capsys.readouterr().err
    assert told[0].code == "fault"
    assert told[0].reference in told[0].text
    assert told[0].reference in noted
    assert "ValueError at test_guard.py:" in noted
    assert MARKER not in told[0].text + noted


def test_the_same_fault_has_the_same_reference(capsys: pytest.CaptureFixture[str]) -> None:
    def raised(digit: str) -> str:
        try:
            int(digit)
        except ValueError as error:
            return note_fault(error)
        return ""

    assert raised("one") == raised("two") != ""
    assert capsys.readouterr().err.count("fault ") == 2


@pytest.mark.parametrize(("told_with_it", "seen"), [("typed now", "typed now"), ("", ""), (None, "drawn before")])
def test_a_handler_gets_the_value_its_event_tells_and_the_controls_only_where_it_tells_none(
    told_with_it: str | None, seen: str
) -> None:
    class Control:
        value = "drawn before"

    class Event:
        control = Control()
        data = told_with_it

    guard, told = guarded()
    got: list[object] = []
    asyncio.run(guard.value(got.append)(Event()))
    assert (got, told) == ([seen], [])


def test_a_task_is_guarded_too() -> None:
    guard, told = guarded()

    async def begin() -> None:
        await guard.start(refuse)

    asyncio.run(begin())
    assert [problem.code for problem in told] == ["wrong-passphrase"]


def test_cancelling_is_no_fault() -> None:
    guard, told = guarded()

    async def begin() -> None:
        task = guard.start(asyncio.sleep, 60)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(begin())
    assert told == []


def test_a_refusal_writes_nothing_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    problem_of(WrongPassphrase(MARKER), load_words())
    assert capsys.readouterr().err == ""


def test_what_was_begun_before_a_lock_is_overtaken_also_in_its_threads_and_nobody_is_told() -> None:
    guard, told = guarded()
    seen: list[bool] = []

    async def lock_meanwhile() -> None:
        guard.sitting += 1
        seen.append(guard.overtaken)
        await asyncio.to_thread(lambda: seen.append(guard.overtaken))
        raise WrongPassphrase(MARKER)

    async def story() -> None:
        await guard.run(lock_meanwhile)
        seen.append(guard.overtaken)
        await guard.run(refuse)

    asyncio.run(story())
    assert seen == [True, True, False]
    assert [problem.code for problem in told] == ["wrong-passphrase"]


def test_what_locks_goes_on_and_what_it_starts_is_of_the_new_sitting() -> None:
    guard, told = guarded()
    seen: list[bool] = []

    async def lock() -> None:
        guard.begin_sitting()
        seen.append(guard.overtaken)
        await guard.start(lambda: seen.append(guard.overtaken))

    asyncio.run(guard.run(lock))
    assert (seen, told) == ([False, False], [])


def test_a_person_is_seen_in_a_press_typing_a_key_and_scrolling_and_not_in_what_the_device_says() -> None:
    guard, _ = guarded()
    used: list[str] = []
    guard.used = lambda: used.append("used")

    async def story() -> None:
        await guard.told(lambda _event: None)(object())
        assert used == []
        await guard.click(lambda: None)(object())
        await guard.seen(object())

    asyncio.run(story())
    assert used == ["used", "used"]

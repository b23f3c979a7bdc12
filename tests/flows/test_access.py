"""Giving access in three steps, the code while it runs, who opened it, and its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.actions.sharing import Access, all_access
from app.reader.verdict import Kind
from app.record.entry import Section
from app.screens.live_access import LiveAccessState
from crypto import shlink
from crypto.errors import Ended
from tests.actions.made_up import NOOR, SIAN, World
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]


def live(window: Window) -> LiveAccessState:
    assert window.desk is not None
    screen = window.desk.shell.screen
    assert isinstance(screen, LiveAccessState)
    return screen


def newest(window: Window) -> Access:
    assert window.desk is not None
    return all_access(window.desk.passport)[0]


async def give(window: Window) -> None:
    """The three steps with what is ticked to begin with, for an hour."""
    await window.press("give-access")
    await window.press("continue")
    await window.press("continue")
    await window.press("give")
    await window.settle()


def test_three_steps_lead_to_a_code_and_a_number_that_open_exactly_what_was_ticked(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("give-access")
        await window.choose("tick-conditions", False)
        await window.choose("tick-vaccinations", True)
        await window.press("continue")
        await window.press("continue")
        await window.pick("how-long", "15m")
        assert window.says("A copy they already saved cannot be taken back")
        await window.press("give")
        await window.settle()
        screen = live(window)
        assert set(screen.sections) == {Section.MEDICINES, Section.ALLERGIES, Section.VACCINATIONS}
        assert screen.seconds_left == 15 * 60
        assert window.shows("access-code")
        assert window.says(f"{screen.passcode[:3]} {screen.passcode[3:]}")
        verdict = await window.desk.work(world.judge, newest(window))  # type: ignore[union-attr]
        assert verdict.kind is Kind.CHECKED
        assert {line.entry.section for line in verdict.lines} == set(screen.sections)

    tell(story)


def test_who_opened_it_is_shown_and_after_its_end_nobody_opens_it(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await give(window)
        access = newest(window)
        assert window.desk is not None
        await window.desk.work(world.open_files, access, name="Dr A. Khan")
        await window.press("place-share")
        await window.press(f"access-{access.grant_id}")
        await window.settle(40)
        assert window.says("Dr A. Khan")
        await window.press("end-access")
        assert window.shows("access-ended")
        assert window.says("Dr A. Khan")
        with pytest.raises(Ended):
            await window.desk.work(world.open_files, access)
        await window.press("back")
        assert window.shows(f"access-{access.grant_id}")

    tell(story)


def test_what_opened_meanwhile_comes_to_the_screen_by_itself(
    tell: Tell, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.journeys.access.ASK_EVERY_SECONDS", 1)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await give(window)
        assert window.desk is not None
        await window.desk.work(world.open_files, newest(window), name="Dr A. Khan")
        await window.settle(300)
        assert window.says("Dr A. Khan")
        world.clock.forward(minutes=61)
        await window.settle(250)
        assert window.shows("access-ended")

    tell(story)


def test_without_a_signal_giving_access_says_so_and_shares_nothing(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        world.lose()
        await give(window)
        assert window.says("There is no signal, so the code cannot be made now.")
        assert window.desk is not None
        assert all_access(window.desk.passport) == []
        world.bring_back()
        await window.press("give")
        await window.settle()
        assert window.shows("access-code")

    tell(story)


def test_access_ended_without_a_signal_is_told_honestly_and_ends_when_it_is_back(
    tell: Tell, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.journeys.access.ASK_EVERY_SECONDS", 1)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await give(window)
        access = newest(window)
        world.lose()
        await window.press("end-access")
        await window.settle()
        assert window.says("We will end it as soon as there is a signal. Until then the code still works.")
        assert not window.shows("access-ended")
        assert not window.shows("access-code")
        assert not window.says(access.passcode[:3] + " " + access.passcode[3:])
        await window.press("place-share")
        assert window.says("Ending as soon as there is a signal")
        await window.press(f"access-{access.grant_id}")
        assert window.shows("access-ending")
        world.bring_back()
        await window.settle(300)
        assert window.shows("access-ended")
        assert window.desk is not None
        with pytest.raises(Ended):
            await window.desk.work(world.open_files, access)

    tell(story)


def test_nothing_ticked_goes_no_further(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("give-access")
        for name in ("medicines", "conditions", "allergies"):
            await window.choose(f"tick-{name}", False)
        await window.press("continue")
        assert window.says("Tick at least one part of your record.")
        await window.press("back")
        assert window.shows("section-medicines")

    tell(story)


def test_that_no_allergies_are_known_may_be_given_too(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(NOOR)
        await give(window)
        assert Section.ALLERGIES in live(window).sections
        verdict = await window.desk.work(world.judge, newest(window))  # type: ignore[union-attr]
        assert [said.note.section for said in verdict.notes] == [Section.ALLERGIES]

    tell(story)


def test_the_link_is_shown_as_text_only_when_asked_for(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await give(window)
        assert not window.says("shlink:/")
        await window.press("link-toggle")
        assert window.says("shlink:/")
        assert shlink.parse(live(window).link).needs_passcode
        await window.press("link-copy")
        await window.press("link-toggle")
        assert not window.says("shlink:/")

    tell(story)


def test_access_given_before_is_there_after_unlocking_and_no_code_is_left_in_a_locked_window(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await give(window)
        access = newest(window)
        await window.lock()
        assert not window.shows("access-code")
        assert window.desk is not None
        await window.unlock()
        await window.press("place-share")
        await window.press(f"access-{access.grant_id}")
        assert live(window).passcode == access.passcode

    tell(story)

"""The emergency card: on the screen of an open passport, and while locked only once that was switched on."""

from __future__ import annotations

from collections.abc import Callable

from app.store.home import PassportHome
from tests.actions.made_up import AMARA, PEOPLE, SIAN, World, bundle_of, resources, written
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]


def test_the_card_shows_lines_code_and_the_same_as_text(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("emergency")
        assert window.says(PEOPLE[SIAN].name)
        assert window.shows("emergency-code")
        assert window.says("PATIENT PASSPORT EMERGENCY CARD")
        assert window.says("Trimethoprim allergy")
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_while_locked_it_is_nowhere_until_it_was_switched_on(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.lock()
        assert not window.shows("emergency")

    tell(story)
    assert not (home.path / "emergency.json").exists()


def test_switched_on_it_is_one_tap_away_while_locked_also_after_a_restart(tell: Tell, world: World) -> None:
    async def first(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("emergency")
        await window.choose("show-while-locked", True)
        await window.press("back")
        await window.lock()
        assert window.shows("emergency")

    async def restarted(window: Window) -> None:
        world.lose()
        await window.press("emergency")
        assert window.says(PEOPLE[SIAN].name)
        assert window.shows("emergency-code")
        assert not window.shows("show-while-locked")
        assert not window.shows("place-home")
        assert window.desk is not None
        assert not window.desk.is_open
        await window.press("back")
        assert window.shows("unlock")

    tell(first)
    tell(restarted)


def test_switched_off_again_it_is_gone_while_locked(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("emergency")
        await window.choose("show-while-locked", True)
        await window.choose("show-while-locked", False)
        await window.press("back")
        await window.lock()
        assert not window.shows("emergency")

    tell(story)
    assert not (home.path / "emergency.json").exists()


def test_the_locked_card_follows_the_record(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await window.press("emergency")
        await window.choose("show-while-locked", True)
        await window.press("back")
        world.clock.forward(days=1)
        bundle = bundle_of(AMARA, "gp")
        resources(bundle, "AllergyIntolerance")[0]["code"] = {"text": "Buckwheat"}
        world.sign(AMARA, "gp", written(bundle))
        await window.press("update")
        await window.lock()
        await window.press("emergency")
        assert window.says("Buckwheat")

    tell(story)


def test_a_damaged_locked_card_is_told_and_one_can_still_unlock(tell: Tell, home: PassportHome) -> None:
    async def first(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("emergency")
        await window.choose("show-while-locked", True)

    async def damaged(window: Window) -> None:
        home.write_locked_card(b"{")
        await window.press("emergency")
        assert window.shows("problem-close")
        await window.press("problem-close")
        await window.unlock()
        assert window.heading() == PEOPLE[SIAN].name

    tell(first)
    tell(damaged)

"""The emergency card while locked: who could read it, what the patient chose, and openings told at the next unlock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.store.home import PassportHome
from crypto.errors import StoreUnavailable
from tests.actions.made_up import AMARA, PEOPLE, PHRASE, SIAN, World
from tests.flows.conftest import Story, Window
from tests.flows.test_people import OTHER_PHRASE, add, turn_to
from tests.store.keystores import MemoryKeystore, names

Tell = Callable[[Story], None]


@pytest.fixture
def keystore() -> MemoryKeystore:
    return MemoryKeystore()


@pytest.fixture
def sealed_home(tmp_path: Path, keystore: MemoryKeystore) -> PassportHome:
    return PassportHome(tmp_path / "home", keystore)


@pytest.fixture
def tell_at(world: World) -> Callable[[PassportHome, Story], None]:
    """As `tell`, over a home of one's own."""

    def run(home: PassportHome, story: Story) -> None:
        async def whole() -> None:
            window = await Window(world, home).opened()
            try:
                await story(window)
                assert window.client.crashes == []
            finally:
                await window.closed()

        asyncio.run(whole())

    return run


async def switched_on(window: Window, *choices: str, person: str = SIAN) -> None:
    """From nothing to a locked passport whose card shows, with these choices."""
    await window.first_run(person)
    await window.press("emergency")
    for choice in choices:
        await window.choose(f"while-locked-{choice}", True)
    await window.choose("show-while-locked", True)
    await window.press("back")
    await window.lock()


class Timers:
    """Stands where the loop's timers stand: nothing happens until `pass_` says that the time is over."""

    def __init__(self, window: Window, patch: pytest.MonkeyPatch) -> None:
        assert window.desk is not None
        self.window, self.loop = window, window.desk.shell.loop
        self.asked: list[float] = []
        self.due: list[Callable[[], object]] = []
        self.real = self.loop.call_later
        patch.setattr(self.loop, "call_later", self.call_later)

    def call_later(self, delay: float, callback: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if getattr(callback, "__name__", "") != "start":  # the toolkit's and the test's own
            return self.real(delay, callback, *arguments, **options)
        self.asked.append(delay)
        handle = self.real(3600, lambda: None)
        self.due.append(lambda: None if handle.cancelled() else callback(*arguments))
        return handle

    async def pass_(self) -> None:
        due, self.due = self.due, []
        for one in due:
            one()
        await self.window.quiet()


async def hold(window: Window, event: str) -> None:
    strip = next(c for c in window.controls() if isinstance(c, ft.GestureDetector))
    at = {"x": 5.0, "y": 5.0}
    await window.fire(strip, event, {"l": at, "g": at, "v": {"x": 0.0, "y": 0.0}})


# ---- who could read it ----------------------------------------------------------------------


def test_before_it_is_on_it_says_who_could_read_it_without_a_keystore(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("emergency")
        texts = window.texts()
        explained = next(number for number, text in enumerate(texts) if "lies on this device unlocked" in text)
        switch = next(number for number, text in enumerate(texts) if text == "Show this card without the passphrase")
        assert explained < switch
        assert not window.says("sealed to this device")

    tell(story)


def test_with_a_keystore_it_says_that_the_card_is_sealed_and_the_locked_app_opens_it(
    world: World, sealed_home: PassportHome, keystore: MemoryKeystore, tell_at: Callable[[PassportHome, Story], None]
) -> None:
    async def first(window: Window) -> None:
        await window.make_passport()
        await window.press("add-try")
        await window.press(f"person-{SIAN}")
        await window.press("emergency")
        assert window.says("sealed to this device")
        assert not window.says("lies on this device unlocked")
        await window.choose("show-while-locked", True)

    async def locked(window: Window) -> None:
        await window.press("emergency")
        assert window.says(PEOPLE[SIAN].name)
        assert window.shows("emergency-code")

    tell_at(sealed_home, first)
    assert PEOPLE[SIAN].name.encode() not in (sealed_home.path / "emergency.json").read_bytes()
    tell_at(sealed_home, locked)


def test_a_keystore_that_lost_the_key_is_told_in_a_sentence_and_one_can_still_unlock(
    world: World, sealed_home: PassportHome, keystore: MemoryKeystore, tell_at: Callable[[PassportHome, Story], None]
) -> None:
    async def lost(window: Window) -> None:
        for name in names(keystore, ".card"):
            del keystore.kept[name]
        await window.press("emergency")
        assert window.says("Unlock your passport to see the card")
        await window.press("problem-close")
        await window.unlock()
        assert window.heading() == PEOPLE[SIAN].name
        assert not window.shows("card-opened")

    tell_at(sealed_home, switched_on)
    tell_at(sealed_home, lost)


# ---- told at the next unlock ----------------------------------------------------------------


def test_openings_are_told_on_home_until_they_were_seen(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await switched_on(window)
        for _ in range(2):
            await window.press("emergency")
            await window.quiet()
            await window.press("back")
        assert window.desk is not None
        when = window.desk.words.moment(world.now)
        await window.unlock()
        assert window.says("It was opened 2 times while locked:")
        assert window.texts().count(when) == 2
        await window.lock()
        await window.unlock()
        assert window.shows("card-opened")  # nobody said that it was seen
        await window.press("card-opened-seen")
        assert not window.shows("card-opened")
        await window.lock()
        await window.unlock()
        assert not window.shows("card-opened")

    tell(story)


def test_the_card_of_an_open_passport_is_no_opening(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await switched_on(window)
        await window.unlock()
        await window.press("emergency")
        await window.press("back")
        await window.lock()
        await window.unlock()
        assert not window.shows("card-opened")

    tell(story)


def test_the_card_is_shown_before_it_is_noted_and_also_where_the_disk_is_full(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    async def story(window: Window) -> None:
        await switched_on(window)

        def full(*_: object) -> None:
            assert window.desk is not None
            seen.append(type(window.desk.shell.screen).__name__ == "EmergencyState")
            raise StoreUnavailable("the disk refused (no space left on device)")

        monkeypatch.setattr(PassportHome, "write_into_box", full)
        await window.press("emergency")
        await window.quiet()
        assert window.says(PEOPLE[SIAN].name)
        assert not window.shows("problem-close")

    tell(story)
    assert seen == [True]


# ---- the patient's choices ------------------------------------------------------------------


def test_held_for_three_seconds_it_opens_and_lifted_sooner_it_does_not(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(window: Window) -> None:
        await switched_on(window, "hold")
        timers = Timers(window, monkeypatch)
        await hold(window, "long_press_start")
        await hold(window, "long_press_end")
        await timers.pass_()
        assert window.shows("unlock")
        await hold(window, "long_press_start")
        assert timers.asked == [2.5, 2.5]  # after the half second that makes it a hold
        assert window.shows("unlock")
        await timers.pass_()
        assert window.says(PEOPLE[SIAN].name)

    tell(story)


def test_without_holding_it_opens_after_yes_and_as_long(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(window: Window) -> None:
        await switched_on(window, "hold")
        timers = Timers(window, monkeypatch)
        await window.press("emergency")
        assert window.heading() == "Open emergency card"
        assert not window.says(PEOPLE[SIAN].name)
        await window.press("open-card")
        assert timers.asked == [3]
        assert window.shows("card-waiting")
        assert not window.says(PEOPLE[SIAN].name)
        await timers.pass_()
        await window.quiet()
        assert window.says(PEOPLE[SIAN].name)
        await window.press("back")
        assert window.shows("unlock")
        await window.unlock()
        assert window.says("It was opened 1 time while locked:")

    tell(story)


def test_who_goes_back_while_it_waits_does_not_see_it(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(window: Window) -> None:
        await switched_on(window, "hold")
        timers = Timers(window, monkeypatch)
        await window.press("emergency")
        await window.press("open-card")
        await window.press("back")
        await timers.pass_()
        assert window.shows("unlock")
        assert not window.says(PEOPLE[SIAN].name)

    tell(story)


def test_without_that_choice_a_tap_opens_it_and_nothing_is_held(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await switched_on(window)
        assert not [c for c in window.controls() if isinstance(c, ft.GestureDetector)]
        await window.press("emergency")
        assert window.shows("emergency-code")

    tell(story)


def test_codes_only_shows_the_code_and_no_lines(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await switched_on(window, "codes-only")
        await window.press("emergency")
        assert window.shows("emergency-code")
        assert not window.says("Trimethoprim")
        assert not window.shows("emergency-text")

    tell(story)


def test_hidden_wishes_are_said_to_be_hidden_and_nothing_of_them_is_shown(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await switched_on(window, "hide-wishes")
        await window.press("emergency")
        assert window.says("not on this card, the patient's choice")
        assert not window.says("ReSPECT form")
        assert not window.says("CPR")

    tell(story)
    kept = (home.path / "emergency.json").read_bytes()
    assert b"ReSPECT form" not in kept
    assert b"CPR" not in kept


def test_a_choice_is_still_made_after_a_restart(tell: Tell) -> None:
    async def restarted(window: Window) -> None:
        await window.unlock()
        await window.press("emergency")
        switch = window._within("while-locked-hold", ft.Switch)
        assert isinstance(switch, ft.Switch)
        assert switch.value is True

    async def first(window: Window) -> None:
        await switched_on(window, "hold", person=AMARA)

    tell(first)
    tell(restarted)


# ---- several people -------------------------------------------------------------------------


def test_two_people_have_a_card_a_box_and_a_key_each_and_deleting_one_takes_only_theirs(
    sealed_home: PassportHome, keystore: MemoryKeystore, tell_at: Callable[[PassportHome, Story], None]
) -> None:
    others = sealed_home.path / "people" / "2"

    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await window.press("emergency")
        await window.choose("show-while-locked", True)
        await window.press("back")
        await add(window, "Siân")
        await window.make_passport(OTHER_PHRASE)
        await window.press("add-try")
        await window.press(f"person-{SIAN}")
        await window.press("emergency")
        await window.choose("show-while-locked", True)
        await window.press("back")
        await window.lock()
        await window.press("emergency")
        await window.quiet()
        assert window.says(PEOPLE[SIAN].name)
        assert not window.says(PEOPLE[AMARA].name)
        await window.press("back")
        assert len(names(keystore, ".card")) == 2
        assert (others / "openings.box").exists()
        assert not (sealed_home.path / "openings.box").exists()

        await turn_to(window, 1, PHRASE)
        assert not window.shows("card-opened")
        await turn_to(window, 2, OTHER_PHRASE)
        assert window.shows("card-opened")
        await window.lock()
        await window.press("emergency")
        await window.quiet()
        await window.press("back")
        await window.unlock(OTHER_PHRASE)
        await window.press("place-you")
        await window.press("delete")
        await window.press("delete-go-on")
        await window.type_into("delete-word", "Delete")
        await window.press("delete")
        assert not others.exists()
        assert len(names(keystore, ".card")) == 1
        assert (sealed_home.path / "emergency.json").exists()

    tell_at(sealed_home, story)

"""From nothing to one's own record: passphrase, recovery words, a made-up patient; and locked and open again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.policy.tries import DELAYS, FREE_TRIES
from app.screens.progress import ProgressState
from app.store.home import PassportHome
from app.ui.shell import Shell
from tests.actions.made_up import AMARA, HOSPITAL, PEOPLE, PHRASE, SIAN, SURGERY, World
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]
NEW_PHRASE = "copper heron under seventeen ladders"


def test_from_nothing_to_home_with_a_made_up_patients_record(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        assert window.says("This is not an NHS service.")
        await window.press("begin")
        await window.type_into("passphrase", "hunter2")
        await window.type_into("passphrase-again", "hunter2")
        await window.press("make")
        assert window.heading() == "Choose a passphrase"
        assert not home.exists()
        await window.type_into("passphrase", PHRASE)
        await window.type_into("passphrase-again", PHRASE)
        await window.press("make")
        assert len(await window.keep_words()) == 12
        assert window.heading() == "Where to keep your backups"
        await window.press("not-now")
        await window.press("add-try")
        assert sorted(window.identifiers("person-")) == [f"person-{name}" for name in sorted(PEOPLE)]
        await window.press(f"person-{SIAN}")
        assert window.heading() == PEOPLE[SIAN].name
        assert window.says(SURGERY.name)
        assert window.says(HOSPITAL.name)
        assert window.shows("section-medicines")

    tell(story)


def test_the_record_comes_with_progress_from_each_holder(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    show = Shell.show

    def noted(shell: Shell, screen: object) -> None:
        shown.append(screen)
        show(shell, screen)

    monkeypatch.setattr(Shell, "show", noted)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)

    tell(story)
    progress = [screen for screen in shown if isinstance(screen, ProgressState)]
    assert any(SURGERY.name in screen.label for screen in progress)
    assert any(HOSPITAL.name in screen.label for screen in progress)
    done = [screen.done for screen in progress if screen.done is not None]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 1.0)
    assert all(step.done for step in progress[-1].steps)


def test_back_leads_from_the_passphrase_to_the_welcome_and_nothing_was_made(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.press("begin")
        await window.press("back")
        assert window.heading() == "Your health record, kept by you"

    tell(story)
    assert not home.exists()


def test_the_record_may_be_added_later(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.make_passport()
        await window.press("later")
        assert window.shows("section-medicines")
        await window.press("emergency")
        assert window.says("Nothing recorded here")
        await window.press("message-action")
        await window.press("update")
        assert window.shows(f"person-{AMARA}")

    tell(story)


def test_a_connection_that_fails_leads_home_with_a_sentence_and_can_be_tried_again(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        world.lose("login")
        await window.first_run(AMARA)
        assert window.says("There is no connection to the service.")
        await window.press("problem-close")
        assert window.shows("offline-chip")
        world.bring_back()
        await window.press("update")
        await window.press(f"person-{AMARA}")
        assert window.heading() == PEOPLE[AMARA].name
        assert not window.shows("offline-chip")

    tell(story)


def test_a_holder_that_is_down_is_named_and_the_other_ones_part_is_there(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        world.lose("hospital")
        await window.first_run(SIAN)
        assert window.heading() == "Not everything could be updated"
        assert window.says(f"{HOSPITAL.name}: There is no connection")
        assert not window.says(f"{SURGERY.name}:")
        await window.press("message-action")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_locked_it_opens_with_the_right_passphrase_only(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.lock()
        assert window.desk is not None
        assert not window.desk.is_open
        assert not window.says(PEOPLE[SIAN].family)
        await window.unlock("not this one at all")
        assert window.says("That is not the right passphrase.")
        assert not window.desk.is_open
        await window.unlock()
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_after_too_many_wrong_tries_the_wait_is_said_in_words_also_after_a_restart(tell: Tell, world: World) -> None:
    async def wrong(window: Window) -> None:
        await window.first_run(SIAN)
        await window.lock()
        for _ in range(FREE_TRIES):
            await window.unlock("not this one at all")

    async def restarted(window: Window) -> None:
        await window.unlock()
        assert window.says(f"{int(DELAYS[0].total_seconds())} seconds")
        world.clock.at += DELAYS[0]
        await window.unlock()
        assert window.heading() == PEOPLE[SIAN].name

    tell(wrong)
    tell(restarted)


def test_unlock_pressed_with_nothing_typed_says_so_and_counts_as_no_try(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.lock()
        for _ in range(FREE_TRIES + 1):
            await window.unlock("")
            assert window.says("Type your passphrase")
        await window.unlock()
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_the_recovery_words_open_a_locked_passport(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.press("begin")
        await window.type_into("passphrase", PHRASE)
        await window.type_into("passphrase-again", PHRASE)
        await window.press("make")
        words = await window.keep_words()
        await window.press("not-now")
        await window.press("later")
        await window.lock()
        await window.press("forgotten")
        await window.type_into("recovery-words", " ".join(words[:-1]))
        await window.press("recover")
        assert window.shows("error-summary")
        await window.type_into("recovery-words", " ".join(words))
        await window.press("recover")
        assert window.heading() == "Now choose a new passphrase"
        await window.type_into("passphrase", NEW_PHRASE)
        await window.type_into("passphrase-again", NEW_PHRASE)
        await window.press("make")
        assert window.shows("section-medicines")
        await window.lock()
        await window.unlock()
        assert window.says("That is not the right passphrase.")
        await window.unlock(NEW_PHRASE)
        assert window.shows("section-medicines")

    tell(story)


def test_a_restarted_app_begins_locked_with_the_same_record(tell: Tell) -> None:
    async def first(window: Window) -> None:
        await window.first_run(SIAN)

    async def second(window: Window) -> None:
        assert not window.says(PEOPLE[SIAN].family)
        await window.unlock()
        assert window.heading() == PEOPLE[SIAN].name
        assert not window.shows("offline-chip")

    tell(first)
    tell(second)

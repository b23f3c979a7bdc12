"""Deleting everything: asked twice, told what stays elsewhere, and then nothing is here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.store.home import PassportHome
from app.store.household import Household
from tests.actions.made_up import AMARA, PEOPLE, PHRASE, SIAN
from tests.flows.conftest import Story, Window
from tests.flows.test_people import OTHER_PHRASE as ELSE
from tests.flows.test_people import add, turn_to

Tell = Callable[[Story], None]
NAME = PEOPLE[SIAN].name


async def to_the_word(window: Window) -> None:
    await window.press("place-you")
    await window.press("delete")
    await window.press("delete-go-on")


def files(home: PassportHome) -> list[Path]:
    return sorted(home.path.rglob("*")) if home.path.exists() else []


def test_after_the_word_nothing_is_left_and_one_begins_anew(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await to_the_word(window)
        await window.type_into("delete-word", " Delete ")
        await window.press("delete")
        assert window.heading() == "Everything is deleted"
        assert window.desk is not None
        assert not window.desk.is_open
        assert files(home) == []
        await window.press("continue")
        assert window.heading() == "Your health record, kept by you"
        await window.press("begin")
        assert window.heading() == "Choose a passphrase"

    tell(story)


def test_another_word_deletes_nothing(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        before = files(home)
        await to_the_word(window)
        for typed in ("", "delet", "keep"):
            await window.type_into("delete-word", typed)
            await window.press("delete")
            assert window.says("That is not the word. Nothing was deleted.")
        await window.press("keep")
        await window.press("keep")
        assert window.heading() == "You"
        assert files(home) == before
        await window.press("place-home")
        assert window.heading() == NAME

    tell(story)


def test_what_stays_elsewhere_is_told_before_and_after_with_the_links_that_still_work(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("give-access")
        for step in ("continue", "continue", "give"):
            await window.press(step)
        await window.press("place-you")
        await window.press("delete")
        told = [text for text in window.texts() if text.startswith("A link to ")]
        assert len(told) == 1
        assert window.says("The records of your GP surgery and hospital")
        await window.press("delete-go-on")
        await window.type_into("delete-word", "delete")
        await window.press("delete")
        assert told[0] in window.texts()

    tell(story)


def test_a_file_of_somebody_elses_in_the_folder_stays_and_is_told(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        other = home.path / "holiday.jpg"
        other.write_bytes(b"beach")
        await to_the_word(window)
        await window.type_into("delete-word", "delete")
        await window.press("delete")
        assert window.says("The folder of your passport, because other files are in it")
        assert files(home) == [other]

    tell(story)


# ---- where several people are kept ----------------------------------------------------------


@pytest.mark.parametrize(("gone", "left", "phrase"), [(1, AMARA, ELSE), (2, SIAN, PHRASE)])
def test_one_of_two_is_deleted_and_the_other_opens_without_a_question(
    tell: Tell, home: PassportHome, gone: int, left: str, phrase: str
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await add(window, "Amara")
        await window.make_passport(ELSE)
        await window.press("add-try")
        await window.press(f"person-{AMARA}")
        if gone == 1:
            await turn_to(window, 1, PHRASE)
        await to_the_word(window)
        await window.type_into("delete-word", "delete")
        await window.press("delete")
        assert window.heading() == "Everything is deleted"
        assert not window.says("other files are in it")
        people = Household(home.path).people()
        assert [one.number for one in people] == [3 - gone]
        assert ("Amara" in (home.path / "household.json").read_text(encoding="utf-8")) == (gone == 1)
        assert (home.path / "people" / "2").exists() == (gone == 1)
        await window.press("continue")
        assert not window.shows("switch-person")
        await window.unlock(phrase)
        assert window.heading() == PEOPLE[left].name
        await to_the_word(window)
        await window.type_into("delete-word", "delete")
        await window.press("delete")
        assert not window.says("other files are in it")
        assert not home.path.exists()
        await window.press("continue")
        assert window.heading() == "Your health record, kept by you"

    tell(story)

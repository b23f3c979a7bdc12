"""Deleting everything: asked twice, told what stays elsewhere, and then nothing is here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.store.home import PassportHome
from tests.actions.made_up import PEOPLE, SIAN
from tests.flows.conftest import Story, Window

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

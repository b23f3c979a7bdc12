"""An older copy of the folder put back: it opens to be read, Home says so, and updating or a person's word ends it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store.home import PassportHome
from tests.actions.made_up import PEOPLE, PHRASE, SIAN, World
from tests.flows.conftest import Story, Window
from tests.flows.test_import import file_of, picks
from tests.store.keystores import MemoryKeystore

Tell = Callable[[Story], None]
NAME = PEOPLE[SIAN].name
OLDER = "What is on this device is older than what was here before."


@pytest.fixture
def home(tmp_path: Path) -> PassportHome:
    """A device that keeps secrets for programs: without one nobody could know."""
    return PassportHome(tmp_path / "home", MemoryKeystore())


@pytest.fixture
def put_back(tell: Tell, home: PassportHome, world: World, tmp_path: Path) -> list[str]:
    """The folder as it was before the last change, with the services out of reach; gives the recovery words."""
    words: list[str] = []

    async def first(window: Window) -> None:
        await window.press("begin")
        await window.type_into("passphrase", PHRASE)
        await window.type_into("passphrase-again", PHRASE)
        await window.press("make")
        words.extend(await window.keep_words())
        await window.press("without-pin")
        await window.press("not-now")
        await window.press("add-try")
        await window.press(f"person-{SIAN}")

    async def more(window: Window) -> None:
        await window.unlock()
        await window.press("give-access")
        for step in ("continue", "continue", "give"):
            await window.press(step)

    tell(first)
    shutil.copytree(home.path, tmp_path / "older")
    tell(more)
    shutil.rmtree(home.path)
    shutil.copytree(tmp_path / "older", home.path)
    world.lose()
    return words


def test_it_opens_to_be_read_and_home_says_so(tell: Tell, put_back: list[str]) -> None:
    async def story(window: Window) -> None:
        await window.unlock()
        assert window.heading() == NAME
        assert window.says(OLDER)
        await window.press("section-medicines")
        assert window.identifiers("entry-")
        await window.press("back")
        await window.press("place-you")
        await window.press("security")
        assert window.heading() == "Security"

    tell(story)


def test_nothing_is_written_until_a_person_decides(tell: Tell, put_back: list[str]) -> None:
    async def story(window: Window) -> None:
        await window.unlock()
        picks(window, "letter.json", file_of(SIAN))
        await window.press("import")
        await window.press("keep")
        assert window.shows("problem-close")
        await window.press("problem-close")
        await window.press("back")
        assert window.says(OLDER)

    tell(story)


def test_used_as_it_is_it_is_the_newest_from_then_on(tell: Tell, put_back: list[str]) -> None:
    async def story(window: Window) -> None:
        await window.unlock()
        await window.press("older")
        assert window.heading() == "This is an older copy"
        await window.press("back")
        assert window.says(OLDER)
        await window.press("older")
        await window.press("use-older")
        assert window.heading() == NAME
        assert not window.says(OLDER)
        await window.lock()
        await window.unlock()
        assert not window.says(OLDER)

    tell(story)


def test_updating_puts_it_right(tell: Tell, put_back: list[str], world: World) -> None:
    async def story(window: Window) -> None:
        await window.unlock()
        assert window.says(OLDER)
        world.bring_back()
        await window.press("older")
        await window.press("update")
        assert window.heading() == NAME
        assert not window.says(OLDER)

    tell(story)


def test_the_recovery_words_open_it_too_and_no_new_passphrase_is_asked_for_that_could_not_be_kept(
    tell: Tell, put_back: list[str]
) -> None:
    async def story(window: Window) -> None:
        await window.press("forgotten")
        await window.type_into("recovery-words", " ".join(put_back))
        await window.press("recover")
        await window.quiet()
        assert window.heading() == NAME
        assert window.says(OLDER)

    tell(story)

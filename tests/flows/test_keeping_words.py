"""The recovery words are shown once, saved as a sheet, and two of them are asked for before one goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.store.home import PassportHome
from app.ui.shell import Shell
from tests.actions.made_up import PHRASE
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]
Saved = list[tuple[str, bytes]]


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> Saved:
    """What was handed to the file saver."""
    found: Saved = []

    async def save(_shell: Shell, name: str, data: bytes) -> bool:
        found.append((name, data))
        return True

    monkeypatch.setattr(Shell, "save_file", save)
    return found


async def at_the_words(window: Window) -> list[str]:
    await window.press("begin")
    await window.type_into("passphrase", PHRASE)
    await window.type_into("passphrase-again", PHRASE)
    await window.press("make")
    return window.words_shown()


def test_two_words_in_the_right_places_lead_on(tell: Tell) -> None:
    async def story(window: Window) -> None:
        words = await at_the_words(window)
        await window.press("written-down")
        first, second = window.asked()
        assert 1 <= first < second <= 12
        assert not [word for word in words if window.says(word)]
        await window.prove(words)
        assert window.heading() == "Where to keep your backups"

    tell(story)


def test_a_wrong_word_leads_nowhere_and_may_be_tried_again(tell: Tell) -> None:
    async def story(window: Window) -> None:
        words = await at_the_words(window)
        await window.press("written-down")
        asked = window.asked()
        await window.type_into("proof-1", words[asked[0] - 1])
        await window.type_into("proof-2", "lantern" if words[asked[1] - 1] != "lantern" else "otter")
        await window.press("prove")
        assert window.shows("error-summary")
        assert window.asked() == asked
        await window.prove(words)
        assert window.heading() == "Where to keep your backups"

    tell(story)


def test_the_words_in_each_others_place_are_wrong(tell: Tell) -> None:
    async def story(window: Window) -> None:
        words = await at_the_words(window)
        await window.press("written-down")
        first, second = window.asked()
        await window.type_into("proof-1", words[second - 1])
        await window.type_into("proof-2", words[first - 1])
        await window.press("prove")
        assert window.shows("error-summary") == (words[first - 1] != words[second - 1])

    tell(story)


def test_nothing_typed_is_wrong(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await at_the_words(window)
        await window.press("written-down")
        await window.press("prove")
        assert window.shows("error-summary")

    tell(story)


@pytest.mark.parametrize("way", ["look-again", "back"])
def test_the_words_may_be_looked_at_again_and_then_are_asked_for_again(tell: Tell, way: str) -> None:
    async def story(window: Window) -> None:
        words = await at_the_words(window)
        await window.press("written-down")
        await window.press(way)
        assert window.words_shown() == words
        await window.press("written-down")
        await window.prove(words)
        assert window.heading() == "Where to keep your backups"

    tell(story)


def test_capitals_and_spaces_around_a_word_are_forgiven(tell: Tell) -> None:
    async def story(window: Window) -> None:
        words = await at_the_words(window)
        await window.press("written-down")
        await window.prove([f" {word.upper()} " for word in words])
        assert window.heading() == "Where to keep your backups"

    tell(story)


def test_the_sheet_is_saved_as_pdf_and_as_a_picture_under_a_name_that_is_nobodys(tell: Tell, saved: Saved) -> None:
    async def story(window: Window) -> None:
        words = await at_the_words(window)
        assert not window.shows("saved")
        await window.press("save-pdf")
        assert window.shows("saved")
        await window.press("save-svg")
        assert window.words_shown() == words

    tell(story)
    (pdf_name, pdf), (svg_name, svg) = saved
    assert (pdf_name, svg_name) == ("patient-passport-recovery-sheet.pdf", "patient-passport-recovery-sheet.svg")
    assert pdf.startswith(b"%PDF-")
    assert svg.startswith(b"<svg")


def test_a_sheet_that_was_not_saved_is_not_said_to_be(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def not_saved(_shell: Shell, _name: str, _data: bytes) -> bool:
        return False

    monkeypatch.setattr(Shell, "save_file", not_saved)

    async def story(window: Window) -> None:
        await at_the_words(window)
        await window.press("save-pdf")
        assert not window.shows("saved")
        assert len(window.words_shown()) == 12

    tell(story)


def test_left_before_the_proof_home_says_that_the_words_are_not_kept(tell: Tell, home: PassportHome) -> None:
    async def left(window: Window) -> None:
        await at_the_words(window)

    async def later(window: Window) -> None:
        await window.unlock()
        assert window.says("Your recovery words are not kept yet")
        await window.press("words")
        await window.type_into("passphrase", PHRASE)
        await window.press("answer")
        await window.keep_words()
        assert window.heading() == "Security"
        await window.press("place-home")
        assert not window.says("Your recovery words are not kept yet")

    tell(left)
    assert home.exists()
    tell(later)


def test_after_the_proof_home_says_nothing_of_it(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.make_passport()
        await window.press("later")
        assert not window.shows("words")

    tell(story)


def test_after_locking_the_words_are_nowhere_in_the_window(tell: Tell) -> None:
    async def story(window: Window) -> None:
        words = await at_the_words(window)
        assert window.desk is not None
        window.desk.clear()
        window.desk.lock()
        await window.settle()
        assert not [word for word in words if window.says(f". {word}")]
        assert window.heading() == "Unlock your passport"

    tell(story)

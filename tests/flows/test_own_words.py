"""An entry's own side at a window: the note, the letter, the label, hiding and showing again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.ui.shell import Shell
from tests.actions.made_up import PHRASE, SIAN, SURGERY
from tests.flows.conftest import Story, Window
from tests.paper.pdf_text import read_pdf

Tell = Callable[[Story], None]


async def first_allergy(window: Window) -> str:
    await window.first_run(SIAN)
    await window.press("section-allergies")
    entry = window.first_entry()
    await window.press(entry)
    return entry


def test_an_own_note_is_kept_changed_and_removed_and_never_looks_signed(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await first_allergy(window)
        assert not window.shows("own-note")
        await window.press("note-write")
        await window.type_into("note", "Only once, in 2019")
        await window.press("note-done")
        assert window.says("Your own note")
        assert window.says("Only once, in 2019")
        await window.press("note-write")
        await window.type_into("note", "x" * 2001)
        await window.press("note-done")
        assert window.says("at most 2,000 characters")
        await window.press("note-remove")
        assert not window.shows("own-note")

    tell(story)


def test_a_saved_letter_marks_the_entry_and_one_that_was_not_saved_does_not(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[tuple[str, bytes]] = []
    answers = [False, True]

    async def save(_shell: Shell, name: str, data: bytes) -> bool:
        saved.append((name, data))
        return answers.pop(0)

    monkeypatch.setattr(Shell, "save_file", save)

    async def story(window: Window) -> None:
        await first_allergy(window)
        await window.press("wrong")
        assert window.says(SURGERY.name)
        await window.press("wrong-done")
        assert saved == []
        await window.type_into("wrong", "It was a rash, not swelling")
        await window.press("wrong-done")
        await window.press("back")
        assert not window.shows("questioned")
        await window.press("wrong")
        await window.type_into("wrong", "It was a rash, not swelling")
        await window.press("wrong-done")
        assert window.says("You asked for this to be corrected on 23 November 2098")
        text = read_pdf(saved[1][1]).text.replace("\n", "")
        assert "It was a rash, not swelling" in text
        assert f"To: {SURGERY.name}" in text
        await window.press("question-off")
        assert not window.shows("questioned")

    tell(story)


def test_a_hidden_entry_is_gone_until_the_passphrase_and_again_after_the_lock(tell: Tell) -> None:
    async def story(window: Window) -> None:
        entry = await first_allergy(window)
        await window.press("mark")
        assert window.says("It also leaves your emergency card")
        await window.press("hide")
        assert window.heading() == "Allergies"
        assert entry not in window.identifiers("entry-")
        await window.press("place-you")
        await window.press("security")
        await window.press("security-show-hidden")
        await window.type_into("passphrase", "not the one")
        await window.press("answer")
        assert not window.shows("done")
        await window.type_into("passphrase", PHRASE)
        await window.press("answer")
        assert window.shows("done")
        await window.press("place-home")
        await window.press("section-allergies")
        assert entry in window.identifiers("entry-")
        assert window.says("Hidden")
        await window.press(entry)
        assert window.says("Hidden")
        await window.lock()
        await window.unlock()
        await window.press("section-allergies")
        assert entry not in window.identifiers("entry-")

    tell(story)


def test_a_section_is_hidden_from_its_own_list_and_shown_as_one_with_nothing_in_it(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("section-conditions")
        await window.press("mark")
        await window.pick("label", "mental-health")
        await window.press("hide")
        assert window.heading() == "Health conditions"
        assert window.identifiers("entry-") == []
        await window.press("mark")
        assert not window.shows("unhide")

    tell(story)

"""The reader's screens through the in-process driver: each verdict has its words, and shows what it may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import flet as ft
import pytest

from app.reader import compose
from app.reader.judge import judge_text
from app.reader.link_screen import LinkState
from app.reader.scan_screen import ScanState
from app.reader.share import LinkFile, judge_files
from app.reader.verdict import Kind, StepName, Verdict
from app.reader.verdict_screen import VerdictState
from app.ui.shell import Appearance, Shell
from app.ui.words import load_words
from crypto.trust import TrustList
from tests.flows.driver import Driver
from tests.reader.made_up import LETTER, LINK, NOW, SIGNED, Sharing, a_card, aged, but, files_of, trust, vouched, words

WORDS = load_words()


class FakeDesk:
    """Notes which button was pressed with what."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.calls.append((name, *arguments))


def shared(sharing: Sharing = SIGNED, listed: TrustList | None = None) -> Verdict:
    files = [LinkFile(kind, data) for kind, data in files_of(sharing)]
    return judge_files(files, LINK, listed or trust(), now=NOW)


def drawn(state: object, act: Callable[[Driver], Coroutine[Any, Any, None]]) -> FakeDesk:
    """Draw a state in a window, act on it, and give what was called."""
    desk = FakeDesk()

    async def story() -> None:
        def main(page: ft.Page) -> None:
            Shell(page, compose.draw(desk), Appearance()).open(state)  # type: ignore[arg-type]

        driver = await Driver().start(main)
        try:
            await act(driver)
        finally:
            await driver.stop()

    asyncio.run(story())
    return desk


def texts_of(state: object) -> list[str]:
    found: list[str] = []

    async def read(driver: Driver) -> None:
        found.extend(driver.texts())

    drawn(state, read)
    return found


@pytest.mark.parametrize("kind", list(Kind))
def test_each_verdict_has_its_own_words(kind: Kind) -> None:
    texts = texts_of(VerdictState(Verdict(kind, "", None, ())))
    assert WORDS(f"verdict.{kind.value}") in texts
    assert WORDS(f"verdict.{kind.value}.text") in texts


@pytest.mark.parametrize("step", list(StepName))
def test_each_step_has_its_words(step: StepName) -> None:
    assert WORDS(f"reader.step.{step.value}")


def test_a_checked_share_shows_person_lines_and_signers_with_allergies_first() -> None:
    texts = texts_of(VerdictState(shared(), clears_at=NOW, again=True))
    shown = [texts.index(words) for words in ("Allergies", "Penicillin", "Medicines", "Warfarin 3 mg tablets")]
    assert shown == sorted(shown)
    for expected in ("Siân Gwenllïan Prŷs", "7 March 1959", "999 000 0018", "Signed by Elmfield Hospital"):
        assert expected in texts


def test_an_unsigned_line_is_marked_with_where_it_came_from() -> None:
    texts = texts_of(VerdictState(shared(but(proofs=(), unsigned=(LETTER,)))))
    assert "Not signed: said by the patient's passport" in texts
    assert "The passport received it from: letter.json" in texts


def test_a_granted_section_without_entries_says_only_that() -> None:
    texts = texts_of(VerdictState(shared(but(sections=("allergies", "results")))))
    assert "Test results" in texts
    assert "No entries of this part were shared" in texts
    assert "Health conditions" not in texts


def test_an_aged_list_says_its_age() -> None:
    texts = texts_of(VerdictState(shared(listed=aged(5)), days_past=5))
    assert "Version 7 of the list of organisations is 5 days past its time" in texts


def test_words_nobody_vouches_for_now_are_shown_as_that() -> None:
    verdict = judge_text(words(wire=vouched(days=3)), trust(), now=NOW)
    texts = texts_of(VerdictState(verdict))
    assert "Cannot check" in texts
    assert (
        "The proof for this passport is out of date. The words may be right, but nobody vouches for them now." in texts
    )
    assert "Allergies: Penicillin" in texts
    assert not any("PP1:" in text for text in texts)


def test_the_steps_are_behind_a_button() -> None:
    state = VerdictState(judge_text(a_card(), trust(), now=NOW))
    assert WORDS("reader.step.signature") not in texts_of(state)

    async def show(driver: Driver) -> None:
        await driver.press("steps-toggle")

    assert drawn(state, show).calls == [("show_steps", True)]
    shown = VerdictState(judge_text(a_card(), trust(), now=NOW), steps_shown=True)
    assert WORDS("reader.step.signature") in texts_of(shown)


def test_name_and_number_are_handed_on_as_typed() -> None:
    async def open_link(driver: Driver) -> None:
        await driver.type_into("recipient", "Dr A. Khan")
        await driver.type_into("passcode", "123456")
        await driver.press("open-link")

    assert drawn(LinkState("A&E", needs_passcode=True), open_link).calls == [("open_link", "Dr A. Khan", "123456")]


def test_a_link_without_a_passcode_asks_for_the_name_only() -> None:
    async def look(driver: Driver) -> None:
        assert not driver.says("The 6-figure number")
        assert driver.says("Your name and organisation")

    drawn(LinkState("", needs_passcode=False), look)


def test_a_pasted_text_is_handed_on() -> None:
    async def paste(driver: Driver) -> None:
        await driver.type_into("typed", "shc:/5676")
        await driver.press("check-typed")

    assert drawn(ScanState(), paste).calls == [("typed", "shc:/5676")]


def test_without_a_list_the_first_screen_says_so() -> None:
    assert WORDS("reader.list.none") in texts_of(ScanState())


def test_the_same_camera_stays_in_its_place_through_a_redrawing() -> None:
    camera = ft.Text("the camera's picture")
    desk = FakeDesk()

    async def story() -> None:
        shells: list[Shell] = []

        def main(page: ft.Page) -> None:
            shells.append(Shell(page, compose.draw(desk), Appearance()))  # type: ignore[arg-type]
            shells[0].open(ScanState(camera=camera))

        driver = await Driver().start(main)
        shells[0].show(ScanState(camera=camera, told="Hold it closer"))
        await driver.settle()
        assert driver.says("Hold it closer")
        assert camera.page is driver.session.page
        await driver.stop()

    asyncio.run(story())

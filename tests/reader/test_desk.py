"""The desk: from a text to a verdict on the screen, tries left, asking again, and forgetting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import flet as ft
import pytest

from app.qr.draw import draw_link, draw_words
from app.reader import desk
from app.reader.desk import Desk
from app.reader.link_screen import LinkState
from app.reader.reach import Reach
from app.reader.scan_screen import ScanState
from app.reader.share import LinkFile
from app.reader.verdict import Kind
from app.reader.verdict_screen import VerdictState
from app.ui import camera
from app.ui.camera import Patience
from app.ui.guard import Guard, Problem
from app.ui.words import Words, load_words
from crypto import shlink
from crypto.errors import Ended, NetworkUnavailable, PassportError, WrongPasscode
from crypto.shlink import Link
from crypto.trust import TrustList
from tests.reader import made_up
from tests.reader.made_up import LINK, NOW, a_card, files_of, trust, words
from tests.ui.test_camera import FakeEye, a_picture

QUICK = Patience(start_seconds=0.05, picture_seconds=0.05)


@dataclass
class FakeWindow:
    """A window that notes what it was shown."""

    guard: Guard = field(init=False)
    words: Words = field(default_factory=load_words)
    shown: list[object] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.guard = Guard(self.words, self.problems.append)

    @property
    def screen(self) -> object:
        return self.shown[-1]

    def show(self, screen: object) -> None:
        self.shown.append(screen)

    def busy(self, label: str, done: float | None = None) -> None:
        assert label

    def ready(self) -> None:
        pass


class Outside:
    """Everything outside the desk, in the test's hands."""

    def __init__(self) -> None:
        self.now = NOW
        self.trust: TrustList | None = trust()
        self.answers: list[list[tuple[str, bytes]] | PassportError] = [files_of()]
        self.asked: list[tuple[str, str | None]] = []
        self.picture: bytes | None = None
        self.renewals: list[TrustList | PassportError] = []
        self.window = FakeWindow()
        self.desk = Desk(
            self.window,
            Reach(lambda: self.now, lambda: self.trust, self._renew, self._resolve, self._pick),
            QUICK,
        )

    def _renew(self) -> TrustList:
        newest = self.renewals.pop(0)
        if isinstance(newest, PassportError):
            raise newest
        self.trust = newest
        return newest

    def _resolve(self, link: Link, name: str, passcode: str | None, listed: TrustList) -> list[LinkFile]:
        assert link == LINK
        assert listed is self.trust
        self.asked.append((name, passcode))
        answer = self.answers.pop(0)
        if isinstance(answer, PassportError):
            raise answer
        return [LinkFile(kind, data) for kind, data in answer]

    async def _pick(self) -> bytes | None:
        return self.picture

    @property
    def screen(self) -> Any:
        return self.window.screen

    def run(self, *steps: Callable[[], Coroutine[Any, Any, None] | None]) -> None:
        """Run steps on one loop, then let go of what the desk still holds."""

        async def all_steps() -> None:
            for step in steps:
                result = step()
                if result is not None:
                    await result
            pending = list(self.window.guard.tasks)
            self.desk.forget()
            await asyncio.gather(*pending, return_exceptions=True)

        asyncio.run(all_steps())


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "READY_SECONDS", 0)
    monkeypatch.setattr(camera, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(desk, "TICK_SECONDS", 0.001)


async def until(fact: Callable[[], bool]) -> None:
    for _ in range(500):
        if fact():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came about")


# ---- the ways in --------------------------------------------------------------------------------


def test_a_pasted_card_is_judged_at_once(outside: Outside) -> None:
    outside.run(lambda: outside.desk.typed(a_card()))
    assert isinstance(outside.screen, VerdictState)
    assert outside.screen.verdict.kind is Kind.CHECKED
    assert outside.screen.clears_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "hello", "WIFI:S:cafe;;"])
def test_a_pasted_text_that_is_nothing_of_ours_is_a_sentence_and_no_verdict(outside: Outside, text: str) -> None:
    outside.run(lambda: outside.desk.typed(text))
    assert isinstance(outside.screen, ScanState)
    assert outside.screen.problem == "This is not a code that the passport knows."


def test_a_pasted_text_that_only_begins_like_a_card_is_not_genuine(outside: Outside) -> None:
    outside.run(lambda: outside.desk.typed("shc:/9999"))
    assert outside.screen.verdict.kind is Kind.NOT_GENUINE
    assert outside.screen.clears_at is None


def test_a_picture_of_plain_words_is_judged(outside: Outside) -> None:
    outside.picture = draw_words(words()).png
    outside.run(outside.desk.picture)
    assert outside.screen.verdict.kind is Kind.SAID_BY_PASSPORT


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        (b"no picture", "This picture could not be opened"),
        (a_picture(), "No code was found in this picture"),
        (a_picture("hello"), "This is not a code that the passport knows"),
    ],
)
def test_a_picture_that_helps_nothing_has_its_sentence(outside: Outside, picture: bytes, sentence: str) -> None:
    outside.picture = picture
    outside.run(outside.desk.picture)
    assert outside.screen.problem.startswith(sentence)


def test_choosing_no_picture_changes_nothing(outside: Outside) -> None:
    outside.run(outside.desk.picture)
    assert outside.window.shown == []


def test_the_camera_looks_past_other_codes_to_the_patients(outside: Outside) -> None:
    eye = FakeEye(a_picture("WIFI:S:cafe;;"), draw_words(words(), module_pixels=4).png)
    outside.desk.new_camera = lambda: eye  # type: ignore[assignment,return-value]
    outside.run(outside.desk.start_camera, lambda: until(lambda: isinstance(outside.screen, VerdictState)))
    told = [shown.told for shown in outside.window.shown if isinstance(shown, ScanState)]
    assert [words[:20] for words in told] == ["Starting the camera.", "Hold the code in fro", "That is another kind"]
    assert outside.screen.verdict.kind is Kind.SAID_BY_PASSPORT
    assert outside.window.problems == []


@pytest.mark.parametrize(
    ("eye", "sentence"),
    [
        (FakeEye(None), "The camera does not answer"),
        (FakeEye(cameras=()), "There is no camera on this device"),
        (FakeEye(RuntimeError("CameraAccessDenied")), "The camera is not allowed"),
    ],
    ids=["slow", "absent", "refused"],
)
def test_a_camera_that_stops_has_its_sentence(outside: Outside, eye: FakeEye, sentence: str) -> None:
    outside.desk.new_camera = lambda: eye  # type: ignore[assignment,return-value]
    outside.run(outside.desk.start_camera, lambda: until(lambda: bool(outside.screen.problem)))
    assert outside.screen.problem.startswith(sentence)
    assert outside.screen.camera is None


def test_a_device_where_the_camera_cannot_be_used_says_so(outside: Outside) -> None:
    def unsupported() -> ft.Control:
        raise ft.FletUnsupportedPlatformException("desktop")

    outside.desk.new_camera = unsupported
    outside.run(outside.desk.start_camera)
    assert outside.screen.problem.startswith("The camera cannot be used here")


class EndlessEye(FakeEye):
    """Shows one picture for as long as it is looked at, and counts."""

    taken = 0

    async def take_picture(self) -> bytes:
        self.taken += 1
        await asyncio.sleep(0)
        picture = self.pictures[0]
        assert isinstance(picture, bytes)
        return picture


def test_stopping_the_camera_ends_the_looking(outside: Outside) -> None:
    eye = EndlessEye(a_picture())
    outside.desk.new_camera = lambda: eye  # type: ignore[assignment,return-value]

    async def stop() -> None:
        await until(lambda: eye.taken > 0)
        outside.desk.stop_camera()
        await asyncio.gather(*outside.window.guard.tasks, return_exceptions=True)
        taken = eye.taken
        await asyncio.sleep(0)
        assert eye.taken == taken

    outside.run(outside.desk.start_camera, stop)
    assert outside.screen == ScanState(trust_list=outside.screen.trust_list)


# ---- links --------------------------------------------------------------------------------------


def link_text() -> str:
    return shlink.make(LINK)


def test_a_link_asks_who_opens_it_and_then_shows_what_was_granted(outside: Outside) -> None:
    outside.picture = draw_link(link_text()).png
    outside.run(outside.desk.picture, lambda: outside.desk.open_link(" Dr A. Khan ", "123 456"))
    assert outside.window.shown[0] == LinkState("A&E", needs_passcode=True)
    assert outside.asked == [("Dr A. Khan", "123456")]
    assert outside.screen.verdict.kind is Kind.CHECKED
    assert outside.screen.again
    assert outside.screen.clears_at == LINK.exp


@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [("", "123456", "Type your name"), ("Dr A. Khan", " ", "Type the 6-figure number")],
)
def test_nothing_is_asked_without_a_name_and_a_number(outside: Outside, name: str, number: str, sentence: str) -> None:
    outside.run(lambda: outside.desk.typed(link_text()), lambda: outside.desk.open_link(name, number))
    assert outside.screen.problem.startswith(sentence)
    assert outside.asked == []


def test_a_wrong_number_is_asked_for_again_with_the_tries_left(outside: Outside) -> None:
    outside.answers = [WrongPasscode(4), files_of()]
    outside.run(
        lambda: outside.desk.typed(link_text()),
        lambda: outside.desk.open_link("Dr A. Khan", "000000"),
    )
    assert outside.screen.problem == "That is not the right number. 4 tries are left"
    assert outside.screen.name == "Dr A. Khan"
    outside.run(lambda: outside.desk.typed(link_text()), lambda: outside.desk.open_link("Dr A. Khan", "123456"))
    assert outside.screen.verdict.kind is Kind.CHECKED


def test_asking_again_after_it_was_ended_says_ended_and_shows_nothing(outside: Outside) -> None:
    outside.answers = [files_of(), Ended("404")]
    outside.run(
        lambda: outside.desk.typed(link_text()),
        lambda: outside.desk.open_link("Dr A. Khan", "123456"),
        outside.desk.again,
    )
    assert outside.screen.verdict.kind is Kind.ENDED_OR_EXPIRED
    assert outside.screen.verdict.lines == ()
    assert not outside.screen.again
    assert outside.asked == [("Dr A. Khan", "123456")] * 2


def test_a_network_that_is_down_is_a_sentence_and_no_verdict(outside: Outside) -> None:
    outside.answers = [NetworkUnavailable("relay: no route")]

    async def open_link() -> None:
        await outside.window.guard.run(outside.desk.open_link, "Dr A. Khan", "123456")

    outside.run(lambda: outside.desk.typed(link_text()), open_link)
    assert [problem.code for problem in outside.window.problems] == ["network-unavailable"]
    assert isinstance(outside.screen, LinkState)


def test_without_a_list_no_relay_is_asked(outside: Outside) -> None:
    outside.trust = None
    outside.run(lambda: outside.desk.typed(link_text()), lambda: outside.desk.open_link("Dr A. Khan", "123456"))
    assert (outside.screen.verdict.kind, outside.screen.verdict.code) == (Kind.CANNOT_CHECK, "trust-too-old")
    assert outside.asked == []


def test_a_link_past_its_end_is_not_asked_for_a_number(outside: Outside) -> None:
    outside.now = NOW + timedelta(hours=2)
    outside.run(lambda: outside.desk.typed(link_text()))
    assert outside.screen.verdict.kind is Kind.ENDED_OR_EXPIRED
    assert outside.asked == []


# ---- forgetting ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exp", "cleared_at"),
    [
        (NOW + timedelta(minutes=5), NOW + timedelta(minutes=5)),
        (NOW + timedelta(hours=5), NOW + timedelta(hours=1)),
        (None, NOW + timedelta(hours=1)),
    ],
    ids=["its-own-end", "at-most-an-hour", "no-end"],
)
def test_what_is_shown_is_cleared_when_its_time_is_up(
    outside: Outside, exp: datetime | None, cleared_at: datetime
) -> None:
    async def wait() -> None:
        outside.now = cleared_at - timedelta(seconds=1)
        await asyncio.sleep(0.02)
        assert isinstance(outside.screen, VerdictState)
        outside.now = cleared_at
        await until(lambda: isinstance(outside.screen, ScanState))

    outside.run(lambda: outside.desk.typed(a_card(exp=exp)), wait)
    assert outside.screen.problem == "The time is up. What was shown has been cleared."


def test_close_forgets_the_link_and_its_number(outside: Outside) -> None:
    outside.run(
        lambda: outside.desk.typed(link_text()),
        lambda: outside.desk.open_link("Dr A. Khan", "123456"),
        outside.desk.home,
        outside.desk.again,
    )
    assert isinstance(outside.screen, ScanState)
    assert outside.desk.opened is None
    assert len(outside.asked) == 1


def test_the_steps_are_shown_on_request_only(outside: Outside) -> None:
    outside.run(lambda: outside.desk.typed(a_card()), lambda: outside.desk.show_steps(True))
    assert [state.steps_shown for state in outside.window.shown if isinstance(state, VerdictState)] == [False, True]


def test_the_number_and_the_record_stand_in_no_repr(outside: Outside) -> None:
    outside.run(lambda: outside.desk.typed(link_text()), lambda: outside.desk.open_link("Dr A. Khan", "123456"))
    outside.desk.opened = desk.Opened(LINK, "Dr A. Khan", "123456")
    for shown in (repr(outside.desk), repr(outside.screen)):
        assert not any(secret in shown for secret in ("123456", "Penicillin", "Prŷs"))


# ---- the list -----------------------------------------------------------------------------------


def test_the_first_screen_says_how_old_the_list_is(outside: Outside) -> None:
    outside.trust = made_up.aged(5)
    state = outside.desk.first()
    assert state.trust_list is not None
    assert (state.trust_list.version, state.trust_list.aged, state.days_past) == (7, True, 5)


def test_a_newer_list_is_used_at_once(outside: Outside) -> None:
    outside.trust = None
    outside.renewals = [trust()]
    outside.run(outside.desk.home, outside.desk.update_list)
    assert outside.screen.trust_list is not None


def test_at_the_start_a_missing_network_is_no_problem(outside: Outside) -> None:
    outside.renewals = [NetworkUnavailable("trust repository")]
    outside.run(outside.desk.home, outside.desk.update_list_quietly)
    assert outside.window.problems == []
    assert outside.screen.trust_list is not None


def test_on_request_a_missing_network_is_said(outside: Outside) -> None:
    outside.renewals = [NetworkUnavailable("trust repository")]

    async def update() -> None:
        await outside.window.guard.run(outside.desk.update_list)

    outside.run(outside.desk.home, update)
    assert [problem.code for problem in outside.window.problems] == ["network-unavailable"]

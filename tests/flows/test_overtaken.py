"""What was begun before a lock has no say after it: it shows, opens and keeps nothing; what is written is whole."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import flet as ft
import pytest

from app.actions import browsing, importing
from app.actions.session import unlock
from app.compose import Windows
from app.journeys import opening
from app.journeys.locking import IDLE
from app.journeys.record import Record
from app.store.home import PassportHome
from app.store.record import Store
from app.ui.shell import PickedFile, Shell
from tests.actions.made_up import PHRASE, SIAN
from tests.flows.conftest import Story, Window, household
from tests.flows.test_background import until
from tests.flows.test_import import WALNUTS, file_of, picks
from tests.flows.test_locking import NAME, Clocks, desk_of, locked, looked, nothing_is_left

Tell = Callable[[Story], None]


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks().put_in(monkeypatch)


# ---- a window that is lost ----------------------------------------------------------------------


def test_a_lost_connection_locks_and_what_comes_back_to_it_is_the_locked_screen(home: PassportHome, tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        passport = desk_of(window).passport
        windows = Windows(household(home), None, UTC)
        windows._desk = window.desk
        window.session.page.on_disconnect = lambda _event: windows.lock()
        await window.session.disconnect(20)
        assert passport.locked
        # What is in the tree now is sent, whole, to whoever comes back.
        nothing_is_left(window)
        await window.session.connect(window.client)
        await window.settle()
        nothing_is_left(window)
        await window.unlock()
        assert window.heading() == NAME

    tell(story)


def test_the_end_of_the_program_locks_a_window_that_is_gone(home: PassportHome, tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        passport = desk_of(window).passport
        windows = Windows(household(home), None, UTC)
        windows._desk = window.desk
        await window.session.disconnect(20)
        window.session.close()
        windows.lock()
        assert passport.locked

    tell(story)


def test_a_window_that_the_toolkit_has_destroyed_is_locked_all_the_same(
    home: PassportHome, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def destroyed(_page: ft.Page) -> None:
        raise RuntimeError("An attempt to fetch destroyed session.")

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        passport = desk_of(window).passport
        windows = Windows(household(home), None, UTC)
        windows._desk = window.desk
        with monkeypatch.context() as patched:
            patched.setattr(ft.Page, "session", property(destroyed))
            windows.lock()
        assert passport.locked

    tell(story)


def test_a_passport_whose_window_was_lost_while_it_was_unlocked_does_not_stay_open(
    tell: Tell, home: PassportHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    go_on, begun = threading.Event(), threading.Event()

    def slow(*args: Any, **more: Any) -> Any:
        begun.set()
        assert go_on.wait(10)
        opened.append(unlock(*args, **more))
        return opened[0]

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.lock()
        monkeypatch.setattr(opening, "unlock", slow)
        await window.type_into("passphrase", PHRASE)
        pressed = desk_of(window).shell.guard.start(window.press, "unlock")
        await until(window, begun.is_set)
        desk_of(window).clear()
        desk_of(window).lock()
        go_on.set()
        await pressed
        await window.quiet()
        assert opened[0].locked
        nothing_is_left(window)

    tell(story)


# ---- work under way -----------------------------------------------------------------------------


def test_what_was_being_fetched_for_the_screen_when_it_locked_is_not_shown(
    tell: Tell, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, begun = threading.Event(), threading.Event()
    page = browsing.section_page

    def slow(*args: Any, **more: Any) -> Any:
        found = page(*args, **more)
        begun.set()
        assert go_on.wait(10)
        return found

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        monkeypatch.setattr(browsing, "section_page", slow)
        pressed = desk_of(window).shell.guard.start(window.press, "section-medicines")
        await until(window, begun.is_set)
        clocks.forward(IDLE.total_seconds())
        await locked(window)
        go_on.set()
        await pressed
        await window.quiet()
        nothing_is_left(window)
        assert desk_of(window).shell.stage.problem is None

    tell(story)


def kept_names(window: Window) -> list[str]:
    return [one.entry.title for one in desk_of(window).passport.store.entries(None, 0, 1000)]


def test_an_import_being_written_when_it_locks_is_written_whole(
    tell: Tell, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, begun = threading.Event(), threading.Event()
    add = Store.add_update

    def slow(store: Store, *args: Any, **more: Any) -> Any:
        with store.together():
            found = add(store, *args, **more)
            begun.set()
            assert go_on.wait(10)
        return found

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        picks(window, "letter.json", file_of(SIAN, WALNUTS))
        await window.press("import")
        monkeypatch.setattr(Store, "add_update", slow)
        passport = desk_of(window).passport
        pressed = desk_of(window).shell.guard.start(window.press, "keep")
        await until(window, begun.is_set)
        clocks.forward(IDLE.total_seconds())
        await until(window, lambda: window.shows("unlock"))
        assert not passport.locked
        go_on.set()
        await pressed
        await locked(window)
        await window.quiet()
        assert passport.locked
        nothing_is_left(window)
        await window.unlock()
        assert "Walnuts" in kept_names(window)

    tell(story)


def test_an_import_that_has_not_begun_to_be_written_when_it_locks_is_not_written(
    tell: Tell, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, begun = threading.Event(), threading.Event()
    read = importing.pieces_of

    def slow(*given: Any, now: datetime) -> Any:
        begun.set()
        assert go_on.wait(10)
        return read(*given, now=now)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        picks(window, "letter.json", file_of(SIAN, WALNUTS))
        await window.press("import")
        before = kept_names(window)
        monkeypatch.setattr(importing, "pieces_of", slow)
        pressed = desk_of(window).shell.guard.start(window.press, "keep")
        await until(window, begun.is_set)
        clocks.forward(IDLE.total_seconds())
        await locked(window)
        go_on.set()
        await pressed
        await window.quiet()
        nothing_is_left(window)
        assert desk_of(window).shell.stage.problem is None
        await window.unlock()
        assert kept_names(window) == before

    tell(story)


def test_a_file_picked_after_it_locked_is_let_go(tell: Tell, clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        closed = asyncio.Event()

        async def slow(_shell: Shell) -> PickedFile:
            await closed.wait()
            return PickedFile("letter.json", file_of(SIAN, WALNUTS))

        monkeypatch.setattr(Shell, "pick_file", slow)
        pressed = desk_of(window).shell.guard.start(window.press, "import")
        await looked(window)
        clocks.forward(IDLE.total_seconds())
        await locked(window)
        closed.set()
        await pressed
        await window.quiet()
        nothing_is_left(window)
        records = [one for one in gc.get_objects() if isinstance(one, Record) and one.desk is window.desk]
        assert [one._picked for one in records] == [None]

    tell(story)

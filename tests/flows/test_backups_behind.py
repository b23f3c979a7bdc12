"""A backup after each change, behind the screen: an update, a file brought in, access given and ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions.backing_up import backup_state, choose_backup_folder
from app.journeys import backups
from app.journeys.backups import Backups
from app.journeys.record import Record
from app.screens.home import HomeState
from app.screens.message import MessageState
from tests.actions.made_up import SIAN, kept
from tests.flows.conftest import Story, Window
from tests.flows.test_import import WALNUTS, file_of, picks

Tell = Callable[[Story], None]


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


async def chosen(window: Window, stick: Path) -> None:
    assert window.desk is not None
    await window.quiet()
    choose_backup_folder(window.desk.passport, stick, now=window.world.now)
    window.world.clock.forward(minutes=1)


async def bring_in(window: Window) -> None:
    picks(window, "letter.json", file_of(SIAN, WALNUTS))
    await window.press("import")
    await window.press("keep")
    await window.quiet()


def last(window: Window) -> object:
    assert window.desk is not None
    state = backup_state(window.desk.passport)
    return None if state is None else (state.last, state.problem)


def test_a_file_brought_in_is_backed_up(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await chosen(window, stick)
        await bring_in(window)
        assert last(window) == (window.world.now, "")
        assert len(list(stick.iterdir())) == 2

    tell(story)


def test_access_given_and_ended_is_backed_up(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await chosen(window, stick)
        await window.press("give-access")
        await window.press("continue")
        await window.press("continue")
        await window.press("give")
        await window.press("back")
        await window.quiet()
        given = window.world.now
        assert last(window) == (given, "")
        window.world.clock.forward(minutes=1)
        await window.press(window.identifiers("access-")[0])
        await window.press("end-access")
        await window.press("back")
        await window.quiet()
        assert last(window) == (window.world.now, "")

    tell(story)


def test_home_told_anew_does_not_come_over_what_was_gone_to_meanwhile(
    tell: Tell, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = Record._home_state

    async def gone_on(self: Record) -> HomeState:
        state = await looked_up(self)
        self.desk.shell.show(MessageState("Elsewhere", "", ""))
        return state

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await chosen(window, stick)
        assert window.desk is not None
        monkeypatch.setattr(Record, "_home_state", gone_on)
        window.desk.changed()
        await window.quiet()
        assert window.heading() == "Elsewhere"

    tell(story)


def test_an_update_that_brought_something_is_backed_up_and_home_is_drawn_with_it(
    tell: Tell, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    home_again = Record.home_again

    async def drawing(self: Record) -> None:
        drawn.append(backup_state(self.desk.passport))
        await home_again(self)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await chosen(window, stick)
        assert window.desk is not None
        window.desk.passport.store.set_setting("a change", "that an update brought")
        await window.press("update")
        await window.quiet()
        assert drawn[-1] is not None
        assert drawn[-1].last == window.world.now

    monkeypatch.setattr(Record, "home_again", drawing)
    tell(story)


def test_a_folder_that_is_gone_stops_nothing(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await chosen(window, stick)
        assert window.desk is not None
        before = kept(window.desk.passport)
        moment = window.world.now - timedelta(minutes=1)
        for each in stick.iterdir():
            each.unlink()
        stick.rmdir()
        await bring_in(window)
        assert kept(window.desk.passport) == (before[0] + 1, before[1] + 1)
        assert last(window) == (moment, "backup-not-kept")
        assert window.shows("imported")

    tell(story)


def test_where_no_folder_was_chosen_nothing_is_made(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await bring_in(window)
        assert last(window) is None
        assert list(stick.iterdir()) == []

    tell(story)


def test_what_changes_while_one_is_made_gets_one_more_and_no_two_run_at_once(
    tell: Tell, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = []
    most: list[int] = []

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await chosen(window, stick)
        assert window.desk is not None
        of = Backups(window.desk, window.desk.stay)

        def slow(*given: object, **more: object) -> None:
            running.append(1)
            most.append(sum(running))
            if len(most) == 1:
                window.desk.shell.loop.call_soon_threadsafe(of.changed)  # type: ignore[union-attr]
                window.desk.shell.loop.call_soon_threadsafe(of.changed)  # type: ignore[union-attr]
            running.append(-1)

        monkeypatch.setattr(backups, "back_up_if_chosen", slow)
        of.changed()
        await window.quiet()
        assert most == [1, 1]

    tell(story)


def test_after_locking_nothing_is_made(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await chosen(window, stick)
        before = sorted(stick.iterdir())
        assert window.desk is not None
        await window.lock()
        window.desk.changed()
        await window.quiet()
        assert sorted(stick.iterdir()) == before

    tell(story)

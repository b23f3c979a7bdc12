"""An open passport locks by itself: when, when not, and what is left on the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import flet as ft
import pytest

from app.clock import Moment
from app.journeys.desk import Desk
from app.journeys.locking import AWAY, IDLE, WARNED_FOR
from app.screens.connecting import ConnectingState
from app.store.home import PassportHome
from crypto.errors import NoPassport
from tests.actions.made_up import PEOPLE, SIAN
from tests.flows.conftest import Story, Window
from tests.flows.test_background import until

Tell = Callable[[Story], None]
NAME = PEOPLE[SIAN].name
KEY = {"key": "Tab", "shift": False, "ctrl": False, "alt": False, "meta": False}
WARNING = (IDLE - WARNED_FOR).total_seconds()


@dataclass
class Clocks:
    """Both clocks, standing until they are moved."""

    steady: float = 0.0
    system: datetime = datetime(2098, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> Moment:
        return Moment(self.steady, self.system)

    def put_in(self, monkeypatch: pytest.MonkeyPatch) -> Clocks:
        """Let the lock look at these, and often."""
        monkeypatch.setattr("app.journeys.locking.moment", self)
        monkeypatch.setattr("app.journeys.locking.LOOK_EVERY_SECONDS", 0.01)
        return self

    def forward(self, seconds: float) -> None:
        self.steady += seconds
        self.system += timedelta(seconds=seconds)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks().put_in(monkeypatch)


def desk_of(window: Window) -> Desk:
    assert window.desk is not None
    return window.desk


async def looked(window: Window) -> None:
    """Let the timer look a few times."""
    await window.settle(20)


async def locked(window: Window) -> None:
    await until(window, lambda: not desk_of(window).is_open and window.shows("unlock"))


async def still_open(window: Window) -> None:
    await looked(window)
    assert desk_of(window).is_open
    assert not window.shows("unlock")


def nothing_is_left(window: Window) -> None:
    """Neither on the screen, nor in the tree, nor in the title, nor behind Back."""
    desk = desk_of(window)
    assert window.heading() == "Unlock your passport"
    assert NAME not in " ".join(window.texts())
    assert NAME not in repr([*window.controls()])
    assert window.session.page.title == "Patient Passport"
    assert [view.route for view in window.controls() if isinstance(view, ft.View)] == ["/"]
    assert not window.shows("back")
    with pytest.raises(NoPassport):
        _ = desk.passport


def test_it_locks_after_five_minutes_without_a_person_and_not_a_second_before(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        passport = desk_of(window).passport
        assert window.heading() == NAME
        clocks.forward(IDLE.total_seconds() - 1)
        await still_open(window)
        clocks.forward(1)
        await locked(window)
        nothing_is_left(window)
        assert passport.locked
        await desk_of(window).back()
        await window.settle()
        nothing_is_left(window)

    tell(story)


def test_unlocking_after_an_idle_lock_leads_home(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("place-you")
        clocks.forward(IDLE.total_seconds())
        await locked(window)
        await window.unlock()
        assert window.heading() == NAME
        await still_open(window)

    tell(story)


async def clicks(window: Window) -> None:
    await window.press("place-you")


async def types(window: Window) -> None:
    await window.type_into("query", "p")


async def presses_a_key(window: Window) -> None:
    page = window.session.page
    await window.fire(
        page, "keyboard_event", {"key": "Tab", "shift": False, "ctrl": False, "alt": False, "meta": False}
    )


async def scrolls(window: Window) -> None:
    column = next(c for c in window.controls() if isinstance(c, ft.Column) and c.scroll is not None)
    facts = {"event_type": "user", "pixels": 1.0, "min_scroll_extent": 0.0, "max_scroll_extent": 9.0}
    await window.fire(column, "scroll", facts | {"viewport_dimension": 5.0, "direction": "forward"})


@pytest.mark.parametrize("does", [clicks, types, presses_a_key, scrolls])
def test_what_a_person_does_begins_the_five_minutes_anew(
    tell: Tell, clocks: Clocks, does: Callable[[Window], Awaitable[None]]
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("search")
        clocks.forward(WARNING - 1)
        await looked(window)
        await does(window)
        clocks.forward(WARNED_FOR.total_seconds() + 1)
        await still_open(window)
        assert not window.shows("warned")
        clocks.forward(WARNING)
        await locked(window)

    tell(story)


@pytest.mark.parametrize(
    ("event", "data"),
    [("resize", {"width": 500, "height": 700}), ("app_lifecycle_state_change", {"state": "inactive"})],
)
def test_what_the_device_does_by_itself_is_nobodys_use(
    tell: Tell, clocks: Clocks, event: str, data: dict[str, Any]
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        clocks.forward(IDLE.total_seconds() - 1)
        await window.fire(window.session.page, event, data)
        await still_open(window)
        clocks.forward(1)
        await locked(window)

    tell(story)


def test_an_update_behind_the_screen_is_nobodys_use(
    tell: Tell, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = [0.0]
    monkeypatch.setattr("app.journeys.background.monotonic", lambda: moved[0])
    monkeypatch.setattr("app.journeys.background.LOOK_EVERY_SECONDS", 0.01)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        clocks.forward(IDLE.total_seconds() - 1)
        visits: list[None] = []
        refresh = "app.journeys.record.refresh"
        monkeypatch.setattr(refresh, lambda *_args, **_more: visits.append(None))
        moved[0] = 3600.0
        await until(window, lambda: bool(visits))
        clocks.forward(1)
        await locked(window)

    tell(story)


def test_a_minute_before_it_says_so_and_one_press_keeps_it_open(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        clocks.forward(WARNING - 1)
        await looked(window)
        assert not window.shows("warned")
        clocks.forward(1)
        await until(window, lambda: window.shows("warned"))
        assert window.says("Your passport locks in 1 minute")
        assert window.says("Nobody has used it for 4 minutes.")
        assert window.marked("warned").live_region
        await window.press("warned-keep")
        assert not window.shows("warned")
        assert window.heading() == NAME
        clocks.forward(WARNING - 1)
        await still_open(window)
        assert not window.shows("warned")

    tell(story)


def test_the_warning_can_be_answered_while_work_is_under_way(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        desk_of(window).shell.busy("Fetching your record")
        clocks.forward(WARNING)
        await until(window, lambda: window.shows("warned"))
        await window.press("warned-keep")
        clocks.forward(WARNED_FOR.total_seconds())
        await still_open(window)

    tell(story)


def test_a_laptop_that_slept_counts_the_time_it_slept(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        clocks.system += IDLE
        await locked(window)
        nothing_is_left(window)

    tell(story)


def test_a_clock_set_back_gives_no_more_time(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        clocks.system -= timedelta(days=1)
        clocks.steady += IDLE.total_seconds()
        await locked(window)

    tell(story)


# ---- in the background --------------------------------------------------------------------------


async def lifecycle(window: Window, state: str) -> None:
    await window.fire(window.session.page, "app_lifecycle_state_change", {"state": state})


@pytest.mark.parametrize("state", ["hide", "pause"])
def test_hidden_for_more_than_a_minute_it_locks_while_nobody_sees_it(tell: Tell, clocks: Clocks, state: str) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await lifecycle(window, state)
        clocks.forward(AWAY.total_seconds())
        await still_open(window)
        clocks.forward(1)
        await locked(window)
        nothing_is_left(window)

    tell(story)


def test_a_program_that_stood_still_in_the_background_locks_on_return(
    tell: Tell, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(window: Window) -> None:
        monkeypatch.setattr("app.journeys.locking.LOOK_EVERY_SECONDS", 3600.0)
        await window.first_run(SIAN)
        await lifecycle(window, "hide")
        clocks.system += AWAY + timedelta(seconds=1)
        await lifecycle(window, "show")
        await locked(window)
        nothing_is_left(window)

    tell(story)


def test_back_within_the_minute_it_stays_open_and_the_minute_begins_anew(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        for _ in range(3):
            await lifecycle(window, "hide")
            clocks.forward(AWAY.total_seconds())
            await lifecycle(window, "show")
            await lifecycle(window, "resume")
        await still_open(window)

    tell(story)


def test_a_window_beside_another_one_is_not_hidden(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await lifecycle(window, "inactive")
        clocks.forward(WARNING - 1)
        await still_open(window)

    tell(story)


def test_on_the_page_of_a_login_one_may_be_as_long_as_with_the_app_in_front(tell: Tell, clocks: Clocks) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        desk_of(window).shell.show(ConnectingState())
        await lifecycle(window, "hide")
        clocks.forward(WARNING - 1)
        await still_open(window)
        clocks.forward(WARNED_FOR.total_seconds() + 1)
        await locked(window)

    tell(story)


# ---- asked for ----------------------------------------------------------------------------------


def test_a_request_in_the_folder_locks_and_one_that_was_there_before_does_not(
    tell: Tell, clocks: Clocks, home: PassportHome
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        with home.asking_to_lock():
            await locked(window)
            nothing_is_left(window)
            await window.unlock()
            await still_open(window)
        await still_open(window)

    tell(story)

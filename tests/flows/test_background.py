"""What happens behind the screens while a passport is open: no sooner than it should, and not after it was locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.actions.sharing import all_access
from app.screens.home import HomeState
from crypto.errors import Ended
from sync.schedule import EVERY_SECONDS
from tests.actions.made_up import ADDRESSES, AMARA, World, bundle_of, given, resources, written
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]
NEWS = "Asthma, quiet for years"


@dataclass
class Seconds:
    """A clock that never goes back, and moves only when told to."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    found = Seconds()
    monkeypatch.setattr("app.journeys.background.monotonic", found)
    monkeypatch.setattr("app.journeys.background.LOOK_EVERY_SECONDS", 0.02)
    return found


def sign_news(world: World) -> None:
    bundle = bundle_of(AMARA, "gp")
    resources(bundle, "Condition")[0]["code"] = {"text": NEWS}
    world.clock.forward(minutes=1)
    world.sign(AMARA, "gp", written(bundle))


def asked(world: World, name: str) -> list[str]:
    """The paths a service is asked for from now on."""
    app, paths = world.apps[ADDRESSES[name]], []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        paths.append(scope["path"])
        await app(scope, receive, send)

    world.apps[ADDRESSES[name]] = noting
    return paths


async def until(window: Window, fact: Callable[[], bool]) -> None:
    """Let the window run until `fact` holds; some ten seconds at most."""
    for _ in range(200):
        if fact():
            return
        await window.settle(10)
    pytest.fail("it did not come to that")


def has_news(window: Window) -> bool:
    assert window.desk is not None
    return bool(window.desk.passport.store.search(NEWS).entries)


def test_what_is_new_comes_by_itself_after_a_quarter_of_an_hour_and_not_before(
    tell: Tell, world: World, seconds: Seconds
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        sign_news(world)
        paths = asked(world, "gp")
        seconds.at = EVERY_SECONDS - 1
        await window.settle(40)
        assert paths == []
        seconds.at = EVERY_SECONDS
        await until(window, lambda: has_news(window))
        await window.quiet()
        assert window.desk is not None
        assert isinstance(window.desk.shell.screen, HomeState)
        assert len([path for path in paths if path.endswith("$feed-head")]) == 1

    tell(story)


def test_a_screen_being_read_stays_where_it_is_while_something_new_comes(
    tell: Tell, world: World, seconds: Seconds
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        sign_news(world)
        await window.press("section-allergies")
        seconds.at = EVERY_SECONDS
        await until(window, lambda: has_news(window))
        await window.quiet()
        assert window.heading() == "Allergies"

    tell(story)


def test_when_the_network_is_back_the_chip_goes_and_what_is_new_comes_at_once(
    tell: Tell, world: World, seconds: Seconds
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        sign_news(world)
        world.lose()
        seconds.at = EVERY_SECONDS
        await until(window, lambda: window.shows("offline-chip"))
        assert not has_news(window)
        world.bring_back()
        seconds.at += 20
        await until(window, lambda: has_news(window))
        await until(window, lambda: not window.shows("offline-chip"))

    tell(story)


def test_access_ended_without_a_signal_ends_behind_any_screen_when_it_is_back(
    tell: Tell, world: World, seconds: Seconds
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        assert window.desk is not None
        access = await window.desk.work(given, world, window.desk.passport)
        world.lose()
        await window.press("place-share")
        await window.press(f"access-{access.grant_id}")
        await window.press("end-access")
        await window.press("place-home")
        seconds.at = EVERY_SECONDS
        await until(window, lambda: window.shows("offline-chip"))
        world.bring_back()
        seconds.at += 20
        desk = window.desk
        await until(window, lambda: all_access(desk.passport)[0].ended_at is not None)
        with pytest.raises(Ended):
            await desk.work(world.open_files, access)

    tell(story)


def test_nobody_is_asked_after_locking(tell: Tell, world: World, seconds: Seconds) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await window.lock()
        paths = [asked(world, name) for name in ("gp", "hospital", "login", "trust", "relay")]
        seconds.at = 10 * EVERY_SECONDS
        await window.settle(40)
        assert paths == [[], [], [], [], []]

    tell(story)


def test_what_was_refused_is_told_once_and_not_each_quarter_of_an_hour(
    tell: Tell, world: World, seconds: Seconds
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        world.sign(AMARA, "gp", b'{"resourceType":"Bundle","type":"collection","entry":[]}')
        seconds.at = EVERY_SECONDS
        await until(window, lambda: window.shows("message-action"))
        await window.press("message-action")
        paths = asked(world, "gp")
        seconds.at *= 2
        await until(window, lambda: bool(paths))
        await window.quiet()
        assert window.desk is not None
        assert isinstance(window.desk.shell.screen, HomeState)

    tell(story)


def test_a_holder_that_asks_to_be_left_alone_is_left_alone(tell: Tell, world: World, seconds: Seconds) -> None:
    async def busy(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"retry-after", b"1800")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        world.apps[ADDRESSES["gp"]] = busy
        paths = asked(world, "gp")
        seconds.at = EVERY_SECONDS
        await until(window, lambda: bool(paths))
        await window.quiet()
        assert not window.shows("offline-chip")
        seconds.at += 1799
        await window.settle(40)
        assert len(paths) == 1
        seconds.at += 1
        await until(window, lambda: len(paths) == 2)

    tell(story)

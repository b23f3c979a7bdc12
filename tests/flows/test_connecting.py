"""Connecting to one's record on the provider's page, in this process; only the browser's way back is a real socket."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.actions.kept_login import kept_renewal
from app.journeys import connecting
from app.ui.shell import Shell
from tests.actions.made_up import AMARA, PEOPLE, SIAN, StandingClock, World
from tests.flows.conftest import Story, Window, WorldsClock

pytestmark = pytest.mark.loopback

Tell = Callable[[Story], None]


class Browser:
    """The system browser: notes the page it was told to open, and lets a person answer there."""

    def __init__(self, world: World, window: Window) -> None:
        self.world = world
        self.window = window
        self.opened: list[str] = []

    async def page(self) -> str:
        """The page that was opened last, once it is."""
        for _ in range(200):
            if self.opened:
                return self.opened[-1]
            await self.window.settle(1)
        raise AssertionError("no page was opened")

    async def answer(self, person_id: str = SIAN, *, decision: str = "allow", **changes: str) -> tuple[str, str]:
        """Answer on the page; gives the last page, and its address. `changes` meddle with what comes back."""
        asked = dict(parse_qsl(urlsplit(await self.page()).query))
        back = await asyncio.to_thread(self._through, asked | {"person": person_id, "decision": decision})
        if changes:
            back = back.split("?")[0] + "?" + "&".join(f"{k}={v}" for k, v in changes.items())
        shown = await asyncio.to_thread(fetched, back)
        await self.window.quiet()
        return shown, back

    def _through(self, form: dict[str, str]) -> str:
        transport = self.world.transport
        answer = transport.post(f"{self.world.profile.login.base_url}/authorize", data=form)
        return transport.get(answer.headers["location"]).headers["location"]


def fetched(address: str) -> str:
    """What a browser shows of a page on this machine."""
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=5)
    try:
        line.request("GET", f"{parts.path}?{parts.query}")
        return line.getresponse().read().decode()
    finally:
        line.close()


@pytest.fixture
def browse(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[Window], Browser]:
    """The browser of a window."""

    def of(window: Window) -> Browser:
        browser = Browser(world, window)

        async def noted(_shell: Shell, address: str) -> None:
            browser.opened.append(address)

        monkeypatch.setattr(Shell, "open_page", noted)
        return browser

    return of


Browse = Callable[[Window], Browser]


async def begun(window: Window, browse: Browse) -> Browser:
    """A new passport whose person is on the login page."""
    browser = browse(window)
    await window.make_passport()
    await window.press("add-connect")
    await browser.page()
    await window.settle()
    assert window.heading() == "Log in on the page that opened"
    return browser


def test_connecting_leads_through_the_page_to_ones_own_record(tell: Tell, browse: Browse) -> None:
    async def story(window: Window) -> None:
        browser = await begun(window, browse)
        page, _ = await browser.answer(SIAN)
        assert "You can close this page" in page
        assert window.heading() == PEOPLE[SIAN].name
        assert window.desk is not None
        assert window.desk.passport.store.feeds() != []

    tell(story)


def test_a_restart_does_not_ask_again_for_thirty_days_and_then_does(tell: Tell, browse: Browse, world: World) -> None:
    async def first(window: Window) -> None:
        await (await begun(window, browse)).answer(SIAN)

    async def later(window: Window) -> None:
        browser = browse(window)
        world.clock.forward(days=20)
        world.publish_trust()
        await window.unlock()
        assert window.heading() == PEOPLE[SIAN].name
        assert not window.shows("problem-close")
        await window.press("update")
        assert browser.opened == []

    async def too_late(window: Window) -> None:
        browser = browse(window)
        world.clock.forward(days=10)
        world.publish_trust()
        await window.unlock()
        assert window.says("You need to log in again to get new entries.")
        await window.press("problem-close")
        await window.press("update")
        await browser.answer(SIAN)
        assert window.heading() == PEOPLE[SIAN].name

    tell(first)
    tell(later)
    tell(too_late)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"decision": "refuse"}, "You did not allow it on the login page"),
        ({"code": "x", "state": "another"}, "An answer came that does not belong to this login"),
        ({"code": "x"}, "An answer came that does not belong to this login"),
    ],
)
def test_an_answer_that_is_no_login_is_said_and_leads_back(
    tell: Tell, browse: Browse, answer: dict[str, str], said: str
) -> None:
    async def story(window: Window) -> None:
        browser = await begun(window, browse)
        await browser.answer(SIAN, **answer)  # type: ignore[arg-type]
        assert window.says(said)
        await window.press("problem-close")
        assert window.shows("add-connect")
        assert window.desk is not None
        assert window.desk.passport.store.sources() == []

    tell(story)


def test_a_code_that_was_used_already_is_said(tell: Tell, browse: Browse) -> None:
    async def story(window: Window) -> None:
        browser = await begun(window, browse)
        state = dict(parse_qsl(urlsplit(browser.opened[0]).query))["state"]
        await browser.answer(SIAN, code="used-before", state=state)
        assert window.says("The answer of the login page was used already or came too late.")

    tell(story)


def test_stopping_is_said_and_leads_back(tell: Tell, browse: Browse) -> None:
    async def story(window: Window) -> None:
        await begun(window, browse)
        await window.press("stop")
        await window.quiet()
        assert window.says("You stopped logging in. Nothing was changed.")
        await window.press("problem-close")
        assert window.shows("add-connect")

    tell(story)


def test_a_closed_browser_is_said_after_a_while(tell: Tell, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "WAIT", timedelta(milliseconds=200))

    async def story(window: Window) -> None:
        await begun(window, browse)
        await window.quiet()
        assert window.says("No answer came from the login page.")
        await window.press("problem-close")
        assert window.shows("add-connect")

    tell(story)


def test_a_clock_an_hour_off_is_said_by_naming_the_clock(tell: Tell, browse: Browse, world: World) -> None:
    async def story(window: Window) -> None:
        browser = await begun(window, browse)
        assert window.desk is not None
        assert isinstance(window.desk.clock, WorldsClock)
        window.desk.clock.standing = StandingClock(world.clock.at - timedelta(hours=1))
        await browser.answer(SIAN)
        assert window.says("The clock of this device and the clock of the login service do not agree.")

    tell(story)


def test_without_a_network_connecting_says_so_and_leads_back(tell: Tell, browse: Browse, world: World) -> None:
    async def story(window: Window) -> None:
        browser = browse(window)
        await window.make_passport()
        world.lose("login")
        await window.press("add-connect")
        await window.quiet()
        assert window.says("There is no connection to the service.")
        await window.press("problem-close")
        assert window.shows("add-connect")
        assert browser.opened == []

    tell(story)


def test_a_browser_that_cannot_be_opened_leads_back(
    tell: Tell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refused(_shell: Shell, _address: str) -> None:
        raise TimeoutError("no browser")

    monkeypatch.setattr(Shell, "open_page", refused)

    async def story(window: Window) -> None:
        await window.make_passport()
        await window.press("add-connect")
        await window.quiet()
        assert window.says("Something went wrong in the app.")
        await window.press("problem-close")
        assert window.shows("add-connect")

    tell(story)
    assert "TimeoutError" in capsys.readouterr().err


def test_somebody_else_on_the_page_is_refused_and_nothing_is_kept(tell: Tell, browse: Browse) -> None:
    async def story(window: Window) -> None:
        browser = browse(window)
        await window.first_run(SIAN)
        assert window.desk is not None
        before = window.desk.passport.store.count()
        await window.press("place-you")
        await window.press("log-out")
        await window.press("message-action")
        await window.press("update")
        await browser.answer(AMARA)
        assert window.says("Somebody else logged in.")
        assert window.desk.passport.store.count() == before
        assert kept_renewal(window.desk.passport) is None

    tell(story)


def test_consent_taken_back_is_said_once_and_what_is_here_stays(tell: Tell, browse: Browse, world: World) -> None:
    async def first(window: Window) -> None:
        await (await begun(window, browse)).answer(SIAN)

    async def later(window: Window) -> None:
        world.stand_in.login.withdraw(SIAN)
        await window.unlock()
        assert window.says("Your login was ended.")
        await window.press("problem-close")
        assert window.heading() == PEOPLE[SIAN].name
        assert window.desk is not None
        assert kept_renewal(window.desk.passport) is None
        await window.lock()
        await window.unlock()
        assert not window.shows("problem-close")

    tell(first)
    tell(later)


def test_logging_out_keeps_the_record_and_no_login(tell: Tell, browse: Browse, world: World) -> None:
    async def story(window: Window) -> None:
        await (await begun(window, browse)).answer(SIAN)
        await window.press("place-you")
        await window.press("log-out")
        assert window.heading() == "You are logged out"
        await window.press("message-action")
        assert window.heading() == PEOPLE[SIAN].name
        assert window.desk is not None
        assert kept_renewal(window.desk.passport) is None
        await window.press("place-you")
        assert not window.shows("log-out")

    tell(story)


def test_locking_ends_the_wait_and_says_nothing(tell: Tell, browse: Browse) -> None:
    async def story(window: Window) -> None:
        await begun(window, browse)
        assert window.desk is not None
        window.desk.lock()
        await window.press("stop")
        await window.quiet()
        assert not window.shows("problem-close")

    tell(story)


def test_a_device_reported_lost_is_said(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        world.stand_in.attester.revoke_devices(SIAN)
        assert window.desk is not None
        window.desk.passport.store.set_secret("device-attestation", b"")
        await window.press("update")
        assert window.says("This device was reported lost")
        await window.press("message-action")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)

"""Connecting in Chromium: the real login page, the gateway, and the way back to the window that waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import running
from tests.browser.harness import Window, browser
from tests.browser.test_main_job import PASSPHRASE, make_a_passport

pytestmark = pytest.mark.browser

NAME, LABEL = "Siân Llŷr", "Siân Llŷr, 67"
FETCH_MS = 60_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running_browser:
        yield running_browser


def login_page(window: Window) -> Page:
    """The page that "Connect to your record" opens, beside the window."""
    with window.context.expect_page() as opened:
        window.press_marked("add-connect")
    page = opened.value
    page.get_by_role("heading", name="Log in with a made-up person").wait_for()
    return page


def test_a_record_is_connected_through_the_login_page_and_a_restart_does_not_ask_again(
    tmp_path: Path, chromium: Browser
) -> None:
    home = tmp_path / "passport"
    with running.stand_in(tmp_path / "stand-in") as profile:
        with running.passport(home, profile) as opener:
            window = Window(chromium)
            window.open(opener)
            make_a_passport(window)
            refused = login_page(window)
            window.see_heading("Log in on the page that opened")
            window.picture("story-05-connecting")
            refused.get_by_role("button", name="Do not allow").click()
            refused.get_by_role("heading", name="You can close this page").wait_for()
            refused.close()
            window.see_text("You did not allow it on the login page")
            window.press("Close")
            page = login_page(window)
            page.get_by_role("radio", name=LABEL).check()
            page.screenshot(path=window.picture("story-05-login-page"))
            page.get_by_role("button", name="Allow", exact=True).click()
            page.get_by_role("heading", name="You can close this page").wait_for()
            assert page.url.startswith("http://127.0.0.1:")
            window.see_heading(NAME, timeout_ms=FETCH_MS)
            window.close()
        with running.passport(home, profile) as opener:
            window = Window(chromium)
            window.open(opener)
            window.see_heading("Unlock your passport")
            window.fill("Passphrase", PASSPHRASE)
            window.press("Unlock")
            window.see_heading(NAME, timeout_ms=FETCH_MS)
            window.press_marked("update")
            window.see_heading(NAME, timeout_ms=FETCH_MS)
            assert len(window.context.pages) == 1
            assert window.elsewhere == []
            window.close()

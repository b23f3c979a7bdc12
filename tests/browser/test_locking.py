"""The real app in Chromium locks: asked by a command, hidden, reloaded, left alone, and when its window closes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import running
from tests.browser.harness import Window, browser
from tests.browser.marker import MARKER, bundle
from tests.browser.words import keep_the_words

pytestmark = pytest.mark.browser

PASSPHRASE = "velvet otter climbs seven lanterns"
FETCH_MS = 60_000
LOCKED = "Unlock your passport"
HIDE, SHOW = (
    f"""() => {{
        Object.defineProperty(document, 'visibilityState', {{value: '{state}', configurable: true}});
        Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}});
        document.dispatchEvent(new Event('visibilitychange'));
    }}"""
    for state, hidden in (("hidden", "true"), ("visible", "false"))
)
"""A headless Chromium hides no page, so the page is told what it would be told."""


@contextmanager
def hasty(home: Path, profile: Path) -> Iterator[Path]:
    arguments = ("--home", home, "--profile", profile, "--no-window")
    with running.program("tests.browser.hasty", *arguments) as said:
        yield Path(said["address_file"])


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pp-") as found:
        yield Path(found)


def test_it_locks_and_the_record_is_gone_from_the_window(folder: Path) -> None:
    record, home = folder / "record.json", folder / "passport"
    record.write_bytes(bundle())
    with (
        running.stand_in(folder / "state", "--patient", record) as profile,
        hasty(home, profile) as opener,
        browser() as chromium,
    ):
        window = with_the_record(chromium, opener)
        for step in (asked, hidden, reloaded):
            step(window, home)
            nothing_is_left(window, home)
            window.fill("Passphrase", PASSPHRASE)
            window.press("Unlock")
            window.see_heading(f"Tegwen {MARKER}", timeout_ms=FETCH_MS)
            assert is_open(home)
        left_alone(window, home)
        nothing_is_left(window, home)
        window.fill("Passphrase", PASSPHRASE)
        window.press("Unlock")
        window.see_heading(f"Tegwen {MARKER}", timeout_ms=FETCH_MS)
        window.close()
        wait_for(lambda: not is_open(home))
        assert lock(home) == {"was_open": False, "locked": True}


def with_the_record(chromium: Browser, opener: Path) -> Window:
    window = Window(chromium)
    window.open(opener)
    window.press("Make a passport")
    window.fill("Passphrase", PASSPHRASE)
    window.fill("Type it again", PASSPHRASE)
    window.press("Make my passport")
    window.see_heading("Your recovery words")
    keep_the_words(window)
    window.press_marked("add-try")
    window.press_entry(f"Tegwen {MARKER}")
    window.see_heading(f"Tegwen {MARKER}", timeout_ms=FETCH_MS)
    return window


def asked(window: Window, home: Path) -> None:
    """`passport lock` from another process."""
    assert lock(home) == {"was_open": True, "locked": True}
    window.see_heading(LOCKED)


def hidden(window: Window, home: Path) -> None:
    """Nothing is drawn while it is hidden: the locked screen is the first that is drawn again."""
    window.page.evaluate(HIDE)
    wait_for(lambda: not is_open(home))
    window.page.evaluate(SHOW)
    window.see_heading(LOCKED)


def reloaded(window: Window, home: Path) -> None:
    """The connection is lost and comes back to the same session."""
    session = window.page.evaluate("() => sessionStorage.getItem('_flet_session_id')")
    window.page.reload()
    window.see_heading(LOCKED, timeout_ms=FETCH_MS)
    assert window.page.evaluate("() => sessionStorage.getItem('_flet_session_id')") == session
    assert not is_open(home)


def left_alone(window: Window, home: Path) -> None:
    """Once it says so and is told to stay; then nobody is there."""
    window.see_text("Your passport locks in", timeout_ms=FETCH_MS)
    assert is_open(home)
    window.press_marked("warned-keep")
    wait_for(lambda: "Your passport locks in" not in window.tree())
    window.see_text("Your passport locks in", timeout_ms=FETCH_MS)
    window.see_heading(LOCKED, timeout_ms=FETCH_MS)


def nothing_is_left(window: Window, home: Path) -> None:
    wait_for(lambda: not is_open(home))
    assert MARKER not in window.tree()
    assert window.page.title() == "Patient Passport"
    address = window.page.url
    window.page.keyboard.press("Alt+ArrowLeft")
    window.page.wait_for_timeout(500)
    assert window.page.url == address
    assert MARKER not in window.tree()
    window.see_heading(LOCKED)


def is_open(home: Path) -> bool:
    """SQLite keeps this file as long as a connection is open, and removes it with the last one."""
    return (home / "record.db-wal").exists()


def lock(home: Path) -> dict[str, bool]:
    command = [sys.executable, "-m", "app.cli", "lock", "--vault", str(home), "--json"]
    ended = subprocess.run(command, cwd=running.ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    said: dict[str, bool] = json.loads(ended.stdout)
    return said


def wait_for(fact: Callable[[], bool]) -> None:
    for _ in range(200):
        if fact():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to that")

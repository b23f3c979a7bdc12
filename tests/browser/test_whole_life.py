"""A whole life of 3,000 entries, in Chromium: it comes with progress, and lists, pages and search stay at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import running
from tests.browser.harness import Window, browser
from tests.browser.test_main_job import make_a_passport

pytestmark = pytest.mark.browser

PERSON, NAME = "harold-pritchard", "Harold Pritchard"
FETCH_MS = 90_000


def test_a_record_of_3000_entries_comes_with_progress_and_can_be_paged_and_searched(tmp_path: Path) -> None:
    with (
        running.stand_in(tmp_path / "stand-in") as profile,
        running.passport(tmp_path / "passport", profile) as opener,
        browser() as chromium,
    ):
        window = Window(chromium)
        window.open(opener)
        make_a_passport(window)
        window.press_marked("add-try")
        window.press_marked(f"person-{PERSON}")
        window.see_heading("Getting your record")
        window.picture("story-06-progress")
        window.see_heading(NAME, timeout_ms=FETCH_MS)
        window.press_marked("section-results")
        window.see_text("Entries 1 to 50 of")
        window.picture("story-08-long-section")
        window.press("Next")
        window.see_text("Entries 51 to 100 of")
        window.go("home")
        window.see_heading(NAME)
        window.press_marked("search")
        window.fill("Search", "cholesterol")
        window.press("Search")
        window.see_text("entries found")
        assert window.elsewhere == []
        window.close()

"""The main job, end to end, in Chromium over real servers: a signed record arrives, is sealed, is read,
is shared for an hour, and ends. Nothing is mocked; the reader's camera sees the very code the app drew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.qr.scan import read_image
from crypto import card
from crypto.keys import SigningKey
from tests.browser import camera, running
from tests.browser.harness import Window, browsers
from tests.browser.words import keep_the_words

pytestmark = pytest.mark.browser

Start = Callable[..., Browser]

PASSPHRASE = "velvet otter climbs seven lanterns"
PERSON = "sian-llyr"
SURGERY, HOSPITAL = "Oak Lane Surgery", "Riverside Hospital"
READER_NAME = "Dr A. Khan, Riverside"
FETCH_MS = 60_000


@dataclass(frozen=True)
class Places:
    """Where the programs of one story keep what they keep."""

    home: Path
    state: Path
    reader: Path
    scratch: Path


@pytest.fixture
def places(tmp_path: Path) -> Places:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Places(tmp_path / "passport", tmp_path / "stand-in", tmp_path / "reader", scratch)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Start]:
    with browsers() as start:
        yield start


def test_a_signed_record_arrives_is_sealed_is_read_is_shared_for_an_hour_and_ends(
    places: Places, chromium: Start
) -> None:
    with running.stand_in(places.state) as profile, running.passport(places.home, profile) as opener:
        window = Window(chromium())
        window.open(opener)
        make_a_passport(window)
        get_the_record(window)
        read_it(window)
        switch_the_locked_card_on(window)
        window.close()
    with running.passport(places.home, profile) as opener:
        window = Window(chromium())
        window.open(opener)
        see_the_card_while_locked(window)
        unlock_without_signal(window)
        with running.stand_in(places.state), running.reader(places.reader, profile) as reader_opener:
            code, number = give_access(window, places.scratch)
            flags = camera.flags(camera.film(code, places.scratch / "camera.y4m"))
            scan_and_open(window, Window(chromium(*flags), camera=True), reader_opener, number, places.scratch)
        assert window.elsewhere == []
        window.close()


def make_a_passport(window: Window) -> None:
    window.see_heading("Your health record, kept by you")
    window.see_text("This is not an NHS service.")
    window.picture("story-01-welcome")
    window.press("Make a passport")
    window.see_heading("Choose a passphrase")
    window.fill("Passphrase", PASSPHRASE)
    window.fill("Type it again", PASSPHRASE)
    window.see_text("Strong")
    window.picture("story-02-passphrase")
    window.press("Make my passport")
    window.see_heading("Your recovery words")
    window.picture("story-03-recovery-words")
    keep_the_words(window)


def get_the_record(window: Window) -> None:
    window.see_heading("Add your record")
    window.picture("story-04-add-record")
    window.press_marked("add-try")
    window.see_heading("Choose a made-up patient")
    window.picture("story-05-made-up-patients")
    window.press_marked(f"person-{PERSON}")
    window.see_heading("Siân Llŷr", timeout_ms=FETCH_MS)
    window.picture("story-07-home")
    window.reach_text(f"from {SURGERY}, {HOSPITAL}")


def read_it(window: Window) -> None:
    window.press_marked("section-medicines")
    window.see_heading("Medicines")
    window.see_text(f"Checked: signed by {SURGERY}")
    window.picture("story-08-section")
    window.press_entry("Apixaban")
    window.see_heading("Apixaban", whole=False)
    window.see_text(f"Checked: signed by {SURGERY}")
    window.see_text("against version")
    window.picture("story-09-entry")
    window.press("Back")
    window.see_heading("Medicines")
    window.press("Back")
    window.press_marked("search")
    window.see_heading("Search your record")
    window.fill("Search", "pacemaker")
    window.press("Search")
    window.see_text("found")
    window.see_text(f"Checked: signed by {HOSPITAL}")
    window.picture("story-10-search")


def switch_the_locked_card_on(window: Window) -> None:
    window.go("home")
    window.press_marked("emergency")
    window.see_heading("Emergency card")
    window.picture("story-11-emergency")
    window.marked("show-while-locked").get_by_role("switch").click()
    window.marked("show-while-locked").get_by_role("switch", checked=True).wait_for(state="attached")
    window.go("you")
    window.see_heading("You")
    window.picture("story-12-you")
    window.press_marked("lock")
    window.see_heading("Unlock your passport")


def see_the_card_while_locked(window: Window) -> None:
    window.see_heading("Unlock your passport")
    window.picture("story-13-unlock")
    window.press_marked("emergency")
    window.see_heading("Emergency card")
    window.see_text("Siân Llŷr")
    window.see_text("PATIENT PASSPORT EMERGENCY CARD")
    window.picture("story-14-locked-card")
    window.press("Back")


def unlock_without_signal(window: Window) -> None:
    window.fill("Passphrase", "not the passphrase at all")
    window.press("Unlock")
    window.see_text("There is a problem")
    window.picture("story-15-wrong-passphrase")
    window.fill("Passphrase", PASSPHRASE)
    window.press("Unlock")
    window.see_heading("Siân Llŷr")
    window.see_text("No signal. Everything here still works")
    window.picture("story-16-home-offline")
    window.press_marked("section-allergies")
    window.see_heading("Allergies")
    window.see_text(f"Checked: signed by {SURGERY}")
    window.press("Back")


def give_access(window: Window, scratch: Path) -> tuple[Path, str]:
    """Give access to three sections for an hour; a picture of the code, and the number."""
    window.go("share")
    window.see_heading("Share")
    window.press_marked("give-access")
    window.see_heading("What do you want to show?")
    window.picture("story-17-access-what")
    window.press("Continue")
    window.see_heading("Who can open it?")
    window.picture("story-18-access-who")
    window.press("Continue")
    window.see_heading("For how long?")
    window.picture("story-19-access-how-long")
    window.press_marked("give")
    window.see_heading("Show this code", timeout_ms=FETCH_MS)
    window.picture("story-20-live-access")
    spoken = window.page.locator("flt-semantics-host").get_by_text("The number is").first.inner_text()
    said = re.search(r"The number is ((?:\d ?){6})", spoken)
    assert said is not None, spoken
    number = said.group(1).replace(" ", "")
    return window.shot("access-code", scratch / "code.png"), number


def scan_and_open(window: Window, desk: Window, opener: Path, number: str, scratch: Path) -> None:
    """The reader scans the code with its camera, asks the number, shows what was chosen, and hears when it ends."""
    desk.open(opener)
    desk.see_heading("Scan a patient's code")
    desk.picture("story-21-reader")
    desk.press("Start the camera")
    desk.see_heading("Open what the patient shares", timeout_ms=FETCH_MS)
    desk.fill("Your name and organisation", READER_NAME)
    desk.fill("The 6-figure number", "000000" if number != "000000" else "111111")
    desk.press("Open")
    desk.see_text("4 tries are left")
    desk.fill("The 6-figure number", number)
    desk.picture("story-22-reader-number")
    desk.press("Open")
    desk.see_heading("Result of the check", timeout_ms=FETCH_MS)
    desk.marked("verdict-checked").wait_for(state="attached")
    desk.picture("story-23-reader-checked")
    only_the_chosen_sections(desk)
    window.see_text(f"by someone who gave the name {READER_NAME}", timeout_ms=FETCH_MS)
    window.picture("story-24-opened")
    window.press_marked("end-access")
    window.see_heading("Access has ended")
    window.picture("story-25-ended")
    desk.press("Ask again whether it is still open")
    desk.marked("verdict-ended-or-expired").wait_for(state="attached", timeout=FETCH_MS)
    desk.picture("story-26-reader-ended")
    not_genuine_and_cannot_check(window, desk, scratch)
    assert desk.elsewhere == []
    desk.close()


def only_the_chosen_sections(desk: Window) -> None:
    headings = desk.page.get_by_role("heading").all_inner_texts()
    for given in ("Medicines", "Health conditions", "Allergies"):
        assert given in headings, headings
    for kept in ("Test results", "Documents", "Vaccinations", "Implants and devices", "Appointments"):
        assert kept not in headings, headings
    tree = desk.tree()
    assert "Apixaban" in tree
    assert f"Signed by {SURGERY}" in tree
    assert "pacemaker" not in tree.lower()


def not_genuine_and_cannot_check(window: Window, desk: Window, scratch: Path) -> None:
    window.go("home")
    window.see_heading("Siân Llŷr")
    window.press_marked("emergency")
    window.see_heading("Emergency card")
    picture = window.shot("emergency-code", scratch / "emergency-code.png")
    (words,) = read_image(picture.read_bytes())
    assert "ALLERGIES: " in words
    judged(desk, words, "said-by-passport", "story-27-reader-said-by-passport")
    judged(desk, words.replace("ALLERGIES: ", "ALLERGIES: Not "), "not-genuine", "story-28-reader-not-genuine")
    judged(desk, card_of_a_stranger(), "cannot-check", "story-29-reader-cannot-check")


def judged(desk: Window, text: str, verdict: str, picture: str) -> None:
    desk.press("Close and clear")
    desk.see_heading("Scan a patient's code")
    desk.fill("Paste or type a code", text)
    desk.press("Check this text")
    desk.see_heading("Result of the check", timeout_ms=FETCH_MS)
    desk.marked(f"verdict-{verdict}").wait_for(state="attached")
    desk.picture(picture)


def card_of_a_stranger() -> str:
    """A health card, well made, by somebody who is on no list."""
    bundle = b'{"resourceType":"Bundle","type":"collection","entry":[]}'
    signed = datetime.now(UTC) - timedelta(minutes=1)
    return card.to_numeric(card.make_card(bundle, SigningKey.generate(), iss="https://stranger.example", nbf=signed))

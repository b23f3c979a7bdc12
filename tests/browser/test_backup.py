"""First run with a recovery sheet and backups, and the record brought back on an empty device: in Chromium, for real.

The window is a browser's: the sheet is downloaded, the folder is typed, the backup file is uploaded.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import running
from tests.browser.harness import Window, browser, chromium
from tests.browser.words import ASKED, FOLDER, PIN, SHOWN
from tests.paper.pdf_text import read_pdf

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium"),
]

PASSPHRASE, NEW_PASSPHRASE = "velvet otter climbs seven lanterns", "copper heron under seventeen ladders"
PERSON, NAME = "sian-llyr", "Siân Llŷr"
FETCH_MS = 60_000


def test_a_lost_device_is_not_a_lost_record(tmp_path: Path) -> None:
    stick, sheet = tmp_path / "stick", tmp_path / "sheet.pdf"
    stick.mkdir()
    with running.stand_in(tmp_path / "stand-in") as profile, browser() as started:
        with running.passport(tmp_path / "first device", profile) as opener:
            window = Window(started)
            window.open(opener)
            words = first_run(window, stick, sheet)
            get_the_record(window)
            window.close()
        (backup,) = sorted(stick.glob("*.passport-backup"))[-1:]
        printed = read_pdf(sheet.read_bytes()).text
        assert [word for word in words if word not in printed] == []
        with running.passport(tmp_path / "second device", profile) as opener:
            window = Window(started)
            window.open(opener)
            bring_back(window, backup, words)
            assert window.elsewhere == []
            window.close()


def first_run(window: Window, stick: Path, sheet: Path) -> list[str]:
    window.press("Make a passport")
    window.fill("Passphrase", PASSPHRASE)
    window.fill("Type it again", PASSPHRASE)
    window.press("Make my passport")
    window.see_heading("Your recovery words")
    words = {int(number): word for number, word in SHOWN.findall(window.tree())}
    with window.page.expect_download() as download:
        window.press_marked("save-pdf")
    download.value.save_as(sheet)
    assert download.value.suggested_filename == "patient-passport-recovery-sheet.pdf"
    window.press("I have written them down")
    window.see_heading("Show that you have them")
    window.picture("story-04-proof")
    for number in sorted({int(found) for found in ASKED.findall(window.tree())}):
        window.fill(f"Word {number}", words[number])
    window.press("Check")
    if window.page.get_by_role("heading", name=PIN).count():
        window.press("Go on without a PIN")
    window.see_heading(FOLDER)
    window.picture("story-04-folder")
    window.fill("Folder", str(stick))
    window.press("Use this folder")
    return [words[number] for number in sorted(words)]


def get_the_record(window: Window) -> None:
    window.see_heading("Add your record")
    window.press_marked("add-try")
    window.see_heading("Choose a made-up patient")
    window.press_marked(f"person-{PERSON}")
    window.see_heading(NAME, timeout_ms=FETCH_MS)
    window.reach_text("Last backup: today")
    window.press_marked("backup")
    window.see_heading("Backup and moving")
    window.picture("story-14-backup")


def bring_back(window: Window, backup: Path, words: list[str]) -> None:
    window.press("I have a backup")
    window.see_heading("Bring your passport back")
    with window.page.expect_file_chooser() as chooser:
        window.press("Choose the backup file")
    chooser.value.set_files(backup)
    window.see_heading("Type your recovery words")
    window.fill("Recovery words", " ".join(words))
    window.press("Continue")
    window.see_heading("Choose a passphrase for this device")
    window.fill("Passphrase", NEW_PASSPHRASE)
    window.fill("Type it again", NEW_PASSPHRASE)
    window.press("Bring my passport back")
    window.see_heading(NAME, timeout_ms=FETCH_MS)
    window.picture("story-15-brought-back")

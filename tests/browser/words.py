"""The recovery words in a real window: read from the screen, two of them typed, and past the steps that may wait."""

from __future__ import annotations

import re

from tests.browser.harness import Window

SHOWN = re.compile(r"\b(\d+)\. ([a-z]+)")
ASKED = re.compile(r"\bWord (\d+)\b")
FOLDER, PIN = "Where to keep your backups", "Choose a PIN"


def keep_the_words(window: Window) -> list[str]:
    """From the recovery words to adding the record, with no PIN and no backups; gives the words."""
    window.see_heading("Your recovery words")
    words = {int(number): word for number, word in SHOWN.findall(window.tree())}
    assert sorted(words) == list(range(1, 13))
    window.press("I have written them down")
    window.see_heading("Show that you have them")
    for number in sorted({int(found) for found in ASKED.findall(window.tree())}):
        window.fill(f"Word {number}", words[number])
    window.press("Check")
    go_without(window)
    return [words[number] for number in sorted(words)]


def go_without(window: Window) -> None:
    """Past the PIN, which is asked for only where this machine keeps secrets for programs, and past the backups."""
    either = window.page.get_by_role("heading", name=re.compile(f"^({FOLDER}|{PIN})$"))
    either.first.wait_for(state="attached")
    if window.page.get_by_role("heading", name=PIN).count():
        window.press("Go on without a PIN")
        window.see_heading(FOLDER)
    window.press("Not now")

"""A marker planted in name, allergy and notes is in no file the apps and their browsers leave, nor in title or address.

The real programs over real servers; temporary files, home and XDG folders, passport with its write-ahead log, backups,
reader's home, browser profiles and what is printed all lie below one folder, and the whole of it is searched:
unlocked, locked and ended. A copied link is not on the clipboard any more after the lock.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext

from app.qr.scan import read_image
from app.ui.window import BROWSER_ARGUMENTS, BROWSERS
from tests.browser import running
from tests.browser.harness import Window, chromium, kept_profiles
from tests.browser.marker import ALLERGY, MARKER, bundle, forms, found_below
from tests.browser.words import keep_the_words

pytestmark = pytest.mark.browser

PASSPHRASE = "velvet otter climbs seven lanterns"
FETCH_MS = 60_000
KEPT = """async () => [
    Object.keys(localStorage), Object.keys(sessionStorage), document.cookie, history.state?.state ?? null, window.name,
    await indexedDB.databases(), await caches.keys(), await navigator.serviceWorker.getRegistrations()]"""
ALL_THAT_IS_KEPT = [[], ["_flet_session_id"], "", None, "", [], [], []]
"""What a page can keep in a browser, and what ours does: the toolkit's number of the window, which is random."""


@dataclass(frozen=True)
class Places:
    """`near` is this person's machine, all of which is searched; `far` is the other side, of which the relay is."""

    near: Path
    far: Path

    def folder(self, name: str) -> Path:
        found = self.near / name
        found.mkdir(parents=True, exist_ok=True)
        return found

    def environment(self) -> dict[str, str]:
        """Every place a program may write to by itself."""
        xdg = ("CONFIG", "CACHE", "DATA", "STATE", "RUNTIME")
        places = {
            f"XDG_{name}_{'DIR' if name == 'RUNTIME' else 'HOME'}": str(self.folder(name.lower())) for name in xdg
        }
        return {**os.environ, **places, "HOME": str(self.folder("home")), "TMPDIR": str(self.folder("tmp"))}

    def printed(self, name: str) -> Path:
        return self.folder("printed") / name


@pytest.fixture
def places() -> Iterator[Places]:
    # pytest's own folder has too long a name: Chromium keeps a socket in TMPDIR, whose path has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="pp-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "far").mkdir()
        yield Places(Path(folder) / "near", Path(folder) / "far")


def test_marker_is_left_nowhere(places: Places) -> None:
    record = places.far / "record.json"
    record.write_bytes(bundle())
    home, environment = places.near / "passport", places.environment()
    with (
        kept_profiles() as start,
        running.stand_in(places.far / "state", "--patient", record) as profile,
        running.passport(home, profile, environment, places.printed("passport")) as opener,
        running.reader(places.near / "reader", profile, environment, places.printed("reader")) as reader_opener,
    ):
        window = begin(places, start, "passport", opener)
        desk = begin(places, start, "reader", reader_opener)
        use(window, desk)
        assert (home / "record.db-wal").stat().st_size > 0
        assert found_below(places.near) == []
        copy_the_link(window)
        window.go("you")
        window.press_marked("lock")
        window.see_heading("Unlock your passport")
        assert MARKER not in window.tree()
        wait_until(lambda: clipboard(window) == "")
        back_up(places, home)
        for one in (window, desk):
            one.close()
        assert found_below(places.near) == []
    assert found_below(places.near) == []
    assert found_below(places.far / "state" / "relay") == []
    assert [path.name for path in (places.near / "tmp").iterdir()] == []


def begin(places: Places, start: Callable[..., BrowserContext], name: str, opener: Path) -> Window:
    """A window with the very arguments the app opens its own with, and a profile that stays."""
    profile = places.folder(f"browser-{name}")
    window = Window.of(start(profile, BROWSER_ARGUMENTS, places.environment()))
    window.open(opener)
    return window


def use(window: Window, desk: Window) -> None:
    """What a person does with a record, and a professional with what is shared of it."""
    steps: list[Callable[[], object]] = [
        lambda: make_a_passport(window),
        lambda: get_the_record(window),
        lambda: read_the_entries(window),
        lambda: search_the_marker(window),
        lambda: see_the_card(window),
        lambda: share(window, desk),
    ]
    for step in steps:
        step()
        for one in (window, desk):
            outside(one)
    assert window.elsewhere == desk.elsewhere == []


def outside(window: Window) -> None:
    """Title, address and all that a page can keep in the browser say nothing."""
    assert window.page.title() == "Patient Passport"
    assert re.fullmatch(r"http://(passport|reader)\.localhost:[0-9]+/", window.page.url)
    assert window.page.evaluate(KEPT) == ALL_THAT_IS_KEPT


def make_a_passport(window: Window) -> None:
    window.press("Make a passport")
    window.fill("Passphrase", PASSPHRASE)
    window.fill("Type it again", PASSPHRASE)
    window.press("Make my passport")
    window.see_heading("Your recovery words")
    keep_the_words(window)


def get_the_record(window: Window) -> None:
    window.press_marked("add-try")
    window.see_heading("Choose a made-up patient")
    window.press_entry(f"Tegwen {MARKER}")
    window.see_heading(f"Tegwen {MARKER}", timeout_ms=FETCH_MS)


def read_the_entries(window: Window) -> None:
    for section, heading, entry in (
        ("allergies", "Allergies", ALLERGY),
        ("results", "Test results", "Serum potassium level"),
        ("documents", "Documents", "Clinic letter"),
    ):
        window.go("home")
        window.press_marked(f"section-{section}")
        window.see_heading(heading)
        window.press_entry(entry)
        window.see_heading(entry)
        window.press_marked("raw-show")
        window.see_heading("The source, as received")
        window.see_text(MARKER)


def search_the_marker(window: Window) -> None:
    window.go("home")
    window.press_marked("search")
    window.fill("Search", MARKER)
    window.press("Search")
    window.see_text("found")
    window.press_entry(ALLERGY)
    window.see_heading(ALLERGY)


def see_the_card(window: Window) -> None:
    window.go("home")
    window.press_marked("emergency")
    window.see_heading("Emergency card")
    window.see_text(MARKER)


def share(window: Window, desk: Window) -> None:
    window.go("share")
    window.press_marked("give-access")
    window.see_heading("What do you want to show?")
    window.press("Continue")
    window.see_heading("Who can open it?")
    window.press("Continue")
    window.see_heading("For how long?")
    window.press_marked("give")
    window.see_heading("Show this code", timeout_ms=FETCH_MS)
    said = re.search(r"The number is ((?:\d ?){6})", window.tree())
    assert said is not None
    (link,) = read_image(window.marked("access-code").screenshot())
    desk.fill("Paste or type a code", link)
    desk.press("Check this text")
    desk.see_heading("Open what the patient shares", timeout_ms=FETCH_MS)
    desk.fill("Your name and organisation", "Dr A. Khan, Riverside")
    desk.fill("The 6-figure number", said.group(1).replace(" ", ""))
    desk.press("Open")
    desk.see_heading("Result of the check", timeout_ms=FETCH_MS)
    desk.see_text(ALLERGY)
    window.see_text("by someone who gave the name Dr A. Khan, Riverside", timeout_ms=FETCH_MS)


def copy_the_link(window: Window) -> None:
    """With what a person's own browser allows a page in front: a headless one allows nothing by itself."""
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.press_marked("link-toggle")
    window.press_marked("link-copy")
    wait_until(lambda: clipboard(window).startswith(("shlink:/", "https://")))


def clipboard(window: Window) -> str:
    found: str = window.page.evaluate("() => navigator.clipboard.readText()")
    assert MARKER not in found
    return found


def back_up(places: Places, home: Path) -> None:
    """Into a folder of this person's machine, from the command line."""
    phrase, folder = places.far / "phrase", places.folder("backups")
    phrase.write_text(PASSPHRASE, encoding="utf-8")
    arguments = ("backup", "--vault", home, "--passphrase-file", phrase, "--folder", folder, "--json")
    command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
    with places.printed("backup").open("wb") as log:
        environment = places.environment()
        subprocess.run(command, cwd=running.ROOT, env=environment, stdout=log, stderr=log, timeout=60, check=True)
    (made,) = folder.iterdir()
    assert made.suffix == ".passport-backup"
    assert made.stat().st_size > 0


def wait_until(fact: Callable[[], bool]) -> None:
    for _ in range(100):
        if fact():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to that")


def test_end_while_unlocked_locks(places: Places) -> None:
    home, environment = places.near / "passport", places.environment()
    with kept_profiles() as start, running.stand_in(places.far / "state") as profile:
        with running.passport(home, profile, environment, places.printed("passport")) as opener:
            make_a_passport(begin(places, start, "passport", opener))
            assert (home / "record.db-wal").is_file()
        assert not (home / "record.db-wal").exists()
        assert not any(path.name.startswith("passport-window-") for path in places.folder("tmp").iterdir())


def test_own_window_takes_along_all_it_wrote(places: Places) -> None:
    wrapper = places.folder("programs") / BROWSERS[0]
    wrapper.write_text(f'#!/bin/sh\nexec {chromium()} --headless "$@"\n', encoding="utf-8")
    wrapper.chmod(0o700)
    environment = places.environment()
    environment["PATH"] = f"{wrapper.parent}{os.pathsep}{environment['PATH']}"
    with running.program("app", "--home", places.near / "passport", environment=environment) as said:
        wait_for(Path(said["address_file"]).parent / "profile" / "Default" / "History")
    assert list(places.folder("tmp").iterdir()) == []
    assert list(places.folder("config").rglob("*")) == []


def wait_for(file: Path) -> None:
    for _ in range(300):
        if file.is_file():
            return
        time.sleep(0.1)
    raise AssertionError(f"no window wrote {file}")


@pytest.mark.parametrize("form", forms(MARKER))
def test_search_finds_each_form(tmp_path: Path, form: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "planted").write_bytes(b"before\0" + forms(MARKER)[form] + b"\0after")
    assert f"deep/planted: {form}" in found_below(tmp_path)


@pytest.mark.parametrize("before", ["", "1", "12"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_search_finds_the_marker_inside_base64(tmp_path: Path, before: str, encoding: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        data = before.encode() + f"{MARKER} ?>~ after".encode(encoding)
        (tmp_path / "planted").write_bytes(encode(data))
        assert found_below(tmp_path)


def test_search_finds_it_in_a_name_and_in_an_address_and_not_where_it_is_not(tmp_path: Path) -> None:
    (tmp_path / f"{MARKER}.txt").touch()
    (tmp_path / "history").write_text(f"http://passport.localhost/?q={quote(MARKER)}", encoding="ascii")
    (tmp_path / "other").write_text("nothing of the kind", encoding="ascii")
    assert found_below(tmp_path) == [f"{MARKER}.txt: UTF-8", "history: percent"]

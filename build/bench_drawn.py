"""Rows of build/bench.py measured in Chromium: from a press to the frame that shows what was asked for.

The clock is the page's own. It starts at the `pointerdown` of the press and ends in the frame after the one in which
the first row of the new page stands in the tree a screen reader is given, which the engine builds with each frame it
draws. So it holds the way to the program and back, SQL, drawing in Python and in the engine, and the semantics, which
cost nothing where nobody uses them. The wall clock, so a busy machine shows: the ratio to the baseline holds, which is
a list of 50 plain tiles with the same words, drawn by a plain Flet program in the same browser.

Without Chromium or Playwright there are no rows, and it says so.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import environment
from bench import NOW, PAGE, PERSON, SEED, Row, compare

if TYPE_CHECKING:
    from tests.browser.harness import Window

PASSPHRASE = "velvet otter climbs seven lanterns"  # noqa: S105 -- of a made-up person
SETTLES_MS = 500
BASE = "50 plain Flet tiles"
PATHS = os.pathsep.join((str(environment.ROOT), str(environment.ROOT / "build")))

WATCH = """wanted => { window.drawn = new Promise(done => {
  let start = 0;
  addEventListener('pointerdown', () => { start = performance.now(); }, {capture: true, once: true});
  const look = () => {
    if (!start || !document.querySelector(`[flt-semantics-identifier="${wanted}"]`)) return;
    watching.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  };
  const watching = new MutationObserver(look);
  watching.observe(document.body, {subtree: true, childList: true, attributes: true});
}); }"""


def drawn_rows(lengths: Sequence[int], rounds: int, folder: Path) -> list[Row]:
    """A row for each page of each length; none where there is no Chromium."""
    try:
        from tests.browser.harness import browser, chromium
    except ModuleNotFoundError:
        sys.stderr.write("drawn in Chromium: not measured, Playwright is not installed\n")
        return []
    if chromium() is None:
        sys.stderr.write("drawn in Chromium: not measured, there is no Chromium\n")
        return []
    folder.mkdir()
    with browser() as running:
        return [row for entries in lengths for row in _of_one(entries, running, rounds, folder / str(entries))]


def _of_one(entries: int, running: Any, rounds: int, folder: Path) -> list[Row]:
    from tests.browser.harness import Window
    from tests.browser.running import program

    folder.mkdir()
    rows, first, second = _made(entries, folder)
    (folder / "plain.json").write_text(json.dumps(rows), encoding="utf-8")
    with program("app", "--home", folder / "home", "--no-window") as said:
        window = Window(running)
        window.open(Path(said["address_file"]))
        window.page.wait_for_timeout(SETTLES_MS)
        window.fill("Passphrase", PASSPHRASE)
        window.page.wait_for_timeout(SETTLES_MS)
        window.press("Unlock")
        window.see_text("Medicines")
        ours = [_section_and_next(window, first, second) for _ in range(rounds)]
        window.close()
    with program("bench_drawn", folder / "plain.json", environment={"PYTHONPATH": PATHS}) as said:
        window = Window(running)
        window.page.goto(Path(said["address_file"]).as_uri())
        window.marked("plain-open").first.wait_for(state="attached", timeout=60_000)
        theirs = [_plain(window) for _ in range(rounds)]
        window.close()
    return [
        compare(f"{name} of {entries:,} drawn", [(one[at], base) for one, base in zip(ours, theirs, strict=True)], BASE)
        for at, name in enumerate(("section", "next page", "timeline", "Home"))
    ]


def _made(entries: int, folder: Path) -> tuple[list[tuple[str, str]], dict[str, int], int]:
    """A locked passport; the words of a page, the first entry of section and timeline, and of the section's second."""
    from app.actions import browsing
    from app.actions.importing import import_file
    from app.actions.session import create_passport
    from app.record.entry import Section
    from app.store.home import PassportHome
    from crypto.vault_header import FLOOR
    from sync.sandbox.lifetime import lifetime_bytes

    passport, _ = create_passport(PassportHome(folder / "home"), PASSPHRASE, now=NOW, cost=FLOOR)
    import_file(passport, lifetime_bytes(SEED, entries, PERSON), "bench.json", now=NOW)
    page = browsing.section_page(passport, Section.RESULTS).entries
    first = {"section": page[0].id, "timeline": browsing.section_page(passport, None).entries[0].id}
    second = browsing.section_page(passport, Section.RESULTS, offset=PAGE).entries[0].id
    passport.lock()
    return [(one.entry.title, one.entry.detail) for one in page], first, second


def _section_and_next(window: Window, first: dict[str, int], second: int) -> tuple[float, float, float, float]:
    """Seconds until each page was drawn, once around from Home."""
    window.reach(window.marked("section-results"))
    section = pressed(window, "section-results", f"entry-{first['section']}")
    window.reach(window.marked("next"))
    following = pressed(window, "next", f"entry-{second}")
    home = pressed(window, "place-home", "section-medicines")
    window.reach(window.marked("timeline"))
    timeline = pressed(window, "timeline", f"entry-{first['timeline']}")
    pressed(window, "place-home", "section-medicines")
    return section, following, timeline, home


def _plain(window: Window) -> float:
    seconds = pressed(window, "plain-open", "plain-row")
    pressed(window, "plain-back", "plain-open")
    return seconds


def pressed(window: Window, identifier: str, wanted: str) -> float:
    """Press the part in view with this test id; seconds until the part `wanted` was drawn."""
    window.page.wait_for_timeout(SETTLES_MS)
    part = window.marked(identifier).first
    window.page.evaluate(WATCH, wanted)
    part.click()
    return float(window.page.evaluate("window.drawn")) / 1000


def plain(rows: Path) -> None:
    """A plain Flet program: a button, and behind it a list of tiles."""
    import flet as ft

    from app.ui.window import Address, serve

    said: list[tuple[str, str]] = json.loads(rows.read_text(encoding="utf-8"))

    def main(page: ft.Page) -> None:
        def show(identifier: str, label: str, action: Callable[[], None], controls: Sequence[ft.Control]) -> None:
            button = ft.TextButton(label, on_click=lambda _event: action())
            page.controls.clear()
            page.add(ft.Semantics(identifier=identifier, content=button), *controls)

        def opened() -> None:
            tiles: list[ft.Control] = [ft.ListTile(title=title, subtitle=detail) for title, detail in said]
            tiles[0] = ft.Semantics(identifier="plain-row", content=tiles[0])
            show("plain-back", "Back", begin, [ft.Column(tiles, scroll=ft.ScrollMode.AUTO, expand=True)])

        def begin() -> None:
            show("plain-open", "Open", opened, [])

        begin()

    def ready(address: Address) -> None:
        sys.stdout.write(json.dumps({"address_file": str(address.opener)}) + "\n")
        sys.stdout.flush()

    serve(main, name="passport", show_window=False, on_ready=ready, on_disconnect=lambda: None)


if __name__ == "__main__":
    plain(Path(sys.argv[1]))

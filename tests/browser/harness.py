"""Chromium on a window of ours: semantics on, found by role and name, pictures at a phone's size.

Owns starting the browser, coming in through the opener file, waiting for the screen-reader tree, and
writing pictures to pictures/. It uses Debian's Chromium and never downloads one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from playwright.sync_api import (
    Browser,
    BrowserContext,
    FloatRect,
    Locator,
    Page,
    Request,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as TookTooLong

PICTURES = Path(__file__).resolve().parents[2] / "pictures"
PHONE = (390, 844)
LAPTOP = (1280, 800)
START_TIMEOUT_MS = 60_000
HOST = "flt-semantics-host"

TOP, BOTTOM = 60, 75
"""What the brand bar and the bar of places cover, in px."""

LOOK_EVERY_MS = 200
TAKES_FOCUS_MS, LISTENS_TRIES, TYPE_TRIES = 200, 25, 10
"""The engine begins to listen to a field some frames after it was pressed, and empties it then: as a person would,
what was typed too early is typed again. Whether it listens is asked of the browser: what is typed into a field that
nobody listens to stays in it and never reaches the app."""

BOX_WAIT_MS = 1000
ROLL, ROLL_NEAR, ROLL_WAIT_MS, ROLLS_ONE_WAY = 300, 120, 150, 12
STANDS = 3
"""A part that so many rolls did not move stands at the end of its screen."""


def chromium() -> str | None:
    """The path of Chromium, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browsers() -> Iterator[Callable[..., Browser]]:
    """Starts as many Chromiums as asked for, each with its own arguments, and closes them all."""
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*arguments: str) -> Browser:
            found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *arguments])
            started.append(found)
            return found

        yield start
        for one in started:
            one.close()


@contextmanager
def browser(arguments: Sequence[str] = ()) -> Iterator[Browser]:
    """One running Chromium; `arguments` are added (a fake camera)."""
    with browsers() as start:
        yield start(*arguments)


@contextmanager
def kept_profiles() -> Iterator[Callable[[Path, Sequence[str], Mapping[str, str]], BrowserContext]]:
    """Starts Chromiums that write their profile to a folder, as a person's own browser does, and closes them all."""
    with sync_playwright() as playwright:
        started: list[BrowserContext] = []

        def start(profile: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> BrowserContext:
            found = playwright.chromium.launch_persistent_context(
                profile,
                executable_path=chromium(),
                args=["--no-sandbox", *arguments],
                env=dict(environment),
                viewport={"width": PHONE[0], "height": PHONE[1]},
            )
            started.append(found)
            return found

        yield start
        for one in started:
            one.close()


class Window:
    """One window of ours in the browser."""

    def __init__(self, running: Browser, *, size: tuple[int, int] = PHONE, dark: bool = False, camera: bool = False):
        context = running.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            permissions=["camera"] if camera else [],
        )
        self._begin(context, context.new_page())

    @classmethod
    def of(cls, context: BrowserContext) -> Self:
        """The one window of a browser that keeps a profile."""
        window = cls.__new__(cls)
        window._begin(context, context.pages[0])
        return window

    def _begin(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.elsewhere: list[str] = []
        self.page.on("requestfinished", self._note)

    def open(self, opener: Path) -> None:
        """Come in through the opener file and wait until the first screen has a heading."""
        self.page.goto(opener.as_uri())
        self.page.wait_for_selector(f"{HOST} flt-semantics", state="attached", timeout=START_TIMEOUT_MS)
        self.page.get_by_role("heading", level=1).first.wait_for(state="attached", timeout=START_TIMEOUT_MS)

    def tree(self) -> str:
        """What a screen reader is given, as text."""
        return self.page.locator(HOST).aria_snapshot()

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press the button of this whole name."""
        self.reach(self.button(name)).click()

    def marked(self, identifier: str) -> Locator:
        """A part by its stable test id."""
        return self.page.locator(f'[flt-semantics-identifier="{identifier}"]')

    def press_marked(self, identifier: str) -> None:
        """Press the part with this test id."""
        self.reach(self.marked(identifier)).click()

    def go(self, place: str) -> None:
        """Press one of the places of the bar below."""
        self.marked(f"place-{place}").first.click()

    def press_entry(self, title: str) -> None:
        """Open the first entry whose name begins so."""
        self.reach(self.page.get_by_role("button", name=re.compile(f"^{re.escape(title)}"))).click()

    def shot(self, identifier: str, path: Path) -> Path:
        """A picture of one part, all of it in view."""
        self.reach(self.marked(identifier), whole=True).screenshot(path=path)
        return path

    def reach(self, wanted: Locator, timeout_ms: float = 20_000, *, whole: bool = False) -> Locator:
        """Roll the screen until the part's middle is in view: what is far below is drawn, and told, only then.

        `whole` rolls on until nothing of it is cut or covered.
        """
        found = wanted.first
        before: FloatRect | None = None
        stood = 0
        for step in range(int(timeout_ms / ROLL_WAIT_MS)):
            box = _box(found) if wanted.count() else None
            height = (self.page.viewport_size or {"height": PHONE[1]})["height"]
            reach = (box["height"] / 2 if whole else 0) if box is not None else 0
            if box is not None and TOP + reach <= box["y"] + box["height"] / 2 <= height - BOTTOM - reach:
                return found
            stood = stood + 1 if box is not None and box == before else 0
            if stood == STANDS and box is not None and TOP <= box["y"] <= height - box["height"] and not whole:
                return found  # rolled to the end: no bar of places covers what stands there
            before = box
            up = box["y"] < TOP if box is not None else (step // ROLLS_ONE_WAY) % 2 == 1
            by = ROLL if box is None else ROLL_NEAR
            self.page.mouse.move(200, 400)
            self.page.mouse.wheel(0, -by if up else by)
            self.page.wait_for_timeout(ROLL_WAIT_MS)
        raise AssertionError(f"not found on this screen: {wanted}")

    def fill(self, label: str, words: str) -> None:
        """Type into the field whose label begins so."""
        entry = self.reach(self.page.get_by_role("textbox", name=label))
        for _ in range(TYPE_TRIES):
            self._focus(entry)
            entry.fill(words)
            self.page.wait_for_timeout(TAKES_FOCUS_MS)
            if entry.input_value() == words:
                return
        raise AssertionError(f"the field {label} does not keep what is typed")

    def _focus(self, entry: Locator) -> None:
        for _ in range(LISTENS_TRIES):
            entry.click()
            self.page.wait_for_timeout(TAKES_FOCUS_MS)
            if self._is_listened_to():
                return
        raise AssertionError("the engine does not listen to this field")

    def _is_listened_to(self) -> bool:
        """Whether the field that has the focus tells the engine what is typed."""
        asked = self.context.new_cdp_session(self.page)
        try:
            focused = asked.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
            heard = asked.send("DOMDebugger.getEventListeners", {"objectId": focused["objectId"]})["listeners"]
        finally:
            asked.detach()
        return any(one["type"] == "input" for one in heard)

    def see_heading(self, name: str, timeout_ms: float = 20_000, *, whole: bool = True) -> None:
        """Wait until the screen with this heading is there; `whole` False takes one that holds these words."""
        heading = self.page.get_by_role("heading", name=name, exact=whole)
        try:
            heading.first.wait_for(state="attached", timeout=timeout_ms)
        except TookTooLong:
            raise AssertionError(f"no heading {name!r} on this screen:\n{self.tree()}") from None

    def see_text(self, words: str, timeout_ms: float = 20_000) -> None:
        """Wait until a screen reader is given these words, as text or as a part's name."""
        for _ in range(int(timeout_ms / LOOK_EVERY_MS)):
            if words in self.tree():
                return
            self.page.wait_for_timeout(LOOK_EVERY_MS)
        raise AssertionError(f"not told on this screen: {words}\n{self.tree()}")

    def reach_text(self, words: str) -> None:
        """Roll until these words are in view."""
        self.reach(self.page.locator(HOST).get_by_text(words))

    def picture(self, name: str) -> Path:
        """Write a picture of what is seen now and return its path."""
        PICTURES.mkdir(exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=path)
        return path

    def close(self) -> None:
        """Close the window and its context."""
        self.context.close()

    def _note(self, request: Request) -> None:
        local = ("file://", "data:", "blob:", "http://passport.localhost:", "http://reader.localhost:")
        if not request.url.startswith(local):
            self.elsewhere.append(request.url)


def _box(part: Locator) -> FloatRect | None:
    """Where a part is; None while the screen is being drawn anew."""
    try:
        return part.bounding_box(timeout=BOX_WAIT_MS)
    except TookTooLong:
        return None

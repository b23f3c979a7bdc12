"""The reader's desk: what is on it now, what each button does, and when it is cleared.

Owns the order of events from a scanned text to a verdict, and the forgetting: nothing that was opened
outlives Close, its time, or the window. It keeps no file and logs nothing. Judging is judge.py and
share.py, the network and the clock come from compose.py as `Reach`, drawing is the screens'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import flet as ft
import flet_camera

from app.qr.scan import read_image
from app.reader.judge import judge_cards, judge_words, read_link
from app.reader.link_screen import LinkState
from app.reader.reach import Reach, Window
from app.reader.recognise import CardText, LinkText, Recognised, WordsText, recognise
from app.reader.scan_screen import ScanState
from app.reader.share import LinkFile, judge_files, refuse_link
from app.reader.verdict import ListAge, StepName, Verdict
from app.reader.verdict_screen import VerdictState
from app.reader.walk import LINK_PLAN, UNKNOWN_PLAN, begin, usable
from app.ui.camera import CameraStopped, Eye, Patience, Trouble, next_texts, open_eye
from app.ui.say import sentence
from crypto.errors import (
    NotACode,
    PasscodeNeeded,
    PassportError,
    PictureUnreadable,
    TooLarge,
    Unreadable,
    WrongPasscode,
)
from crypto.shlink import Link
from crypto.trust import TrustList

MAX_SHOWN = timedelta(hours=1)
"""What was opened leaves the screen after this at the latest, whatever its own end."""
TICK_SECONDS = 2.0
"""How often the clock is looked at while something is shown."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that was asked for: what it takes to ask again while its verdict is shown."""

    link: Link = field(repr=False)
    name: str = field(repr=False)
    passcode: str | None = field(repr=False)


@dataclass(slots=True)
class Desk:
    """One reader at work in one window."""

    window: Window
    reach: Reach
    patience: Patience = field(default_factory=Patience)
    new_camera: Callable[[], ft.Control] = flet_camera.Camera
    link: Link | None = field(default=None, repr=False)
    opened: Opened | None = field(default=None, repr=False)
    name: str = field(default="", repr=False)
    scanning: asyncio.Task[None] | None = field(default=None, repr=False)
    clearing: asyncio.Task[None] | None = field(default=None, repr=False)

    # ---- the first screen -------------------------------------------------------------------

    def first(self, problem: str = "") -> ScanState:
        """The first screen as it stands now."""
        age, days = self._list_age()
        return ScanState(trust_list=age, days_past=days, problem=problem)

    def home(self, problem: str = "") -> None:
        """Back to the first screen; everything that was opened is forgotten."""
        self.forget()
        self.window.show(self.first(problem))

    def forget(self) -> None:
        """Let go of everything that was opened or is being opened."""
        self._end(self.scanning)
        self._end(self.clearing)
        self.scanning = self.clearing = self.link = self.opened = None

    async def update_list(self) -> None:
        """Fetch the newest list of organisations; a refusal is told over the screen and the old list stays."""
        self.window.busy(self.window.words("reader.list.updating"))
        try:
            await asyncio.to_thread(self.reach.renew)
        finally:
            self.window.ready()
            self._redraw_first()

    async def update_list_quietly(self) -> None:
        """The same at the start: without a network the list that is there is used, and its age is said."""
        try:
            await asyncio.to_thread(self.reach.renew)
        except PassportError:
            return
        self._redraw_first()

    # ---- the ways in ------------------------------------------------------------------------

    async def start_camera(self) -> None:
        """Put the camera on the screen and look for a code until one is found, it stops, or the screen is left."""
        try:
            camera = self.new_camera()
        except ft.FletUnsupportedPlatformException:
            self.window.show(self.first(self.window.words(f"reader.camera.{Trouble.UNSUPPORTED.value}")))
            return
        self._end(self.scanning)
        self.window.show(replace(self.first(), camera=camera, told=self.window.words("reader.scan.starting")))
        self.scanning = self.window.guard.start(self._scan, camera)

    def stop_camera(self) -> None:
        """Take the camera off the screen."""
        self.home()

    async def picture(self) -> None:
        """Read a code from a picture chosen by hand."""
        data = await self.reach.pick_picture()
        if data is None:
            return
        try:
            texts = await asyncio.to_thread(read_image, data)
        except (PictureUnreadable, TooLarge) as refusal:
            self.home(sentence(refusal, self.window.words))
            return
        found = self._first_of_ours(texts)
        if found is None:
            key = "error.not-a-code" if texts else "reader.scan.picture.none"
            self.home(self.window.words(key))
            return
        await self.take(found)

    async def typed(self, text: str) -> None:
        """Take a pasted or typed text; one that is none of ours is told above the field."""
        found = self._first_of_ours([text])
        if found is None:
            self.home(self.window.words("error.not-a-code"))
            return
        await self.take(found)

    async def take(self, found: Recognised | Verdict) -> None:
        """Judge a card or words at once; for a link, ask first who opens it; show what is judged already."""
        self.forget()
        match found:
            case Verdict():
                self._show(found)
            case LinkText():
                self._take_link(found.text)
            case CardText():
                await self._judge(lambda trust, now: judge_cards(found.cards, trust, now=now))
            case WordsText():
                await self._judge(lambda trust, now: judge_words(found.text, trust, now=now))

    # ---- links ------------------------------------------------------------------------------

    async def open_link(self, name: str, passcode: str) -> None:
        """Ask the relay under the name given; a wrong number is asked for again with the tries left."""
        link = self.link
        if link is None:
            return
        self.name = name.strip()
        if not self.name:
            self._ask_link(link, self.window.words("reader.link.name.missing"))
            return
        digits = "".join(passcode.split())
        if link.needs_passcode and not digits:
            self._ask_link(link, self.window.words("error.passcode-needed"))
            return
        await self._open(Opened(link, self.name, digits if link.needs_passcode else None))

    async def again(self) -> None:
        """Ask the relay again whether what is shown is still open."""
        if self.opened is not None:
            await self._open(self.opened)

    def show_steps(self, shown: bool) -> None:
        """Show or hide the steps behind the verdict."""
        if isinstance(self.window.screen, VerdictState):
            self.window.show(replace(self.window.screen, steps_shown=shown))

    # ---- inside -----------------------------------------------------------------------------

    async def _scan(self, camera: ft.Control) -> None:
        eye: Eye = camera  # type: ignore[assignment]  # flet-camera's control, or a test's
        try:
            await open_eye(eye, self.patience)
            self._tell_camera("reader.scan.looking")
            found = None
            while found is None:
                texts = await next_texts(eye, self.patience, read_image)
                found = self._first_of_ours(texts)
                if found is None:
                    self._tell_camera("reader.scan.other")
        except CameraStopped as stopped:
            self.home(self.window.words(f"reader.camera.{stopped.trouble.value}"))
            return
        except TooLarge as refusal:
            self.home(sentence(refusal, self.window.words))
            return
        await self.take(found)

    def _tell_camera(self, key: str) -> None:
        if isinstance(self.window.screen, ScanState):
            self.window.show(replace(self.window.screen, told=self.window.words(key)))

    def _first_of_ours(self, texts: list[str]) -> Recognised | Verdict | None:
        """The first text that is ours; one that only begins like ours is a verdict already; None for no such text."""
        for text in texts:
            try:
                return recognise(text)
            except NotACode:
                continue
            except Unreadable as refusal:
                return self._broken(UNKNOWN_PLAN, refusal)
        return None

    def _broken(self, plan: tuple[StepName, ...], refusal: PassportError) -> Verdict:
        return begin(plan, self.reach.trust(), now=self.reach.now()).refused(refusal)

    def _take_link(self, text: str) -> None:
        try:
            self.link = read_link(text, now=self.reach.now())
        except PassportError as refusal:
            self._show(self._broken(LINK_PLAN, refusal))
            return
        self._ask_link(self.link)

    def _ask_link(self, link: Link, problem: str = "") -> None:
        self.window.show(LinkState(link.label, link.needs_passcode, self.name, problem))

    async def _open(self, opened: Opened) -> None:
        self.window.busy(self.window.words("reader.link.opening"))
        now, trust = self.reach.now(), self.reach.trust()
        try:
            files = await asyncio.to_thread(self._fetch, opened, trust, now)
        except (WrongPasscode, PasscodeNeeded) as refusal:
            self._ask_link(opened.link, sentence(refusal, self.window.words))
            return
        except PassportError as refusal:
            self.opened = None
            self._show(refuse_link(refusal, trust, now=now))  # no verdict in it: raised again, and told as a sentence
            return
        self.opened = opened
        verdict = await asyncio.to_thread(judge_files, files, opened.link, trust, now=now)
        self._show(verdict)

    def _fetch(self, opened: Opened, trust: TrustList | None, now: datetime) -> list[LinkFile]:
        return self.reach.resolve(opened.link, opened.name, opened.passcode, usable(trust, now=now))

    async def _judge(self, judge: Callable[[TrustList | None, datetime], Verdict]) -> None:
        self.window.busy(self.window.words("reader.scan.checking"))
        self._show(await asyncio.to_thread(judge, self.reach.trust(), self.reach.now()))

    def _show(self, verdict: Verdict) -> None:
        now = self.reach.now()
        ends = min(verdict.until or now + MAX_SHOWN, now + MAX_SHOWN)
        shows_something = bool(verdict.lines or verdict.words or verdict.person)
        _, days = self._list_age()
        clears_at = ends.astimezone() if shows_something else None
        self.window.show(VerdictState(verdict, days, clears_at, again=self.opened is not None))
        self._end(self.clearing)
        self.clearing = self.window.guard.start(self._clear, ends) if shows_something else None

    async def _clear(self, ends: datetime) -> None:
        while self.reach.now() < ends:
            await asyncio.sleep(TICK_SECONDS)
        self.clearing = None
        self.home(self.window.words("reader.cleared"))

    def _redraw_first(self) -> None:
        age, days = self._list_age()
        screen = self.window.screen
        if isinstance(screen, ScanState):
            self.window.show(replace(screen, trust_list=age, days_past=days))

    def _list_age(self) -> tuple[ListAge | None, int]:
        now = self.reach.now()
        age = begin(LINK_PLAN, self.reach.trust(), now=now).trust_list
        return age, max((now - age.current_until).days, 0) if age is not None else 0

    def _end(self, task: asyncio.Task[None] | None) -> None:
        if task is not None and task is not asyncio.current_task():
            task.cancel()

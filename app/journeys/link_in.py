"""Bringing in what lies behind a link: where it comes from, where it leads, and asking once the person agreed.

Owns that nobody is asked before, and that the link is forgotten once it was used or left. What came goes on as a
file does (record.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from app.actions.importing import Brought, brought_file
from app.actions.link_in import fetch, host_of, link_in
from app.journeys.codes import CODES
from app.journeys.desk import Desk, Place
from app.qr.scan import read_image
from app.record.identity import clean
from app.screens.link_in import LinkAskState, LinkCameraState, LinkInEvents, LinkInState
from app.ui.awake import Awake
from app.ui.camera import Camera, CameraStopped, Eye, Patience, Read, new_camera, open_eye, watch
from app.ui.say import sentence
from crypto.errors import Expired, LinkPasscodeNeeded, PassportError
from crypto.shlink import Link

CODE_NAME = "QR code"
"""What a health card that the camera saw is called, as a file is by its name."""


@dataclass(slots=True)
class LinkIn:
    """One window's way from a link to what lies behind it. `look_at` shows what came, before it is kept."""

    desk: Desk
    pick_file: Place
    look_at: Callable[[Brought], Awaitable[None]]
    camera: Callable[[], Camera] = new_camera
    patience: Patience = field(default_factory=Patience)
    read: Read = read_image
    awake: Awake = field(default_factory=Awake)
    _link: Link | None = field(default=None, repr=False)
    _asks_passcode: bool = False
    _eye: Camera | None = field(default=None, repr=False)

    def events(self) -> LinkInEvents:
        """What the screens call."""
        return LinkInEvents(
            paste=self._paste,
            camera=self._start_camera,
            file=self.pick_file,
            stop=self.show,
            ask=self._ask,
            back=self._back,
        )

    def forget(self) -> None:
        """Let go of the link; the camera stops with the next picture."""
        self._link, self._asks_passcode, self._eye = None, False, None

    async def show(self) -> None:
        """The field for a link, and the other ways to it."""
        await self._first()

    async def _first(self, problem: str = "") -> None:
        self.forget()
        self.desk.shell.show(LinkInState(problem))

    async def _back(self) -> None:
        self.forget()
        await self.desk.back()

    async def _paste(self, text: str) -> None:
        desk = self.desk
        try:
            link = link_in(text.encode("utf-8", "replace"))
            if link is None:
                await self._first(desk.words("bring.none.text"))
                return
            self._require_in_time(link)
            await self.take(link)
        except PassportError as refusal:
            await self._first(sentence(refusal, desk.words))

    def _require_in_time(self, link: Link) -> None:
        if link.exp is not None and self.desk.now() >= link.exp:
            raise Expired("link: expected an end after now")

    # ---- where it leads -------------------------------------------------------------------

    async def take(self, link: Link) -> None:
        """Show where a link leads; raises NotAllowed for an address that nobody may ask."""
        host_of(link)
        self._link, self._asks_passcode, self._eye = link, link.needs_passcode, None
        await self.desk.go(self._show_ask)

    async def _show_ask(self, problem: str = "") -> None:
        desk, link = self.desk, self._link
        if link is None:
            await desk.back()
            return
        desk.shell.show(
            LinkAskState(
                host=host_of(link),
                needs_passcode=self._asks_passcode,
                called=clean(link.label),
                until=None if link.exp is None else desk.local(link.exp),
                changes="L" in link.flag,
                problem=problem,
            )
        )

    async def _ask(self, passcode: str) -> None:
        desk, link = self.desk, self._link
        if link is None:
            await desk.back()
            return
        desk.shell.busy(desk.words("busy.asking", host=host_of(link)))
        try:
            brought = await desk.work(fetch, desk.transport, link, passcode.strip(), now=desk.now())
        except PassportError as refusal:
            self._asks_passcode = self._asks_passcode or isinstance(refusal, LinkPasscodeNeeded)
            await self._show_ask(sentence(refusal, desk.words))
            return
        self.forget()
        await self.look_at(brought)

    # ---- the camera -----------------------------------------------------------------------

    async def _start_camera(self) -> None:
        try:
            camera = self.camera()
        except CameraStopped:
            await self._first(self.desk.words("bring.camera.text"))
            return
        self._eye = camera
        self.desk.shell.show(LinkCameraState(camera))
        self.desk.shell.start(self._watch, camera)

    def _is_on(self, camera: Camera) -> bool:
        return self._eye is camera and isinstance(self.desk.shell.screen, LinkCameraState)

    async def _watch(self, camera: Camera) -> None:
        found: list[str] = []

        def seen(texts: list[str]) -> bool:
            if not self._is_on(camera):
                return True
            found.extend(text for text in texts if any(start in text for start in CODES))
            if texts and not found:
                self.desk.shell.show(LinkCameraState(camera, other=True))
            return bool(found)

        try:
            async with self.awake.kept():
                await open_eye(cast(Eye, camera), self.patience)
                await watch(cast(Eye, camera), self.patience, self.read, seen)
        except CameraStopped:
            if self._is_on(camera):
                await self._first(self.desk.words("bring.camera.text"))
            return
        if self._is_on(camera) and found:
            await self._take_code(found[0])

    async def _take_code(self, text: str) -> None:
        """A link's code leads where a pasted link does; a health card's is a file."""
        if link_in(text.encode()) is not None:
            await self._paste(text)
            return
        await self._first()
        await self.look_at(brought_file(text.encode(), CODE_NAME))

"""Wires the reader: its window, the network behind links and the list of organisations. Nothing is judged here.

Owns when the list is fetched and that it is believed again from its first root at each start. The list
is the only thing the reader keeps on the disk; it is public. Alone in app/reader it may use sync.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import flet as ft

from app.clock import Clock, monotonic
from app.reader import link_screen, scan_screen, verdict_screen
from app.reader.desk import Desk
from app.reader.reach import Reach
from app.reader.share import LinkFile
from app.reader.trust_folder import keep_trust, read_trust
from app.ui.guard import note_fault
from app.ui.look import Look
from app.ui.shell import Appearance, Shell
from crypto.errors import NotBelieved, Unreadable
from crypto.shlink import Link
from crypto.trust import Floors, TrustFiles, TrustList, verify_trust
from sync import links
from sync.profile import Profile
from sync.transport import Transport
from sync.trust import fetch_trust

TRUST_FOLDER = "trust"


@dataclass(slots=True)
class TrustKeeper:
    """The list of organisations in use, and the files it stands on."""

    folder: Path
    profile: Profile
    transport: Transport
    now: Callable[[], datetime]
    trust: TrustList | None = None
    files: TrustFiles | None = field(default=None, repr=False)
    floors: Floors = field(default_factory=Floors)

    def start(self) -> None:
        """Believe the kept list again, from the profile's own root down.

        A kept list that does not hold any more is left aside and noted without its content: a newer
        one can be fetched. Raises StoreUnavailable as the disk says.
        """
        try:
            kept = read_trust(self.folder)
            if kept is None:
                return
            self.files, self.floors = kept
            self.trust = verify_trust(self.files, self.floors, now=self.now(), anchor=self.profile.trust.root)
        except (NotBelieved, Unreadable) as refusal:
            note_fault(refusal)
            self.files = None

    def renew(self) -> TrustList:
        """Fetch the newest list, verify it, keep it and use it; raises as fetching and verifying do."""
        files = fetch_trust(self.transport, self.profile, self.files)
        trust = verify_trust(files, self.floors, now=self.now(), anchor=self.profile.trust.root)
        keep_trust(self.folder, files, trust.floors)
        self.files, self.floors, self.trust = files, trust.floors, trust
        return trust


@dataclass(slots=True)
class Readers:
    """Every window of this process; what was opened in an older one is forgotten when a new one comes."""

    home: Path
    profile: Profile
    clock: Clock = field(default_factory=Clock)
    _desk: Desk | None = field(default=None, repr=False)

    async def open(self, page: ft.Page) -> None:
        """Draw a new window on `page`, with the kept list at once and the newest as soon as it is here."""
        self.forget()
        transport = Transport(monotonic=monotonic)
        keeper = TrustKeeper(self.home / TRUST_FOLDER, self.profile, transport, self.clock.now)
        keeper.start()
        self._desk = open_window(page, keeper, transport, self.clock.now)

    def forget(self) -> None:
        """Let go of what was opened: a window was closed or lost."""
        if self._desk is not None:
            self._desk.home()


def open_window(page: ft.Page, keeper: TrustKeeper, transport: Transport, now: Callable[[], datetime]) -> Desk:
    """Draw the first screen on `page` and give the desk behind it."""
    picker = ft.FilePicker()
    drawings: list[Callable[[object, Look], ft.View]] = []
    shell = Shell(page, lambda state, look: drawings[0](state, look), Appearance())

    async def pick_picture() -> bytes | None:
        files = await picker.pick_files(with_data=True, file_type=ft.FilePickerFileType.IMAGE)
        return files[0].bytes if files else None

    def resolve(link: Link, name: str, passcode: str | None, trust: TrustList) -> list[LinkFile]:
        found = links.resolve(transport, link, recipient=name, passcode=passcode, relays=trust.relays, now=now())
        return [LinkFile(content_type, data) for content_type, data in found]

    desk = Desk(shell, Reach(now, lambda: keeper.trust, keeper.renew, resolve, pick_picture))
    drawings.append(draw(desk))
    shell.open(desk.first())
    shell.start(desk.update_list_quietly)
    return desk


def draw(desk: Desk) -> Callable[[object, Look], ft.View]:
    """The function from a state of the reader to its view; a state without a screen raises TypeError there."""
    scan = scan_screen.ScanEvents(desk.start_camera, desk.stop_camera, desk.picture, desk.typed, desk.update_list)
    link = link_screen.LinkEvents(desk.open_link, desk.home)
    verdict = verdict_screen.VerdictEvents(desk.again, desk.show_steps, desk.home)

    def drawn(state: object, look: Look) -> ft.View:
        match state:
            case scan_screen.ScanState():
                return scan_screen.view(state, scan, look)
            case link_screen.LinkState():
                return link_screen.view(state, link, look)
            case verdict_screen.VerdictState():
                return verdict_screen.view(state, verdict, look)
            case _:
                raise TypeError(f"no screen for {type(state).__name__}")

    return drawn

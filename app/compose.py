"""Wires one window: shell, desk, journeys, and the events of every screen. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from importlib.metadata import version

import flet as ft
from tzlocal import get_localzone

from app.actions.calibrating import cost_for_this_device
from app.actions.far_side import Services
from app.clock import Clock, monotonic, pause
from app.journeys.access import GiveAccess
from app.journeys.background import Background
from app.journeys.backups import Backups
from app.journeys.connecting import Connecting
from app.journeys.desk import Desk
from app.journeys.emergency import Emergency
from app.journeys.entries import Entries
from app.journeys.files import Files
from app.journeys.lists import Lists
from app.journeys.locking import Locking
from app.journeys.opening import Opening
from app.journeys.record import Picked, Record
from app.journeys.you import You, read_appearance
from app.screens.every import Events, draw
from app.screens.places import Moves
from app.screens.progress import ProgressEvents
from app.store.home import PassportHome
from app.ui.secure_storage import phone_keystore
from app.ui.shell import Shell
from sync.profile import Profile
from sync.transport import Transport


@dataclass(slots=True)
class Windows:
    """Every window of this process: only the newest holds an open passport."""

    home: PassportHome
    profile: Profile | None
    zone: tzinfo
    clock: Clock = field(default_factory=Clock)
    outside: Callable[[str], bool] | None = None
    """Opens a page in the person's own browser; None where the window itself stands in it."""

    _desk: Desk | None = field(default=None, repr=False)

    async def open(self, page: ft.Page) -> None:
        """Draw a new window on `page`; whatever was open at an older one is locked."""
        self.lock()
        services = None
        if self.profile is not None:
            services = Services(self.profile, Transport(monotonic=monotonic, wait=pause))
        home = home_on(page, self.home)
        self._desk = await open_window(page, home, services, self.clock, self.zone, self.outside)
        self._desk.cost = lambda: cost_for_this_device(monotonic)

    def lock(self) -> None:
        """Lock what is open: a window was closed or lost."""
        if self._desk is not None:
            try:
                self._desk.clear()
            finally:
                self._desk.lock()


def home_on(page: ft.Page, home: PassportHome) -> PassportHome:
    """The same folder with the keystore of the phone that `page` is on; as it is anywhere else."""
    keystore = phone_keystore(page)
    return home if keystore is None else PassportHome(home.path, keystore)


async def open_window(
    page: ft.Page,
    home: PassportHome,
    services: Services | None,
    clock: Clock,
    zone: tzinfo,
    outside: Callable[[str], bool] | None = None,
) -> Desk:
    """Draw the first screen on `page` and give the desk behind it."""
    drawings: list[Callable[..., ft.View]] = []
    shell = Shell(page, lambda state, look: drawings[0](state, look), read_appearance(home), outside)
    desk = Desk(home, shell, clock, zone, services)

    async def pick() -> Picked | None:
        file = await shell.pick_file()
        return None if file is None else (file.name, file.data)

    async def emergency_card() -> None:
        await emergency.show()

    emergency = Emergency(desk)
    access = GiveAccess(desk, shell.copy)
    entries = Entries(desk)
    lists = Lists(desk, entries.open)
    record = Record(desk, pick, emergency_card, access.begin, lambda: connecting.begin(), lists)
    connecting = Connecting(desk, record.fetched)

    background = Background(desk, record)
    desk.changed = Backups(desk, record.home).changed

    async def opened() -> None:
        await desk.start_at(record.home)
        shell.start(background.visit)

    opening = Opening(desk, opened, record.people, connecting.begin, record.pick_file)
    locking = Locking(desk, opening.lock)
    files = Files(desk)
    held = (record.forget_look, lists.forget, access.forget, connecting.stop)
    _follow(desk, (background.begin, locking.begin), held, opening)
    you = You(desk, opening.lock, record.pick_file, files.open, version("patient-passport"))
    moves = Moves(
        home=lambda: desk.start_at(record.home),
        share=lambda: desk.start_at(access.share),
        you=lambda: desk.start_at(you.show),
    )
    drawings.append(draw(_events(opening, record, lists, entries, files, connecting, emergency, access, you, moves)))
    shell.open(opening.first())
    shell.follow(locking.used, locking.hidden)
    await opening.begin()
    return desk


def _follow(
    desk: Desk,
    begin: Sequence[Callable[[], None]],
    forget: Sequence[Callable[[], None]],
    opening: Opening,
) -> None:
    """What begins when a passport is laid on the desk, and what the journeys forget before it is locked."""

    def begun() -> None:
        for one in begin:
            one()

    def cleared() -> object:
        for one in forget:
            one()
        return opening.away()

    desk.opened, desk.cleared = begun, cleared


def _events(
    opening: Opening,
    record: Record,
    lists: Lists,
    entries: Entries,
    files: Files,
    connecting: Connecting,
    emergency: Emergency,
    access: GiveAccess,
    you: You,
    moves: Moves,
) -> Events:
    return Events(
        welcome=opening.welcome_events(),
        choose_person=record.people_events(),
        connecting=connecting.events(),
        unlock=opening.unlock_events(),
        progress=ProgressEvents(),
        home=record.home_events(moves),
        section=lists.section_events(moves),
        choosing=lists.choosing_events(moves),
        entry=entries.events(moves),
        trend=entries.trend_events(moves),
        search=lists.search_events(moves),
        emergency=emergency.events(moves),
        access=access.events(moves),
        live=access.live_events(moves),
        share=access.share_events(moves),
        you=you.events(moves),
        importing=record.import_events(),
        files=files.events(),
        message=record.message_events(),
    )


def local_zone() -> tzinfo:
    """The zone times are shown in: this device's, with its summer time."""
    return get_localzone()

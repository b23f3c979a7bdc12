"""Wires one window: shell, desk, journeys, and the events of every screen. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
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
from app.journeys.locking import Locking
from app.journeys.opening import Opening
from app.journeys.people import People
from app.journeys.record import Picked, Record
from app.journeys.seat import Seat, appearance_of, whose_turn
from app.journeys.you import You
from app.screens.every import Events, draw
from app.screens.places import Moves
from app.screens.progress import ProgressEvents
from app.store.home import PassportHome
from app.store.household import Household
from app.ui.secure_storage import phone_keystore
from app.ui.shell import Shell
from sync.profile import Profile
from sync.transport import Transport


@dataclass(slots=True)
class Windows:
    """Every window of this process: only the newest holds an open passport."""

    household: Household
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
        household = household_on(page, self.household)
        self._desk = await open_window(page, household, services, self.clock, self.zone, self.outside)
        self._desk.cost = lambda: cost_for_this_device(monotonic)

    def lock(self) -> None:
        """Lock what is open: a window was closed or lost."""
        if self._desk is not None:
            try:
                self._desk.clear()
            finally:
                self._desk.lock()


def household_on(page: ft.Page, household: Household) -> Household:
    """The same folder with the keystore of the phone that `page` is on; as it is anywhere else."""
    keystore = phone_keystore(page)
    if keystore is None:
        return household
    return Household(household.root, lambda folder: PassportHome(folder, keystore))


async def open_window(
    page: ft.Page,
    household: Household,
    services: Services | None,
    clock: Clock,
    zone: tzinfo,
    outside: Callable[[str], bool] | None = None,
) -> Desk:
    """Draw the first screen on `page` and give the desk behind it."""
    drawings: list[Callable[..., ft.View]] = []
    person = whose_turn(household)
    shell = Shell(page, lambda state, look: drawings[0](state, look), appearance_of(household, person), outside)
    desk = Desk(household, person, shell, clock, zone, services)

    emergency = Emergency(desk)
    access = GiveAccess(desk, shell.copy)
    record = Record(desk, partial(_picked, shell), lambda: emergency.show(), access.begin, lambda: connecting.begin())
    connecting = Connecting(desk, record.fetched)

    background = Background(desk, record)
    desk.changed = Backups(desk, record.home).changed

    async def opened() -> None:
        await desk.start_at(record.home)
        shell.start(background.visit)

    def begun() -> None:
        background.begin()
        locking.begin()

    def cleared() -> object:
        record.forget_look()
        access.forget()
        connecting.stop()
        return opening.away()

    desk.opened, desk.cleared = begun, cleared
    seat = Seat(desk, lambda: opening.lock(), lambda: opening.begin())
    opening = Opening(desk, seat, opened, record.people, connecting.begin, record.pick_file)
    locking = Locking(desk, opening.lock)
    people = People(desk, seat, opening.welcome)
    you = You(desk, opening.lock, record.pick_file, lambda: desk.go(people.show), version("patient-passport"))
    drawings.append(draw(_events(opening, record, connecting, emergency, access, you, people)))
    shell.open(opening.first())
    shell.follow(locking.used, locking.hidden)
    await opening.begin()
    return desk


async def _picked(shell: Shell) -> Picked | None:
    file = await shell.pick_file()
    return None if file is None else (file.name, file.data)


def _events(
    opening: Opening,
    record: Record,
    connecting: Connecting,
    emergency: Emergency,
    access: GiveAccess,
    you: You,
    people: People,
) -> Events:
    desk = opening.desk
    moves = Moves(
        home=lambda: desk.start_at(record.home),
        share=lambda: desk.start_at(access.share),
        you=lambda: desk.start_at(you.show),
    )
    return Events(
        welcome=opening.welcome_events(),
        choose_person=record.people_events(),
        connecting=connecting.events(),
        unlock=opening.unlock_events(),
        progress=ProgressEvents(),
        home=record.home_events(moves),
        section=record.section_events(moves),
        entry=record.entry_events(moves),
        search=record.search_events(moves),
        emergency=emergency.events(moves),
        access=access.events(moves),
        live=access.live_events(moves),
        share=access.share_events(moves),
        you=you.events(moves),
        importing=record.import_events(),
        message=record.message_events(),
        people=people.events(moves),
    )


def local_zone() -> tzinfo:
    """The zone times are shown in: this device's, with its summer time."""
    return get_localzone()

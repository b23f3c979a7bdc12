"""Wires one window: shell, desk, journeys, and the events of every screen. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo

import flet as ft
from tzlocal import get_localzone

from app.actions.calibrating import cost_for_this_device
from app.actions.far_side import Services, way_out
from app.clock import Clock, monotonic
from app.journeys.desk import Desk
from app.journeys.seat import appearance_of, whose_turn
from app.journeys.window import Journeys
from app.policy.passphrase import grade_passphrase
from app.screens.every import Events, draw
from app.screens.passphrase import Choosing, PassphraseEvents
from app.screens.progress import ProgressEvents
from app.store.home import PassportHome
from app.store.household import Household
from app.ui.secure_storage import phone_keystore
from app.ui.shell import Shell
from sync.profile import Profile


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
            services = Services(self.profile, way_out())
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

    journeys = Journeys(desk)
    drawings.append(draw(_events(journeys)))
    shell.open(journeys.opening.first())
    shell.follow(journeys.locking.used, journeys.locking.hidden)
    await journeys.opening.begin()
    return desk


def _events(journeys: Journeys) -> Events:
    record, access, opening, moves = journeys.record, journeys.access, journeys.opening, journeys.moves
    return Events(
        welcome=journeys.first_run.events(),
        passphrase=_passphrase_events(journeys),
        recovery=journeys.recovery.events(),
        pin=journeys.securing.pin_events(),
        choose_person=record.people_events(),
        connecting=journeys.connecting.events(),
        unlock=opening.unlock_events(),
        progress=ProgressEvents(),
        home=record.home_events(moves),
        section=journeys.lists.section_events(moves),
        choosing=journeys.lists.choosing_events(moves),
        entry=journeys.entries.events(moves),
        own_words=journeys.own_words.events(),
        trend=journeys.entries.trend_events(moves),
        search=journeys.lists.search_events(moves),
        emergency=journeys.emergency.events(moves),
        choices=journeys.choices.events(),
        access=access.events(moves),
        live=access.live_events(moves),
        share=access.share_events(moves),
        exporting=journeys.exporting.events(moves),
        you=journeys.you.events(moves),
        security=journeys.securing.events(moves),
        backup=journeys.backing_up.events(moves),
        restoring=journeys.restoring.events(),
        moving=journeys.moving.events(),
        receiving=journeys.receiving.events(),
        deleting=journeys.deleting.events(),
        importing=record.import_events(),
        people=journeys.people.events(moves),
        files=journeys.files.events(),
        link_in=journeys.link_in.events(),
        message=record.message_events(),
    )


def _passphrase_events(journeys: Journeys) -> PassphraseEvents:
    """One screen for four journeys: what the passphrase is chosen for says whose it is."""
    choosers = {
        Choosing.MAKE: journeys.first_run.make,
        Choosing.CHANGE: journeys.securing.change,
        Choosing.RECOVERED: journeys.opening.renew,
        Choosing.RESTORE: journeys.restoring.restore,
    }
    return PassphraseEvents(
        strength=grade_passphrase,
        choose=lambda choosing, passphrase: choosers[choosing](passphrase),
        answer=journeys.securing.answer,
        back=journeys.desk.back,
    )


def local_zone() -> tzinfo:
    """The zone times are shown in: this device's, with its summer time."""
    return get_localzone()

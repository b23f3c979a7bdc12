"""Every journey of one window, each given the places it leads to. Nothing is decided here."""

from __future__ import annotations

from importlib.metadata import version

from app.actions.backing_up import backup_bytes
from app.journeys.access import GiveAccess
from app.journeys.background import Background
from app.journeys.backing_up import BackingUp
from app.journeys.backups import Backups
from app.journeys.connecting import Connecting
from app.journeys.deleting import Deleting
from app.journeys.desk import Desk
from app.journeys.emergency import Emergency
from app.journeys.emergency_choices import EmergencyChoices
from app.journeys.entries import Entries
from app.journeys.exporting import Exporting
from app.journeys.files import Files
from app.journeys.first_run import FirstRun
from app.journeys.link_in import LinkIn
from app.journeys.lists import Lists
from app.journeys.locked_emergency import LockedEmergency
from app.journeys.locking import Locking
from app.journeys.moving import Moving
from app.journeys.opening import Opening
from app.journeys.own_words import OwnWords
from app.journeys.people import People
from app.journeys.receiving import Receiving
from app.journeys.record import Care, Picked, Record
from app.journeys.recovery_words import RecoveryWords
from app.journeys.restoring import Restoring
from app.journeys.seat import Seat
from app.journeys.securing import Securing
from app.journeys.you import You
from app.screens.places import Moves


class Journeys:
    """What a person can go through at one window. The desk tells when a passport is opened and when it is put away.

    A place that is made later than what leads to it is named by a function, so that it is looked up when gone to.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.moves = self._moves()
        self.emergency = Emergency(desk, lambda: self.choices.show())
        self.choices = EmergencyChoices(desk, self.emergency.preview)
        self.exporting = Exporting(desk)
        self.access = GiveAccess(desk, desk.shell.copy, self.exporting.begin)
        self.recovery = RecoveryWords(desk)
        self.backing_up = BackingUp(
            desk, lambda: self.you.show(), lambda: self.first_run.folder_chosen(), lambda: self.moving.begin()
        )
        self.moving = Moving(desk, backup_bytes, self.backing_up.save_copy)
        self.securing = self._securing()
        self.own_words = OwnWords(desk)
        self.entries = Entries(desk, self.own_words)
        self.lists = Lists(desk, self.entries.open, self.own_words.mark_section)
        self.files = Files(desk)
        self.record = self._record()
        self.link_in = LinkIn(desk, self.record.pick_file, self.record.look_at)
        self.connecting = Connecting(desk, self.record.fetched)
        self.background = Background(desk, self.record)
        self.restoring = Restoring(
            desk, self._pick, lambda: self.opening.start(), self._opened, lambda: self.receiving.begin()
        )
        self.receiving = Receiving(desk, self.restoring.take, self.restoring.pick_file)
        self.first_run = self._first_run()
        self.seat = Seat(desk, lambda: self.opening.put_away(), lambda: self.opening.begin())
        self.opening = Opening(
            desk,
            self.seat,
            self._opened,
            self.first_run.welcome,
            self.restoring.begin,
            LockedEmergency(desk, lambda: self.opening.begin()),
        )
        self.deleting = Deleting(desk, self.opening.begin, self.seat.forget_deleted)
        self.locking = Locking(desk, self.opening.lock)
        self.people = People(desk, self.seat, self.first_run.welcome)
        self.you = self._you()
        desk.opened, desk.cleared = self._begun, self._cleared
        desk.changed = Backups(desk, self.record.home_again).changed

    def _record(self) -> Record:
        return Record(
            self.desk,
            self._pick,
            self.emergency.begin,
            self.access.begin,
            lambda: self.connecting.begin(),
            self.lists,
            self._care(),
            link=lambda: self.link_in.show(),
            use_link=lambda link: self.link_in.take(link),
        )

    def _moves(self) -> Moves:
        start = self.desk.start_at
        return Moves(
            home=lambda: start(self.record.home),
            share=lambda: start(self.access.share),
            you=lambda: start(self.you.show),
        )

    def _securing(self) -> Securing:
        return Securing(
            self.desk,
            self.recovery,
            you=lambda: self.you.show(),
            home=lambda: self.record.home(),
            update=lambda: self.record.update(),
            pin_chosen=lambda: self.first_run.pin_chosen(),
        )

    def _you(self) -> You:
        return You(
            self.desk,
            self.opening.lock,
            self.record.pick_file,
            self.link_in.show,
            self.files.open,
            security=self.securing.show,
            backup=self.backing_up.show,
            delete=self.deleting.show,
            people=self.people.show,
            version=version("patient-passport"),
        )

    def _first_run(self) -> FirstRun:
        return FirstRun(
            self.desk,
            self.recovery,
            folder=self.backing_up.first_folder,
            restore=self.restoring.begin,
            people=self.record.people,
            connect=self.connecting.begin,
            pick_file=self.record.pick_file,
            link=self.link_in.show,
            opened=self._opened,
        )

    def _care(self) -> Care:
        back, secure = self.backing_up, self.securing
        return Care(back.show, secure.ask_new_words, secure.older_copy, back.last)

    async def _pick(self) -> Picked | None:
        file = await self.desk.shell.pick_file()
        return None if file is None else (file.name, file.data)

    async def _opened(self) -> None:
        await self.desk.start_at(self.record.home)
        self.desk.shell.start(self.background.visit)

    def _begun(self) -> None:
        self.background.begin()
        self.locking.begin()

    def _cleared(self) -> object:
        self.record.forget_look()
        self.lists.forget()
        self.access.forget()
        self.exporting.forget()
        self.recovery.forget()
        self.restoring.forget()
        self.moving.forget()
        self.receiving.forget()
        self.link_in.forget()
        self.connecting.stop()
        return self.opening.away()

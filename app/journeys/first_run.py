"""From nothing to a passport: passphrase, recovery words, PIN, backups, and adding the record.

Owns the order of the steps. Each step's own doing is recovery_words.py, securing.py and backing_up.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.actions.session import Passport, can_set_pin, create_passport
from app.journeys.desk import Desk, Place
from app.journeys.recovery_words import RecoveryWords
from app.policy.passphrase import require_strong_enough
from app.screens.passphrase import Choosing, PassphraseState
from app.screens.pin import Offer, PinState
from app.screens.welcome import AddRecordState, WelcomeEvents, WelcomeState
from app.ui.say import sentence
from crypto.errors import NotAllowed


@dataclass(slots=True)
class FirstRun:
    """One window's first run. `folder` asks where to keep backups, `restore` brings a backup back."""

    desk: Desk
    recovery: RecoveryWords
    folder: Place
    restore: Place
    people: Place
    connect: Place
    pick_file: Place
    link: Place
    opened: Place

    def events(self) -> WelcomeEvents:
        """What the first and the last screen call."""
        desk = self.desk
        return WelcomeEvents(
            begin=lambda: desk.go(self._passphrase),
            restore=lambda: desk.go(self.restore),
            connect=self.connect,
            import_file=self.pick_file,
            link=lambda: desk.go(self.link),
            try_made_up=lambda: desk.go(self.people),
            later=self.opened,
            back=desk.back,
        )

    async def welcome(self) -> None:
        """The first screen of all."""
        self.desk.shell.show(WelcomeState())

    async def _passphrase(self) -> None:
        self.desk.shell.show(PassphraseState())

    async def make(self, passphrase: str) -> None:
        """Make a passport with the passphrase that was chosen, and show its recovery words."""
        desk = self.desk
        desk.shell.busy(desk.words("busy.making"))
        try:
            passport, words = await desk.work(self._created, passphrase)
        except NotAllowed as refusal:
            desk.shell.show(PassphraseState(Choosing.MAKE, sentence(refusal, desk.words)))
            return
        desk.open(passport)
        await self.recovery.begin(words, self._kept)

    def _created(self, passphrase: str) -> tuple[Passport, list[str]]:
        """In a thread: a passphrase that is refused is refused before anything is measured."""
        require_strong_enough(passphrase)
        return create_passport(self.desk.home, passphrase, now=self.desk.now(), cost=self.desk.cost())

    async def _kept(self) -> None:
        can_have_pin = await self.desk.work(can_set_pin, self.desk.home)
        await self.desk.start_at(self._pin if can_have_pin else self.folder)

    async def _pin(self) -> None:
        self.desk.shell.show(PinState(Offer.FIRST))

    async def pin_chosen(self) -> None:
        """A PIN is set, or done without: on to the backups."""
        await self.desk.go(self.folder)

    async def folder_chosen(self) -> None:
        """Backups have a place, or not yet: on to the record."""
        await self.desk.go(self.add_record)

    async def add_record(self) -> None:
        """Ways to add a record; a made-up patient where the services are a stand-in."""
        services = self.desk.services
        made_up = services is not None and services.profile.made_up
        can_go_back = self.desk.has_way_back
        state = AddRecordState(can_connect=services is not None, can_try=made_up, can_go_back=can_go_back)
        self.desk.shell.show(state)

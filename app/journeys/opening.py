"""Making a passport, unlocking and locking it, and the emergency card of a locked one."""

from __future__ import annotations

from dataclasses import dataclass

from app.actions.locked_card import is_shown_while_locked, locked_card
from app.actions.session import Passport, create_passport, unlock, unlock_with_recovery
from app.journeys.desk import Desk, Place
from app.journeys.emergency import emergency_state
from app.journeys.seat import Seat
from app.policy.passphrase import grade_passphrase, require_strong_enough
from app.screens.people import WhoseState
from app.screens.unlock import RecoverState, UnlockEvents, UnlockState
from app.screens.welcome import AddRecordState, PassphraseState, RecoveryState, WelcomeEvents, WelcomeState
from app.ui.say import sentence
from crypto.errors import NotAllowed, StoreUnavailable, Unreadable


@dataclass(slots=True)
class Opening:
    """From nothing, or from locked, to an open passport.

    `opened` goes to Home and looks for what is new; `people`, `connect` and `pick_file` are where one goes else.
    """

    desk: Desk
    seat: Seat
    opened: Place
    people: Place
    connect: Place
    pick_file: Place

    def first(self) -> WelcomeState | UnlockState | WhoseState:
        """What a new window shows before anything else."""
        if not self.desk.is_taken:
            return self.seat.whose()
        home = self.desk.home
        return UnlockState(is_shown_while_locked(home)) if home.exists() else WelcomeState()

    def away(self) -> WelcomeState | UnlockState | WhoseState:
        """What is put on in place of whatever is shown, whatever the disk says."""
        try:
            return self.first()
        except StoreUnavailable:
            return UnlockState(emergency=False)

    async def begin(self) -> None:
        """The first screen: whose passport, welcome, or the locked passport that is here."""
        self.seat.take()
        if not self.desk.is_taken:
            await self.desk.start_at(self._whose)
        else:
            await self.desk.start_at(self._locked if self.desk.home.exists() else self.welcome)

    async def _whose(self) -> None:
        self.desk.shell.show(self.seat.whose())

    async def lock(self) -> None:
        """Lock, and show so: what was on the screen goes first."""
        try:
            self.desk.clear()
        finally:
            await self.desk.work(self.desk.lock)
        await self.begin()

    def welcome_events(self) -> WelcomeEvents:
        """What the first screens call."""
        desk = self.desk
        return WelcomeEvents(
            begin=lambda: desk.go(self._passphrase),
            strength=grade_passphrase,
            make=self._make,
            written_down=lambda: desk.start_at(self.add_record),
            connect=self.connect,
            import_file=self.pick_file,
            try_made_up=lambda: desk.go(self.people),
            later=self.opened,
            back=desk.back,
        )

    def unlock_events(self) -> UnlockEvents:
        """What the locked screens call."""
        return UnlockEvents(
            unlock=self._unlock,
            emergency=lambda: self.desk.go(self._locked_card),
            forgotten=lambda: self.desk.go(self._recover),
            recover=self._recovered,
            back=self.desk.back,
        )

    async def add_record(self) -> None:
        """Ways to add a record; a made-up patient where the services are a stand-in."""
        services = self.desk.services
        made_up = services is not None and services.profile.made_up
        self.desk.shell.show(AddRecordState(can_connect=services is not None, can_try=made_up))

    async def welcome(self) -> None:
        """First run, for whoever sits at the desk."""
        self.desk.shell.show(WelcomeState())

    async def _passphrase(self) -> None:
        self.desk.shell.show(PassphraseState())

    async def _make(self, passphrase: str) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.making"))
        try:
            passport, words = await desk.work(self._created, passphrase)
        except NotAllowed as refusal:
            desk.shell.show(PassphraseState(sentence(refusal, desk.words)))
            return
        desk.open(passport)
        desk.shell.show(RecoveryState(tuple(words)))

    def _created(self, passphrase: str) -> tuple[Passport, list[str]]:
        """In a thread: a passphrase that is refused is refused before anything is measured."""
        require_strong_enough(passphrase)
        return create_passport(self.desk.home, passphrase, now=self.desk.now(), cost=self.desk.cost())

    async def _locked(self) -> None:
        self.desk.shell.show(UnlockState(is_shown_while_locked(self.desk.home)))

    async def _unlock(self, passphrase: str) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.unlocking"))
        try:
            passport = await desk.work(unlock, desk.home, passphrase, now=desk.now())
        except NotAllowed as refusal:
            said = sentence(refusal, desk.words)
            desk.shell.show(UnlockState(is_shown_while_locked(desk.home), said))
            return
        await self._opened(passport)

    async def _recover(self) -> None:
        self.desk.shell.show(RecoverState())

    async def _recovered(self, words: str) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.unlocking"))
        try:
            passport = await desk.work(unlock_with_recovery, desk.home, words, now=desk.now())
        except (NotAllowed, Unreadable) as refusal:
            desk.shell.show(RecoverState(sentence(refusal, desk.words)))
            return
        await self._opened(passport)

    async def _opened(self, passport: Passport) -> None:
        self.desk.open(passport)
        await self.opened()

    async def _locked_card(self) -> None:
        card = locked_card(self.desk.home)
        if card is None:
            await self.begin()
            return
        self.desk.shell.show(await self.desk.work(emergency_state, card, self.desk, locked=True))

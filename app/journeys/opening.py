"""Unlocking and locking a passport; the emergency card of a locked one is locked_emergency.py's."""

from __future__ import annotations

from dataclasses import dataclass

from app.actions.locked_card import choices_while_locked, is_shown_while_locked
from app.actions.session import (
    Passport,
    change_passphrase,
    has_pin,
    unlock,
    unlock_with_pin,
    unlock_with_recovery,
)
from app.journeys.desk import Desk, Place
from app.journeys.locked_emergency import LockedEmergency
from app.journeys.seat import Seat
from app.screens.passphrase import Choosing, PassphraseState
from app.screens.people import WhoseState
from app.screens.unlock import RecoverState, UnlockEvents, UnlockPinState, UnlockState
from app.screens.welcome import WelcomeState
from app.ui.say import sentence
from crypto.errors import NoLonger, NotAllowed, StoreUnavailable, Unavailable, Unreadable


@dataclass(slots=True)
class Opening:
    """From locked to an open passport, and back.

    `opened` goes to Home and looks for what is new; `welcome` is where one begins with nothing; `restore` brings a
    backup back.
    """

    desk: Desk
    seat: Seat
    opened: Place
    welcome: Place
    restore: Place
    card: LockedEmergency

    def first(self) -> WelcomeState | UnlockState | UnlockPinState | WhoseState:
        """What a new window shows before anything else."""
        if not self.desk.is_taken:
            return self.seat.whose()
        return self._locked_state() if self.desk.home.exists() else WelcomeState()

    def away(self) -> WelcomeState | UnlockState | UnlockPinState | WhoseState:
        """What is put on in place of whatever is shown, whatever the disk says."""
        try:
            return self.first()
        except StoreUnavailable:
            return UnlockState(emergency=False) if self.desk.is_taken else WhoseState(())

    async def begin(self) -> None:
        """Begin at the first screen of whoever sits at the desk."""
        self.seat.take()
        await self.desk.start_at(self.start)

    async def start(self) -> None:
        """The first screen: whose passport, welcome, or the locked passport that is here."""
        if not self.desk.is_taken:
            self.desk.shell.show(self.seat.whose())
            return
        await (self._locked() if self.desk.home.exists() else self.welcome())

    async def lock(self) -> None:
        """Lock, and show so."""
        await self.put_away()
        await self.begin()

    async def put_away(self) -> None:
        """Lock: what was on the screen goes first."""
        try:
            self.desk.clear()
        finally:
            await self.desk.work(self.desk.lock)

    def unlock_events(self) -> UnlockEvents:
        """What the locked screens call."""
        desk = self.desk
        return UnlockEvents(
            unlock=self._unlock,
            unlock_pin=self._unlock_pin,
            use_passphrase=lambda: desk.replace(self._ask_passphrase),
            use_pin=lambda: desk.replace(self._locked),
            emergency=self.card.pressed,
            hold_began=self.card.hold_began,
            hold_ended=self.card.hold_ended,
            open_card=self.card.open_after_yes,
            forgotten=lambda: desk.go(self._recover),
            recover=self._recovered,
            restore=lambda: desk.go(self.restore),
            back=desk.back,
        )

    def _locked_state(self, problem: str = "") -> UnlockState | UnlockPinState:
        """With the PIN where one opens it: it is the quicker way."""
        home = self.desk.home
        emergency, hold = is_shown_while_locked(home), choices_while_locked(home).hold
        if has_pin(home):
            return UnlockPinState(emergency, problem, hold=hold)
        return UnlockState(emergency, problem, hold=hold)

    async def _locked(self) -> None:
        self.desk.shell.show(await self.desk.work(self._locked_state))

    async def _ask_passphrase(self, problem: str = "") -> None:
        home = self.desk.home
        hold = choices_while_locked(home).hold
        self.desk.shell.show(UnlockState(is_shown_while_locked(home), problem, pin=has_pin(home), hold=hold))

    async def _unlock(self, passphrase: str) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.unlocking"))
        try:
            passport = await desk.work(unlock, desk.home, passphrase, now=desk.now())
        except NotAllowed as refusal:
            await self._ask_passphrase(sentence(refusal, desk.words))
            return
        await self._opened(passport)

    async def _unlock_pin(self, pin: str) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.unlocking"))
        try:
            passport = await desk.work(unlock_with_pin, desk.home, pin, now=desk.now())
        except NotAllowed as refusal:
            desk.shell.show(await desk.work(self._locked_state, sentence(refusal, desk.words)))
            return
        except (NoLonger, Unavailable) as refusal:  # spent, or the device keeps its half no more
            await self._ask_passphrase(sentence(refusal, desk.words))
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
        if passport.rolled_back:  # nothing may be written, so there is no new passphrase yet
            await self._opened(passport)
            return
        desk.open(passport)
        await desk.start_at(self._new_passphrase)

    async def _new_passphrase(self) -> None:
        self.desk.shell.show(PassphraseState(Choosing.RECOVERED))

    async def renew(self, passphrase: str) -> None:
        """After the recovery words: take a new passphrase, and go on."""
        desk = self.desk
        desk.shell.busy(desk.words("busy.changing"))
        try:
            await desk.stretched(change_passphrase, desk.passport, passphrase, now=desk.now())
        except NotAllowed as refusal:
            desk.shell.show(PassphraseState(Choosing.RECOVERED, sentence(refusal, desk.words)))
            return
        await self.opened()

    async def _opened(self, passport: Passport) -> None:
        self.desk.open(passport)
        await self.opened()

"""Security: another passphrase, a PIN, new recovery words, new keys, and taking an older copy as it is.

Owns the order: the passphrase there is, before anything that shuts somebody out; then the change, then the proof
that new words were kept. The doing is app/actions.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.actions import own_words
from app.actions.backing_up import back_up_if_chosen
from app.actions.confirming import confirm_passphrase
from app.actions.guarding import accept_as_it_is
from app.actions.rekeying import rekey
from app.actions.session import (
    can_set_pin,
    change_passphrase,
    has_pin,
    new_recovery_words,
    recovery_is_kept,
    remove_pin,
    set_pin,
)
from app.journeys.desk import Desk, Place
from app.journeys.locking import AWAY, IDLE
from app.journeys.recovery_words import RecoveryWords
from app.screens.passphrase import Asking, AskPassphraseState, Choosing, PassphraseState
from app.screens.pin import Offer, PinEvents, PinState
from app.screens.places import Moves
from app.screens.security import OlderCopyState, Pin, SecurityEvents, SecurityState
from app.ui.say import sentence
from crypto.errors import NotAllowed, Unavailable


@dataclass(slots=True)
class Securing:
    """One window's security. `you` is the place before it, `pin_chosen` where the first run goes on."""

    desk: Desk
    recovery: RecoveryWords
    you: Place
    home: Place
    update: Place
    pin_chosen: Place
    _done: str = ""

    def events(self, moves: Moves) -> SecurityEvents:
        """What the Security screen calls."""
        desk = self.desk
        return SecurityEvents(
            moves=moves,
            change_passphrase=lambda: desk.go(lambda: self._ask(Asking.CHANGE)),
            set_pin=lambda: desk.go(self._pin),
            remove_pin=self._remove_pin,
            new_words=self.ask_new_words,
            new_keys=lambda: desk.go(lambda: self._ask(Asking.NEW_KEYS)),
            show_hidden=lambda: desk.go(lambda: self._ask(Asking.SHOW_HIDDEN)),
            hide_again=self._hide_again,
            update=self.update,
            use_older=self._use_older,
            back=desk.back,
        )

    def pin_events(self) -> PinEvents:
        """What the PIN screen calls."""
        return PinEvents(choose=self._set_pin, without=self.pin_chosen, back=self.desk.back)

    async def show(self) -> None:
        """Security as it stands; what was just done is said once."""
        desk = self.desk
        pin = Pin.IMPOSSIBLE
        if await desk.work(has_pin, desk.home):
            pin = Pin.SET
        elif await desk.work(can_set_pin, desk.home):
            pin = Pin.UNSET
        kept = await desk.work(recovery_is_kept, desk.passport)
        done, self._done = self._done, ""
        minute = 60
        idle, away = int(IDLE.total_seconds()) // minute, int(AWAY.total_seconds()) // minute
        desk.shell.show(SecurityState(pin, kept, idle, away, done, desk.passport.store.shows_hidden))

    async def _say(self, key: str) -> None:
        """Security again, with what was done."""
        self._done = self.desk.words(key)
        await self.desk.start_along(self.you, self.show)

    # ---- what needs the passphrase there is -----------------------------------------------

    async def ask_new_words(self) -> None:
        """Begin making new recovery words."""
        await self.desk.go(lambda: self._ask(Asking.NEW_WORDS))

    async def _ask(self, asking: Asking, problem: str = "") -> None:
        self.desk.shell.show(AskPassphraseState(asking, problem))

    async def answer(self, asking: Asking, passphrase: str) -> None:
        """The passphrase there is was typed: go on where it is the right one."""
        desk = self.desk
        if asking is Asking.SHOW_HIDDEN:
            await self._show_hidden(passphrase)
            return
        doing = {Asking.CHANGE: self._may_change, Asking.NEW_WORDS: self._new_words, Asking.NEW_KEYS: self._new_keys}
        desk.shell.busy(desk.words("busy.new-keys" if asking is Asking.NEW_KEYS else "busy.unlocking"))
        try:
            await desk.work(confirm_passphrase, desk.passport, passphrase, now=desk.now())
            await doing[asking](passphrase)
        except NotAllowed as refusal:
            await self._ask(asking, sentence(refusal, desk.words))

    async def _show_hidden(self, passphrase: str) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.unlocking"))
        try:
            await desk.work(own_words.show_hidden, desk.passport, passphrase, now=desk.now())
        except NotAllowed as refusal:
            await self._ask(Asking.SHOW_HIDDEN, sentence(refusal, desk.words))
            return
        await self._say("security.done.shown.text")

    async def _hide_again(self) -> None:
        await self.desk.work(own_words.hide_again, self.desk.passport)
        await self._say("security.done.hidden.text")

    async def _may_change(self, _passphrase: str) -> None:
        await self.desk.replace(self._choose)

    async def _choose(self) -> None:
        self.desk.shell.show(PassphraseState(Choosing.CHANGE))

    async def change(self, passphrase: str) -> None:
        """Take a new passphrase in the place of the one there is."""
        desk = self.desk
        desk.shell.busy(desk.words("busy.changing"))
        try:
            await desk.stretched(change_passphrase, desk.passport, passphrase, now=desk.now())
        except NotAllowed as refusal:
            desk.shell.show(PassphraseState(Choosing.CHANGE, sentence(refusal, desk.words)))
            return
        await self._say("security.done.passphrase.text")

    async def _new_words(self, _passphrase: str) -> None:
        desk = self.desk
        words = await desk.work(new_recovery_words, desk.passport, now=desk.now())
        await self.recovery.begin(words, self._words_kept)

    async def _words_kept(self) -> None:
        await self._back_up()
        await self._say("security.done.words.text")

    async def _new_keys(self, passphrase: str) -> None:
        desk = self.desk
        passport, words = await desk.stretched(rekey, desk.passport, passphrase, now=desk.now())
        desk.open(passport)
        await self.recovery.begin(words, self._keys_kept)

    async def _keys_kept(self) -> None:
        await self._back_up()
        await self._say("security.done.keys.text")

    async def _back_up(self) -> None:
        """So that the newest backup opens with the new words."""
        desk = self.desk
        desk.shell.busy(desk.words("busy.backing-up"))
        await desk.work(back_up_if_chosen, desk.passport, now=desk.now())

    # ---- the PIN --------------------------------------------------------------------------

    async def _pin(self) -> None:
        desk = self.desk
        desk.shell.show(PinState(Offer.CHANGE if await desk.work(has_pin, desk.home) else Offer.SET))

    async def _set_pin(self, pin: str) -> None:
        desk = self.desk
        shown = desk.shell.screen
        offer = shown.offer if isinstance(shown, PinState) else Offer.SET
        desk.shell.busy(desk.words("busy.changing"))
        try:
            await desk.stretched(set_pin, desk.passport, pin, now=desk.now())
        except (NotAllowed, Unavailable) as refusal:
            desk.shell.show(PinState(offer, sentence(refusal, desk.words)))
            return
        if offer is Offer.FIRST:
            await self.pin_chosen()
        else:
            await self._say("security.done.pin.text")

    async def _remove_pin(self) -> None:
        await self.desk.work(remove_pin, self.desk.passport)
        await self._say("security.done.no-pin.text")

    # ---- an older copy --------------------------------------------------------------------

    async def older_copy(self) -> None:
        """What an older copy is, and the two ways on."""
        self.desk.shell.show(OlderCopyState(can_update=self.desk.services is not None))

    async def _use_older(self) -> None:
        desk = self.desk
        await desk.work(accept_as_it_is, desk.passport, now=desk.now())
        await desk.start_at(self.home)

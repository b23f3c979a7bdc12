"""The desk of one window: whose turn it is, the open passport, the services, the way back, and work off the event loop.

Owns who sits at it, what is open now and the trail of places behind the current one. One person's home is all
that a journey can reach. Screens are put on by the journeys beside it; nothing here knows what a screen shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import ParamSpec, TypeVar

from app.actions.far_side import Services, way_out
from app.actions.forgetting import forget_freed
from app.actions.session import Passport
from app.clock import Clock
from app.store.home import PassportHome
from app.store.household import Household, Person
from app.ui.shell import Shell
from app.ui.words import Words
from crypto.errors import NoPassport, NoServices, NoSuchPerson
from crypto.vault_header import DESKTOP, Argon2Cost
from sync.transport import Transport

P = ParamSpec("P")
T = TypeVar("T")

Place = Callable[[], Awaitable[None]]
"""Puts a screen on, from what is stored now."""


@dataclass(slots=True)
class Desk:
    """What the journeys of one window share. `zone` is the zone times are shown in."""

    household: Household
    _person: Person | None
    shell: Shell
    clock: Clock
    zone: tzinfo
    services: Services | None = field(default=None, repr=False)
    offline: bool = False
    opened: Callable[[], None] | None = None
    """Called on the event loop whenever a passport was laid on the desk."""
    changed: Callable[[], None] = lambda: None
    """Called on the event loop whenever something of the record has changed, so that it is backed up."""
    cost: Callable[[], Argon2Cost] = field(default=lambda: DESKTOP, repr=False)
    """How much stretching this device bears; measured when a passport is made, off the event loop."""
    cleared: Callable[[], object] | None = None
    """Called on the event loop by `clear`: what the journeys hold is forgotten. Gives the screen to put on."""
    _passport: Passport | None = field(default=None, repr=False)
    _trail: list[Place] = field(default_factory=list)

    @property
    def person(self) -> Person:
        """Whose turn it is; raises NoSuchPerson while several people are here and none was chosen."""
        if self._person is None:
            raise NoSuchPerson("expected somebody to be chosen, found nobody")
        return self._person

    @property
    def is_taken(self) -> bool:
        """Whether it is said whose turn it is."""
        return self._person is not None

    @property
    def home(self) -> PassportHome:
        """The one folder the journeys may use: of the person whose turn it is."""
        return self.person.home

    def vaults_elsewhere(self) -> frozenset[str]:
        """The names of the vaults of everybody else on this device: nothing of theirs but whether one is the same."""
        return self.household.vaults_beside(self.home)

    def turn_to(self, person: Person | None) -> None:
        """Let somebody sit down, or nobody yet. On the event loop.

        What is open is locked first, and all that was shown, typed, picked or copied by whoever sat here forgotten.
        """
        if self._person is not None:
            self.clear()
        self.lock()
        self._person = person

    def called_anew(self, person: Person) -> None:
        """The person who sits here has another name or colour."""
        if person.number == self.person.number:
            self._person = person

    @property
    def passport(self) -> Passport:
        """The open passport; raises NoPassport while locked."""
        if self._passport is None:
            raise NoPassport("expected an open passport, found it locked")
        return self._passport

    @property
    def online(self) -> Services:
        """The services; raises NoServices where no profile was given."""
        if self.services is None:
            raise NoServices("expected a profile of services, found none")
        return self.services

    @property
    def transport(self) -> Transport:
        """The way to ask whom the patient names; there is one without a profile too."""
        return way_out() if self.services is None else self.services.transport

    @property
    def is_open(self) -> bool:
        """Whether a passport is open at this window."""
        return self._passport is not None

    @property
    def words(self) -> Words:
        """The words in use."""
        return self.shell.words

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each record holder by its iss: "gp" or "hospital"."""
        return {} if self.services is None else {holder.iss: holder.kind for holder in self.services.profile.holders}

    def now(self) -> datetime:
        """The time to judge by, aware UTC."""
        return self.clock.now()

    def local(self, at: datetime) -> datetime:
        """A moment in the zone to be shown."""
        return at.astimezone(self.zone)

    def open(self, passport: Passport) -> None:
        """Lay an open passport on the desk; another one there is locked first.

        Raises Overtaken, and locks it again, where the desk was cleared since it was asked for; NoPassport where it
        is not the passport of the person whose turn it is.
        """
        self._require_current(passport)
        if passport.home.path != self.home.path:
            passport.lock()
            raise NoPassport("expected the passport of the person at this desk, found another's")
        self.lock()
        self._passport = passport
        for source in passport.store.all_sources():
            if source.signed_at is not None:
                self.clock.saw_signed(source.signed_at)
        if self.opened is not None:
            self.opened()

    def clear(self) -> None:
        """Take away what is shown and the way back to it; what was begun before has no say any more.

        On the event loop, and before `lock`: a store in the middle of writing may take its time to close.
        """
        self._trail = []
        if self.cleared is not None:
            self.shell.put_away(self.cleared())

    def lock(self) -> None:
        """Lock what is open and forget the way back. May be called from any thread, and twice.

        What is being written is written whole first; what has not begun to be written is refused.
        """
        passport, self._passport = self._passport, None
        self._trail = []
        if self.services is not None:
            self.services.tokens = None
            self.services.heads.clear()
        if passport is not None:
            passport.lock()
            del passport
            forget_freed()

    async def stretched(self, action: Callable[..., T], *args: object, **kwargs: object) -> T:
        """`work` for an action that stretches a passphrase or a PIN, at the cost this device bears."""
        return await self.work(lambda: action(*args, cost=self.cost(), **kwargs))

    async def work(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run key derivation, SQL, decoding or a request off the event loop; raises Overtaken after a lock."""
        found = await asyncio.to_thread(action, *args, **kwargs)
        self._require_current(found)
        return found

    def _require_current(self, found: object) -> None:
        """A passport that was opened too late is locked again: nobody would ever lock it."""
        try:
            self.shell.require_current()
        except BaseException:  # cancelled too: its key must not stay in memory; raised again
            for one in found if isinstance(found, tuple) else (found,):
                if isinstance(one, Passport):
                    one.lock()
            raise

    # ---- the way back -------------------------------------------------------------------

    async def start_at(self, place: Place) -> None:
        """Go to one of the few places from which there is no way back."""
        self.shell.require_current()
        self._trail = [place]
        await place()

    async def start_along(self, *places: Place) -> None:
        """Go to the last of these; Back leads through those before it."""
        self.shell.require_current()
        self._trail = list(places)
        await places[-1]()

    @property
    def has_way_back(self) -> bool:
        """Whether Back leads anywhere from here."""
        return len(self._trail) > 1

    async def go(self, place: Place) -> None:
        """Go on to `place`; Back leads here again. A place that refuses is not gone to."""
        await self._put_on(place, [*self._trail, place])

    async def replace(self, place: Place) -> None:
        """Go on to `place`; Back leads to where one would have gone back to from here."""
        await self._put_on(place, [*self._trail[:-1], place])

    async def back_to(self, place: Place) -> None:
        """Go back, to `place` instead of where one came from."""
        await self._put_on(place, [*self._trail[:-2], place])

    async def _put_on(self, place: Place, trail: list[Place]) -> None:
        self.shell.require_current()
        before, self._trail = self._trail, trail
        try:
            await place()
        except BaseException:
            if self._trail is trail:
                self._trail = before
            raise

    async def stay(self) -> None:
        """Put the place one is at on again: a way from it led nowhere."""
        if self._trail:
            await self._trail[-1]()

    async def back(self) -> None:
        """Go back to the place before this one."""
        self.shell.require_current()
        if len(self._trail) > 1:
            self._trail = self._trail[:-1]
        if self._trail:
            await self._trail[-1]()

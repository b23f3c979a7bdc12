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

from app.actions.far_side import Services
from app.actions.session import Passport
from app.clock import Clock
from app.store.home import PassportHome
from app.store.household import Household, Person
from app.ui.shell import Shell
from app.ui.words import Words
from crypto.errors import NoPassport, NoServices, NoSuchPerson

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

    def turn_to(self, person: Person | None) -> None:
        """Let somebody sit down, or nobody yet; what is open is locked first. On the event loop.

        What was copied for the person before leaves the clipboard.
        """
        self.lock()
        before, self._person = self._person, person
        if before is not None and (person is None or person.number != before.number):
            self.shell.forget_copied()

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
    def is_open(self) -> bool:
        """Whether a passport is open at this window."""
        return self._passport is not None

    @property
    def words(self) -> Words:
        """The words in use."""
        return self.shell.words

    def now(self) -> datetime:
        """The time to judge by, aware UTC."""
        return self.clock.now()

    def local(self, at: datetime) -> datetime:
        """A moment in the zone to be shown."""
        return at.astimezone(self.zone)

    def open(self, passport: Passport) -> None:
        """Lay an open passport on the desk; another one there is locked first.

        Raises NoPassport, and locks it again, where it is not the passport of the person whose turn it is.
        """
        if passport.home.path != self.home.path:
            passport.lock()
            raise NoPassport("expected the passport of the person at this desk, found another's")
        self.lock()
        self._passport = passport
        for source in passport.store.sources():
            if source.signed_at is not None:
                self.clock.saw_signed(source.signed_at)
        if self.opened is not None:
            self.opened()

    def lock(self) -> None:
        """Lock what is open and forget the way back. May be called from any thread, and twice."""
        passport, self._passport = self._passport, None
        self._trail = []
        if self.services is not None:
            self.services.tokens = None
            self.services.heads.clear()
        if passport is not None:
            passport.lock()

    async def work(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run key derivation, SQL, decoding or a request off the event loop."""
        return await asyncio.to_thread(action, *args, **kwargs)

    # ---- the way back -------------------------------------------------------------------

    async def start_at(self, place: Place) -> None:
        """Go to one of the few places from which there is no way back."""
        self._trail = [place]
        await place()

    async def go(self, place: Place) -> None:
        """Go on to `place`; Back leads here again. A place that refuses is not gone to."""
        await self._put_on(place, [*self._trail, place])

    async def replace(self, place: Place) -> None:
        """Go on to `place`; Back leads to where one would have gone back to from here."""
        await self._put_on(place, [*self._trail[:-1], place])

    async def _put_on(self, place: Place, trail: list[Place]) -> None:
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
        if len(self._trail) > 1:
            self._trail = self._trail[:-1]
        if self._trail:
            await self._trail[-1]()

"""The people whose passports are kept on this device: choosing one, adding one, and what each is called.

Owns these screens' events. Between two people goes nothing: whoever is open is locked, and all that was shown
of them forgotten, before another sits down (seat.py, desk.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.journeys.desk import Desk, Place
from app.journeys.seat import Seat, plate_of
from app.screens.people import PeopleEvents, PeopleState, PersonState
from app.screens.places import Moves
from app.store.household import unused_colour
from app.ui.say import sentence
from crypto.errors import NotAllowed


@dataclass(slots=True)
class People:
    """The people of one window. `welcome` begins first run."""

    desk: Desk
    seat: Seat
    welcome: Place

    def events(self, moves: Moves) -> PeopleEvents:
        """What the screens call."""
        return PeopleEvents(
            moves=moves, choose=self._choose, edit=self._edit, add=self._add, keep=self._keep, back=self.desk.back
        )

    async def show(self) -> None:
        """The people I look after."""
        desk = self.desk
        people = await desk.work(desk.household.people)
        desk.shell.show(PeopleState(tuple(plate_of(one) for one in people), desk.person.number))

    async def _choose(self, number: int) -> None:
        person = await self.desk.work(self.desk.household.person, number)
        await self.seat.put_away()
        self.seat.turn_to(person)
        await self.seat.begin()

    async def _edit(self, number: int) -> None:
        async def form() -> None:
            person = await self.desk.work(self.desk.household.person, number)
            self.desk.shell.show(PersonState(number, person.name, person.colour))

        await self.desk.go(form)

    async def _add(self) -> None:
        async def form() -> None:
            people = await self.desk.work(self.desk.household.people)
            self.desk.shell.show(PersonState(None, "", unused_colour(people)))

        await self.desk.go(form)

    async def _keep(self, number: int | None, name: str, colour: str) -> None:
        desk = self.desk
        try:
            if number is None:
                newcomer = await desk.work(desk.household.newcomer, name, colour)
            else:
                await desk.work(desk.household.describe, number, name, colour)
        except NotAllowed as refusal:
            desk.shell.show(PersonState(number, name, colour, sentence(refusal, desk.words)))
            return
        if number is not None:
            desk.called_anew(desk.household.person(desk.person.number))
            self.seat.say()
            await desk.back()
            return
        await self.seat.put_away()
        self.seat.turn_to(newcomer)
        await desk.start_at(self.welcome)

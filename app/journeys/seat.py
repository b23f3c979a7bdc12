"""Who sits at the desk of a window: found at the start, after a switch and after a passport was deleted.

Owns that choice, how the app looks to whom, and that every screen says whose passport it is. Adding people and
what they are called is people.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.journeys.desk import Desk, Place
from app.journeys.you import kept_appearance
from app.screens.people import PersonPlate, WhoseState
from app.store.household import Household, Person
from app.ui.look import Whose
from app.ui.shell import Appearance


@dataclass(slots=True)
class Seat:
    """The seat at the desk of one window.

    `put_away` locks what is open and forgets all that was shown of it; `begin` shows the first screen of whoever sits.
    """

    desk: Desk
    put_away: Place
    begin: Place

    def take(self) -> None:
        """Leave it to whoever sits there while their passport is here; else to the only person, or to nobody yet."""
        desk = self.desk
        if not (desk.is_taken and desk.home.exists()):
            self.turn_to(whose_turn(desk.household))
        self.say()

    def turn_to(self, person: Person | None) -> None:
        """Let somebody sit down; what is open is locked first."""
        self.desk.turn_to(person)
        self.desk.shell.appear(appearance_of(self.desk.household, person))
        self.say()

    def say(self) -> None:
        """Say on every screen whose passport this is, where anybody else's is kept here too."""
        desk = self.desk
        whose = None
        if desk.is_taken and desk.household.others(desk.person):
            person = desk.person
            whose = Whose(person.number, person.name, person.colour, self.switch)
        desk.shell.say_whose(whose)

    async def forget_deleted(self) -> None:
        """Somebody's passport was deleted: nothing says any more that they were here, nor what they were called."""
        await self.desk.work(self.desk.household.tidy)

    async def switch(self) -> None:
        """Lock what is open, and ask whose passport is meant."""
        await self.put_away()
        self.turn_to(whose_turn(self.desk.household))
        await self.begin()

    def whose(self) -> WhoseState:
        """The people there are, to choose from."""
        return WhoseState(tuple(plate_of(one) for one in self.desk.household.people()))


def whose_turn(household: Household) -> Person | None:
    """The only person, or the first to be made; None where several are here. Whoever was never made is forgotten."""
    household.tidy()
    people = household.people()
    if len(people) > 1:
        return None
    return people[0] if people else household.first()


def appearance_of(household: Household, person: Person | None) -> Appearance:
    """How the app looks to a person; where they chose nothing, and before anybody is chosen, as to the first here."""
    homes = [one.home for one in (person, *household.people()[:1], household.first()) if one is not None]
    return next((kept for kept in map(kept_appearance, homes) if kept is not None), Appearance())


def plate_of(person: Person) -> PersonPlate:
    """A person as screens show one."""
    return PersonPlate(person.number, person.name, person.colour)

"""Several people on one device: whose passport to open, the people I look after, and what each is called.

Owns these screens. A name and a colour are all that is shown of anybody whose passport is not open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look
from app.ui.theme import PLATES
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class PersonPlate:
    """Somebody whose passport is kept on this device: the number is handed back, the name may be empty."""

    number: int
    name: str = field(repr=False)
    colour: str


@dataclass(frozen=True, slots=True)
class WhoseState:
    """Nothing is open: the people there are."""

    people: tuple[PersonPlate, ...]


@dataclass(frozen=True, slots=True)
class PeopleState:
    """The people there are, from within the open passport of `current`."""

    people: tuple[PersonPlate, ...]
    current: int


@dataclass(frozen=True, slots=True)
class PersonState:
    """Saying what somebody is called. `number` is None for somebody new; `problem` is a sentence, or empty."""

    number: int | None
    name: str = field(repr=False)
    colour: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PeopleEvents:
    """What a person can do here. `keep` gets number (None for somebody new), name and colour."""

    moves: Moves
    choose: Callable[[int], object]
    edit: Callable[[int], object]
    add: Callable[[], object]
    keep: Callable[[int | None, str, str], object]
    back: Callable[[], object]


def whose(state: WhoseState, events: PeopleEvents, look: Look) -> ft.View:
    """Whose passport: a plate for each person."""
    plates = [
        parts.plate_link(
            look,
            parts.shown_name(look.words, person.number, person.name),
            person.colour,
            lambda person=person: events.choose(person.number),
            identifier=f"whose-{person.number}",
        )
        for person in state.people
    ]
    lead = parts.body(look, look.words("whose.lead"))
    return parts.frame(look, look.words("whose.title"), [lead, *plates], name="whose")


def people(state: PeopleState, events: PeopleEvents, look: Look) -> ft.View:
    """The people I look after: each with a way to change the name and colour, and one more."""
    w = look.words
    plates = [
        parts.plate_link(
            look,
            parts.shown_name(look.words, person.number, person.name),
            person.colour,
            lambda person=person: events.edit(person.number),
            identifier=f"person-{person.number}",
            note=w("people.open" if person.number == state.current else "people.change"),
        )
        for person in state.people
    ]
    controls: list[ft.Control] = [
        parts.body(look, w("people.lead")),
        *plates,
        parts.secondary(look, w("people.add"), events.add, identifier="add-person", icon=ft.Icons.PERSON_ADD_OUTLINED),
        parts.inset(look, [parts.body(look, w("people.apart.text"))]),
    ]
    places = bar(look, events.moves, "you")
    return parts.frame(look, w("people.title"), controls, name="people", back=events.back, places=places)


def person(state: PersonState, events: PeopleEvents, look: Look) -> ft.View:
    """A name and a colour."""
    w = look.words
    new = state.number is None
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    if new:
        controls.append(parts.body(look, w("person.new.lead")))
    controls.append(PersonForm(look, events, state))
    places = bar(look, events.moves, "you")
    title = w("people.add" if new else "person.title")
    return parts.frame(look, title, controls, name=f"person-{state.number}", back=events.back, places=places)


@ft.component
def PersonForm(look: Look, events: PeopleEvents, state: PersonState) -> ft.Control:  # noqa: N802 - a Flet component
    """What is typed and chosen lives here only."""
    w = look.words
    typed = use_typed(state.name)
    colour, set_colour = ft.use_state(state.colour)
    chosen = ft.use_ref(state.colour)

    def choose(value: object) -> None:
        chosen.current = str(value)
        set_colour(str(value))

    def keep() -> object:
        return events.keep(state.number, typed.now, chosen.current or state.colour)

    field = parts.text_field(
        look, w("person.name"), typed.shown, typed.change,
        identifier="person-name", hint=w("person.name.hint"), submitted=keep,
    )  # fmt: skip
    colours = parts.colour_radios(look, tuple(PLATES), colour, choose, identifier="colour")
    button = w("button.continue" if state.number is None else "person.keep")
    return ft.Column(
        [
            parts.card(look, [field], spacing=16),
            parts.heading(look, w("person.colour")),
            parts.card(look, [colours]),
            parts.primary(look, button, keep, identifier="keep-person"),
        ],
        spacing=16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )

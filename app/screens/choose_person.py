"""Choosing one of the made-up people of the stand-in services. Says plainly that nobody here is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """One to choose: `person_id` is handed back."""

    person_id: str
    label: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChoosePersonState:
    """The made-up people there are."""

    people: tuple[MadeUpPerson, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChoosePersonEvents:
    """What a person can do here."""

    choose: Callable[[str], object]
    back: Callable[[], object]


def view(state: ChoosePersonState, events: ChoosePersonEvents, look: Look) -> ft.View:
    """A card for each made-up person."""
    cards = [
        parts.card_link(
            look,
            person.label,
            lambda person=person: events.choose(person.person_id),
            identifier=f"person-{person.person_id}",
            icon=ft.Icons.PERSON_OUTLINE,
        )
        for person in state.people
    ]
    lead = parts.body(look, look.words("choose.lead"))
    return parts.frame(look, look.words("choose.title"), [lead, *cards], name="choose-person", back=events.back)

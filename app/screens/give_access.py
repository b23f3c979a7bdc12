"""Give access in three steps: what, who, and for how long, with the honest note.

Owns the three screens. Which sections are ticked to begin with and what each length means is
app/policy/access.py; making the code is an action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.policy.access import HowLong
from app.record.entry import Section
from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class SectionChoice:
    """A section that may go along: how many entries, and whether it is ticked. `said` stands where there are none."""

    section: Section
    count: int
    ticked: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class AccessWhatState:
    """Step 1: what. `problem` is a sentence, or empty."""

    sections: tuple[SectionChoice, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AccessWhoState:
    """Step 2: who. One way is built: anyone who holds the code and the number."""


@dataclass(frozen=True, slots=True)
class AccessHowLongState:
    """Step 3: for how long, and what will be given."""

    chosen: HowLong
    sections: tuple[Section, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AccessEvents:
    """What a person can do on the way. `tick` gets the section and its new state."""

    moves: Moves
    tick: Callable[[Section, bool], object]
    choose: Callable[[HowLong], object]
    on: Callable[[], object]
    give: Callable[[], object]
    back: Callable[[], object]


def what(state: AccessWhatState, events: AccessEvents, look: Look) -> ft.View:
    """Step 1."""
    w = look.words
    ticks = [section_tick(look, choice, events.tick, identifier="tick") for choice in state.sections]
    controls = [
        *_problem(look, state.problem),
        parts.small(look, w("access.step", step=1)),
        parts.body(look, w("access.what.lead")),
        parts.card(look, ticks, spacing=4),
        parts.primary(look, w("button.continue"), events.on, identifier="continue"),
    ]
    return _frame(look, "access.what.title", controls, events, "access-what")


def section_tick(
    look: Look, choice: SectionChoice, tick: Callable[[Section, bool], object], *, identifier: str
) -> ft.Control:
    """A section to be ticked, with how many entries it has or what its lists say."""
    w = look.words
    name = w(f"section.{choice.section.value}")
    told = w("access.what.said", section=name, said=choice.said)
    return parts.tick(
        look,
        w.count("access.what.section", choice.count, section=name) if choice.count else told,
        choice.ticked,
        lambda ticked: tick(choice.section, bool(ticked)),
        identifier=f"{identifier}-{choice.section.value}",
    )


def who(_state: AccessWhoState, events: AccessEvents, look: Look) -> ft.View:
    """Step 2."""
    w = look.words
    controls = [
        parts.small(look, w("access.step", step=2)),
        parts.card(look, [parts.body(look, w("access.who.code"), bold=True), parts.body(look, w("access.who.note"))]),
        parts.body(look, w("access.who.lead")),
        parts.primary(look, w("button.continue"), events.on, identifier="continue"),
    ]
    return _frame(look, "access.who.title", controls, events, "access-who")


def how_long(state: AccessHowLongState, events: AccessEvents, look: Look) -> ft.View:
    """Step 3, with the honest note."""
    w = look.words
    choices = [parts.Choice(length.value, w(f"how-long.{length.value}")) for length in HowLong]
    chosen = w("list.and").join(w(f"section.{section.value}") for section in state.sections)
    controls = [
        *_problem(look, state.problem),
        parts.small(look, w("access.step", step=3)),
        parts.card(
            look,
            [
                parts.radios(
                    look,
                    choices,
                    state.chosen.value,
                    lambda value: events.choose(HowLong(str(value))),
                    identifier="how-long",
                )
            ],
        ),
        parts.card(look, [parts.summary(look, [(w("access.giving"), chosen)])]),
        parts.callout(look, w("access.note.title"), [w("access.note.end"), w("access.note.copy")]),
        parts.primary(look, w("access.give"), events.give, identifier="give"),
    ]
    return _frame(look, "access.how-long.title", controls, events, "access-how-long")


def _problem(look: Look, problem: str) -> list[ft.Control]:
    return [parts.error_summary(look, problem)] if problem else []


def _frame(look: Look, key: str, controls: list[ft.Control], events: AccessEvents, name: str) -> ft.View:
    places = bar(look, events.moves, "share")
    return parts.frame(look, look.words(key), controls, name=name, back=events.back, places=places)

"""Live access: the code, the number to read aloud, the time left, who opened it, and the way to end it.

Owns three screens: while it runs, while it waits for a signal to be ended, and after it ended. An opening by link
says only the name that was given; nobody has checked it, and the words say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import flet as ft

from app.record.entry import Section
from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening: when (in the zone to be shown), and the name that was given."""

    at: datetime
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LiveAccessState:
    """Access that runs. `unasked` when the service could not be asked who has opened it."""

    access_id: str
    code: parts.CodePicture = field(repr=False)
    link: str = field(repr=False)
    passcode: str = field(repr=False)
    seconds_left: int
    until: datetime
    sections: tuple[Section, ...]
    openings: tuple[Opening, ...] = ()
    unasked: bool = False
    link_shown: bool = False


@dataclass(frozen=True, slots=True)
class EndingAccessState:
    """Access the patient ended without a signal: the code still works, so neither it nor the number is shown again."""

    access_id: str
    until: datetime
    sections: tuple[Section, ...]
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class EndedAccessState:
    """Access that is over, and why."""

    access_id: str
    ended_at: datetime
    why: Literal["ended", "expired"]
    sections: tuple[Section, ...]
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveAccessEvents:
    """What a person can do here. `show_link` gets whether the link is to be shown as text."""

    moves: Moves
    end: Callable[[str], object]
    show_link: Callable[[bool], object]
    copy: Callable[[str], object]
    back: Callable[[], object]


def view(state: LiveAccessState, events: LiveAccessEvents, look: Look) -> ft.View:
    """While it runs."""
    w = look.words
    controls: list[ft.Control] = [
        parts.body(look, w("live.lead")),
        parts.code_box(look, state.code, w("live.code.label"), identifier="access-code"),
        _number(look, state.passcode),
        ft.Row([parts.countdown(look, state.seconds_left)], alignment=ft.MainAxisAlignment.CENTER),
        parts.small(look, w("live.until", when=w.moment(state.until))),
        parts.danger(look, w("live.end"), lambda: events.end(state.access_id), identifier="end-access"),
        *_link(look, state, events),
        *_openings(look, state.openings),
    ]
    if state.unasked:
        controls.append(parts.body(look, w("live.unasked")))
    controls += _given(look, state.sections, "live.given")
    return _frame(look, w("live.title"), controls, events)


def ending(state: EndingAccessState, events: LiveAccessEvents, look: Look) -> ft.View:
    """While it waits to be ended."""
    w = look.words
    controls: list[ft.Control] = [
        parts.told(parts.body(look, w("live.ending.note"), bold=True), identifier="access-ending"),
        parts.small(look, w("live.until", when=w.moment(state.until))),
        *_openings(look, state.openings),
        *_given(look, state.sections, "live.given"),
    ]
    return _frame(look, w("live.ending.title"), controls, events)


def ended(state: EndedAccessState, events: LiveAccessEvents, look: Look) -> ft.View:
    """After it ended."""
    w = look.words
    said = parts.body(look, w(f"live.over.{state.why}", when=w.moment(state.ended_at)))
    controls: list[ft.Control] = [
        parts.told(said, identifier="access-ended"),
        parts.body(look, w("access.note.copy")),
        *_openings(look, state.openings),
        *_given(look, state.sections, "live.over.given"),
    ]
    return _frame(look, w("live.over.title"), controls, events)


def _number(look: Look, passcode: str) -> ft.Control:
    w = look.words
    shown = f"{passcode[:3]} {passcode[3:]}"
    lines = [
        parts.body(look, w("live.number"), bold=True),
        parts.figures(look, shown, w("live.number.spoken", figures=" ".join(passcode))),
        parts.small(look, w("live.number.note")),
    ]
    return parts.marked("access-number", parts.card(look, lines))


def _link(look: Look, state: LiveAccessState, events: LiveAccessEvents) -> list[ft.Control]:
    w = look.words
    key = "live.link.hide" if state.link_shown else "live.link.show"
    toggle = parts.quiet(look, w(key), lambda: events.show_link(not state.link_shown), identifier="link-toggle")
    found: list[ft.Control] = [ft.Row([toggle], wrap=True)]
    if state.link_shown:
        copy = parts.secondary(look, w("live.link.copy"), lambda: events.copy(state.link), identifier="link-copy")
        found += [parts.marked("access-link", parts.raw(look, state.link)), copy]
    return found


def _openings(look: Look, openings: tuple[Opening, ...]) -> list[ft.Control]:
    w = look.words
    lines: list[ft.Control] = [
        parts.body(look, w("live.opened", when=w.moment(one.at), name=one.name or w("live.opened.no-name")))
        for one in openings
    ] or [parts.body(look, w("live.opened.none"))]
    return [parts.heading(look, w("live.opened.title")), parts.told(parts.card(look, lines), identifier="openings")]


def _given(look: Look, sections: tuple[Section, ...], key: str) -> list[ft.Control]:
    lines: list[ft.Control] = [parts.body(look, look.words(f"section.{section.value}")) for section in sections]
    return [parts.heading(look, look.words(key)), parts.card(look, lines)]


def _frame(look: Look, title: str, controls: list[ft.Control], events: LiveAccessEvents) -> ft.View:
    places = bar(look, events.moves, "share")
    return parts.frame(look, title, controls, name="live-access", back=events.back, places=places)

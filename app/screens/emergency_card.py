"""The emergency card: red header, the lines in order of need, a big code, and the same as text.

Owns its look. The switch for showing it while locked is locked_choices.py's. Which lines, in which order and how many
fit is decided by app/record/emergency.py; the code is drawn by app/qr.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import flet as ft

from app.policy.locked_choices import LockedChoices
from app.screens.locked_choices import Keystore, while_locked
from app.screens.places import Moves, bar
from app.ui import parts, theme
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class CardLine:
    """One line with who said it and when; `own_words` when nobody but the patient vouches for it.

    `dial` is the number to call at a tap, empty where there is none.
    """

    text: str = field(repr=False)
    said_by: str
    when: str = ""
    own_words: bool = False
    dial: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CardGroup:
    """Lines under a heading; `name` is a key below "emergency.group."; `said` stands where there are no lines."""

    name: str
    lines: tuple[CardLine, ...] = field(repr=False)
    said: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What did not fit into the code: "2 of 9 medicines not shown"."""

    name: str
    left_out: int
    total: int


@dataclass(frozen=True, slots=True)
class EmergencyState:
    """The card. `locked` when it is shown without the passphrase; `text` is what the code holds, for reading.

    `code` is None where nothing fits; `text` is empty where only codes were to be shown; `signed` where a reader can
    check it. `contact` while the code is the card as a contact, None where it cannot be one. `look_again` is a key
    below "emergency.look.", empty where there is no need.
    """

    name: str = field(repr=False)
    born: str = field(repr=False)
    age: int | None = field(repr=False)
    nhs_number: str = field(repr=False)
    groups: tuple[CardGroup, ...] = field(repr=False)
    code: parts.CodePicture | None = field(repr=False)
    text: str = field(repr=False)
    left_out: tuple[LeftOut, ...] = ()
    locked: bool = False
    shown_while_locked: bool = False
    keystore: Keystore = "none"
    choices: LockedChoices = field(default_factory=LockedChoices)
    updated: str = ""
    signed: bool = True
    contact: bool | None = None
    look_again: str = ""


@dataclass(frozen=True, slots=True)
class EmergencyEvents:
    """What a person can do here: switches get the new state, `choose_while_locked` all choices, `call` the number."""

    moves: Moves
    show_while_locked: Callable[[bool], object]
    choose_while_locked: Callable[[LockedChoices], object]
    call: Callable[[str], object]
    as_contact: Callable[[bool], object]
    choose: Callable[[], object]
    looked: Callable[[], object]
    back: Callable[[], object]


def view(state: EmergencyState, events: EmergencyEvents, look: Look) -> ft.View:
    """The card."""
    w = look.words
    controls: list[ft.Control] = [_header(look, state)]
    controls += _look_again(look, state, events)
    controls += [_group(look, group, events) for group in state.groups]
    controls += _code(look, state, events)
    if state.updated:
        controls.append(parts.small(look, w("emergency.updated", when=state.updated)))
    if not state.locked:
        controls.append(parts.secondary(look, w("emergency.choose"), events.choose, identifier="choose-card"))
        show, choose = events.show_while_locked, events.choose_while_locked
        controls += while_locked(look, state.keystore, state.shown_while_locked, state.choices, show, choose)
    places = None if state.locked else bar(look, events.moves, "home")
    return parts.frame(
        look, w("emergency.title"), controls, name="emergency", back=events.back, places=places
    )  # fmt: skip


def _header(look: Look, state: EmergencyState) -> ft.Control:
    w, pair = look.words, look.tokens.emergency
    lines = [ft.Text(w.directed(state.name), style=look.style(theme.Kind.SECTION, pair.text))]
    born = w("emergency.born", date=state.born) if state.born else ""
    age = w.count("home.age", state.age) if state.age is not None else ""
    number = w("emergency.nhs-number", number=state.nhs_number) if state.nhs_number else ""
    lines += [
        ft.Text(w.directed(line), style=look.style(theme.Kind.BODY_BOLD, pair.text))
        for line in (born, age, number)
        if line
    ]
    column = ft.Column(list(lines), spacing=4, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Container(column, bgcolor=pair.back, border_radius=theme.RADIUS, padding=16)


def _look_again(look: Look, state: EmergencyState, events: EmergencyEvents) -> list[ft.Control]:
    if state.locked or not state.look_again:
        return []
    w = look.words
    title = w("emergency.look.title" if state.look_again == "never" else "emergency.look.again")
    return [
        parts.callout(look, title, [w(f"emergency.look.{state.look_again}.text")]),
        parts.primary(look, w("emergency.look.done"), events.looked, identifier="looked"),
    ]


def _group(look: Look, group: CardGroup, events: EmergencyEvents) -> ft.Control:
    w = look.words
    controls: list[ft.Control] = [parts.heading(look, w(f"emergency.group.{group.name}"), theme.Kind.CARD)]
    if group.said:
        controls.append(parts.body(look, group.said))
    for at, line in enumerate(group.lines):
        own, dated = ".own" if line.own_words else "", "-when" if line.when else ""
        both = [parts.body(look, line.text, bold=True)]
        if line.own_words or line.said_by:
            both.append(parts.small(look, w(f"emergency.said{own}{dated}", name=line.said_by, when=line.when)))
        controls.append(
            ft.MergeSemantics(ft.Column(both, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))
        )
        if line.dial:
            label, call = w("emergency.call", number=line.dial), partial(events.call, line.dial)
            controls.append(parts.secondary(look, label, call, identifier=f"call-{at}", icon=ft.Icons.CALL))
    return parts.card(look, controls, spacing=8)


def _code(look: Look, state: EmergencyState, events: EmergencyEvents) -> list[ft.Control]:
    w = look.words
    controls: list[ft.Control] = []
    if state.code is None:
        controls.append(parts.small(look, w("emergency.code.none" if state.text else "emergency.code.only.none")))
    else:
        shape = "contact" if state.contact else "code"
        controls += [
            parts.heading(look, w("emergency.code.title")),
            parts.body(look, w(f"emergency.{shape}.lead")),
            parts.code_box(look, state.code, w(f"emergency.{shape}.label"), identifier="emergency-code"),
        ]
        if not state.signed:
            controls.append(parts.inset(look, [parts.body(look, w("emergency.code.unsigned.text"))]))
        if state.contact is not None:
            other = "words" if state.contact else "contact"
            turn = partial(events.as_contact, not state.contact)
            controls.append(parts.secondary(look, w(f"emergency.code.as.{other}"), turn, identifier="as-contact"))
    for one in state.left_out:
        what = w(f"emergency.group.{one.name}").lower()
        left = w("emergency.left-out", left_out=one.left_out, total=one.total, what=what)
        controls.append(ft.Row([parts.tag(look, left, "yellow")], wrap=True))
    if state.text:
        controls += [
            parts.heading(look, w("emergency.text.title"), theme.Kind.CARD),
            parts.marked("emergency-text", parts.raw(look, state.text)),
        ]
    return controls

"""A link somebody gave the patient: pasted or shown to the camera, then where it leads, before anybody is asked.

Owns the three screens. Whom a link leads to is read elsewhere; the passcode and the pasted link live in their forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class LinkInState:
    """Before there is a link. `problem` is a sentence, or empty."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class LinkCameraState:
    """The camera at work; `other` once it saw a code of another kind."""

    camera: ft.Control = field(repr=False)
    other: bool = False


@dataclass(frozen=True, slots=True)
class LinkAskState:
    """Where a link leads. `called` and `until` are what it says of itself; `changes` where its files may change.

    `problem` is what came of the last try, a sentence or empty.
    """

    host: str = field(repr=False)
    needs_passcode: bool
    called: str = field(default="", repr=False)
    until: datetime | None = None
    changes: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LinkInEvents:
    """What a person can do: `paste` gets the text, `ask` the passcode, which is empty where there is none."""

    paste: Callable[[str], object]
    camera: Callable[[], object]
    file: Callable[[], object]
    stop: Callable[[], object]
    ask: Callable[[str], object]
    back: Callable[[], object]


def view(state: LinkInState, events: LinkInEvents, look: Look) -> ft.View:
    """The field for the link, and the other ways to it."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, w("bring.lead")),
        PasteForm(look, events),
        parts.secondary(look, w("bring.camera"), events.camera, identifier="start-camera"),
        parts.secondary(look, w("bring.file"), events.file, identifier="from-file"),
    ]
    return parts.frame(look, w("bring.title"), controls, name="link-in", back=events.back)


@ft.component
def PasteForm(look: Look, events: LinkInEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """The link, in one field; what is pasted lives here only."""
    typed = use_typed()

    def go_on() -> object:
        return events.paste(typed.now)

    field = parts.text_field(
        look, look.words("bring.label"), typed.shown, typed.change,
        identifier="link-text", hint=look.words("bring.hint"), submitted=go_on,
    )  # fmt: skip
    button = parts.primary(look, look.words("button.continue"), go_on, identifier="use-link")
    return parts.card(look, [field, button], spacing=16)


def camera(state: LinkCameraState, events: LinkInEvents, look: Look) -> ft.View:
    """What the camera sees."""
    w = look.words
    controls = [
        parts.viewfinder(look, state.camera, w("receive.camera"), identifier="camera"),
        parts.told(parts.body(look, w("bring.other.text" if state.other else "bring.looking.text")), identifier="hint"),
        parts.secondary(look, w("receive.stop"), events.stop, identifier="stop-camera"),
    ]
    return parts.frame(look, w("bring.title"), controls, name="link-camera", back=events.stop)


def ask(state: LinkAskState, events: LinkInEvents, look: Look) -> ft.View:
    """Where the link leads and what is seen there, before anybody is asked."""
    w = look.words
    facts = [(w("bring.host"), state.host)]
    if state.called:
        facts.append((w("bring.called"), state.called))
    if state.until is not None:
        facts.append((w("bring.until"), w.moment(state.until)))
    before = [w("bring.trust.text"), w("bring.told.text", host=state.host), w("bring.not-kept.text")]
    if state.changes:
        before.append(w("bring.changes.text"))
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.card(look, [parts.summary(look, facts)]),
        parts.callout(look, w("bring.before"), before),
        AskForm(look, state, events),
    ]
    return parts.frame(look, w("bring.ask.title"), controls, name="link-ask", back=events.back)


@ft.component
def AskForm(look: Look, state: LinkAskState, events: LinkInEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """The passcode where the link asks for one, and the word to go."""
    typed = use_typed()
    w = look.words

    def go_on() -> object:
        return events.ask(typed.now)

    controls: list[ft.Control] = []
    if state.needs_passcode:
        controls.append(
            parts.text_field(
                look,
                w("bring.passcode"),
                typed.shown,
                typed.change,
                identifier="passcode",
                hint=w("bring.passcode.hint"),
                submitted=go_on,
            )
        )
    controls.append(parts.primary(look, w("bring.ask"), go_on, identifier="ask-host"))
    return ft.Column(controls, spacing=16, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

"""Before a link is opened: who opens it, and the 6-figure number the patient reads aloud.

Owns the form. The name goes to the relay and into the patient's list as it is typed: the screen says
so. Asking is desk.py; tries are counted by the relay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link waits to be opened. `problem` is the sentence after a wrong number; `name` the one given before."""

    label: str = field(repr=False)
    needs_passcode: bool
    name: str = field(default="", repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LinkEvents:
    """What a professional can do here. `open` gets the name and the number."""

    open: Callable[[str, str], object]
    back: Callable[[], object]


def view(state: LinkState, events: LinkEvents, look: Look) -> ft.View:
    """The form, with the problem of the last try above it."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w("reader.link.lead")), LinkForm(look, state, events)]
    return parts.frame(
        look, w("reader.link.title"), controls, name="reader-link", back=events.back, brand=w("reader.brand")
    )


@ft.component
def LinkForm(look: Look, state: LinkState, events: LinkEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """Name and number; what is typed lives here only."""
    name = use_typed(state.name)
    number = use_typed()
    w = look.words

    def open_link() -> object:
        return events.open(name.now, number.now)

    fields = [
        parts.text_field(
            look,
            w("reader.link.name"),
            name.shown,
            name.change,
            identifier="recipient",
            hint=w("reader.link.name.hint"),
        )
    ]
    if state.needs_passcode:
        fields.append(
            parts.text_field(
                look,
                w("reader.link.number"),
                number.shown,
                number.change,
                identifier="passcode",
                hint=w("reader.link.number.hint"),
                digits=True,
                submitted=open_link,
            )
        )
    fields.append(parts.primary(look, w("reader.link.open"), open_link, identifier="open-link"))
    return ft.Column(fields, spacing=16, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

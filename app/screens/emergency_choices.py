"""What is on the emergency card: a tick for each part and line, own words, people to call, where the original lies.

Owns these screens. What may be written, and what leaving something off does to the card, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.theme import Kind
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class LineChoice:
    """A line of the record that may stand on the card; `keys` are handed back."""

    keys: tuple[str, ...] = field(repr=False)
    text: str = field(repr=False)
    on: bool


@dataclass(frozen=True, slots=True)
class PartChoice:
    """A part of the card; `name` is a key below "emergency.group.". Its lines can be chosen while it is `on`."""

    name: str
    on: bool
    lines: tuple[LineChoice, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChoicesState:
    """All there is to choose; `room_for_words` and `room_for_contacts` while more can be added."""

    parts: tuple[PartChoice, ...]
    own_words: tuple[str, ...] = field(default=(), repr=False)
    contacts: tuple[str, ...] = field(default=(), repr=False)
    original: str = field(default="", repr=False)
    room_for_words: bool = True
    room_for_contacts: bool = True


@dataclass(frozen=True, slots=True)
class WordsState:
    """Writing one line: own words, or with `original` where the original of the form lies. `problem` is a sentence."""

    original: bool = False
    text: str = field(default="", repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ContactState:
    """Adding somebody to call; `problem` is a sentence, or empty."""

    name: str = field(default="", repr=False)
    relationship: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ChoicesEvents:
    """What a person can do here. The numbers count from 0 in the order shown."""

    put_part: Callable[[str, bool], object]
    put_line: Callable[[tuple[str, ...], bool], object]
    add_words: Callable[[], object]
    keep_words: Callable[[str], object]
    remove_words: Callable[[int], object]
    add_contact: Callable[[], object]
    keep_contact: Callable[[str, str, str], object]
    remove_contact: Callable[[int], object]
    say_original: Callable[[], object]
    keep_original: Callable[[str], object]
    preview: Callable[[], object]
    back: Callable[[], object]


def view(state: ChoicesState, events: ChoicesEvents, look: Look) -> ft.View:
    """Everything that can be chosen, and the way to see what comes of it."""
    w = look.words
    controls: list[ft.Control] = [
        parts.body(look, w("choices.lead")),
        parts.primary(look, w("choices.preview"), events.preview, identifier="preview"),
        *(_part(look, part, events) for part in state.parts),
        *_own_words(look, state, events),
        *_contacts(look, state, events),
        *_original(look, state, events),
    ]
    return parts.frame(look, w("choices.title"), controls, name="choices", back=events.back)


def _part(look: Look, part: PartChoice, events: ChoicesEvents) -> ft.Control:
    w = look.words
    name = w(f"emergency.group.{part.name}")
    whole = parts.switch(
        look, w("choices.part", what=name), part.on, partial(events.put_part, part.name), identifier=f"part-{part.name}"
    )
    lines = [
        parts.tick(look, line.text, line.on, partial(events.put_line, line.keys), identifier=f"line-{part.name}-{at}")
        for at, line in enumerate(part.lines)
    ]
    return parts.card(look, [parts.heading(look, name, Kind.CARD), whole, *(lines if part.on else ())])


def _own_words(look: Look, state: ChoicesState, events: ChoicesEvents) -> list[ft.Control]:
    w = look.words
    controls: list[ft.Control] = [parts.heading(look, w("emergency.group.own-words"))]
    controls.append(parts.body(look, w("choices.own.lead")))
    controls += [
        _added(look, words, partial(events.remove_words, at), f"remove-words-{at}")
        for at, words in enumerate(state.own_words)
    ]
    if state.room_for_words:
        controls.append(parts.secondary(look, w("choices.own.add"), events.add_words, identifier="add-words"))
    return controls


def _contacts(look: Look, state: ChoicesState, events: ChoicesEvents) -> list[ft.Control]:
    w = look.words
    controls: list[ft.Control] = [parts.heading(look, w("emergency.group.contacts"))]
    controls.append(parts.body(look, w("choices.contacts.lead")))
    controls += [
        _added(look, told, partial(events.remove_contact, at), f"remove-contact-{at}")
        for at, told in enumerate(state.contacts)
    ]
    if state.room_for_contacts:
        controls.append(parts.secondary(look, w("choices.contacts.add"), events.add_contact, identifier="add-contact"))
    return controls


def _original(look: Look, state: ChoicesState, events: ChoicesEvents) -> list[ft.Control]:
    w = look.words
    controls: list[ft.Control] = [parts.heading(look, w("choices.original.title"))]
    controls.append(parts.body(look, w("choices.original.lead")))
    if state.original:
        controls.append(parts.card(look, [parts.body(look, state.original, bold=True)]))
    label = w("choices.original.change" if state.original else "choices.original.say")
    return [*controls, parts.secondary(look, label, events.say_original, identifier="say-original")]


def _added(look: Look, told: str, remove: Callable[[], object], identifier: str) -> ft.Control:
    button = parts.quiet(look, look.words("choices.remove", what=told), remove, identifier=identifier)
    return parts.card(look, [parts.body(look, told, bold=True), ft.Row([button], wrap=True)])


def words(state: WordsState, events: ChoicesEvents, look: Look) -> ft.View:
    """One line of the patient's own."""
    name = "original" if state.original else "own"
    w = look.words
    title = w("choices.original.title" if state.original else "choices.own.add")
    done = events.keep_original if state.original else events.keep_words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, w(f"choices.{name}.lead")),
        LineForm(look, w(f"choices.{name}.label"), state.text, w("choices.keep"), done),
    ]
    return parts.frame(look, title, controls, name=f"choices-{name}", back=events.back)


@ft.component
def LineForm(  # noqa: N802 - a Flet component
    look: Look, label: str, text: str, button: str, done: Callable[[str], object]
) -> ft.Control:
    """A field and its button; what is typed lives here only."""
    typed = use_typed(text)
    hint = look.words("choices.words.hint")
    entry = parts.text_field(look, label, typed.shown, typed.change, identifier="words", hint=hint, lines=3)
    keep = parts.primary(look, button, lambda: done(typed.now), identifier="keep-words")
    return parts.card(look, [entry, keep], spacing=16)


def contact(state: ContactState, events: ChoicesEvents, look: Look) -> ft.View:
    """Somebody to call."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w("choices.contacts.lead")), ContactForm(look, state, events)]
    return parts.frame(look, w("choices.contacts.add"), controls, name="choices-contact", back=events.back)


@ft.component
def ContactForm(look: Look, state: ContactState, events: ChoicesEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """Three fields and a button; what is typed lives here only."""
    w = look.words
    name, who, phone = use_typed(state.name), use_typed(state.relationship), use_typed(state.phone)
    fields = [
        parts.text_field(look, w("choices.contacts.name"), name.shown, name.change, identifier="contact-name"),
        parts.text_field(
            look, w("choices.contacts.who"), who.shown, who.change,
            identifier="contact-who", hint=w("choices.contacts.who.hint"),
        ),
        parts.text_field(look, w("choices.contacts.phone"), phone.shown, phone.change, identifier="contact-phone"),
    ]  # fmt: skip
    keep = parts.primary(
        look, w("choices.keep"), lambda: events.keep_contact(name.now, who.now, phone.now), identifier="keep-contact"
    )
    return parts.card(look, [*fields, keep], spacing=16)

"""Bringing a passport back from a backup file: the file, its recovery words, and an older copy.

Owns these screens; the new passphrase between them is passphrase.py. Opening the file is done elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed

ENDING = ".passport-backup"
"""How the names of backup files end (crypto/FORMATS.md)."""


@dataclass(frozen=True, slots=True)
class RestoreFileState:
    """No file picked yet; `problem` is a sentence about the one picked before, or empty."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class RestoreWordsState:
    """A backup was read; its recovery words are asked for. `file_name` is empty where it came from another phone.

    `problem` is a sentence, or empty.
    """

    file_name: str = field(repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RestoreOlderState:
    """What is on this device is newer than the backup."""


@dataclass(frozen=True, slots=True)
class RestoreEvents:
    """What a person can do here. `words` gets the twelve words as typed."""

    pick: Callable[[], object]
    from_phone: Callable[[], object]
    words: Callable[[str], object]
    replace: Callable[[], object]
    keep: Callable[[], object]
    back: Callable[[], object]


def file(state: RestoreFileState, events: RestoreEvents, look: Look) -> ft.View:
    """What is needed, and the way to the file."""
    w = look.words
    needs = [w("restore.needs.1", ending=ENDING), w("restore.needs.2")]
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [
        parts.body(look, w("restore.lead")),
        parts.card(look, [parts.body(look, line) for line in needs]),
        parts.primary(look, w("restore.pick"), events.pick, identifier="pick-backup"),
        parts.secondary(look, w("receive.title"), events.from_phone, identifier="from-phone"),
    ]
    return parts.frame(look, w("restore.title"), controls, name="restore-file", back=events.back)


def words(state: RestoreWordsState, events: RestoreEvents, look: Look) -> ft.View:
    """The field for the twelve words that belong to the backup."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    if state.file_name:
        controls.append(parts.card(look, [parts.summary(look, [(w("restore.file"), state.file_name)])]))
    controls += [parts.body(look, w("restore.words.lead")), RestoreForm(look, events)]
    return parts.frame(look, w("restore.words.title"), controls, name="restore-words", back=events.back)


@ft.component
def RestoreForm(look: Look, events: RestoreEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """The words, in one field of three lines; what is typed lives here only."""
    typed = use_typed()

    def go_on() -> object:
        return events.words(typed.now)

    field = parts.text_field(
        look, look.words("recover.label"), typed.shown, typed.change,
        identifier="recovery-words", hint=look.words("recover.hint"), lines=3,
    )  # fmt: skip
    button = parts.primary(look, look.words("button.continue"), go_on, identifier="give-words")
    return parts.card(look, [field, button], spacing=16)


def older(_state: RestoreOlderState, events: RestoreEvents, look: Look) -> ft.View:
    """Keep the newer one, or replace it by the older one."""
    w = look.words
    controls = [
        parts.callout(look, w("restore.older.what"), [w("restore.older.text"), w("restore.older.lost.text")]),
        parts.primary(look, w("restore.older.keep"), events.keep, identifier="keep-newer"),
        parts.danger(look, w("restore.older.replace"), events.replace, identifier="replace"),
    ]
    return parts.frame(look, w("restore.older.title"), controls, name="restore-older", back=events.keep)

"""You: security, backup, language, size of text, colours, import, lock now, delete everything, and what this app is.

Owns both screens, You and About. Only what is built is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look
from app.ui.shell import Appearance, Brightness

SCALES = (1.0, 1.25, 1.5, 2.0)
"""The sizes of text offered, as factors."""


@dataclass(frozen=True, slots=True)
class YouState:
    """What was chosen, the languages there are, as (code, own name), and whether a login is kept."""

    appearance: Appearance
    languages: tuple[tuple[str, str], ...]
    version: str
    connected: bool = False


@dataclass(frozen=True, slots=True)
class AboutState:
    """What this is, its version, and the list that signatures are checked against."""

    version: str
    trust_list: str = ""


@dataclass(frozen=True, slots=True)
class YouEvents:
    """What a person can do here."""

    moves: Moves
    set_language: Callable[[str], object]
    set_scale: Callable[[float], object]
    set_brightness: Callable[[Brightness], object]
    import_file: Callable[[], object]
    link: Callable[[], object]
    files: Callable[[], object]
    lock: Callable[[], object]
    log_out: Callable[[], object]
    security: Callable[[], object]
    backup: Callable[[], object]
    delete: Callable[[], object]
    people: Callable[[], object]
    about: Callable[[], object]
    back: Callable[[], object]


def view(state: YouState, events: YouEvents, look: Look) -> ft.View:
    """The You screen."""
    w = look.words
    lock, bring, info = ft.Icons.LOCK_OUTLINE, ft.Icons.FILE_OPEN_OUTLINED, ft.Icons.INFO_OUTLINE
    controls: list[ft.Control] = [
        parts.card_link(look, w("you.lock"), events.lock, identifier="lock", icon=lock),
        _link(look, "security", events.security, ft.Icons.SHIELD_OUTLINED),
        _link(look, "backup", events.backup, ft.Icons.BACKUP_OUTLINED),
        parts.card_link(look, w("home.import"), events.import_file, identifier="import", icon=bring),
        parts.card_link(look, w("bring.title"), events.link, identifier="link", icon=ft.Icons.LINK),
        parts.card_link(look, w("files.title"), events.files, identifier="files", icon=ft.Icons.INVENTORY_2_OUTLINED),
        _link(look, "people", events.people, ft.Icons.PEOPLE_OUTLINE),
        parts.card_link(look, w("about.title"), events.about, identifier="about", icon=info),
        *_log_out(look, state, events),
        *_sizes(look, state, events),
        *_colours(look, state, events),
        *_languages(look, state, events),
        _link(look, "delete", events.delete, ft.Icons.DELETE_OUTLINE),
    ]
    return parts.frame(look, w("you.title"), controls, name="you", places=bar(look, events.moves, "you"))


def _link(look: Look, name: str, action: Callable[[], object], icon: ft.IconData) -> ft.Control:
    w = look.words
    return parts.card_link(look, w(f"{name}.title"), action, identifier=name, note=w(f"you.{name}.note"), icon=icon)


def _log_out(look: Look, state: YouState, events: YouEvents) -> list[ft.Control]:
    if not state.connected:
        return []
    words, note = look.words("you.log-out"), look.words("you.log-out.note")
    icon = ft.Icons.LOGOUT
    return [parts.card_link(look, words, events.log_out, identifier="log-out", note=note, icon=icon)]


def _sizes(look: Look, state: YouState, events: YouEvents) -> list[ft.Control]:
    w = look.words
    choices = [parts.Choice(str(scale), w("you.size.percent", percent=round(scale * 100))) for scale in SCALES]
    chosen = str(float(state.appearance.scale))
    radios = parts.radios(look, choices, chosen, lambda v: events.set_scale(float(str(v))), identifier="size")
    return [parts.heading(look, w("you.size")), parts.card(look, [radios])]


def _colours(look: Look, state: YouState, events: YouEvents) -> list[ft.Control]:
    w = look.words
    choices = [parts.Choice(one.value, w(f"you.colours.{one.value}")) for one in Brightness]
    chosen = state.appearance.brightness.value
    radios = parts.radios(
        look, choices, chosen, lambda v: events.set_brightness(Brightness(str(v))), identifier="colours"
    )
    return [parts.heading(look, w("you.colours")), parts.card(look, [radios])]


def _languages(look: Look, state: YouState, events: YouEvents) -> list[ft.Control]:
    if len(state.languages) < 2:
        return []
    choices = [parts.Choice(code, name) for code, name in state.languages]
    chosen = state.appearance.language
    radios = parts.radios(look, choices, chosen, lambda v: events.set_language(str(v)), identifier="language")
    return [parts.heading(look, look.words("you.language")), parts.card(look, [radios])]


def about(state: AboutState, events: YouEvents, look: Look) -> ft.View:
    """What this app is and is not."""
    w = look.words
    controls: list[ft.Control] = [
        parts.body(look, w("welcome.not.nhs"), bold=True),
        parts.body(look, w("about.what")),
        parts.body(look, w("about.shows")),
        parts.body(look, w("welcome.not.emergency")),
        parts.body(look, w("about.private")),
        parts.card(look, [parts.summary(look, _facts(look, state))]),
    ]
    places = bar(look, events.moves, "you")
    return parts.frame(look, w("about.title"), controls, name="about", back=events.back, places=places)


def _facts(look: Look, state: AboutState) -> list[tuple[str, str]]:
    w = look.words
    facts = [(w("about.version"), state.version), (w("about.licence"), w("about.licence.value"))]
    if state.trust_list:
        facts.append((w("about.trust-list"), state.trust_list))
    return facts

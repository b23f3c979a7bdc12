"""Security: the passphrase, the PIN, the recovery words, the keys, and when the passport locks by itself.

Owns the screen, and the one that says what it means to use an older copy. Doing any of it is elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import flet as ft

from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look


class Pin(StrEnum):
    """A PIN is set, could be set, or cannot be kept on this device."""

    SET = "set"
    UNSET = "unset"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class SecurityState:
    """How this passport is locked. Minutes are whole; `done` says what was just done, or is empty."""

    pin: Pin
    words_kept: bool
    idle_minutes: int
    away_minutes: int
    done: str = ""
    hidden_shown: bool = False


@dataclass(frozen=True, slots=True)
class OlderCopyState:
    """What lies on this device is older than it was; `can_update` where services could bring it up to date."""

    can_update: bool


@dataclass(frozen=True, slots=True)
class SecurityEvents:
    """What a person can do here."""

    moves: Moves
    change_passphrase: Callable[[], object]
    set_pin: Callable[[], object]
    remove_pin: Callable[[], object]
    new_words: Callable[[], object]
    new_keys: Callable[[], object]
    show_hidden: Callable[[], object]
    hide_again: Callable[[], object]
    update: Callable[[], object]
    use_older: Callable[[], object]
    back: Callable[[], object]


def view(state: SecurityState, events: SecurityEvents, look: Look) -> ft.View:
    """Each way in, and what can be done about it."""
    w = look.words
    controls: list[ft.Control] = []
    if state.done:
        controls.append(parts.told(parts.inset(look, [parts.body(look, state.done)]), identifier="done"))
    controls.append(_link(look, "passphrase", events.change_passphrase, ft.Icons.PASSWORD))
    controls += _pin(look, state.pin, events)
    kept = "security.words.kept.note" if state.words_kept else "security.words.unkept.note"
    controls.append(_link(look, "words", events.new_words, ft.Icons.LIST_ALT, kept))
    controls.append(_link(look, "keys", events.new_keys, ft.Icons.KEY_OUTLINED))
    controls.append(_hidden(look, state, events))
    controls.append(parts.heading(look, w("security.locks")))
    idle = w.count("security.locks.idle", state.idle_minutes)
    away = w.count("security.locks.away", state.away_minutes)
    controls.append(parts.card(look, [parts.body(look, idle), parts.body(look, away)]))
    places = bar(look, events.moves, "you")
    return parts.frame(look, w("security.title"), controls, name="security", back=events.back, places=places)


def _hidden(look: Look, state: SecurityState, events: SecurityEvents) -> ft.Control:
    """Always there, whether or not anything is hidden: that it is offered tells nothing."""
    if state.hidden_shown:
        return _link(look, "hide-again", events.hide_again, ft.Icons.VISIBILITY_OFF_OUTLINED)
    return _link(look, "show-hidden", events.show_hidden, ft.Icons.VISIBILITY_OUTLINED)


def _pin(look: Look, pin: Pin, events: SecurityEvents) -> list[ft.Control]:
    if pin is Pin.IMPOSSIBLE:
        return [parts.card(look, [parts.body(look, look.words("security.pin.impossible.note"))])]
    if pin is Pin.UNSET:
        return [_link(look, "pin-set", events.set_pin, ft.Icons.DIALPAD)]
    return [
        _link(look, "pin-change", events.set_pin, ft.Icons.DIALPAD),
        _link(look, "pin-remove", events.remove_pin, ft.Icons.BACKSPACE_OUTLINED),
    ]


def _link(look: Look, name: str, action: Callable[[], object], icon: ft.IconData, note: str = "") -> ft.Control:
    w = look.words
    said = w(note or f"security.{name}.note")
    return parts.card_link(look, w(f"security.{name}"), action, identifier=f"security-{name}", note=said, icon=icon)


def older_copy(state: OlderCopyState, events: SecurityEvents, look: Look) -> ft.View:
    """What happened as far as it can be known, and the two ways on."""
    w = look.words
    controls: list[ft.Control] = [parts.body(look, w("older.lead")), parts.body(look, w("older.read.text"))]
    if state.can_update:
        controls.append(parts.body(look, w("older.update.text")))
        controls.append(parts.primary(look, w("home.update"), events.update, identifier="update"))
    controls.append(parts.callout(look, w("older.use.what"), [w("older.use.text"), w("older.use.lost.text")]))
    controls.append(parts.danger(look, w("older.use"), events.use_older, identifier="use-older"))
    return parts.frame(look, w("older.title"), controls, name="older-copy", back=events.back)

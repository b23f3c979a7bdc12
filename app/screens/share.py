"""Share: give access, the access that runs now, and the access that is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import flet as ft

from app.record.entry import Section
from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One access given: what, until or since when (in the zone to be shown), how often opened.

    `ending` when the patient ended it and it waits for a signal.
    """

    access_id: str
    sections: tuple[Section, ...]
    when: datetime
    opened: int
    ending: bool = False


@dataclass(frozen=True, slots=True)
class ShareState:
    """Access that runs, and access that is over, newest first."""

    running: tuple[AccessLine, ...] = ()
    over: tuple[AccessLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ShareEvents:
    """What a person can do here."""

    moves: Moves
    give_access: Callable[[], object]
    open_access: Callable[[str], object]
    save_record: Callable[[], object]


def view(state: ShareState, events: ShareEvents, look: Look) -> ft.View:
    """The share screen."""
    w = look.words
    controls: list[ft.Control] = [
        parts.body(look, w("share.lead")),
        parts.primary(look, w("home.give-access"), events.give_access, identifier="give-access"),
        parts.heading(look, w("share.running")),
        *[_line(look, line, events, "share.until") for line in state.running],
    ]
    if not state.running:
        controls.append(parts.body(look, w("share.running.none")))
    if state.over:
        controls.append(parts.heading(look, w("share.over")))
        controls += [_line(look, line, events, "share.ended") for line in state.over]
    controls.append(
        parts.card_link(
            look, w("share.save"), events.save_record,
            identifier="save-record", note=w("share.save.note"), icon=ft.Icons.SAVE_ALT,
        )
    )  # fmt: skip
    return parts.frame(look, w("share.title"), controls, name="share", places=bar(look, events.moves, "share"))


def _line(look: Look, line: AccessLine, events: ShareEvents, key: str) -> ft.Control:
    w = look.words
    opened = w.count("share.opened", line.opened) if line.opened else w("share.opened.none")
    said = [w(key, when=w.moment(line.when)), opened]
    if line.ending:
        said.insert(0, w("share.ending"))
    return parts.card_link(
        look,
        w("list.and").join(w(f"section.{section.value}") for section in line.sections),
        lambda: events.open_access(line.access_id),
        identifier=f"access-{line.access_id}",
        note="\n".join(said),
    )

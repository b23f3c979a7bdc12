"""First run: what this is and is not, a new passport or one from a backup, and adding a record.

Owns the first and the last screen of it; those between are passphrase.py, recovery.py, pin.py and backup.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.ui import parts
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class WelcomeState:
    """Nothing is here yet."""


@dataclass(frozen=True, slots=True)
class AddRecordState:
    """Ways to add a record; each is shown only where it exists."""

    can_connect: bool
    can_try: bool
    can_skip: bool = True
    can_go_back: bool = False


@dataclass(frozen=True, slots=True)
class WelcomeEvents:
    """What a person can do on these screens."""

    begin: Callable[[], object]
    restore: Callable[[], object]
    connect: Callable[[], object]
    import_file: Callable[[], object]
    link: Callable[[], object]
    try_made_up: Callable[[], object]
    later: Callable[[], object]
    back: Callable[[], object]


def welcome(_state: WelcomeState, events: WelcomeEvents, look: Look) -> ft.View:
    """What this is, what it is not, and the two ways to begin."""
    w = look.words
    is_lines = [_point(look, w(f"welcome.is.{n}"), ft.Icons.CHECK) for n in (1, 2, 3, 4)]
    is_not = [w("welcome.not.nhs"), w("welcome.not.emergency")]
    controls = [
        parts.body(look, w("welcome.lead")),
        parts.card(look, is_lines),
        parts.callout(look, w("welcome.not.title"), is_not),
        parts.primary(look, w("welcome.begin"), events.begin, identifier="begin"),
        parts.secondary(look, w("welcome.restore"), events.restore, identifier="restore"),
    ]
    return parts.frame(look, w("welcome.title"), controls, name="welcome")


def _point(look: Look, words: str, icon: ft.IconData) -> ft.Control:
    return ft.Row(
        [
            ft.Icon(icon, color=look.tokens.tags["green"].text, size=look.icon()),
            ft.Container(parts.body(look, words), expand=True),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=12,
    )


def add_record(state: AddRecordState, events: WelcomeEvents, look: Look) -> ft.View:
    """Connect, import a file, or try with a made-up patient."""
    w = look.words
    ways: list[ft.Control] = []
    if state.can_connect:
        ways.append(_way(look, "connect", events.connect, ft.Icons.LINK))
    if state.can_try:
        ways.append(_way(look, "try", events.try_made_up, ft.Icons.SCIENCE_OUTLINED))
    ways.append(_way(look, "import", events.import_file, ft.Icons.FILE_OPEN_OUTLINED))
    ways.append(_way(look, "link", events.link, ft.Icons.QR_CODE_SCANNER))
    controls = [parts.body(look, w("add.lead")), *ways]
    if state.can_skip:
        controls.append(ft.Row([parts.quiet(look, w("add.later"), events.later, identifier="later")]))
    back = events.back if state.can_go_back else None
    return parts.frame(look, w("add.title"), controls, name="add-record", back=back)


def _way(look: Look, name: str, action: Callable[[], object], icon: ft.IconData) -> ft.Control:
    note = look.words(f"add.{name}.note")
    return parts.card_link(look, look.words(f"add.{name}"), action, identifier=f"add-{name}", note=note, icon=icon)

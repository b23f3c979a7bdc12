"""Backups: where they are kept, how old the last one is, and what can be done about them.

Owns both screens. Finding folders and writing files is done elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import flet as ft

from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


class FolderKind(StrEnum):
    """What kind of place a folder is; its sentence goes by it."""

    DOCUMENTS = "documents"
    ONLINE = "online"
    STICK = "stick"


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """A folder found on this device: its name, and the path handed back."""

    kind: FolderKind
    name: str = field(repr=False)
    path: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FolderState:
    """Choosing where backups go. `first` at the first run, where it may wait; `problem` a sentence, or empty.

    `can_browse` where the device has a window of its own for choosing a folder.
    """

    found: tuple[FolderChoice, ...] = field(repr=False)
    can_browse: bool
    first: bool
    problem: str = ""
    can_go_back: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """Backups go to a folder. `size` is that of the last one, ready to be shown; `problem` a sentence, or empty."""

    folder: str = field(repr=False)
    last: datetime | None
    size: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BackupState:
    """Backups as they are; `kept` None where no folder was chosen. `done` says what was just done, or is empty."""

    kept: Kept | None
    done: str = ""
    can_move: bool = False


@dataclass(frozen=True, slots=True)
class BackupEvents:
    """What a person can do here. `choose` gets the path of a folder."""

    moves: Moves
    choose: Callable[[str], object]
    browse: Callable[[], object]
    not_now: Callable[[], object]
    choose_folder: Callable[[], object]
    back_up: Callable[[], object]
    save_copy: Callable[[], object]
    stop: Callable[[], object]
    move: Callable[[], object]
    back: Callable[[], object]


ICONS = {
    FolderKind.DOCUMENTS: ft.Icons.FOLDER_OUTLINED,
    FolderKind.ONLINE: ft.Icons.CLOUD_OUTLINED,
    FolderKind.STICK: ft.Icons.USB,
}


def folder(state: FolderState, events: BackupEvents, look: Look) -> ft.View:
    """The folders that were found, one's own, and at the first run the way past them."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w("folder.lead")), parts.inset(look, [parts.body(look, w("folder.sealed.note"))])]
    if state.found:
        controls.append(parts.heading(look, w("folder.found")))
        controls += [_found(look, number, one, events) for number, one in enumerate(state.found)]
        controls.append(parts.heading(look, w("folder.other")))
    if state.can_browse:
        browse = w("folder.browse")
        controls.append(
            parts.secondary(look, browse, events.browse, identifier="browse", icon=ft.Icons.FOLDER_OPEN_OUTLINED)
        )
    else:
        controls.append(FolderForm(look, events))
    if state.first:
        controls.append(parts.body(look, w("folder.not-now.note")))
        controls.append(parts.secondary(look, w("folder.not-now"), events.not_now, identifier="not-now"))
    back = events.back if state.can_go_back else None
    return parts.frame(look, w("folder.title"), controls, name="folder", back=back)


def _found(look: Look, number: int, one: FolderChoice, events: BackupEvents) -> ft.Control:
    note = f"{look.words(f'folder.{one.kind}.note')}\n{one.path}"
    return parts.card_link(
        look, one.name, lambda: events.choose(one.path), identifier=f"folder-{number}", note=note, icon=ICONS[one.kind]
    )  # fmt: skip


@ft.component
def FolderForm(look: Look, events: BackupEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """The path of a folder; what is typed lives here only."""
    w = look.words
    typed = use_typed()

    def choose() -> object:
        return events.choose(typed.now)

    return parts.card(
        look,
        [
            parts.text_field(
                look, w("folder.label"), typed.shown, typed.change,
                identifier="folder-path", hint=w("folder.hint"), submitted=choose,
            ),
            parts.secondary(look, w("folder.use"), choose, identifier="use-folder"),
        ],
        spacing=16,
    )  # fmt: skip


def view(state: BackupState, events: BackupEvents, look: Look) -> ft.View:
    """The last backup, and what can be done."""
    w = look.words
    controls: list[ft.Control] = []
    if state.done:
        controls.append(parts.told(parts.inset(look, [parts.body(look, state.done)]), identifier="done"))
    controls += _nothing_kept(look, events) if state.kept is None else _kept(look, state.kept, events)
    controls.append(parts.heading(look, w("backup.more")))
    if state.kept is not None:
        controls.append(_link(look, "folder", events.choose_folder, ft.Icons.FOLDER_OPEN_OUTLINED))
    controls.append(_link(look, "copy", events.save_copy, ft.Icons.SAVE_ALT))
    if state.can_move:
        controls.append(_link(look, "move", events.move, ft.Icons.PHONELINK))
    if state.kept is not None:
        controls.append(_link(look, "stop", events.stop, ft.Icons.STOP_CIRCLE_OUTLINED))
    places = bar(look, events.moves, "you")
    return parts.frame(look, w("backup.title"), controls, name="backup", back=events.back, places=places)


def _nothing_kept(look: Look, events: BackupEvents) -> list[ft.Control]:
    w = look.words
    return [
        parts.body(look, w("backup.none.lead")),
        parts.primary(look, w("backup.begin"), events.choose_folder, identifier="choose-folder"),
    ]


def _kept(look: Look, kept: Kept, events: BackupEvents) -> list[ft.Control]:
    w = look.words
    last = w("backup.never") if kept.last is None else w.moment(kept.last)
    facts = [(w("backup.last"), last), (w("backup.where"), kept.folder)]
    if kept.size:
        facts.insert(1, (w("backup.size"), kept.size))
    told: list[ft.Control] = [parts.body(look, w("backup.lead"))]
    if kept.problem:
        told.append(parts.marked("backup-problem", parts.callout(look, w("backup.problem"), [kept.problem])))
    return [
        *told,
        parts.card(look, [parts.summary(look, facts)]),
        parts.primary(look, w("backup.now"), events.back_up, identifier="back-up"),
    ]


def _link(look: Look, name: str, action: Callable[[], object], icon: ft.IconData) -> ft.Control:
    w = look.words
    note = w(f"backup.{name}.note")
    return parts.card_link(look, w(f"backup.{name}"), action, identifier=f"backup-{name}", note=note, icon=icon)

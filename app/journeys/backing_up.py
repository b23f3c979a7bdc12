"""Backups: where they go, making one now, saving a copy, stopping.

Owns the way through these screens, and the age of the last backup as Home tells it. Writing files is
app/actions/backing_up.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from app.actions import backing_up
from app.journeys.desk import Desk, Place
from app.screens.backup import BackupEvents, BackupState, FolderChoice, FolderKind, FolderState, Kept
from app.screens.home import LastBackup
from app.screens.places import Moves
from app.store.folders import find_folders
from app.ui.say import sentence, sentence_for
from app.ui.words import Words
from crypto.errors import PassportError

EXAMPLE: Final = str(Path.home() / "Documents")
"""The full place of a folder, as it is written on this device."""


@dataclass(slots=True)
class BackingUp:
    """One window's backups. `you` is the place before them, `folder_chosen` where the first run goes on."""

    desk: Desk
    you: Place
    folder_chosen: Place
    move: Place | None = None
    """The way to another device by screen and camera, where there is one."""

    _done: str = ""

    def events(self, moves: Moves) -> BackupEvents:
        """What the backup screens call."""
        desk = self.desk
        return BackupEvents(
            moves=moves,
            choose=self._choose,
            browse=self._browse,
            not_now=self.folder_chosen,
            choose_folder=lambda: desk.go(self._folder),
            back_up=self._back_up,
            save_copy=self.save_copy,
            stop=self._stop,
            move=self._move,
            back=desk.back,
        )

    async def show(self) -> None:
        """Backups as they are; what was just done is said once."""
        desk = self.desk
        state = await desk.work(backing_up.backup_state, desk.passport)
        done, self._done = self._done, ""
        kept = None
        if state is not None:
            last = None if state.last is None else desk.local(state.last)
            problem = sentence_for(state.problem, desk.words) if state.problem else ""
            kept = Kept(str(state.folder), last, size(state.size, desk.words) if state.last else "", problem)
        desk.shell.show(BackupState(kept, done, can_move=self.move is not None))

    async def last(self) -> LastBackup:
        """What Home says of it."""
        desk = self.desk
        state = await desk.work(backing_up.backup_state, desk.passport)
        if state is None:
            return LastBackup()
        days = None if state.last is None else days_between(desk.local(state.last), desk.local(desk.now()))
        return LastBackup(days, sentence_for(state.problem, desk.words) if state.problem else "")

    async def first_folder(self) -> None:
        """The same choice in the first run, where it may wait."""
        await self._show_folders(first=True)

    async def _folder(self) -> None:
        await self._show_folders(first=False)

    async def _show_folders(self, *, first: bool, problem: str = "") -> None:
        desk = self.desk
        found = await desk.work(find_folders)
        choices = tuple(FolderChoice(FolderKind(one.kind), one.name, str(one.path)) for one in found)
        can_go_back = desk.has_way_back
        desk.shell.show(FolderState(choices, desk.shell.can_pick_folder, first, problem, can_go_back=can_go_back))

    async def _browse(self) -> None:
        folder = await self.desk.shell.pick_folder(self.desk.words("folder.title"))
        if folder is not None:
            await self._choose(folder)

    async def _choose(self, folder: str) -> None:
        desk = self.desk
        shown = desk.shell.screen
        first = isinstance(shown, FolderState) and shown.first
        path = Path(folder.strip()).expanduser()
        if not path.is_absolute():
            text = desk.words("folder.not-a-folder.text", example=EXAMPLE)
            await self._show_folders(first=first, problem=text)
            return
        desk.shell.busy(desk.words("busy.backing-up"))
        try:
            await desk.work(backing_up.choose_backup_folder, desk.passport, path, now=desk.now())
        except PassportError as refusal:
            await self._show_folders(first=first, problem=sentence(refusal, desk.words))
            return
        if first:
            await self.folder_chosen()
        else:
            await self._say("backup.done.made.text")

    # ---- doing ----------------------------------------------------------------------------

    async def _say(self, key: str) -> None:
        """The backup screen again, with what was done."""
        self._done = self.desk.words(key)
        await self.desk.start_along(self.you, self.show)

    async def _back_up(self) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.backing-up"))
        try:
            await desk.work(backing_up.back_up, desk.passport, now=desk.now())
        except PassportError:
            await self.show()
            raise
        await self._say("backup.done.made.text")

    async def save_copy(self) -> None:
        """One backup now, as a file for wherever a person wants it."""
        desk = self.desk
        desk.shell.busy(desk.words("busy.backing-up"))
        now = desk.now()
        name = await desk.work(backing_up.backup_name, desk.passport, now=now)
        data = await desk.work(backing_up.backup_bytes, desk.passport, now=now)
        desk.shell.ready()
        if await desk.shell.save_file(name, data):
            await self._say("backup.done.saved.text")

    async def _move(self) -> None:
        if self.move is not None:
            await self.desk.go(self.move)

    async def _stop(self) -> None:
        await self.desk.work(backing_up.stop_backups, self.desk.passport)
        await self._say("backup.done.stopped.text")


def days_between(earlier: datetime, later: datetime) -> int:
    """Whole days of the calendar from one to the other; none where the clock went back."""
    return max((later.date() - earlier.date()).days, 0)


def size(count: int, words: Words) -> str:
    """A number of bytes as people read it: 40 KB, 4.2 MB."""
    if count < 1_000_000:
        return words("backup.size.kb", size=-(-count // 1000))
    return words("backup.size.mb", size=f"{count / 1_000_000:.1f}")

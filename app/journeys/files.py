"""Files a patient brought in: which they are, and taking one back as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from app.actions import emergency, importing
from app.journeys.desk import Desk
from app.record.source import SourceInfo, SourceKind
from app.screens.importing import BroughtIn, FilesEvents, FilesState


@dataclass(slots=True)
class Files:
    """One window's way to the files that were brought in."""

    desk: Desk

    def events(self) -> FilesEvents:
        """What the list of files calls."""
        return FilesEvents(ask=self._ask, remove=self._remove, keep=self.show, back=self.desk.back)

    async def open(self) -> None:
        """Go on to the list."""
        await self.desk.go(self.show)

    async def show(self) -> None:
        """The files."""
        self.desk.shell.show(FilesState(await self._files()))

    async def _files(self) -> tuple[BroughtIn, ...]:
        desk = self.desk
        found = await desk.work(importing.imported_files, desk.passport)
        return tuple(BroughtIn(one.source_id, self._name(one), desk.local(one.received_at)) for one in found)

    def _name(self, source: SourceInfo) -> str:
        """The name of the file; of what came by a link the link's host, or who signed it."""
        by_link = source.kind is SourceKind.LINK
        return self.desk.words("files.link", name=source.issuer_name) if by_link else source.issuer_name

    async def _ask(self, source_id: int) -> None:
        found = await self._files()
        asked = next((one for one in found if one.source_id == source_id), None)
        self.desk.shell.show(FilesState(found, asked))

    async def _remove(self, source_id: int) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.removing"))
        removed = await desk.work(importing.undo_import, desk.passport, source_id)
        await desk.work(emergency.renew_locked_card, desk.passport, now=desk.now())
        desk.changed()
        desk.shell.show(FilesState(await self._files(), removed=removed))

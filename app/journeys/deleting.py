"""Deleting everything: asked twice, done, and told what remains elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from app.actions.deleting import Remains, delete_everything, what_remains
from app.journeys.desk import Desk, Place
from app.screens.deleting import DeletedState, DeleteEvents, DeleteState, DeleteSureState
from app.ui.words import Words


@dataclass(slots=True)
class Deleting:
    """One window's way to nothing. `begin` is the first screen of all, `gone` forgets who was here."""

    desk: Desk
    begin: Place
    gone: Place
    _remains: tuple[str, ...] = field(default=(), repr=False)

    def events(self) -> DeleteEvents:
        """What the screens call."""
        desk = self.desk
        return DeleteEvents(go_on=lambda: desk.go(self._sure), delete=self._delete, done=self.begin, back=desk.back)

    async def show(self) -> None:
        """What is deleted, and what remains elsewhere."""
        desk = self.desk
        found = await desk.work(what_remains, desk.passport, now=desk.now())
        self._remains = sentences(found, desk.words, desk.zone)
        desk.shell.show(DeleteState(self._remains))

    async def _sure(self) -> None:
        self.desk.shell.show(DeleteSureState())

    async def _delete(self, typed: str) -> None:
        desk = self.desk
        word = desk.words("delete.word")
        if typed.strip().casefold() != word.casefold():
            desk.shell.show(DeleteSureState(desk.words("delete.sure.wrong.text", word=word)))
            return
        remains, self._remains = self._remains, ()
        desk.clear()
        desk.shell.busy(desk.words("busy.deleting"))
        await desk.work(desk.lock)
        if not await desk.work(delete_everything, desk.home):
            remains = (desk.words("remains.other-files"), *remains)
        await self.gone()
        desk.shell.show(DeletedState(remains))


def sentences(remains: Remains, words: Words, zone: tzinfo) -> tuple[str, ...]:
    """What remains elsewhere, a sentence each: what can be named first, then what nobody here can count."""
    told = [words("remains.backup", path=path) for path in remains.backups]
    for link in remains.links:
        sections = words("list.and").join(words(f"section.{one.value}") for one in link.sections)
        told.append(words("remains.link", sections=sections, when=words.moment(link.until.astimezone(zone))))
    if remains.login:
        told.append(words("remains.login"))
    return tuple(told) + tuple(words(f"remains.{one.value}") for one in remains.elsewhere)

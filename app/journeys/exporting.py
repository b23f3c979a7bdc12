"""Saving or printing the record: choosing what and which parts, making the file, and where it goes.

Owns the way through the screen. The file is made off the event loop, given to the person's own dialog, and noted in
the log once it was saved.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from app.actions import exporting
from app.actions.exporting import TABLE_SECTIONS, Form, Made
from app.actions.session import Passport
from app.journeys import shown
from app.journeys.desk import Desk
from app.paper.record import Printed, record_sheet
from app.record.entry import Section
from app.screens.exporting import ExportEvents, ExportState
from app.screens.give_access import SectionChoice
from app.screens.places import Moves
from app.ui.words import Words
from crypto.errors import NothingToSave


@dataclass(slots=True)
class Exporting:
    """One window's way out of the record. `_out` are the parts that were unticked."""

    desk: Desk
    _form: Form = Form.PDF
    _out: set[Section] = field(default_factory=set)

    def forget(self) -> None:
        """After locking: no choice stays made."""
        self._form, self._out = Form.PDF, set()

    def events(self, moves: Moves) -> ExportEvents:
        """What the screen calls."""
        return ExportEvents(moves=moves, choose=self._choose, tick=self._tick, save=self._save, back=self.desk.back)

    async def begin(self) -> None:
        """The screen with everything ticked."""
        self.forget()
        await self.desk.go(self._show)

    async def _show(self, done: tuple[str, ...] = (), problem: str = "") -> None:
        sections = await self._sections()
        self.desk.shell.show(ExportState(tuple(Form), self._form, sections, done, problem))

    async def _sections(self) -> tuple[SectionChoice, ...]:
        """Parts that hold something, or of which a list said something; for a table those it can hold."""
        counted = await self.desk.work(self.desk.passport.store.sections)
        return tuple(
            SectionChoice(card.section, card.count, card.section not in self._out, ". ".join(card.said))
            for card in shown.section_cards(counted, self.desk.words)
            if (card.count or card.said) and (self._form is not Form.CSV or card.section in TABLE_SECTIONS)
        )

    async def _choose(self, form: str) -> None:
        self._form = Form(form)
        await self._show()

    async def _tick(self, section: Section, ticked: bool) -> None:
        (self._out.discard if ticked else self._out.add)(section)
        await self._show()

    async def _save(self) -> None:
        desk, form, now = self.desk, self._form, self.desk.now()
        offered = await self._sections()
        chosen = {one.section for one in offered if one.ticked}
        if offered and not chosen:
            await self._show(problem=desk.words("export.nothing-ticked.text"))
            return
        sections = None if all(one.ticked for one in offered) else chosen
        desk.shell.busy(desk.words("busy.saving"))
        passport, words, today = desk.passport, desk.words, desk.local(now).date()
        try:
            made = await desk.work(_made, passport, form, sections, today, words, now)
        except NothingToSave:
            await self._show()
            raise
        desk.shell.ready()
        if not await desk.shell.save_file(made.name, made.data):
            return
        await desk.work(exporting.note_saved, passport, form, sections, now=now)
        desk.changed()
        left_out = (words.count("export.left-out.text", made.left_out),) if form is Form.CSV and made.left_out else ()
        await self._show((words("export.saved.text", name=made.name), *left_out))


def _made(
    passport: Passport, form: Form, sections: Collection[Section] | None, today: date, words: Words, now: datetime
) -> Made:
    if form is not Form.PDF:
        return exporting.export(passport, form, sections, now=now)
    found = exporting.exportable(passport, sections)
    person = exporting.require_something(found)
    name = exporting.file_name(form, now=now)
    printed = Printed(person, found.sections, found.whole, found.entries, found.notes, found.aside)
    sheet = record_sheet(printed, made_on=today, file_name=name, words_in=words)
    return Made(form, name, sheet.pdf, len(found.entries))

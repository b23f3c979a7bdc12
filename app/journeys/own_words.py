"""A note beside an entry, a letter that asks for a correction, and labels and hiding.

Owns the order: a letter is saved before an entry is marked as questioned, and what is hidden is gone from the way back.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.actions import browsing, own_words
from app.journeys.desk import Desk
from app.paper.letter import Correction, correction_letter
from app.record.entry import Section
from app.record.own import Label
from app.record.source import Checked, StoredEntry
from app.screens.entry import fact_rows, quantity_sentence
from app.screens.own_words import LetterState, MarkState, NoteState, OwnWordsEvents
from app.ui.say import sentence
from app.ui.words import Words, load_words
from crypto.errors import NotAllowed, Unavailable

LETTER_LANGUAGES = ("en", "cy")
"""What record holders in the UK can be written to in; in any other language of the app the letter is in English."""


@dataclass(slots=True)
class OwnWords:
    """One window's way to what the patient says."""

    desk: Desk

    def events(self) -> OwnWordsEvents:
        """What the screens call."""
        return OwnWordsEvents(
            keep_note=self._keep_note, make_letter=self._make_letter, mark=self._mark, back=self.desk.back
        )

    # ---- the note ---------------------------------------------------------------------------

    async def note(self, entry_id: int) -> None:
        """Go on to writing the note of an entry."""
        await self.desk.go(lambda: self._note(entry_id))

    async def _note(self, entry_id: int, typed: str | None = None, problem: str = "") -> None:
        stored = await self._stored(entry_id)
        if stored is not None:
            said = await self.desk.work(own_words.own, self.desk.passport, entry_id)
            text = said.note if typed is None else typed
            self.desk.shell.show(NoteState(entry_id, stored.entry.title, text, problem))

    async def _keep_note(self, entry_id: int, text: str) -> None:
        desk = self.desk
        try:
            await desk.work(own_words.write_note, desk.passport, entry_id, text)
        except NotAllowed as refusal:
            await self._note(entry_id, text, sentence(refusal, desk.words))
            return
        desk.changed()
        await desk.back()

    # ---- this is wrong ----------------------------------------------------------------------

    async def wrong(self, entry_id: int) -> None:
        """Go on to saying what is wrong with an entry."""
        await self.desk.go(lambda: self._wrong(entry_id))

    async def _wrong(self, entry_id: int, typed: str = "", problem: str = "") -> None:
        stored = await self._stored(entry_id)
        if stored is not None:
            self.desk.shell.show(LetterState(entry_id, stored.entry.title, _holder(stored), typed, problem))

    async def _make_letter(self, entry_id: int, text: str) -> None:
        desk = self.desk
        stored = await self._stored(entry_id)
        if stored is None:
            return
        desk.shell.busy(desk.words("busy.letter"))
        try:
            asked = await desk.work(self._asked, stored, text)
            made_on = desk.local(desk.now()).date()
            sheet = await desk.work(correction_letter, asked, made_on=made_on, words_in=_letter_words(desk.words))
        except (NotAllowed, Unavailable) as refusal:
            await self._wrong(entry_id, text, sentence(refusal, desk.words))
            return
        desk.shell.ready()
        if not await desk.shell.save_file(sheet.file_name, sheet.pdf):
            await self._wrong(entry_id, text)
            return
        await desk.work(own_words.note_questioned, desk.passport, entry_id, now=desk.now())
        desk.changed()
        await desk.back()

    def _asked(self, stored: StoredEntry, text: str) -> Correction:
        """What the letter says; the entry as its screen shows it, in the letter's language."""
        w, entry, person = _letter_words(self.desk.words), stored.entry, self.desk.passport.store.person()
        said = quantity_sentence(w, entry.quantity) if entry.quantity is not None else entry.detail
        return Correction(
            to=_holder(stored),
            name="" if person is None else person.display_name,
            born="" if person is None else w.partial_date(person.birth_date),
            nhs_number="" if person is None else person.nhs_number,
            title=f"{entry.title}\n{said}" if said else entry.title,
            rows=fact_rows(w, entry),
            wrong=own_words.wrong_words(text),
        )

    async def take_question_off(self, entry_id: int) -> None:
        """Take the mark off, and show the entry as it is then."""
        desk = self.desk
        await desk.work(own_words.take_question_off, desk.passport, entry_id)
        desk.changed()
        await desk.stay()

    # ---- label and hiding -------------------------------------------------------------------

    async def mark_entry(self, entry_id: int) -> None:
        """Go on to the label and the hiding of an entry."""
        await self.desk.go(lambda: self._entry_mark(entry_id))

    async def mark_section(self, section: Section) -> None:
        """Go on to the label and the hiding of a section."""
        await self.desk.go(lambda: self._section_mark(section))

    async def _entry_mark(self, entry_id: int) -> None:
        desk, stored = self.desk, await self._stored(entry_id)
        if stored is not None:
            said = await desk.work(own_words.own, desk.passport, entry_id)
            shown = desk.passport.store.shows_hidden
            desk.shell.show(MarkState(said.label, said.hidden, shown, entry_id, stored.entry.title))

    async def _section_mark(self, section: Section) -> None:
        desk = self.desk
        said = await desk.work(own_words.section_mark, desk.passport, section)
        desk.shell.show(MarkState(said.label, said.hidden, desk.passport.store.shows_hidden, section=section))

    async def _mark(self, state: MarkState, label: Label, hidden: bool) -> None:
        desk = self.desk
        if state.section is not None:
            marked = own_words.mark_section
            await desk.work(marked, desk.passport, state.section, label, hidden=hidden, now=desk.now())
        else:
            await desk.work(own_words.mark_entry, desk.passport, state.entry_id, label, hidden=hidden, now=desk.now())
        desk.changed()
        if hidden and not state.hidden:
            await desk.back()
        else:
            await desk.stay()

    async def _stored(self, entry_id: int) -> StoredEntry | None:
        """The entry; None, and a step back, where it is not there any more."""
        found = await self.desk.work(browsing.entry_view, self.desk.passport, entry_id)
        if found is None:
            await self.desk.back()
            return None
        return found.stored


def _holder(stored: StoredEntry) -> str:
    """Who can correct it: whoever signed it; of a file nobody signed, the organisation the entry names."""
    signed = stored.source.checked is Checked.CHECKED
    return stored.source.issuer_name if signed else stored.entry.organisation


def _letter_words(words: Words) -> Words:
    return words if words.language in LETTER_LANGUAGES else load_words(LETTER_LANGUAGES[0])

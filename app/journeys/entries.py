"""One entry: what it says, its versions, its source."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.actions import browsing, own_words
from app.actions.trusting import key_given_up_at
from app.journeys import shown
from app.journeys.desk import Desk
from app.journeys.own_words import OwnWords
from app.screens.entry import EntryEvents, EntryState, Letter
from app.screens.places import Moves
from app.screens.result_trend import TrendEvents, TrendState


@dataclass(slots=True)
class Entries:
    """One window's way into an entry."""

    desk: Desk
    own: OwnWords

    def events(self, moves: Moves) -> EntryEvents:
        """What an entry calls."""
        return EntryEvents(
            moves=moves,
            show_raw=lambda entry_id: self._show(entry_id, with_raw=True),
            hide_raw=self._show,
            open_version=self.open,
            open_trend=lambda entry_id: self.desk.go(lambda: self._trend(entry_id)),
            write_note=self.own.note,
            this_is_wrong=self.own.wrong,
            take_question_off=self.own.take_question_off,
            mark=self.own.mark_entry,
            save_letter=self._save_letter,
            back=self.desk.back,
        )

    async def open(self, entry_id: int) -> None:
        """Go on to an entry."""
        await self.desk.go(lambda: self._show(entry_id))

    async def _show(self, entry_id: int, *, with_raw: bool = False) -> None:
        desk = self.desk
        found = await desk.work(browsing.entry_view, desk.passport, entry_id)
        if found is None:
            await desk.back()
            return
        stored = found.stored
        raw = await desk.work(browsing.raw_source, desk.passport, entry_id) if with_raw else None
        given_up = await desk.work(key_given_up_at, desk.passport, stored.source, now=desk.now())
        source = shown.source(stored.source, desk.kinds, desk.zone, key_given_up_at=given_up)
        versions = tuple(shown.version(one, desk.zone) for one in found.history)
        results = await desk.work(browsing.trend, desk.passport, stored)
        count = 0 if results is None else results.count
        own = await desk.work(own_words.own, desk.passport, entry_id)
        if own.questioned_at is not None:
            own = replace(own, questioned_at=desk.local(own.questioned_at))
        files = await desk.work(browsing.attachments, desk.passport, stored)
        letters = tuple(Letter(one.title, one.as_text()) for one in files)
        desk.shell.show(
            EntryState(stored.id, stored.entry, source, versions, raw=raw, results=count, own=own, letters=letters)
        )

    async def _save_letter(self, entry_id: int, number: int) -> None:
        """Let a person keep a copy of a file that came inside an entry, its name telling nothing of it."""
        desk = self.desk
        found = await desk.work(browsing.entry_view, desk.passport, entry_id)
        files = () if found is None else await desk.work(browsing.attachments, desk.passport, found.stored)
        if number < len(files):
            await desk.shell.save_file(f"letter-{number + 1}.{files[number].ending}", files[number].data)

    def trend_events(self, moves: Moves) -> TrendEvents:
        """What results over time call."""
        return TrendEvents(moves=moves, open_entry=self.open, back=self.desk.back)

    async def _trend(self, entry_id: int) -> None:
        desk = self.desk
        found = await desk.work(browsing.entry_view, desk.passport, entry_id)
        trend = None if found is None else await desk.work(browsing.trend, desk.passport, found.stored)
        if trend is None:
            await desk.back()
            return
        desk.shell.show(TrendState(trend, desk.local(desk.now()).date()))

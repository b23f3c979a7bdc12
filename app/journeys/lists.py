"""Lists of entries: a section, the timeline of all, what of them is shown, and search."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from app.actions import browsing
from app.actions.browsing import SectionPage
from app.journeys import shown
from app.journeys.desk import Desk
from app.record.entry import Section
from app.record.source import EntryFilters
from app.screens.choosing import ChoosingEvents, ChoosingState
from app.screens.places import Moves
from app.screens.search import SearchEvents, SearchState
from app.screens.section_list import SectionEvents, SectionState

MAX_FOUND_IN_SECTION = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the record a list is to show: a section or, None, all; from which entry on; narrowed how."""

    section: Section | None = None
    offset: int = 0
    query: str = field(default="", repr=False)
    filters: EntryFilters = field(default_factory=EntryFilters, repr=False)


@dataclass(slots=True)
class Lists:
    """One window's way through lists. `open_entry` goes on to an entry, `mark_section` to a section's label."""

    desk: Desk
    open_entry: Callable[[int], Awaitable[None]]
    mark_section: Callable[[Section], Awaitable[None]]
    _wanted: Wanted = field(default_factory=Wanted)

    async def section(self, section: Section | None = None) -> None:
        """The first page of a section, or of the timeline of all entries."""
        await self._list(Wanted(section))

    def forget(self) -> None:
        """After locking: what was looked for is nobody's any more."""
        self._wanted = Wanted()

    def section_events(self, moves: Moves) -> SectionEvents:
        """What a list calls."""
        return SectionEvents(
            moves=moves,
            open_entry=self.open_entry,
            find=lambda query: self._turn(replace(self._wanted, offset=0, query=query)),
            page=lambda offset: self._turn(replace(self._wanted, offset=offset)),
            choose=lambda: self.desk.go(self._choosing),
            show_all=lambda: self._turn(Wanted(self._wanted.section)),
            mark=self.mark_section,
            back=self.desk.back,
        )

    async def _turn(self, wanted: Wanted) -> None:
        await self.desk.replace(lambda: self._list(wanted))

    async def _list(self, wanted: Wanted) -> None:
        desk, self._wanted = self.desk, wanted
        if wanted.query.strip() and wanted.section is not None:
            asked = (wanted.query, MAX_FOUND_IN_SECTION, wanted.section)
            found = await desk.work(desk.passport.store.search, *asked)
            page = SectionPage(wanted.section, found.entries, (), 0, len(found.entries))
        else:
            page = await desk.work(
                browsing.section_page, desk.passport, wanted.section, offset=wanted.offset, filters=wanted.filters
            )
        by_source = wanted.section is not None
        desk.shell.show(
            SectionState(
                wanted.section,
                shown.groups(page, desk.kinds, desk.zone) if by_source else (),
                page.total,
                page.offset,
                wanted.query.strip(),
                tuple(shown.row(one, desk.kinds, desk.zone) for one in page.taken_back),
                () if by_source else tuple(shown.row(one, desk.kinds, desk.zone) for one in page.entries),
                self._narrowed(wanted),
            )
        )

    def _narrowed(self, wanted: Wanted) -> tuple[str, ...]:
        """What the list is narrowed to, in words."""
        filters = wanted.filters
        standing = "" if filters.standing is None else self.desk.words(f"list.choose.standing.{filters.standing.value}")
        return tuple(one for one in (filters.issuer_name, standing, filters.since) if one)

    # ---- what of it is shown --------------------------------------------------------------

    def choosing_events(self, moves: Moves) -> ChoosingEvents:
        """What the choice of what is shown calls."""
        return ChoosingEvents(
            moves=moves,
            source=lambda name: self._choose(replace(self._wanted.filters, issuer_name=name)),
            standing=lambda one: self._choose(replace(self._wanted.filters, standing=one)),
            year=lambda year: self._choose(replace(self._wanted.filters, since=year, until=year)),
            jump=self._jump,
            show=self._chosen,
            back=self.desk.back,
        )

    async def _choosing(self) -> None:
        desk, wanted = self.desk, self._wanted
        found = await desk.work(browsing.choices, desk.passport, wanted.section, wanted.filters)
        filters = wanted.filters
        desk.shell.show(
            ChoosingState(
                section=wanted.section,
                sources=found.sources,
                standings=found.standings,
                years=found.years,
                source=filters.issuer_name,
                standing=filters.standing,
                year=filters.since,
                total=found.total,
            )
        )

    async def _choose(self, filters: EntryFilters) -> None:
        """Narrow, and say at once how many are left."""
        self._wanted = replace(self._wanted, offset=0, query="", filters=filters)
        await self._choosing()

    async def _chosen(self) -> None:
        wanted = self._wanted
        await self.desk.back_to(lambda: self._list(wanted))

    async def _jump(self, year: str) -> None:
        """The list as it is, from the newest entry of a year on."""
        desk, wanted = self.desk, replace(self._wanted, query="")
        offset = await desk.work(browsing.offset_of_year, desk.passport, wanted.section, year, wanted.filters)
        await desk.back_to(lambda: self._list(replace(wanted, offset=offset)))

    # ---- search ---------------------------------------------------------------------------

    def search_events(self, moves: Moves) -> SearchEvents:
        """What search calls."""
        return SearchEvents(
            moves=moves,
            find=lambda query: self.desk.replace(lambda: self.search(query)),
            open_entry=self.open_entry,
            back=self.desk.back,
        )

    async def search(self, query: str = "") -> None:
        """Search, with what was found for `query`."""
        desk = self.desk
        if not query.strip():
            desk.shell.show(SearchState())
            return
        page = await desk.work(browsing.search, desk.passport, query)
        rows = tuple(shown.row(stored, desk.kinds, desk.zone) for stored in page.entries)
        exact, like = rows[: page.as_typed], rows[page.as_typed :]
        desk.shell.show(SearchState(query.strip(), exact, page.has_more, like))

"""Looking at the record: what Home, a section, an entry and a search show.

Owns the frozen states behind those screens and the command line's lists. It changes nothing but
when the patient last looked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from app.actions.session import Passport
from app.record.attachments import HOLDING, Attachment, attachments_of, kept_apart
from app.record.bundle import load
from app.record.element import as_map
from app.record.element import text as words_of
from app.record.entry import Person, Section, Standing
from app.record.source import (
    Checked,
    EntryFilters,
    SectionCount,
    SourceInfo,
    StoredEntry,
    StoredNotDisplayed,
    StoredNote,
)
from app.record.trend import Trend, can_be_drawn, phrases, trend_of
from app.store.instant import from_text_or_none, to_text
from app.store.shelf import PAGE, CountBy

MAX_RESULTS: Final = 2_000
"""Results of one kind that are looked at: one a day for more than five years."""

_LAST_LOOKED: Final = "browsing.last-looked"


@dataclass(frozen=True, slots=True)
class HomeSummary:
    """Home: whose record, what is in it, the newest message of each source, how much came since last time.

    `aside` counts messages of issuers that are not on the list of keys: kept, not read, not believed.
    """

    person: Person | None = field(repr=False)
    sections: tuple[SectionCount, ...]
    sources: tuple[SourceInfo, ...]
    not_displayed: int
    new: int
    aside: int = 0


@dataclass(frozen=True, slots=True)
class SectionPage:
    """One page of a section, or of the timeline of all; `total` counts all that the filters let through.

    `taken_back` are entries that no longer count, on the first page only.
    """

    section: Section | None
    entries: tuple[StoredEntry, ...]
    notes: tuple[StoredNote, ...]
    offset: int
    total: int
    taken_back: tuple[StoredEntry, ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.offset + len(self.entries) < self.total


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be narrowed by: (source name, entries), (standing, entries), (year, entries), newest first."""

    sources: tuple[tuple[str, int], ...] = field(repr=False)
    standings: tuple[tuple[Standing, int], ...]
    years: tuple[tuple[str, int], ...]
    total: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry, and every version of it from the same feed, newest first, itself among them."""

    stored: StoredEntry
    history: tuple[StoredEntry, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found, best first; `has_more` when it was cut at a page.

    The first `as_typed` hold the words as they were typed, the rest what they may have meant.
    """

    text: str = field(repr=False)
    entries: tuple[StoredEntry, ...]
    as_typed: int
    has_more: bool


def home_summary(passport: Passport, *, since: datetime | None = None) -> HomeSummary:
    """Home as it stands; `since` is when the patient looked last (`note_look`)."""
    store = passport.store
    newest: dict[tuple[str, str], SourceInfo] = {}
    for source in (one for one in store.sources() if one.checked is not Checked.QUARANTINED):
        newest.setdefault((source.iss, source.issuer_name), source)
    return HomeSummary(
        person=store.person(),
        sections=tuple(store.sections()),
        sources=tuple(newest.values()),
        not_displayed=len(store.not_displayed()),
        new=0 if since is None else store.count_new_since(since),
        aside=store.aside(),
    )


def note_look(passport: Passport, *, now: datetime) -> datetime | None:
    """Note that the patient looks now; gives when they looked before, None the first time.

    Looking at an older copy is not noted: nothing is written into it.
    """
    before = from_text_or_none(passport.store.setting(_LAST_LOOKED))
    if not passport.rolled_back:
        passport.store.set_setting(_LAST_LOOKED, to_text(now))
    return before


def new_entries(passport: Passport, since: datetime) -> tuple[StoredEntry, ...]:
    """The first page of what came after `since`, newest first."""
    return tuple(passport.store.new_since(since))


def section_page(
    passport: Passport, section: Section | None, *, offset: int = 0, filters: EntryFilters | None = None
) -> SectionPage:
    """A page of 50 from `offset` on, newest first, undated entries last; of every section where none is named.

    What lists say about themselves and what was taken back stand on a section's whole first page only.
    """
    whole = section is not None and filters in (None, EntryFilters())
    store = passport.store
    return SectionPage(
        section=section,
        entries=tuple(store.entries(section, offset, PAGE, filters)),
        notes=tuple(note for note in store.notes() if note.note.section is section) if whole else (),
        offset=offset,
        total=store.count(section, filters),
        taken_back=tuple(store.taken_back(section)) if section is not None and whole and not offset else (),
    )


def choices(passport: Passport, section: Section | None, filters: EntryFilters) -> Choices:
    """What a list can be narrowed by, each with how many entries it would leave beside the other choices."""
    store = passport.store
    without_year = replace(filters, since=None, until=None)
    return Choices(
        sources=tuple(store.counted(CountBy.SOURCE, section, replace(filters, issuer_name=None))),
        standings=tuple(
            (Standing(one), n) for one, n in store.counted(CountBy.STANDING, section, replace(filters, standing=None))
        ),
        years=tuple(store.counted(CountBy.YEAR, section, without_year)),
        total=store.count(section, filters),
    )


def offset_of_year(passport: Passport, section: Section | None, year: str, filters: EntryFilters) -> int:
    """How many entries of a list stand before the newest one of a year: those of later years."""
    years = passport.store.counted(CountBy.YEAR, section, filters)
    return sum(count for one, count in years if one > year)


def entry_view(passport: Passport, entry_id: int) -> EntryView | None:
    """One entry with its history; None where there is none with this id."""
    stored = passport.store.entry(entry_id)
    return None if stored is None else EntryView(stored, tuple(passport.store.history(entry_id)))


def raw_source(passport: Passport, entry_id: int) -> str:
    """The resource an entry was made from, exactly as it came."""
    return passport.store.raw_resource(entry_id).decode("utf-8", "replace")


def attachments(passport: Passport, stored: StoredEntry) -> tuple[Attachment, ...]:
    """The files inside an entry's resource, and those its message keeps in a Binary of their own for it."""
    if stored.entry.resource_type not in HOLDING:
        return ()
    store = passport.store
    resource = as_map(load(store.raw_resource(stored.id)))
    apart = kept_apart(resource)
    others = store.resources_of(stored.source.source_id) if apart else ()
    related = (as_map(load(one)) for one in others if b"Binary" in one)
    return attachments_of(resource, [one for one in related if words_of(one.get("id")) in apart])


def not_displayed(passport: Passport) -> tuple[StoredNotDisplayed, ...]:
    """Resources that could not be shown, each with its source; their raw text is `raw_not_displayed`."""
    return tuple(passport.store.not_displayed())


def raw_not_displayed(passport: Passport, item: StoredNotDisplayed) -> str:
    """A resource that could not be shown, exactly as it came."""
    return passport.store.raw_at(item.source.source_id, item.resource.position).decode("utf-8", "replace")


def search(passport: Passport, text: str) -> SearchPage:
    """Entries with every word typed, or words that begin so; then what may have been meant (store/search.py)."""
    found = passport.store.search(text, PAGE + 1)
    entries = found.entries[:PAGE]
    as_typed = len(entries) if found.as_typed is None else min(found.as_typed, PAGE)
    return SearchPage(text, entries, as_typed, len(found.entries) > PAGE)


def trend(passport: Passport, stored: StoredEntry) -> Trend | None:
    """Results over time of what an entry measures; None where there are not two to be drawn."""
    entry = stored.entry
    if not stored.live or not can_be_drawn(entry):
        return None
    found = trend_of(entry, passport.store.holding(phrases(entry), entry.section, MAX_RESULTS))
    return found if found.count > 1 else None

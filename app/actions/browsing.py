"""Looking at the record: what Home, a section, an entry and a search show.

Owns the frozen states behind those screens and the command line's lists. It changes nothing but
when the patient last looked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.actions.session import Passport
from app.record.entry import Person, Section
from app.record.source import (
    Checked,
    EntryFilters,
    SectionCount,
    SourceInfo,
    StoredEntry,
    StoredNotDisplayed,
    StoredNote,
)
from app.store.instant import from_text_or_none, to_text
from app.store.shelf import PAGE

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
    """One page of a section; `total` counts all that the filters let through.

    `taken_back` are entries that no longer count, on the first page only.
    """

    section: Section
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
class EntryView:
    """One entry, and every version of it from the same feed, newest first, itself among them."""

    stored: StoredEntry
    history: tuple[StoredEntry, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found, best first; `has_more` when it was cut at a page."""

    text: str = field(repr=False)
    entries: tuple[StoredEntry, ...]
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
    passport: Passport, section: Section, *, offset: int = 0, filters: EntryFilters | None = None
) -> SectionPage:
    """A page of 50 from `offset` on, newest first, undated entries last."""
    store = passport.store
    return SectionPage(
        section=section,
        entries=tuple(store.entries(section, offset, PAGE, filters)),
        notes=tuple(note for note in store.notes() if note.note.section is section),
        offset=offset,
        total=store.count(section, filters),
        taken_back=() if offset else tuple(store.taken_back(section)),
    )


def entry_view(passport: Passport, entry_id: int) -> EntryView | None:
    """One entry with its history; None where there is none with this id."""
    stored = passport.store.entry(entry_id)
    return None if stored is None else EntryView(stored, tuple(passport.store.history(entry_id)))


def raw_source(passport: Passport, entry_id: int) -> str:
    """The resource an entry was made from, exactly as it came."""
    return passport.store.raw_resource(entry_id).decode("utf-8", "replace")


def not_displayed(passport: Passport) -> tuple[StoredNotDisplayed, ...]:
    """Resources that could not be shown, each with its source; their raw text is `raw_not_displayed`."""
    return tuple(passport.store.not_displayed())


def raw_not_displayed(passport: Passport, item: StoredNotDisplayed) -> str:
    """A resource that could not be shown, exactly as it came."""
    return passport.store.raw_at(item.source.source_id, item.resource.position).decode("utf-8", "replace")


def search(passport: Passport, text: str) -> SearchPage:
    """Entries with every word typed, or words that begin so; accents and capitals do not matter."""
    found = passport.store.search(text, PAGE + 1)
    return SearchPage(text, tuple(found[:PAGE]), len(found) > PAGE)

# ruff: noqa: S608 -- the SQL is put together from constants of this package; every value is a parameter
"""Finding what is kept: sections, pages of entries, one entry and its history, search, what is new.

Owns what a section, a search and a history are. An entry is live when no later update of its feed
replaced it or took it back and its source is not quarantined; sections, lists and search show live
entries only, history shows all, and what was taken back has a list of its own.

What the patient hid (own.py) is in none of them, and no word of it in search: here, once, for everybody who looks.
`show_hidden` lifts that for one open store; `without_hidden` gives a view in which it is never lifted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Final

from app.record.entry import NotDisplayed, Section
from app.record.source import EntryFilters, SectionCount, SourceInfo, StoredEntry, StoredNotDisplayed, StoredNote
from app.store import rows, search
from app.store.driver import Driver
from app.store.instant import to_text
from app.store.search import Question, Vocabulary
from app.store.veil import tells_of_others, without_names

PAGE: Final = 50
AFTER_ALL_LETTERS: Final = "\U0010ffff"

_FROM: Final = "FROM entry e JOIN source s ON s.id = e.source_id"
_LIVE: Final = "e.superseded_by IS NULL AND e.taken_back_by IS NULL AND s.checked <> 'quarantined'"
_NOT_HIDDEN: Final = """ AND e.id NOT IN (SELECT entry_id FROM hidden_entry)
    AND e.section NOT IN (SELECT section FROM own_section WHERE hidden)"""
_PLACE_NOT_HIDDEN: Final = """ AND doc NOT IN (SELECT entry_id FROM hidden_entry)
    AND (SELECT section FROM entry WHERE id = doc) NOT IN (SELECT section FROM own_section WHERE hidden)"""
_BESIDE: Final = """FROM source t JOIN entry e ON e.source_id = t.id
    WHERE (t.id = s.id OR (s.feed <> '' AND t.iss = s.iss AND t.feed = s.feed))"""
_SOURCE_SHOWN: Final = f""" AND (EXISTS (SELECT 1 {_BESIDE}{_NOT_HIDDEN}) OR NOT EXISTS (SELECT 1 {_BESIDE}))"""
"""A file, or a holder, of which only hidden entries are known is not named either."""
_FOUND: Final = """FROM (SELECT e.id AS found FROM entry_words CROSS JOIN entry e ON e.id = entry_words.rowid
    WHERE entry_words MATCH ? AND e.superseded_by IS NULL AND e.taken_back_by IS NULL
      AND e.source_id NOT IN (SELECT id FROM source WHERE checked = 'quarantined'){where}
    ORDER BY e.at DESC, e.id DESC LIMIT ?)
    JOIN entry e ON e.id = found JOIN source s ON s.id = e.source_id ORDER BY e.at DESC, e.id DESC"""
"""Which entries, by what the order needs alone; then all of the few that are shown."""


class CountBy(Enum):
    """What entries can be counted by, as the column it stands in."""

    SOURCE = "s.issuer_name"
    STANDING = "e.standing"
    YEAR = "substr(e.at, 1, 4)"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first: the first `as_typed` hold the words as typed, the rest what they may have meant.

    `as_typed` is None where nothing else was looked for.
    """

    entries: tuple[StoredEntry, ...] = field(repr=False)
    as_typed: int | None = None


def list_words(driver: Driver) -> None:
    """Lay the index's own lists of words over it, in memory, for this connection: for typing errors (search.py)."""
    driver.run("CREATE VIRTUAL TABLE temp.entry_terms USING fts5vocab(main, entry_words, 'row')")
    driver.run("CREATE VIRTUAL TABLE temp.entry_places USING fts5vocab(main, entry_words, 'instance')")


class Shelf:
    """Everything of the store that only looks; needs `list_words` on its connection."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._shows_hidden = False
        self._words: tuple[object, Vocabulary] | None = None

    @property
    def shows_hidden(self) -> bool:
        """Whether what the patient hid is shown, on this connection."""
        return self._shows_hidden

    def show_hidden(self, shown: bool) -> None:
        """Show what the patient hid, on this connection until it is closed, or leave it out again."""
        self._shows_hidden = shown

    def without_hidden(self) -> Shelf:
        """The same store, seen without what the patient hid: for what outlives the time it is shown."""
        return Shelf(self._driver)

    def with_hidden(self) -> Shelf:
        """The same store, seen with what the patient hid: for what is reckoned and never shown."""
        shelf = Shelf(self._driver)
        shelf.show_hidden(True)
        return shelf

    @property
    def _veil(self) -> str:
        return "" if self._shows_hidden else _NOT_HIDDEN

    @property
    def _source_veil(self) -> str:
        return "" if self._shows_hidden else _SOURCE_SHOWN

    @property
    def _note_veil(self) -> str:
        """Whether a message spoke of a section is judged by all entries, also hidden ones: nothing false is said."""
        hidden = "AND n.section NOT IN (SELECT section FROM own_section WHERE hidden)"
        return "" if self._shows_hidden else f"{_SOURCE_SHOWN} {hidden}"

    @property
    def _from_live(self) -> str:
        return f"{_FROM} WHERE {_LIVE}{self._veil}"

    @property
    def _from_taken_back(self) -> str:
        return f"{_FROM} WHERE e.superseded_by IS NULL AND e.taken_back_by IS NOT NULL{self._veil}"

    def sources(self) -> list[SourceInfo]:
        """Every message received, newest first, quarantined ones too; not those of which all is hidden."""
        return self._sources(self._source_veil)

    def all_sources(self) -> list[SourceInfo]:
        """Every message received, newest first, whatever is hidden: for what is reckoned and never shown."""
        return self._sources("")

    def _sources(self, veil: str) -> list[SourceInfo]:
        found = self._driver.rows(
            f"SELECT {rows.SOURCE_COLUMNS} FROM source s WHERE 1{veil} ORDER BY s.received_at DESC, s.id DESC"
        )
        return [rows.source_from(row) for row in found]

    def shown_of(self, source_ids: Sequence[int]) -> int:
        """How many entries of these messages are shown."""
        count = f"SELECT count(*) {_FROM} WHERE s.id = ?{self._veil}"
        return sum(int(self._driver.rows(count, (source_id,))[0][0]) for source_id in source_ids)

    def source_with_hash(self, file_hash: str) -> SourceInfo | None:
        """The first message whose SHA-256 (hex) is this one, if it was received before."""
        found = self._driver.rows(
            f"SELECT {rows.SOURCE_COLUMNS} FROM source s WHERE s.file_hash = ? ORDER BY s.id LIMIT 1", (file_hash,)
        )
        return rows.source_from(found[0]) if found else None

    def sections(self) -> list[SectionCount]:
        """Sections that hold a live entry, one taken back, or a note, in the order of the home screen."""
        counted = self._live_counts()
        gone: dict[str, int] = dict(
            self._driver.rows(f"SELECT e.section, count(*) {self._from_taken_back} GROUP BY e.section")
        )
        noted: dict[Section, list[StoredNote]] = {}
        for note in self.notes():
            noted.setdefault(note.note.section, []).append(note)
        return [
            SectionCount(section, counted[section.value], tuple(noted.get(section, ())), gone.get(section.value, 0))
            for section in Section
            if section.value in counted or section.value in gone or section in noted
        ]

    def notes(self) -> list[StoredNote]:
        """What lists said about themselves, as it stands.

        Of one feed, the newest message that said anything about a section counts; "there is
        nothing" is dropped once a newer message of that feed brought something, or took something
        back that is no entry: it may have been that very statement.
        """
        found = self._driver.rows(
            f"""SELECT n.section, n.warning, n.absence, {rows.SOURCE_COLUMNS}
                FROM section_note n JOIN source s ON s.id = n.source_id
                WHERE s.checked <> 'quarantined'{self._note_veil}
                  AND NOT EXISTS (SELECT 1 FROM section_note m JOIN source t ON t.id = m.source_id
                    WHERE s.feed <> '' AND t.iss = s.iss AND t.feed = s.feed AND t.id > s.id AND m.section = n.section
                      AND t.checked <> 'quarantined')
                  AND (n.absence IS NULL OR NOT EXISTS (SELECT 1 FROM entry e JOIN source t ON t.id = e.source_id
                    WHERE s.feed <> '' AND t.iss = s.iss AND t.feed = s.feed AND t.id > s.id AND e.section = n.section
                      AND e.superseded_by IS NULL AND t.checked <> 'quarantined'))
                  AND (n.absence IS NULL OR NOT EXISTS (SELECT 1 FROM taken_back b JOIN source t ON t.id = b.source_id
                    WHERE s.feed <> '' AND t.iss = s.iss AND t.feed = s.feed AND t.id > s.id
                      AND NOT EXISTS (SELECT 1 FROM entry e JOIN source u ON u.id = e.source_id
                        WHERE e.key = b.key AND u.iss = s.iss AND u.feed = s.feed)))
                ORDER BY s.id, n.rowid"""
        )
        return [StoredNote(rows.note_from(*row[:3]), rows.source_from(row[3:])) for row in found]

    def entries(
        self,
        section: Section | None = None,
        offset: int = 0,
        limit: int = PAGE,
        filters: EntryFilters | None = None,
    ) -> list[StoredEntry]:
        """A page of live entries, newest first, undated ones last; of every section where none is named."""
        where, values = _conditions(section, filters or EntryFilters())
        return self._stored(
            f"{self._from_live}{where} ORDER BY e.at DESC, e.id DESC LIMIT ? OFFSET ?", (*values, limit, offset)
        )

    def count(self, section: Section | None = None, filters: EntryFilters | None = None) -> int:
        """How many live entries `entries` would give without a limit."""
        if filters is None or filters == EntryFilters():
            return self._live_counts(section).total()
        where, values = _conditions(section, filters)
        return int(self._driver.rows(f"SELECT count(*) {self._from_live}{where}", values)[0][0])

    def counted(self, by: CountBy, section: Section | None, filters: EntryFilters) -> list[tuple[str, int]]:
        """How many live entries there are of each source, standing or year; years newest first, undated left out."""
        where, values = _conditions(section, filters)
        grouped = "GROUP BY what HAVING what <> '' ORDER BY what DESC"
        found = self._driver.rows(f"SELECT {by.value} AS what, count(*) {self._from_live}{where} {grouped}", values)
        return [(str(what), int(count)) for what, count in found]

    def taken_back(self, section: Section) -> list[StoredEntry]:
        """The newest version of each entry of a section that its holder took back, newest first, a page at most."""
        return self._stored(
            f"{self._from_taken_back} AND e.section = ? ORDER BY e.at DESC, e.id DESC LIMIT ?", (section.value, PAGE)
        )

    def entry(self, entry_id: int) -> StoredEntry | None:
        """One entry, live or not; None where there is none with this id, or it is hidden."""
        found = self._stored(f"{_FROM} WHERE e.id = ?{self._veil}", (entry_id,))
        return found[0] if found else None

    def history(self, entry_id: int) -> list[StoredEntry]:
        """Every version of an entry from its feed, newest first; only itself where it came in no feed."""
        return self._stored(
            f"""{_FROM} WHERE e.id IN (SELECT ?1 UNION
                  SELECT v.id FROM entry o CROSS JOIN source p ON p.id = o.source_id
                    CROSS JOIN source t ON t.iss = p.iss AND t.feed = p.feed
                    CROSS JOIN entry v ON v.source_id = t.id AND v.key = o.key
                  WHERE o.id = ?1 AND p.feed <> '' AND o.key NOT LIKE '#%'){self._veil}
                ORDER BY s.id DESC, e.id DESC""",
            (entry_id,),
        )

    def search(self, text: str, limit: int = PAGE, section: Section | None = None) -> Found:
        """Live entries, of one section or of all, that hold every word of `text` or words that begin so, best first.

        Behind them, where there is room, what else it may have meant: everyday words and typing errors (search.py).
        """
        question = search.typed(text)
        if question is None:
            return Found(())
        exact = self._matching(question, limit, section)
        other = search.meant(text, self._vocabulary) if len(exact) < limit else None
        if other is None:
            return Found(tuple(exact))
        known = {stored.id for stored in exact}
        more = [stored for stored in self._matching(other, limit, section) if stored.id not in known]
        return Found((*exact, *more)[:limit], len(exact))

    def holding(self, phrases: Sequence[str], section: Section, limit: int) -> list[StoredEntry]:
        """Live entries of a section that hold one of these phrases whole, such as a code."""
        question = search.holding(phrases)
        return [] if question is None else self._matching(question, limit, section)

    def _matching(self, question: Question, limit: int, section: Section | None) -> list[StoredEntry]:
        """Those with all that was asked in the title first, then the others; of each the newest first."""
        where, values = _conditions(section, EntryFilters())
        found: list[StoredEntry] = []
        for expression in question.expressions:
            if len(found) < limit:
                found += self._stored(
                    _FOUND.format(where=where + self._veil), (expression, *values, limit - len(found))
                )
        return found

    @property
    def _vocabulary(self) -> Vocabulary:
        """The words of the record, those that stand in hidden entries alone never given; read again after each change.

        They are kept between questions: the index's own list of words (`list_words`) counts every place of each.
        """
        stands = self._driver.rows("SELECT counter, mark FROM guard")
        if self._words is None or self._words[0] != stands:
            vocabulary = Vocabulary(
                begins=lambda word: self._has_word(word, word + AFTER_ALL_LETTERS),
                stands=lambda word: self._has_word(word, word),
                terms=lambda: [term for (term,) in self._driver.rows("SELECT term FROM entry_terms")],
            )
            self._words = stands, vocabulary
        return self._words[1]

    def _has_word(self, first: str, last: str) -> bool:
        """Whether a word between these two, both included, stands in an entry that is not hidden."""
        found = f"SELECT 1 FROM entry_places WHERE term >= ? AND term <= ?{self._place_veil} LIMIT 1"
        return bool(self._driver.rows(found, (first, last)))

    def forget_words(self) -> None:
        """Let go of the words of the record that are kept between questions."""
        self._words = None

    @property
    def _place_veil(self) -> str:
        return "" if self._shows_hidden else _PLACE_NOT_HIDDEN

    def new_since(self, at: datetime, limit: int = PAGE) -> list[StoredEntry]:
        """Live entries received after `at`, newest first."""
        return self._stored(
            f"{self._from_live} AND s.received_at > ? ORDER BY s.received_at DESC, e.at DESC, e.id DESC LIMIT ?",
            (to_text(at), limit),
        )

    def count_new_since(self, at: datetime) -> int:
        """How many live entries were received after `at`."""
        return int(self._driver.rows(f"SELECT count(*) {self._from_live} AND s.received_at > ?", (to_text(at),))[0][0])

    def not_displayed(self) -> list[StoredNotDisplayed]:
        """Resources that could not be shown, in the order they came."""
        found = self._driver.rows(
            f"""SELECT d.position, d.resource_type, d.reason, {rows.SOURCE_COLUMNS}
                FROM not_displayed d JOIN source s ON s.id = d.source_id
                WHERE 1{self._source_veil} ORDER BY s.id, d.position"""
        )
        return [StoredNotDisplayed(NotDisplayed(*row[:3]), rows.source_from(row[3:])) for row in found]

    def _live_counts(self, section: Section | None = None) -> Counter[str]:
        """Live entries of each section: from the index of what is shown alone, less those kept aside and those hidden.

        Asking the message of each entry instead reads every page of the record.
        """
        where, values = _conditions(section, EntryFilters())
        rest = f"e.superseded_by IS NULL AND e.taken_back_by IS NULL{where} GROUP BY e.section"
        counted = self._driver.rows(f"SELECT e.section, count(*) FROM entry e WHERE {rest}", values)
        aside = self._driver.rows(
            f"""SELECT e.section, count(*) FROM source s CROSS JOIN entry e ON e.source_id = s.id
                WHERE s.checked = 'quarantined' AND {rest}""",
            values,
        )
        found: Counter[str] = Counter(dict(counted)) - Counter(dict(aside))
        return found if self._shows_hidden else self._less_hidden(found, rest, values)

    def _less_hidden(self, found: Counter[str], rest: str, values: Sequence[object]) -> Counter[str]:
        hidden = self._driver.rows(
            f"""SELECT e.section, count(*) FROM hidden_entry h CROSS JOIN entry e ON e.id = h.entry_id
                WHERE e.source_id NOT IN (SELECT id FROM source WHERE checked = 'quarantined') AND {rest}""",
            values,
        )
        left = found - Counter(dict(hidden))
        for (section,) in self._driver.rows("SELECT section FROM own_section WHERE hidden"):
            del left[section]
        return left

    def _stored(self, rest: str, values: Sequence[object]) -> list[StoredEntry]:
        found = self._driver.rows(f"SELECT {rows.STORED_COLUMNS} {rest}", values)
        stored = [rows.stored_entry_from(row) for row in found]
        if self._shows_hidden:
            return self._marked(stored)
        if not any(tells_of_others(one.entry) for one in stored):
            return stored
        hidden = self._hidden_names()
        return [replace(one, entry=without_names(one.entry, hidden)) for one in stored] if hidden else stored

    def _marked(self, stored: list[StoredEntry]) -> list[StoredEntry]:
        """The same, each that the patient hid, itself or with its section, known as hidden."""
        ids = {entry_id for (entry_id,) in self._driver.rows("SELECT entry_id FROM hidden_entry")}
        sections = {section for (section,) in self._driver.rows("SELECT section FROM own_section WHERE hidden")}
        return [
            replace(one, hidden=True) if one.id in ids or one.entry.section.value in sections else one for one in stored
        ]

    def _hidden_names(self) -> frozenset[str]:
        """What hidden entries are called, and the days they are of: a visible one may repeat it."""
        found = self._driver.rows(  # EXISTS: where no section is hidden the entries are not gone through
            """SELECT e.title, e.at FROM hidden_entry h CROSS JOIN entry e ON e.id = h.entry_id
               UNION SELECT title, at FROM entry WHERE EXISTS (SELECT 1 FROM own_section WHERE hidden)
                 AND section IN (SELECT section FROM own_section WHERE hidden)"""
        )
        return frozenset(name.casefold() for title, at in found for name in (title, (at or "")[:10]) if name)


def _conditions(section: Section | None, filters: EntryFilters) -> tuple[str, tuple[object, ...]]:
    """What is left open adds nothing, so that the index of a section serves its page."""
    asked: tuple[tuple[str, object], ...] = (
        ("e.section = ?", None if section is None else section.value),
        ("e.source_id = ?", filters.source_id),
        ("s.iss = ?", filters.iss),
        ("s.issuer_name = ?", filters.issuer_name),
        ("e.standing = ?", None if filters.standing is None else filters.standing.value),
        ("e.at >= ?", filters.since),
        ("substr(e.at, 1, length(?)) <= ?", filters.until),
    )
    given = [(clause, value) for clause, value in asked if value is not None]
    values = tuple(value for clause, value in given for _ in range(clause.count("?")))
    return "".join(f" AND {clause}" for clause, _ in given), values

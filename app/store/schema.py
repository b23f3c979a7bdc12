"""The store's tables, as numbered, named migrations.

Owns the schema and bringing a file up to it. Each migration runs in one transaction and is recorded
in it, so a file is never between two versions. A migration that has been released is never edited:
a change is the next number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.store.driver import Driver
from app.store.instant import to_text
from crypto.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; its number is its place in MIGRATIONS, from 1."""

    name: str
    statements: tuple[str, ...]


FIRST: Final = Migration(
    "record, search, feeds, access",
    (
        # One row for each message received. `form` says how `bytes` keeps it (received.py).
        """CREATE TABLE source(
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, issuer_name TEXT NOT NULL, checked TEXT NOT NULL,
            received_at TEXT NOT NULL, iss TEXT NOT NULL, kid TEXT NOT NULL, signed_at TEXT, trust_version INTEGER,
            feed TEXT NOT NULL, seq INTEGER, file_hash TEXT NOT NULL,
            fhir_version TEXT NOT NULL, resources INTEGER NOT NULL, merged INTEGER NOT NULL)""",
        "CREATE INDEX source_feed ON source(iss, feed) WHERE feed <> ''",
        "CREATE INDEX source_hash ON source(file_hash)",
        """CREATE TABLE received(
            source_id INTEGER PRIMARY KEY REFERENCES source, form TEXT NOT NULL, bytes BLOB NOT NULL)""",
        # One row for each thing shown. `more` is JSON of facts, codings and quantity.
        """CREATE TABLE entry(
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source,
            superseded_by INTEGER REFERENCES entry, key TEXT NOT NULL, position INTEGER NOT NULL,
            section TEXT NOT NULL, resource_type TEXT NOT NULL, title TEXT NOT NULL, detail TEXT NOT NULL,
            at TEXT NOT NULL, standing TEXT NOT NULL, organisation TEXT NOT NULL, author TEXT NOT NULL,
            more TEXT NOT NULL)""",
        "CREATE INDEX entry_shown ON entry(section, at DESC, id DESC) WHERE superseded_by IS NULL",
        "CREATE INDEX entry_source ON entry(source_id, key)",
        # Contentless: the words themselves stand once, in `entry`. Accents folded. Not detail=column, which would
        # be smaller: beside content='' it makes bm25 give 0 for every row.
        """CREATE VIRTUAL TABLE entry_words USING fts5(title, words, content='', contentless_delete=1,
            tokenize='unicode61 remove_diacritics 2')""",
        """CREATE TABLE not_displayed(
            source_id INTEGER NOT NULL REFERENCES source, position INTEGER NOT NULL,
            resource_type TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(source_id, position)) WITHOUT ROWID""",
        """CREATE TABLE section_note(
            source_id INTEGER NOT NULL REFERENCES source, section TEXT NOT NULL, warning TEXT, absence TEXT)""",
        """CREATE TABLE feed(
            iss TEXT PRIMARY KEY, feed TEXT NOT NULL, seq INTEGER NOT NULL, head TEXT NOT NULL,
            sub TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE TABLE trust_file(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE trust_floor(role TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
        """CREATE TABLE access_grant(
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, terms TEXT NOT NULL, state TEXT NOT NULL,
            created TEXT NOT NULL, expires TEXT NOT NULL, ended_at TEXT) WITHOUT ROWID""",
        """CREATE TABLE access_log(
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
            sections TEXT NOT NULL, grant_id TEXT NOT NULL)""",
        "CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE secret(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID",
    ),
)

TAKEN_BACK: Final = Migration(
    "entries taken back",
    (
        "ALTER TABLE entry ADD COLUMN taken_back_by INTEGER REFERENCES source",
        """CREATE TABLE taken_back(
            source_id INTEGER NOT NULL REFERENCES source, key TEXT NOT NULL,
            PRIMARY KEY(source_id, key)) WITHOUT ROWID""",
        """UPDATE entry SET taken_back_by = source_id
           WHERE standing = 'entered-in-error' AND source_id IN
             (SELECT id FROM source WHERE feed <> '' AND checked <> 'quarantined')""",
        "DROP INDEX entry_shown",
        """CREATE INDEX entry_shown ON entry(section, at DESC, id DESC)
           WHERE superseded_by IS NULL AND taken_back_by IS NULL""",
    ),
)

FORKS: Final = Migration(
    "forks as evidence",
    (
        """CREATE TABLE fork(
            id INTEGER PRIMARY KEY, iss TEXT NOT NULL, known TEXT NOT NULL, about TEXT NOT NULL, found_at TEXT NOT NULL,
            UNIQUE(iss, known, about))""",
        # The signed texts, oldest first, kept as `received` keeps messages.
        """CREATE TABLE fork_text(
            fork_id INTEGER NOT NULL REFERENCES fork, number INTEGER NOT NULL, form TEXT NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY(fork_id, number)) WITHOUT ROWID""",
    ),
)

OUTBOX: Final = Migration(
    "outbox",
    (
        # One row for each act that has to reach a service (outgoing.py). AUTOINCREMENT: a number is never used again.
        """CREATE TABLE outbox(
            number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, about TEXT NOT NULL,
            created TEXT NOT NULL, state TEXT NOT NULL, settled TEXT)""",
        "CREATE UNIQUE INDEX outbox_pending ON outbox(kind, about) WHERE state = 'pending'",
    ),
)

_GUARDED: Final = (
    *("source", "feed", "trust_file", "trust_floor", "access_grant", "access_log"),
    *("setting", "secret", "fork", "outbox"),
)
"""Entries and their words change only together with `source`."""


def _raise_count(table: str, change: str) -> str:
    """A trigger of ours on a table of ours: nothing of it is input."""
    raised = "BEGIN UPDATE guard SET counter = counter + 1, mark = randomblob(16); END"
    return f"CREATE TRIGGER guard_{table}_{change} AFTER {change} ON {table} {raised}"


GUARD: Final = Migration(
    "guard against older copies",
    (
        # One row (guard.py): a count of changes with a random mark for each, whether this was found to be an older
        # copy that is not put right yet, and whether a keystore was ever told.
        """CREATE TABLE guard(
            id INTEGER PRIMARY KEY CHECK(id = 1), counter INTEGER NOT NULL, mark BLOB NOT NULL,
            older INTEGER NOT NULL, told INTEGER NOT NULL)""",
        "INSERT INTO guard VALUES(1, 0, randomblob(16), 0, 0)",
        *(_raise_count(table, change) for table in _GUARDED for change in ("INSERT", "UPDATE", "DELETE")),
        # What was taken back, by section, as entry_shown has what stands. From here on `more` is folded (facts.py).
        """CREATE INDEX entry_gone ON entry(section, at DESC, id DESC)
           WHERE superseded_by IS NULL AND taken_back_by IS NOT NULL""",
    ),
)

OWN: Final = Migration(
    "own words, labels and hiding",
    (
        # What the patient says about an entry, by its place (own.py), so that a later version of it keeps it.
        """CREATE TABLE own(
            iss TEXT NOT NULL, feed TEXT NOT NULL, file_hash TEXT NOT NULL, part INTEGER NOT NULL, key TEXT NOT NULL,
            note TEXT NOT NULL, questioned_at TEXT, label TEXT NOT NULL, hidden INTEGER NOT NULL,
            PRIMARY KEY(iss, feed, file_hash, part, key)) WITHOUT ROWID""",
        """CREATE TABLE own_section(
            section TEXT PRIMARY KEY, label TEXT NOT NULL, hidden INTEGER NOT NULL) WITHOUT ROWID""",
        # Which entries are at a hidden place: what lists leave out, found by their number alone.
        "CREATE TABLE hidden_entry(entry_id INTEGER PRIMARY KEY)",
        """CREATE TRIGGER hidden_entry_gone AFTER DELETE ON entry
           BEGIN DELETE FROM hidden_entry WHERE entry_id = OLD.id; END""",
        *(_raise_count(table, change) for table in ("own", "own_section") for change in ("INSERT", "UPDATE", "DELETE")),
    ),
)

TIME: Final = Migration(
    "entries by time",
    (
        # The timeline goes through all sections at once.
        """CREATE INDEX entry_time ON entry(at DESC, id DESC)
           WHERE superseded_by IS NULL AND taken_back_by IS NULL""",
    ),
)

MIGRATIONS: Final = (FIRST, TAKEN_BACK, FORKS, OUTBOX, GUARD, OWN, TIME)


def migrate(driver: Driver, *, now: datetime, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Bring the file up to the last migration, one transaction each.

    Raises StoreUnavailable for a file written by a newer passport: it is left as it is.
    """
    done = version(driver)
    if done > len(migrations):
        raise StoreUnavailable(f"store version: expected at most {len(migrations)}, found {done}")
    for number, step in enumerate(migrations[done:], done + 1):
        with driver.transaction():
            if version(driver) >= number:  # another process came first
                continue
            if number == 1:
                driver.run("CREATE TABLE migration(number INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL)")
            for statement in step.statements:
                driver.run(statement)
            driver.run("INSERT INTO migration VALUES(?,?,?)", (number, step.name, to_text(now)))


def version(driver: Driver) -> int:
    """The number of the last migration this file has had; 0 for an empty file."""
    if not driver.rows("SELECT 1 FROM sqlite_master WHERE type='table' AND name='migration'"):
        return 0
    return int(driver.rows("SELECT coalesce(max(number), 0) FROM migration")[0][0])

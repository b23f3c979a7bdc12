"""Writing one received message: its bytes, its entries, their words, its notes and where its feed now stands.

Owns what belongs into one transaction, which older versions a newer update supersedes and which it takes back. Whether
the message may be stored at all was decided by crypto and the action that calls this.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.record.entry import Reading
from app.record.source import Checked, SourceInfo
from app.store import received, rows
from app.store.driver import Driver
from app.store.own import hide_what_came


def write_message(driver: Driver, reading: Reading, raw: bytes, source: SourceInfo) -> int:
    """Store one message inside the caller's transaction; gives its source id.

    The same message kept aside before gives way to it.
    """
    _drop_aside(driver, source.file_hash)
    source_id = _next_id(driver, "source")
    counts = (reading.fhir_version, reading.resources, len(reading.merged))
    driver.run("INSERT INTO source VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows.source_row(source, source_id) + counts)
    driver.run("INSERT INTO received VALUES(?,?,?)", (source_id, *received.pack(raw)))
    first = _next_id(driver, "entry")
    numbered = list(enumerate(reading.entries, first))
    driver.run_many(
        f"INSERT INTO entry({rows.ENTRY_WRITTEN}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (rows.entry_row(entry, entry_id, source_id) for entry_id, entry in numbered),
    )
    driver.run_many(
        "INSERT INTO entry_words(rowid, title, words) VALUES(?,?,?)",
        ((entry_id, entry.title, rows.words_of(entry)) for entry_id, entry in numbered),
    )
    driver.run_many(
        "INSERT INTO not_displayed VALUES(?,?,?,?)",
        ((source_id, each.position, each.resource_type, each.reason) for each in reading.not_displayed),
    )
    driver.run_many("INSERT INTO section_note VALUES(?,?,?,?)", (rows.note_row(n, source_id) for n in reading.notes))
    if source.feed and source.checked is not Checked.QUARANTINED:
        _supersede(driver, source, source_id)
        _take_back(driver, reading, source, source_id)
    hide_what_came(driver, source_id)
    return source_id


def _drop_aside(driver: Driver, file_hash: str) -> None:
    found = driver.rows(
        """SELECT id FROM source WHERE file_hash = ? AND file_hash <> '' AND checked = 'quarantined'
             AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.source_id = source.id)""",
        (file_hash,),
    )
    driver.run_many("DELETE FROM received WHERE source_id = ?", found)
    driver.run_many("DELETE FROM source WHERE id = ?", found)


def remove_messages(driver: Driver, source_ids: Iterable[int]) -> None:
    """Take away messages of an imported file inside the caller's transaction.

    A file supersedes nothing and takes nothing back, so nothing else has to be put right. What the patient said of
    its entries stays (own.py): what was hidden is hidden again if the file comes back.
    """
    found = [(source_id,) for source_id in source_ids]
    entries = [row for one in found for row in driver.rows("SELECT id FROM entry WHERE source_id = ?", one)]
    driver.run_many("DELETE FROM entry_words WHERE rowid = ?", entries)
    for table in ("entry", "not_displayed", "section_note", "received"):
        driver.run_many(f"DELETE FROM {table} WHERE source_id = ?", found)  # noqa: S608 - our own names
    driver.run_many("DELETE FROM source WHERE id = ?", found)


def _supersede(driver: Driver, source: SourceInfo, source_id: int) -> None:
    """Older versions from the same feed under the same key give way; all of them stay as history.

    A key that is a position ("#3") names another resource in each update and supersedes nothing.
    """
    driver.run(
        """UPDATE entry SET superseded_by =
             (SELECT min(n.id) FROM entry n WHERE n.source_id = :new AND n.key = entry.key)
           WHERE superseded_by IS NULL AND key NOT LIKE '#%'
             AND source_id IN (SELECT id FROM source WHERE iss = :iss AND feed = :feed AND id < :new)
             AND key IN (SELECT key FROM entry WHERE source_id = :new)""",
        {"new": source_id, "iss": source.iss, "feed": source.feed},
    )


def _take_back(driver: Driver, reading: Reading, source: SourceInfo, source_id: int) -> None:
    """Entries of the same feed that its holder no longer stands by leave the lists; their bytes and words stay.

    A second resource with the same id ("Type/id~2") goes with the first. The keys are kept also where no entry
    has them: what they named may have said that there is nothing (shelf.py, `notes`).
    """
    if not reading.taken_back:
        return
    driver.run_many("INSERT INTO taken_back VALUES(?,?)", ((source_id, key) for key in reading.taken_back))
    driver.run(
        """UPDATE entry SET taken_back_by = :new
           WHERE superseded_by IS NULL AND taken_back_by IS NULL
             AND source_id IN (SELECT id FROM source WHERE iss = :iss AND feed = :feed AND id <= :new)
             AND iif(instr(key, '~'), substr(key, 1, instr(key, '~') - 1), key)
               IN (SELECT key FROM taken_back WHERE source_id = :new)""",
        {"new": source_id, "iss": source.iss, "feed": source.feed},
    )


def _next_id(driver: Driver, table: str) -> int:
    """One more than the highest rowid; `table` is one of our own names, never input."""
    return int(driver.rows(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")[0][0])  # noqa: S608

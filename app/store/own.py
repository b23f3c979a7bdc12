"""What the patient says about entries and sections: own note, questioned, label, hidden.

Owns where that is kept: by the place of an entry, never by its number, so that a later version of it keeps it. An
entry of a feed is known by issuer, feed and key; one of a file by the file's SHA-256, which of its messages, and key.
A key that is a position ("#3") names something within its own message only, also in a feed. What being hidden means
for whoever looks is shelf.py; it changes nothing of what was received.
"""

from __future__ import annotations

from typing import Final

from app.record.entry import Section
from app.record.own import Label, Own, OwnSection
from app.store.driver import Driver, Row
from app.store.instant import from_text_or_none, to_text
from crypto.errors import StoreDamaged

_PART: Final = "(SELECT count(*) FROM source t WHERE t.file_hash = s.file_hash AND t.id < s.id)"
_IN_FEED: Final = "s.feed <> '' AND e.key NOT LIKE '#%'"
_AT_PLACE: Final = f"""e.key = o.key AND iif({_IN_FEED},
    o.iss = s.iss AND o.feed = s.feed AND o.file_hash = '' AND o.part = 0,
    o.iss = '' AND o.feed = '' AND o.file_hash = s.file_hash AND o.part = {_PART})"""


def hide_what_came(driver: Driver, source_id: int) -> None:
    """Entries a message brought to places that are hidden are hidden too, inside the caller's transaction."""
    driver.run(
        f"""INSERT OR IGNORE INTO hidden_entry
            SELECT e.id FROM own o CROSS JOIN source s ON s.id = ? CROSS JOIN entry e ON e.source_id = s.id
            WHERE o.hidden AND {_AT_PLACE}""",  # noqa: S608 - our own constants
        (source_id,),
    )


class OwnSide:
    """The part of an open store that holds the patient's own side."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def own(self, entry_id: int) -> Own:
        """What the patient says about an entry; nothing where they said nothing."""
        found = self._driver.rows(
            "SELECT note, questioned_at, label, hidden FROM own"
            " WHERE iss = ? AND feed = ? AND file_hash = ? AND part = ? AND key = ?",
            self._place(entry_id),
        )
        if not found:
            return Own()
        note, questioned_at, label, hidden = found[0]
        return Own(note, from_text_or_none(questioned_at), Label(label), bool(hidden))

    def set_own(self, entry_id: int, own: Own) -> None:
        """Replace what the patient says about an entry, in every version of it; all or nothing."""
        place = self._place(entry_id)
        with self._driver.transaction():
            self._driver.run(
                "DELETE FROM own WHERE iss = ? AND feed = ? AND file_hash = ? AND part = ? AND key = ?", place
            )
            if own != Own():
                at = None if own.questioned_at is None else to_text(own.questioned_at)
                values = (*place, own.note, at, own.label.value, int(own.hidden))
                self._driver.run("INSERT INTO own VALUES(?,?,?,?,?,?,?,?,?)", values)
            self._mark_hidden(place, own.hidden)

    def own_section(self, section: Section) -> OwnSection:
        """What the patient says about a section."""
        found = self._driver.rows("SELECT label, hidden FROM own_section WHERE section = ?", (section.value,))
        return OwnSection(Label(found[0][0]), bool(found[0][1])) if found else OwnSection()

    def set_own_section(self, section: Section, own: OwnSection) -> None:
        """Replace what the patient says about a section."""
        with self._driver.transaction():
            self._driver.run("DELETE FROM own_section WHERE section = ?", (section.value,))
            if own != OwnSection():
                values = (section.value, own.label.value, int(own.hidden))
                self._driver.run("INSERT INTO own_section VALUES(?,?,?)", values)

    def _place(self, entry_id: int) -> Row:
        found = self._driver.rows(
            f"""SELECT {_IN_FEED}, s.iss, s.feed, s.file_hash, {_PART}, e.key
                FROM entry e JOIN source s ON s.id = e.source_id WHERE e.id = ?""",  # noqa: S608 - our own constants
            (entry_id,),
        )
        if not found:
            raise StoreDamaged("entry: expected one with this id, found none")
        in_feed, iss, feed, file_hash, part, key = found[0]
        return (iss, feed, "", 0, key) if in_feed else ("", "", file_hash, part, key)

    def _mark_hidden(self, place: Row, hidden: bool) -> None:
        at_place = f"""SELECT e.id FROM (SELECT ? AS iss, ? AS feed, ? AS file_hash, ? AS part, ? AS key) o
            CROSS JOIN source s ON (s.iss = o.iss AND s.feed = o.feed) OR s.file_hash = o.file_hash
            CROSS JOIN entry e ON e.source_id = s.id WHERE {_AT_PLACE}"""  # noqa: S608 - our own constants
        change = "INSERT OR IGNORE INTO hidden_entry" if hidden else "DELETE FROM hidden_entry WHERE entry_id IN"
        self._driver.run(f"{change} {at_place}" if hidden else f"{change} ({at_place})", place)

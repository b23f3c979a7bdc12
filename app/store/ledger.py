"""What is kept beside the record: feeds, trust files, access given, who looked, settings, secrets.

Owns these rows and their shapes. What a grant's terms mean is app/policy and app/actions; what a
trust file says is crypto/trust.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from app.store.driver import Driver
from app.store.instant import from_text, from_text_or_none, to_text
from crypto.feed import FeedPosition
from crypto.trust_metadata import Floors, TrustFiles


@dataclass(frozen=True, slots=True)
class StoredTrust:
    """The trust repository's files as last verified, and the version floors to hold them to."""

    files: TrustFiles = field(repr=False)
    floors: Floors


@dataclass(frozen=True, slots=True)
class GrantRow:
    """Access somebody was given. `terms` is JSON; `state` is "active" until it is ended."""

    id: str
    kind: str
    terms: str = field(repr=False)
    state: str
    created: datetime
    expires: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One line of the patient's own log: who looked at or was given what, and why. Never values."""

    at: datetime
    what: str
    who: str = field(repr=False)
    why: str = ""
    sections: tuple[str, ...] = ()
    grant_id: str = ""


ACTIVE = "active"
ENDED = "ended"


class Ledger:
    """Everything of the store that is not the record itself."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    # ---- feeds --------------------------------------------------------------------------

    def feeds(self) -> list[FeedPosition]:
        """How far each holder's feed is believed, by iss."""
        found = self._driver.rows("SELECT iss, feed, seq, head, sub FROM feed ORDER BY iss")
        return [FeedPosition(*row) for row in found]

    def feed_position(self, iss: str) -> FeedPosition | None:
        """How far one holder's feed is believed; None before its first update."""
        return next((position for position in self.feeds() if position.iss == iss), None)

    def set_feed_position(self, position: FeedPosition) -> None:
        """Note how far a holder's feed is believed; `Store.add_update` does it with the update itself."""
        self._driver.run(
            """INSERT INTO feed(iss, feed, seq, head, sub) VALUES(?,?,?,?,?) ON CONFLICT(iss) DO UPDATE
               SET feed = excluded.feed, seq = excluded.seq, head = excluded.head, sub = excluded.sub""",
            (position.iss, position.feed, position.seq, position.head, position.sub),
        )

    # ---- trust --------------------------------------------------------------------------

    def trust(self) -> StoredTrust | None:
        """The trust files last stored, or None before the first."""
        named = {name: bytes(data) for name, data in self._driver.rows("SELECT name, bytes FROM trust_file")}
        return StoredTrust(TrustFiles.from_named(named), self.floors()) if named else None

    def floors(self) -> Floors:
        """The highest version of each trust role ever stored."""
        return Floors(**dict(self._driver.rows("SELECT role, version FROM trust_floor")))

    def set_trust(self, trust: StoredTrust) -> None:
        """Replace the trust files; floors only ever rise."""
        with self._driver.transaction():
            self._driver.run("DELETE FROM trust_file")
            self._driver.run_many("INSERT INTO trust_file VALUES(?,?)", trust.files.named().items())
            floors = trust.floors
            self._driver.run_many(
                """INSERT INTO trust_floor VALUES(?,?)
                   ON CONFLICT(role) DO UPDATE SET version = max(version, excluded.version)""",
                (
                    ("root", floors.root),
                    ("timestamp", floors.timestamp),
                    ("snapshot", floors.snapshot),
                    ("targets", floors.targets),
                ),
            )

    # ---- access -------------------------------------------------------------------------

    def add_grant(self, grant: GrantRow) -> None:
        """Keep access that was given."""
        ended_at = None if grant.ended_at is None else to_text(grant.ended_at)
        self._driver.run(
            "INSERT INTO access_grant VALUES(?,?,?,?,?,?,?)",
            (grant.id, grant.kind, grant.terms, grant.state, to_text(grant.created), to_text(grant.expires), ended_at),
        )

    def grants(self) -> list[GrantRow]:
        """All access ever given, newest first."""
        found = self._driver.rows(
            "SELECT id, kind, terms, state, created, expires, ended_at FROM access_grant ORDER BY created DESC, id"
        )
        return [
            GrantRow(grant_id, kind, terms, state, from_text(created), from_text(expires), from_text_or_none(ended_at))
            for grant_id, kind, terms, state, created, expires, ended_at in found
        ]

    def end_grant(self, grant_id: str, at: datetime) -> None:
        """Mark access as ended at `at`; access that has ended already keeps the time it ended first."""
        self._driver.run(
            "UPDATE access_grant SET state = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL",
            (ENDED, to_text(at), grant_id),
        )

    def log(self, row: AccessRow) -> None:
        """Add a line to the access log."""
        self._driver.run(
            "INSERT INTO access_log(at, what, who, why, sections, grant_id) VALUES(?,?,?,?,?,?)",
            (to_text(row.at), row.what, row.who, row.why, json.dumps(row.sections), row.grant_id),
        )

    def access_log(self, grant_id: str | None = None) -> list[AccessRow]:
        """The access log, newest first; of one grant where its id is given."""
        found = self._driver.rows(
            """SELECT at, what, who, why, sections, grant_id FROM access_log
               WHERE ?1 IS NULL OR grant_id = ?1 ORDER BY at DESC, id DESC""",
            (grant_id,),
        )
        return [
            AccessRow(from_text(at), what, who, why, tuple(json.loads(sections)), of_grant)
            for at, what, who, why, sections, of_grant in found
        ]

    # ---- settings and secrets -----------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """A setting's text, or None where it was never set."""
        found = self._driver.rows("SELECT value FROM setting WHERE name = ?", (name,))
        return str(found[0][0]) if found else None

    def set_setting(self, name: str, value: str) -> None:
        """Set or replace a setting."""
        self._driver.run(
            "INSERT INTO setting VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value = excluded.value", (name, value)
        )

    def remove_setting(self, name: str) -> None:
        """Forget a setting; nothing happens where it was never set."""
        self._driver.run("DELETE FROM setting WHERE name = ?", (name,))

    def secret(self, name: str) -> bytes | None:
        """A secret's bytes (the device key, say), or None where there is none."""
        found = self._driver.rows("SELECT bytes FROM secret WHERE name = ?", (name,))
        return bytes(found[0][0]) if found else None

    def set_secret(self, name: str, data: bytes) -> None:
        """Set or replace a secret."""
        self._driver.run(
            "INSERT INTO secret VALUES(?,?) ON CONFLICT(name) DO UPDATE SET bytes = excluded.bytes", (name, data)
        )

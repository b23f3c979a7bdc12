"""What is kept aside and never shown as the record: forks as evidence, and updates of issuers nobody lists.

Owns these rows. A fork is two signed statements of one holder that cannot both be true (crypto/feed.py);
keeping it changes nothing else. A message kept aside has no entries: it is not read before it is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.record.entry import Reading
from app.record.source import Checked, SourceInfo
from app.store import received
from app.store.driver import Driver
from app.store.instant import from_text, to_text
from app.store.update import write_message
from crypto.encoding import b64url_decode
from crypto.errors import ForkEvidence

MAX_FORKS: Final = 20
MAX_ASIDE: Final = 100
"""Of one issuer. More of the same proves nothing more, and a holder must not fill the disk."""

_UNREAD: Final = Reading("", None, (), {}, (), (), 0)


@dataclass(frozen=True, slots=True)
class StoredFork:
    """A fork as it was met: `known` is the update believed before (None: none was), `signed` what contradicts it.

    `known_hash` names the update whose place is claimed twice, or before which the histories part.
    """

    iss: str
    found_at: datetime
    known_hash: str | None
    known: bytes | None = field(repr=False)
    signed: tuple[bytes, ...] = field(repr=False)


class Evidence:
    """Everything of the store that was kept and not believed."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def keep_fork(self, fork: ForkEvidence, *, now: datetime) -> bool:
        """Keep a fork as evidence; whether it is new. The same contradiction is kept once, MAX_FORKS for an issuer."""
        with self._driver.transaction():
            place = (fork.iss, fork.known or "", fork.about)
            if self._driver.rows("SELECT 1 FROM fork WHERE iss = ? AND known = ? AND about = ?", place):
                return False
            if self._driver.rows("SELECT count(*) FROM fork WHERE iss = ?", (fork.iss,))[0][0] >= MAX_FORKS:
                return False
            fork_id = self._driver.run(
                "INSERT INTO fork(iss, known, about, found_at) VALUES(?,?,?,?)", (*place, to_text(now))
            )
            packed = (received.pack(token.encode("ascii")) for token in fork.signed)
            self._driver.run_many(
                "INSERT INTO fork_text VALUES(?,?,?,?)",
                ((fork_id, number, form, kept) for number, (form, kept) in enumerate(packed)),
            )
        return True

    def forks(self) -> list[StoredFork]:
        """Every fork met, oldest first, each with the update it contradicts."""
        found = self._driver.rows("SELECT id, iss, found_at, known FROM fork ORDER BY id")
        return [
            StoredFork(iss, from_text(at), known or None, self._update_named(iss, known), self._signed(fork_id))
            for fork_id, iss, at, known in found
        ]

    def keep_aside(self, messages: Sequence[tuple[SourceInfo, bytes]]) -> int:
        """Keep messages of an issuer that is not listed, each once; how many are new. Their content is not read."""
        new = 0
        with self._driver.transaction():
            for source, raw in messages:
                if source.checked is not Checked.QUARANTINED:
                    raise ValueError("expected a message that is not believed")
                known = self._driver.rows("SELECT 1 FROM source WHERE file_hash = ?", (source.file_hash,))
                if not known and self.aside(source.iss) < MAX_ASIDE:
                    write_message(self._driver, _UNREAD, raw, source)
                    new += 1
        return new

    def aside(self, iss: str | None = None) -> int:
        """How many messages are kept aside, of one issuer or of all."""
        found = self._driver.rows(
            "SELECT count(*) FROM source WHERE checked = 'quarantined' AND (?1 IS NULL OR iss = ?1)", (iss,)
        )
        return int(found[0][0])

    def _signed(self, fork_id: int) -> tuple[bytes, ...]:
        found = self._driver.rows("SELECT form, bytes FROM fork_text WHERE fork_id = ? ORDER BY number", (fork_id,))
        return tuple(received.unpack(form, bytes(kept)) for form, kept in found)

    def _update_named(self, iss: str, known: str) -> bytes | None:
        """The believed update whose text has this hash."""
        found = self._driver.rows(
            """SELECT r.form, r.bytes FROM source s JOIN received r ON r.source_id = s.id
               WHERE s.iss = ? AND s.file_hash = ? AND s.checked = 'checked' LIMIT 1""",
            (iss, _hex(known)),
        )
        return received.unpack(found[0][0], bytes(found[0][1])) if found else None


def _hex(name: str) -> str:
    return b64url_decode(name).hex()

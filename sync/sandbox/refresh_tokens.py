"""The refresh tokens the stand-in's login has given out, over restarts: which person, and until when.

Owns a file of hashes: a token itself is written nowhere. Each counts once; the next one ends when the
first would have (NHS login: a full login every 30 days).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crypto.instants import from_numeric_date, to_numeric_date
from crypto.tickets import new_ticket
from sync.files import write_whole


@dataclass(frozen=True, slots=True)
class Consent:
    """Whose record a refresh token reaches, and until when."""

    person_id: str
    until: datetime


class RefreshTokens:
    """The tokens of one provider, kept in the file `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._consents: dict[str, Consent] = {}
        if path.exists():
            stored = json.loads(path.read_bytes())
            for digest, (person_id, until) in stored.items():
                self._consents[digest] = Consent(person_id, from_numeric_date(until, name="until"))

    def issue(self, consent: Consent) -> str:
        """A new token that stands for `consent`."""
        token = new_ticket()
        self._consents[_digest(token)] = consent
        self._keep()
        return token

    def redeem(self, token: str, *, now: datetime) -> Consent | None:
        """What a token stands for, which it does no more after that; None when it is unknown or past its time."""
        found = self._consents.pop(_digest(token), None)
        if found is None:
            return None
        self._keep()
        return found if now < found.until else None

    def withdraw(self, person_id: str) -> None:
        """Every token of this person is unknown from now on."""
        self._consents = {digest: one for digest, one in self._consents.items() if one.person_id != person_id}
        self._keep()

    def _keep(self) -> None:
        stored = {digest: (one.person_id, to_numeric_date(one.until)) for digest, one in self._consents.items()}
        write_whole(self._path, json.dumps(stored).encode("utf-8"))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

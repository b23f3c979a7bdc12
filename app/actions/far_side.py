"""The services a passport talks to while it is open, and the login they know it by.

Owns what a session keeps in memory only: tokens are never written. Whom one logged in as is a setting
of the store (D13, D15: the stand-in's login needs no page; a real one would ask again).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from crypto.errors import LoginNeeded
from sync.login import Tokens, log_in, renew
from sync.profile import Profile
from sync.records import KeptHead
from sync.transport import Transport


@dataclass(slots=True)
class Services:
    """Where to ask, how to ask, and the tokens of the login in use (None before the first)."""

    profile: Profile
    transport: Transport
    tokens: Tokens | None = field(default=None, repr=False)
    visiting: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held for a whole visit: two at once would each store what the other does."""
    heads: dict[tuple[str, str], KeptHead] = field(default_factory=dict, repr=False)
    """The newest head of each feed (issuer and this person's id there), to ask whether there is a newer one."""

    def log_in(self, person_id: str, *, now: datetime) -> Tokens:
        """Log in as `person_id`; the tokens are kept for this session. Raises LoginFailed, Unavailable."""
        self.tokens = log_in(self.transport, self.profile, person_id, now=now)
        return self.tokens

    def fresh_tokens(self, person_id: str, *, now: datetime) -> Tokens:
        """Tokens with time left: the ones in use, renewed ones, or those of a new login."""
        if self.tokens is not None:
            try:
                return self._renewed(self.tokens, now=now)
            except LoginNeeded:
                self.tokens = None
        return self.log_in(person_id, now=now)

    def _renewed(self, tokens: Tokens, *, now: datetime) -> Tokens:
        if now >= tokens.expires_at:
            self.tokens = renew(self.transport, self.profile, tokens, now=now)
            return self.tokens
        return tokens

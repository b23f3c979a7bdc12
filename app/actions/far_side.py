"""The services a passport talks to while it is open, and the login they know it by.

Owns what a session keeps in memory only: access tokens are never written. What outlives a session is
kept_login.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sync.login import Tokens, log_in
from sync.profile import Profile
from sync.transport import Transport


@dataclass(slots=True)
class Services:
    """Where to ask, how to ask, and the tokens of the login in use (None before the first).

    Whoever renews them holds `renewing`: a refresh token counts once, and holders are asked side by side.
    """

    profile: Profile
    transport: Transport
    tokens: Tokens | None = field(default=None, repr=False)
    renewing: Lock = field(default_factory=Lock, repr=False, compare=False)

    def log_in(self, person_id: str, *, now: datetime) -> Tokens:
        """Log in as `person_id`; the tokens are kept for this session. Raises LoginFailed, Unavailable."""
        self.tokens = log_in(self.transport, self.profile, person_id, now=now)
        return self.tokens

"""The services a passport talks to while it is open, and the login they know it by.

Owns what a session keeps in memory only: access tokens are never written. What outlives a session is
kept_login.py's.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from app.clock import monotonic, pause
from sync.login import Tokens, log_in
from sync.profile import Profile
from sync.records import KeptHead
from sync.transport import Transport


def way_out() -> Transport:
    """A way to ask, for whoever has none yet."""
    return Transport(monotonic=monotonic, wait=pause)


@dataclass(slots=True)
class Services:
    """Where to ask, how to ask, and the tokens of the login in use (None before the first).

    Whoever renews them holds `renewing`: a refresh token counts once, and holders are asked side by side.
    """

    profile: Profile
    transport: Transport
    tokens: Tokens | None = field(default=None, repr=False)
    renewing: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    visiting: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """Held for a whole visit: two at once would each store what the other does."""
    heads: dict[tuple[str, str], KeptHead] = field(default_factory=dict, repr=False)
    """The newest head of each feed (issuer and this person's id there), to ask whether there is a newer one."""

    def log_in(self, person_id: str, *, now: datetime) -> Tokens:
        """Log in as `person_id`; the tokens are kept for this session. Raises LoginFailed, Unavailable."""
        self.tokens = log_in(self.transport, self.profile, person_id, now=now)
        return self.tokens

"""Asking for the passphrase of a passport that is open: before something that could shut its person out of it.

Somebody who finds an open passport can read it; they must not be able to take it over. Wrong tries count and wait
as they do while it is locked.
"""

from __future__ import annotations

from datetime import datetime

from app.actions.session import Passport
from app.actions.trying import try_passphrase
from crypto.vault_header import read_header


def confirm_passphrase(passport: Passport, passphrase: str, *, now: datetime) -> None:
    """Raises as `try_passphrase` where it is another one, none, or too soon; NoPassport."""
    home = passport.home
    with home.alone():
        try_passphrase(home, read_header(home.read_header()), passphrase, now=now)

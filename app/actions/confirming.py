"""Asking for the passphrase of a passport that is open: before something that could shut its person out of it.

Somebody who finds an open passport can read it; they must not be able to take it over. Wrong tries count and wait
as they do while it is locked.
"""

from __future__ import annotations

from datetime import datetime

from app.actions.session import Passport
from app.actions.trying import forget_tries, note_wrong, tries_so_far
from crypto import vault
from crypto.errors import WrongPassphrase
from crypto.vault_header import read_header


def confirm_passphrase(passport: Passport, passphrase: str, *, now: datetime) -> None:
    """Raises WrongPassphrase where it is another one, WaitBeforeRetry after too many wrong ones, NoPassport."""
    home = passport.home
    with home.alone():
        header = read_header(home.read_header())
        tries = tries_so_far(home, header.vault_id, now=now)
        try:
            vault.open_with_passphrase(header, passphrase)
        except WrongPassphrase:
            note_wrong(home, header.vault_id, tries, now=now)
            raise
        forget_tries(home, header.vault_id)

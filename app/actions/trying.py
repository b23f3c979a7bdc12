"""Trying a passphrase, and wrong tries: noted in the folder and in the keystore where there is one; the larger counts.

Owns what counts as a try, where tries are noted and when they are forgotten; how long they make one wait is
app/policy/tries.py's. Deleting the file or putting an old one back frees nothing where there is a keystore. All of it
inside `PassportHome.alone`.
"""

from __future__ import annotations

import contextlib
from datetime import datetime

from app.actions.kept_here import tries_entry
from app.policy.tries import WrongTries, more_of, one_more, read_tries, require_waited
from app.store.home import PassportHome
from crypto import vault
from crypto.errors import KeystoreUnavailable, NothingTyped, WrongPassphrase
from crypto.vault import MasterKey
from crypto.vault_header import Header


def try_passphrase(home: PassportHome, header: Header, passphrase: str, *, now: datetime) -> MasterKey:
    """The master key behind the right passphrase; raises WrongPassphrase, noted, NothingTyped and WaitBeforeRetry."""
    require_typed(passphrase)
    tries = tries_so_far(home, header.vault_id, now=now)
    try:
        master = vault.open_with_passphrase(header, passphrase)
    except WrongPassphrase:
        _note_wrong(home, header.vault_id, tries, now=now)
        raise
    forget_tries(home, header.vault_id)
    return master


def require_typed(text: str) -> None:
    """Raise NothingTyped for a button pressed over an empty field: no try was made."""
    if not text:
        raise NothingTyped("expected a passphrase or a PIN, found nothing")


def tries_so_far(home: PassportHome, vault_id: str, *, now: datetime) -> WrongTries | None:
    """What was noted, after the wait it asks for; raises WaitBeforeRetry."""
    in_folder, in_keystore = home.read_tries(), _from_keystore(home, vault_id)
    tries = more_of(read_tries(in_folder, now=now), read_tries(in_keystore, now=now))
    if tries is not None and not tries.to_bytes() == in_folder == in_keystore:
        with contextlib.suppress(KeystoreUnavailable):
            _note(home, vault_id, tries)
    require_waited(tries, now=now)
    return tries


def note_pin(home: PassportHome, vault_id: str, tries: WrongTries | None, *, now: datetime) -> WrongTries:
    """Note a PIN before it is tried; gives what was noted.

    Raises KeystoreUnavailable: a PIN that cannot be counted outside the folder is not tried.
    """
    noted = one_more(tries, now=now, pin=True)
    _note(home, vault_id, noted)
    return noted


def forget_tries(home: PassportHome, vault_id: str) -> None:
    """Forget them, after a right try."""
    home.write_tries(None)
    with contextlib.suppress(KeystoreUnavailable):
        home.keystore.delete(tries_entry(vault_id))


def _note_wrong(home: PassportHome, vault_id: str, tries: WrongTries | None, *, now: datetime) -> None:
    """Note one more wrong passphrase; in the folder also where the keystore refuses."""
    with contextlib.suppress(KeystoreUnavailable):
        _note(home, vault_id, one_more(tries, now=now))


def _note(home: PassportHome, vault_id: str, tries: WrongTries) -> None:
    home.write_tries(tries.to_bytes())
    home.keystore.write(tries_entry(vault_id), tries.to_bytes())


def _from_keystore(home: PassportHome, vault_id: str) -> bytes | None:
    try:
        return home.keystore.read(tries_entry(vault_id))
    except KeystoreUnavailable:
        return None

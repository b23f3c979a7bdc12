"""A new master key: the store encrypted again under it, with new recovery words, for a patient who fears for the old.

Owns the order of steps: the new store is written beside the old one, read back and counted, and only then is the
header replaced, which is the one moment of change. Killed anywhere, the passport opens as it was or as it is to be.
Leaves the header to crypto/vault.py and the file to app/store/upkeep.py.
"""

from __future__ import annotations

from datetime import datetime

from app.actions.kept_here import forget_pin
from app.actions.session import Passport, unlock_with_recovery
from app.store.home import PassportHome
from app.store.record import Store
from app.store.upkeep import sync_file
from crypto import vault
from crypto.errors import HeaderUnreadable, StoreDamaged, StoreUnavailable
from crypto.vault import MasterKey, SubKey
from crypto.vault_header import DESKTOP, Argon2Cost, read_header


def rekey(
    passport: Passport, passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP
) -> tuple[Passport, list[str]]:
    """The same passport under a new master key, and its new recovery words to show once.

    `passphrase` is the one it has now and keeps. A PIN is gone afterwards; the Passport given is locked. What was
    backed up before still opens with the old words. Raises WrongPassphrase, PassportOpenElsewhere (another process
    has it open), StoreDamaged, StoreUnavailable; then nothing has changed and the Passport given stays open.
    """
    home = passport.home
    with passport.alone():
        before = read_header(home.read_header())
        made = vault.rotated(before, passphrase, now=now, cost=cost)
        path, old_key = home.store_file(made.header.store), passport.master_key.sub_key(SubKey.DATABASE)
        try:
            with passport.store.copied_and_still(path):
                expected = passport.store.counts()
                try:
                    _change_key(home, made.header.store, old_key, made.master, expected, now=now)
                except StoreDamaged as error:  # the copy, as a full disk leaves it; the record itself is as it was
                    raise StoreUnavailable(str(error)) from error
                with home.alone():
                    home.write_header(made.header.to_bytes())
        except BaseException:  # however it ended, a key pressed too: no second store stays; raised again
            if not remove_unless_named(home, made.header.store):
                passport.lock()  # the moment of change had come: what it has open is the old store
            raise
        forget_pin(home.keystore, before)
        passport.lock()
    return unlock_with_recovery(home, " ".join(made.recovery_words), now=now), list(made.recovery_words)


def remove_unless_named(home: PassportHome, number: int) -> bool:
    """After a failure: remove a store that no header names; False where one does, or where that cannot be told.

    What stays without a name is cleared at the next opening.
    """
    try:
        if home.exists() and read_header(home.read_header()).store == number:
            return False
        home.remove_store(number)
    except (StoreUnavailable, HeaderUnreadable):
        return False
    return True


def _change_key(
    home: PassportHome, number: int, old_key: bytes, master: MasterKey, expected: dict[str, int], *, now: datetime
) -> None:
    """Encrypt the copy again, then open it anew and look at every page and count every table."""
    path = home.store_file(number)
    store = Store.open(path, old_key, now=now)
    try:
        store.change_key(master.sub_key(SubKey.DATABASE))
    finally:
        store.close()
    store = Store.open(path, master.sub_key(SubKey.DATABASE), now=now)
    try:
        if store.faults() or store.counts() != expected:
            raise StoreDamaged("store under a new key: expected it whole, with every row")
    finally:
        store.close()
    sync_file(home.store_file(number))
    home.sync_names()

"""Bringing a record back from a backup with the recovery words alone, onto an empty device or over what is here.

Owns the order of steps and what may be replaced by what: the store is written beside what is here, opened, looked at
and counted, and only then does the header name it. Leaves the file's form to crypto/backup.py.

Killed anywhere, what was here is here, or the restored passport is, whole.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, Final

from app.actions.backing_up import forget_missing_folder
from app.actions.guarding import accept_as_it_is
from app.actions.kept_here import forget_pin
from app.actions.kept_login import keep_nothing
from app.actions.rekeying import remove_unless_named
from app.actions.session import Passport, unlock_with_recovery
from app.policy.passphrase import require_strong_enough
from app.store.home import PassportHome
from app.store.record import Store
from app.store.upkeep import sync_file
from crypto import backup, vault
from crypto.backup import About
from crypto.errors import HeaderUnreadable, OlderBackup, PassportError, PassportExists, PassportOfAnother, StoreDamaged
from crypto.vault import MasterKey, SubKey
from crypto.vault_header import DESKTOP, Argon2Cost, Header, read_header

_ITS_OWN_NOTE: Final = 1
"""That a backup was made is noted in the store after it was made: by that the store is ahead of it."""


def restore(
    home: PassportHome,
    data: bytes | BinaryIO,
    words: str,
    passphrase: str,
    *,
    now: datetime,
    replace: bool = False,
    elsewhere: Collection[str] = (),
    cost: Argon2Cost = DESKTOP,
) -> Passport:
    """The passport in a backup, open, with a new passphrase and the recovery words it had; a PIN is gone.

    `data` is the backup, or an open file of it; `elsewhere` names the vaults of the other people of this device. Raises
    PassphraseTooWeak, RecoveryWordsMistyped, WrongRecoveryWords, BackupUnreadable, BackupTampered, PassportExists
    (another person's passport is here), PassportOfAnother (this very passport is one of `elsewhere`), OlderBackup (what
    is here holds more, or cannot be compared, and `replace` is False), PassportOpenElsewhere, StoreDamaged,
    StoreUnavailable. After any of them what was here is as it was.
    """
    require_strong_enough(passphrase)
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    sealed = backup.read_head(source)
    master = sealed.open_with_recovery(words)
    if sealed.header.vault_id in elsewhere:  # two copies would go on as two, and replace each other's backups
        raise PassportOfAnother("expected a passport that is not on this device, found it as another person's")
    about, pieces = backup.unseal(sealed, master, source)
    with home.alone_with_store(make_folder=True):
        here = _here(home, sealed.header, replace=replace)
        fresh = vault.change_passphrase(sealed.header, master, passphrase, now=now, cost=cost)
        with _beside(home) as number:
            home.write_store(number, pieces)
            holds = _checked(home, number, master, about, now=now)
            if here is not None and not replace:
                _require_all_in(home, here, master, about, holds, now=now)
            header = vault.moved_to_store(fresh, master, number, after=0 if here is None else here.generation)
            with home.alone():
                home.name_store(header.to_bytes())
        if here is not None:
            forget_pin(home.keystore, here)
    return _opened(home, words, now=now)


def _here(home: PassportHome, coming: Header, *, replace: bool) -> Header | None:
    """The header of the passport that is here; None where there is none, or none that can be read."""
    if not home.exists():
        if not home.is_clear() and not replace:
            raise OlderBackup("expected an empty folder, found a store without a header")
        return None
    try:
        here = read_header(home.read_header())
    except HeaderUnreadable as error:
        if not replace:
            raise OlderBackup("expected a header to compare with, found one that cannot be read") from error
        return None
    if here.vault_id != coming.vault_id:
        raise PassportExists("expected this passport or none, found another")
    return here


@contextmanager
def _beside(home: PassportHome) -> Iterator[int]:
    """The number of a store that no header names yet; it is removed again where it does not come to that."""
    if home.is_clear():
        with home.alone():
            home.begin_creating()
    number = home.next_store()
    try:
        yield number
    except BaseException:  # however it ended: no store without a header stays; raised again
        remove_unless_named(home, number)
        raise


def _checked(home: PassportHome, number: int, master: MasterKey, about: About, *, now: datetime) -> frozenset[str]:
    """Open what was written, look at every page, count its rows; what it holds."""
    store = Store.open(home.store_file(number), master.sub_key(SubKey.DATABASE), now=now)
    try:
        counts = store.counts()
        if store.faults() or (counts["source"], counts["entry"]) != (about.sources, about.entries):
            raise StoreDamaged("store from the backup: expected it whole, with every row")
        holds = store.holdings()
    finally:
        store.close()
    sync_file(home.store_file(number))
    home.sync_names()
    return holds


def _require_all_in(
    home: PassportHome, here: Header, master: MasterKey, about: About, holds: frozenset[str], *, now: datetime
) -> None:
    """Raise OlderBackup unless everything that is here is in the backup too, as far as it can be told."""
    try:
        vault.recovery_only(here, master)  # the same master key, so this header and its store can be believed
        store = Store.open(home.store_file(here.store), master.sub_key(SubKey.DATABASE), now=now)
    except PassportError as error:
        raise OlderBackup("expected a passport to compare with, found one that does not open") from error
    try:
        ahead = store.age().counter - about.guard - _ITS_OWN_NOTE
        missing = len(store.holdings() - holds)
    finally:
        store.close()
    if ahead > 0 or missing:
        raise OlderBackup(f"expected nothing newer here, found {max(ahead, 0)} changes and {missing} things more")


def _opened(home: PassportHome, words: str, *, now: datetime) -> Passport:
    """The restored passport: the newest from here on, and without the login another device may still be using."""
    passport = unlock_with_recovery(home, words, now=now)
    try:
        accept_as_it_is(passport, now=now)
        keep_nothing(passport)
        forget_missing_folder(passport.store)
    except BaseException:  # however it ended: nobody is given it, so nobody would lock it; raised again
        passport.lock()
        raise
    return passport

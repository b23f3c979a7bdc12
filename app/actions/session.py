"""Making a passport, unlocking it, locking it again.

Owns the open passport and the order of steps around the vault; nothing else holds the master key.
Leaves the cryptography to crypto/vault.py, the files to app/store/home.py, the delay after wrong
tries to app/policy/tries.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypeVar

from app.policy.passphrase import require_strong_enough
from app.policy.tries import one_more, read_tries, require_waited
from app.store.home import Held, PassportHome
from app.store.record import Store
from crypto import vault
from crypto.errors import NoPassport, StoreDamaged, WrongPassphrase
from crypto.keys import SigningKey
from crypto.vault import MasterKey, SubKey
from crypto.vault_header import DESKTOP, Argon2Cost, Header, read_header

_DEVICE_KEY: Final = "device-key"
_Kept = TypeVar("_Kept")


class Passport:
    """An unlocked passport. After `lock` its store refuses and its keys are let go.

    As long as it is open nobody replaces its store: it shares the hold on its home with every other open passport.
    """

    __slots__ = ("_device_key", "_held", "_master", "home", "store")

    def __init__(self, home: PassportHome, held: Held, store: Store, device_key: SigningKey, master: MasterKey) -> None:
        self.home = home
        self.store = store
        self._held = held
        self._device_key: SigningKey | None = device_key
        self._master: MasterKey | None = master

    @property
    def locked(self) -> bool:
        """Whether it has been locked."""
        return self._master is None

    @property
    def device_key(self) -> SigningKey:
        """The key that signs for this device; raises NoPassport once locked."""
        return _unlocked(self._device_key)

    @property
    def master_key(self) -> MasterKey:
        """The vault's master key; raises NoPassport once locked."""
        return _unlocked(self._master)

    def lock(self) -> None:
        """Close the store and let the keys go; Python does not promise that no copy stays in memory."""
        self.store.close()
        self._held.close()
        self._device_key = self._master = None


def create_passport(
    home: PassportHome, passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP
) -> tuple[Passport, list[str]]:
    """Make a passport in an empty folder; gives it unlocked, with the recovery words to show once.

    Raises PassphraseTooWeak, PassportExists, StoreUnavailable. A creation that was cut off leaves
    nothing that opens, and the next one clears it away.
    """
    require_strong_enough(passphrase)
    made = vault.create(passphrase, now=now, cost=cost)
    with home.alone(make_folder=True), _holding(home) as held:
        home.begin_creating()
        store = Store.create(home.store_file(made.header.store), made.master.sub_key(SubKey.DATABASE), now=now)
        try:
            device_key = SigningKey.generate()
            store.set_secret(_DEVICE_KEY, device_key.to_bytes())
            home.end_creating(made.header.to_bytes())
        except BaseException:
            store.close()
            raise
    return Passport(home, held, store, device_key, made.master), list(made.recovery_words)


def unlock(home: PassportHome, passphrase: str, *, now: datetime) -> Passport:
    """Open a passport with its passphrase.

    Raises NoPassport, WaitBeforeRetry (too many wrong tries; not forgotten by a restart),
    WrongPassphrase, HeaderUnreadable or Tampered (the header), StoreDamaged, StoreUnavailable,
    PassportOpenElsewhere while its store is being replaced.
    """
    if not home.exists():
        raise NoPassport("expected a passport, found none")
    with _holding(home) as held:
        with home.alone():
            noted = home.read_tries()
            tries = read_tries(noted, now=now)
            if tries is not None and tries.to_bytes() != noted:
                home.write_tries(tries.to_bytes())
            require_waited(tries, now=now)
            header = read_header(home.read_header())
            try:
                master = vault.open_with_passphrase(header, passphrase)
            except WrongPassphrase:
                home.write_tries(one_more(tries, now=now).to_bytes())
                raise
            home.write_tries(None)
        return _opened(home, held, header, master, now=now)


def unlock_with_recovery(home: PassportHome, words: str, *, now: datetime) -> Passport:
    """Open a passport with its recovery words; then ask for a new passphrase (`change_passphrase`).

    128 random bits cannot be guessed, so nobody waits here. Raises NoPassport,
    RecoveryWordsMistyped, WrongRecoveryWords, HeaderUnreadable, Tampered, StoreDamaged, StoreUnavailable,
    PassportOpenElsewhere.
    """
    if not home.exists():
        raise NoPassport("expected a passport, found none")
    with _holding(home) as held:
        header = read_header(home.read_header())
        master = vault.open_with_recovery(header, words)
        with home.alone():
            home.write_tries(None)
        return _opened(home, held, header, master, now=now)


def change_passphrase(passport: Passport, passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP) -> None:
    """Replace the passphrase; the recovery words stay, nothing is encrypted again. Raises PassphraseTooWeak."""
    require_strong_enough(passphrase)
    _change_header(
        passport, lambda header, master: vault.change_passphrase(header, master, passphrase, now=now, cost=cost)
    )


def _change_header(passport: Passport, change: Callable[[Header, MasterKey], Header]) -> None:
    with passport.home.alone():
        header = read_header(passport.home.read_header())
        passport.home.write_header(change(header, passport.master_key).to_bytes())


@contextmanager
def _holding(home: PassportHome) -> Iterator[Held]:
    """The hold of a passport that is being opened; given back at once where it does not open."""
    held = home.hold_open()
    try:
        yield held
    except BaseException:
        held.close()
        raise


def _opened(home: PassportHome, held: Held, header: Header, master: MasterKey, *, now: datetime) -> Passport:
    """The passport behind a header that was believed; stores it does not name are what a change left behind."""
    store = Store.open(home.store_file(header.store), master.sub_key(SubKey.DATABASE), now=now)
    try:
        passport = Passport(home, held, store, _device_key(store), master)
        with home.alone():
            home.clear_leftovers(header.store)
        return passport
    except BaseException:
        store.close()
        raise


def _device_key(store: Store) -> SigningKey:
    kept = store.secret(_DEVICE_KEY)
    if kept is None:
        raise StoreDamaged("device key: expected one, found none")
    return SigningKey.from_bytes(kept)


def _unlocked(kept: _Kept | None) -> _Kept:
    if kept is None:
        raise NoPassport("expected an unlocked passport, found it locked")
    return kept

"""Making a passport, unlocking it, locking it again.

Owns the open passport and the order of steps around the vault; nothing else holds the master key. Leaves the
cryptography to crypto/vault.py, the files to app/store/home.py, wrong tries to trying.py, older copies to guarding.py.
What a PIN needs is in the keystore; losing that never loses the record: passphrase and recovery words open it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from app.actions import guarding
from app.actions.guarding import Watch
from app.actions.kept_here import device_entry, forget_pin
from app.actions.trying import forget_tries, note_pin, require_typed, tries_so_far, try_passphrase
from app.policy.passphrase import require_strong_enough
from app.policy.pin import MAX_WRONG_PINS, require_good_pin
from app.store.home import Held, PassportHome
from app.store.keystore import Keystore
from app.store.record import Store
from crypto import vault
from crypto.errors import (
    HeaderUnreadable,
    KeystoreUnavailable,
    NoPassport,
    OlderCopyOpened,
    PinSpent,
    StoreDamaged,
    StoreUnavailable,
    WrongPin,
)
from crypto.keys import SigningKey
from crypto.vault import MasterKey, SubKey
from crypto.vault_header import DESKTOP, Argon2Cost, Header, SlotKind, read_header

_DEVICE_KEY: Final = "device-key"
_RECOVERY_KEPT: Final = "recovery.kept"
"""When it was shown, a space, and of which words."""
_Kept = TypeVar("_Kept")


class Passport:
    """An unlocked passport. After `lock` its store refuses and its keys are let go.

    As long as it is open nobody replaces its store: it shares the hold on its home with every other open passport.
    """

    __slots__ = ("_device_key", "_held", "_master", "header", "home", "store", "watch")

    def __init__(
        self, home: PassportHome, held: Held, header: Header, store: Store, device_key: SigningKey, master: MasterKey
    ) -> None:
        self.home = home
        self.header = header
        """The header as it was last believed or written here."""
        self.store = store
        self.watch = Watch.NO_KEYSTORE
        """What comparing this copy with what the keystore remembers came to."""
        self._held = held
        self._device_key: SigningKey | None = device_key
        self._master: MasterKey | None = master

    @property
    def rolled_back(self) -> bool:
        """Whether this is an older copy that was put back: it is read and not written until it is put right."""
        return self.watch is Watch.OLDER

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

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else has it open meanwhile, nor can open it; raises PassportOpenElsewhere and stays as it was."""
        self._held.close()
        try:
            with self.home.alone_with_store():
                yield
        finally:
            if not self.locked:
                self._held = self.home.hold_open()

    def lock(self) -> None:
        """Close the store, wipe the master key and let the others go; Python promises no more (forgetting.py)."""
        age = None
        if not (self.locked or self.rolled_back):
            with contextlib.suppress(StoreUnavailable, StoreDamaged):  # what cannot be asked any more is closed anyway
                age = self.store.age()
        try:
            self.store.close()
        finally:
            self._held.close()
            if self._master is not None:
                self._master.wipe()
            self._device_key = self._master = None
        if age is not None:
            guarding.mirror_closed(self.home, self.header, age)


@dataclass(frozen=True, slots=True)
class SlotInfo:
    """One way to open the passport, and since when there is this one."""

    kind: SlotKind
    created: datetime


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
            guarding.mirror_open(home, made.header, store)
        except BaseException:  # however it ended: nobody is given the store to close; raised again
            store.close()
            raise
        passport = Passport(home, held, made.header, store, device_key, made.master)
        passport.watch = Watch.FIRST if home.keystore.available else Watch.NO_KEYSTORE
    return passport, list(made.recovery_words)


def unlock(home: PassportHome, passphrase: str, *, now: datetime) -> Passport:
    """Open a passport with its passphrase.

    Raises NoPassport, WaitBeforeRetry (too many wrong tries; not forgotten by a restart),
    WrongPassphrase, NothingTyped, HeaderUnreadable or VaultChanged (the header), StoreDamaged, StoreUnavailable,
    PassportOpenElsewhere while its store is being replaced.
    """
    if not home.exists():
        raise NoPassport("expected a passport, found none")
    with _holding(home) as held, home.alone():
        header = read_header(home.read_header())
        master = try_passphrase(home, header, passphrase, now=now)
        return _opened(home, held, header, master, now=now)


def unlock_with_pin(home: PassportHome, pin: str, *, now: datetime) -> Passport:
    """Open a passport with its PIN, on the device where it was set.

    Raises NoPassport, WrongPin, NothingTyped, PinSpent (too many wrong ones, or the device has its secret no more:
    passphrase and recovery words still open), WaitBeforeRetry, KeystoreUnavailable (the PIN was not tried), and as
    `unlock`.
    """
    if not home.exists():
        raise NoPassport("expected a passport, found none")
    with _holding(home) as held, home.alone():
        header = read_header(home.read_header())
        require_typed(pin)
        tries = tries_so_far(home, header.vault_id, now=now)
        if tries is not None and tries.pins >= MAX_WRONG_PINS:
            forget_pin(home.keystore, header)
            raise PinSpent(f"expected under {MAX_WRONG_PINS} wrong PINs, found {tries.pins}")
        device_secret = _device_secret(home, header)
        if device_secret is None:
            raise PinSpent("device secret: expected one, found none")
        noted = note_pin(home, header.vault_id, tries, now=now)
        try:
            master = vault.open_with_pin(header, pin, device_secret)
        except WrongPin as error:
            if noted.pins < MAX_WRONG_PINS:
                raise
            forget_pin(home.keystore, header)
            raise PinSpent(f"{noted.pins} wrong PINs in a row") from error
        forget_tries(home, header.vault_id)
        return _opened(home, held, header, master, now=now)


def unlock_with_recovery(home: PassportHome, words: str, *, now: datetime) -> Passport:
    """Open a passport with its recovery words; then ask for a new passphrase (`change_passphrase`).

    128 random bits cannot be guessed, so nobody waits here. Raises NoPassport,
    RecoveryWordsMistyped, WrongRecoveryWords, HeaderUnreadable, VaultChanged, StoreDamaged, StoreUnavailable,
    PassportOpenElsewhere.
    """
    if not home.exists():
        raise NoPassport("expected a passport, found none")
    with _holding(home) as held, home.alone():
        header = read_header(home.read_header())
        master = vault.open_with_recovery(header, words)
        forget_tries(home, header.vault_id)
        return _opened(home, held, header, master, now=now)


def slots(home: PassportHome) -> tuple[SlotInfo, ...]:
    """The ways to open the passport, as its header says while nobody has opened it; raises NoPassport."""
    header = read_header(home.read_header())
    return tuple(SlotInfo(slot.kind, datetime.fromtimestamp(slot.created, UTC)) for slot in header.slots)


# ---- changing how it opens: nothing of the record is encrypted again -------------------------


def change_passphrase(passport: Passport, passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP) -> None:
    """Replace the passphrase; recovery words and PIN stay. Raises PassphraseTooWeak, OlderCopyOpened."""
    require_strong_enough(passphrase)
    with passport.home.alone():
        header = _header_to_change(passport)
        _write_header(passport, vault.change_passphrase(header, passport.master_key, passphrase, now=now, cost=cost))


def has_pin(home: PassportHome) -> bool:
    """Whether a PIN would be tried: there is one, and this device still has its secret."""
    try:
        return home.exists() and _device_secret(home, read_header(home.read_header())) is not None
    except (KeystoreUnavailable, HeaderUnreadable):
        return False


def can_set_pin(home: PassportHome) -> bool:
    """Whether this device keeps secrets for programs; without that there is no PIN."""
    return home.keystore.available


def set_pin(passport: Passport, pin: str, *, now: datetime, cost: Argon2Cost = DESKTOP) -> None:
    """Set or replace the PIN, for this device alone.

    Raises PinTooWeak, OlderCopyOpened, KeystoreUnavailable; after any of them it opens as before.
    """
    require_good_pin(pin)
    home, keystore = passport.home, passport.home.keystore
    with home.alone():
        before = _header_to_change(passport)
        made = vault.set_pin(before, passport.master_key, pin, now=now, cost=cost)
        entry = device_entry(before.vault_id, made.device)
        try:
            _keep(keystore, entry, made.device_secret)
            _write_header(passport, made.header)
        except BaseException:  # however it ended: no half of a PIN stays without its slot; raised again
            if not _may_be_in_force(home, made.header):
                forget_pin(keystore, made.header)
            raise
        forget_pin(keystore, before)
        forget_tries(home, before.vault_id)


def remove_pin(passport: Passport) -> None:
    """Take the PIN away, from the header and then from the device. Raises OlderCopyOpened."""
    with passport.home.alone():
        before = _header_to_change(passport)
        _write_header(passport, vault.remove_pin(before, passport.master_key))
        forget_pin(passport.home.keystore, before)


def new_recovery_words(passport: Passport, *, now: datetime) -> list[str]:
    """Replace the recovery words; gives the new ones, to show once. Raises OlderCopyOpened.

    The old words open this passport no more; a backup made before still opens with them.
    """
    with passport.home.alone():
        made = vault.replace_recovery(_header_to_change(passport), passport.master_key, now=now)
        _write_header(passport, made.header)
    return list(made.recovery_words)


def recovery_is_kept(passport: Passport) -> bool:
    """Whether the patient has shown that the words of today are kept outside the device; new words are not yet."""
    noted = passport.store.setting(_RECOVERY_KEPT) or ""
    return noted.partition(" ")[2] == _name_of_words(passport.header)


def note_recovery_kept(passport: Passport, *, now: datetime) -> None:
    """Note that the patient has shown it. Raises OlderCopyOpened."""
    passport.store.set_setting(_RECOVERY_KEPT, f"{now.isoformat()} {_name_of_words(passport.header)}")


# ---- steps ----------------------------------------------------------------------------------


def _name_of_words(header: Header) -> str:
    """What tells one set of words from another without saying anything of them: their slots' nonces."""
    return " ".join(slot.nonce.hex() for slot in header.slots if slot.kind is SlotKind.RECOVERY)


def _header_to_change(passport: Passport) -> Header:
    if passport.rolled_back:
        raise OlderCopyOpened("expected the newest copy of the header, found an older one")
    return read_header(passport.home.read_header())


def _write_header(passport: Passport, header: Header) -> None:
    passport.home.write_header(header.to_bytes())
    passport.header = header
    guarding.mirror_open(passport.home, header, passport.store)


def _may_be_in_force(home: PassportHome, header: Header) -> bool:
    """Whether a header whose writing was refused is in its place all the same: the last flush alone may have failed."""
    try:
        return home.read_header() == header.to_bytes()
    except (NoPassport, StoreUnavailable):
        return True


def _keep(keystore: Keystore, entry: str, secret: bytes) -> None:
    """Write it and read it back: a PIN slot whose secret is nowhere would open nothing."""
    keystore.write(entry, secret)
    if keystore.read(entry) != secret:
        raise KeystoreUnavailable("device secret: expected what was written, found another")


def _device_secret(home: PassportHome, header: Header) -> bytes | None:
    """None where there is no PIN, or the device has its secret no more; raises KeystoreUnavailable."""
    device = vault.device_of(header)
    return None if device is None else home.keystore.read(device_entry(header.vault_id, device))


@contextmanager
def _holding(home: PassportHome) -> Iterator[Held]:
    """The hold of a passport that is being opened; given back at once where it does not open."""
    held = home.hold_open()
    try:
        yield held
    except BaseException:  # however it ended: a hold that stays would shut its person out; raised again
        held.close()
        raise


def _opened(home: PassportHome, held: Held, header: Header, master: MasterKey, *, now: datetime) -> Passport:
    """The passport behind a header that was believed; inside `alone`.

    An older copy is held still and nothing is cleared beside it: what it does not name may be the newer one.
    """
    remembered = guarding.remember(home, header)
    store = Store.open(home.store_file(header.store), master.sub_key(SubKey.DATABASE), now=now)
    try:
        passport = Passport(home, held, header, store, _device_key(store), master)
        passport.watch = guarding.judge(remembered, header, store.age())
        if passport.rolled_back:
            store.hold_still()
        else:
            home.clear_leftovers(header.store)
            guarding.mirror_open(home, header, store)
        return passport
    except BaseException:  # however it ended: nobody is given the store to close; raised again
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

"""The vault header: a random master key, wrapped in slots, and the keys made from it (design D3).

Owns key derivation, wrapping and the MAC. Leaves the header's form to crypto/vault_header.py, the file
to app/store/home.py, wrong tries to app/policy/tries.py, how strong a passphrase or a PIN is to app/policy,
keeping the device secret beside a PIN to app/store/keystore.py. The database is keyed with
`MasterKey.sub_key`, so changing a passphrase never re-encrypts it.

Nothing of the header is believed before it is checked: its form and bounds on reading, a slot by
AES-256-GCM with the rest of the slot as associated data, the whole by a MAC under the master key.
Without the master key nobody can tell a wrong passphrase from a changed slot: both are refused as
wrong; a change anywhere else is refused as tampered once a slot has opened.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto import words
from crypto.encoding import b64url_encode
from crypto.errors import NoPassport, VaultChanged, WrongPassphrase, WrongPin, WrongRecoveryWords
from crypto.vault_header import (
    DESKTOP,
    DEVICE_NAME_BYTES,
    KEY_BYTES,
    NONCE_BYTES,
    SALT_BYTES,
    VAULT_ID_BYTES,
    VERSION,
    Argon2Cost,
    Header,
    Slot,
    SlotKind,
)


class SubKey(StrEnum):
    """What a key made from the master key is for. The value is the HKDF info (RFC 5869)."""

    DATABASE = "pp-vault-v1 database"
    BACKUP = "pp-vault-v1 backup"
    HEADER_MAC = "pp-vault-v1 header mac"


class MasterKey:
    """The 32 random bytes everything else is made from. Hides in repr, cannot be printed by accident.

    They stand in one place, which `wipe` fills with zeroes; a bytearray that is given is taken over, not copied.
    """

    __slots__ = ("_key", "_lock", "_wiped")

    def __init__(self, key: bytes | bytearray) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"master key: expected {KEY_BYTES} bytes, found {len(key)}")
        self._key = key if isinstance(key, bytearray) else bytearray(key)
        self._lock = threading.Lock()
        self._wiped = False

    def sub_key(self, purpose: SubKey) -> bytes:
        """The 32-byte key for one purpose; raises NoPassport once wiped."""
        with self._lock:
            return _hkdf(self._whole(), purpose.value.encode("ascii"))

    def wrapped_by(self, kek: bytes, nonce: bytes, associated: bytes) -> bytes:
        """Itself, under a slot's key encryption key (A256GCM); raises NoPassport once wiped."""
        with self._lock:
            return AESGCM(kek).encrypt(nonce, self._whole(), associated)

    def wipe(self) -> None:
        """Fill it with zeroes: from here on nothing is made from it. Whoever is just using it finishes first."""
        with self._lock:
            self._wiped = True
            self._key[:] = bytes(KEY_BYTES)

    def _whole(self) -> bytearray:
        if self._wiped:
            raise NoPassport("expected a master key, found it wiped")
        return self._key


@dataclass(frozen=True, slots=True)
class NewVault:
    """What `create` and `rotated` made. The recovery words exist nowhere else: they are shown once."""

    header: Header
    master: MasterKey
    recovery_words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewRecovery:
    """What `replace_recovery` made. The words exist nowhere else."""

    header: Header
    recovery_words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPin:
    """What `set_pin` made: the device's keystore keeps `device_secret` as `device` before the header is written."""

    header: Header
    device: str
    device_secret: bytes = field(repr=False)


def create(passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP) -> NewVault:
    """A new vault with a passphrase slot and a recovery slot."""
    vault_id = b64url_encode(secrets.token_bytes(VAULT_ID_BYTES))
    return _new(Header(vault_id, int(now.timestamp()), 1, (), b""), passphrase, now=now, cost=cost)


def open_with_passphrase(header: Header, passphrase: str) -> MasterKey:
    """The master key behind a passphrase; raises WrongPassphrase, or VaultChanged where its MAC does not fit."""
    master = _open_any(header, SlotKind.PASSPHRASE, _passphrase_bytes(passphrase))
    if master is None:
        raise WrongPassphrase("no passphrase slot opens")
    return _checked(header, master)


def open_with_pin(header: Header, pin: str, device_secret: bytes) -> MasterKey:
    """The master key behind a PIN and the 32 bytes this device keeps for it.

    Raises WrongPin, also where the device secret is another one, or VaultChanged when the header's MAC does not fit.
    """
    master = _open_any(header, SlotKind.PIN, _pin_bytes(pin), device_secret)
    if master is None:
        raise WrongPin("no PIN slot opens")
    return _checked(header, master)


def open_with_recovery(header: Header, recovery_words: str) -> MasterKey:
    """The master key behind the recovery words.

    Raises RecoveryWordsMistyped (not a list of words we gave), WrongRecoveryWords (another
    passport's), or VaultChanged when the header's MAC does not fit.
    """
    master = _open_any(header, SlotKind.RECOVERY, words.from_words(recovery_words))
    if master is None:
        raise WrongRecoveryWords("no recovery slot opens")
    return _checked(header, master)


def device_of(header: Header) -> str | None:
    """The name of the device secret that the PIN slot asks for; None where there is no PIN."""
    return next((slot.device for slot in header.slots if slot.kind is SlotKind.PIN), None)


# ---- changes: each gives a header one generation on, sealed anew; the old one is not believed without its MAC ------


def change_passphrase(
    header: Header, master: MasterKey, passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP
) -> Header:
    """The same vault with one passphrase slot for a new passphrase; other slots and the master key stay."""
    blank = _stretched_slot(_next_id(header), SlotKind.PASSPHRASE, now, cost)
    return _with_slot(header, master, _wrap(blank, master, header.vault_id, _passphrase_bytes(passphrase)))


def set_pin(header: Header, master: MasterKey, pin: str, *, now: datetime, cost: Argon2Cost = DESKTOP) -> NewPin:
    """The same vault with one PIN slot, under a new device secret; an earlier PIN opens no more."""
    device = b64url_encode(secrets.token_bytes(DEVICE_NAME_BYTES))
    device_secret = secrets.token_bytes(KEY_BYTES)
    blank = replace(_stretched_slot(_next_id(header), SlotKind.PIN, now, cost), device=device)
    slot = _wrap(blank, master, header.vault_id, _pin_bytes(pin), device_secret)
    return NewPin(_with_slot(header, master, slot), device, device_secret)


def remove_pin(header: Header, master: MasterKey) -> Header:
    """The same vault without a PIN slot."""
    return _changed(header, master, tuple(slot for slot in header.slots if slot.kind is not SlotKind.PIN))


def replace_recovery(header: Header, master: MasterKey, *, now: datetime) -> NewRecovery:
    """The same vault with new recovery words; the old ones open this header no more, older copies of it still."""
    entropy = secrets.token_bytes(words.ENTROPY_BYTES)
    blank = _blank_slot(_next_id(header), SlotKind.RECOVERY, now)
    fresh = _with_slot(header, master, _wrap(blank, master, header.vault_id, entropy))
    return NewRecovery(fresh, tuple(words.to_words(entropy)))


def rotated(header: Header, passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP) -> NewVault:
    """The same vault under a new master key, naming the next store file; no PIN, new recovery words.

    The passphrase is asked for and not taken from the old key: DECISIONS.md, "A new master key needs the
    passphrase". Raises WrongPassphrase, VaultChanged.
    """
    open_with_passphrase(header, passphrase)
    base = replace(header, generation=header.generation + 1, store=header.store + 1)
    return _new(base, passphrase, now=now, cost=cost)


def recovery_only(header: Header, master: MasterKey) -> Header:
    """The header a backup carries: the same generation, sealed with the recovery slots alone."""
    _checked(header, master)
    kept = tuple(slot for slot in header.slots if slot.kind is SlotKind.RECOVERY)
    return _sealed(replace(header, slots=kept), master)


def moved_to_store(header: Header, master: MasterKey, store: int, *, after: int = 0) -> Header:
    """The same vault naming another store file, its generation past its own and past `after` (a restore's)."""
    _checked(header, master)
    generation = max(header.generation, after) + 1
    return _sealed(replace(header, store=store, generation=generation), master)


# ---- how much stretching this device bears ------------------------------------------------------------------------

LADDER: Final = (
    DESKTOP,
    Argon2Cost(128 * 1024, 3, 4),
    Argon2Cost(256 * 1024, 3, 4),
    Argon2Cost(256 * 1024, 6, 4),
    Argon2Cost(256 * 1024, 12, 4),
)
"""Never under DESKTOP; never over 256 MiB, which the smallest phone we mean can still give."""
LEAST_SECONDS: Final = 0.3
MOST_SECONDS: Final = 1.0


def calibrated(measure: Callable[[Argon2Cost], float]) -> Argon2Cost:
    """The smallest step of LADDER that takes at least 0.3 s here, but none over 1 s except the first.

    `measure` gives the seconds one stretching at a cost takes. A device so fast that no step takes 0.3 s gets the last.
    """
    chosen = LADDER[0]
    seconds = measure(chosen)
    for step in LADDER[1:]:
        if seconds >= LEAST_SECONDS:
            break
        seconds = measure(step)
        if seconds > MOST_SECONDS:
            break
        chosen = step
    return chosen


def stretch_nothing(cost: Argon2Cost) -> None:
    """One stretching of no secret at all, for whoever measures how long it takes."""
    _argon2id(b"", bytes(SALT_BYTES), cost)


# ---- slots ----------------------------------------------------------------------------------


def _new(base: Header, passphrase: str, *, now: datetime, cost: Argon2Cost) -> NewVault:
    master = MasterKey(secrets.token_bytes(KEY_BYTES))
    entropy = secrets.token_bytes(words.ENTROPY_BYTES)
    first = int(_next_id(base)[1:])
    phrase = _stretched_slot(f"s{first}", SlotKind.PASSPHRASE, now, cost)
    recovery = _blank_slot(f"s{first + 1}", SlotKind.RECOVERY, now)
    slots = (
        _wrap(phrase, master, base.vault_id, _passphrase_bytes(passphrase)),
        _wrap(recovery, master, base.vault_id, entropy),
    )
    return NewVault(_sealed(replace(base, slots=slots), master), master, tuple(words.to_words(entropy)))


def _next_id(header: Header) -> str:
    return f"s{1 + max((int(slot.slot_id[1:]) for slot in header.slots), default=0)}"


def _blank_slot(slot_id: str, kind: SlotKind, now: datetime) -> Slot:
    return Slot(slot_id, kind, int(now.timestamp()), secrets.token_bytes(NONCE_BYTES), b"")


def _stretched_slot(slot_id: str, kind: SlotKind, now: datetime, cost: Argon2Cost) -> Slot:
    if not cost.within_bounds():
        raise ValueError(f"Argon2id cost out of bounds: {cost}")
    return replace(_blank_slot(slot_id, kind, now), salt=secrets.token_bytes(SALT_BYTES), cost=cost)


def _with_slot(header: Header, master: MasterKey, fresh: Slot) -> Header:
    """`fresh` in the place of every slot of its kind."""
    return _changed(header, master, (fresh, *(slot for slot in header.slots if slot.kind is not fresh.kind)))


def _changed(header: Header, master: MasterKey, slots: tuple[Slot, ...]) -> Header:
    _checked(header, master)
    return _sealed(replace(header, generation=header.generation + 1, slots=slots), master)


def _wrap(blank: Slot, master: MasterKey, vault_id: str, secret: bytes, device_secret: bytes = b"") -> Slot:
    kek = _key_encryption_key(blank, vault_id, secret, device_secret)
    return replace(blank, wrapped=master.wrapped_by(kek, blank.nonce, blank.associated_data(vault_id)))


def _open_any(header: Header, kind: SlotKind, secret: bytes, device_secret: bytes = b"") -> MasterKey | None:
    for slot in header.slots:
        if slot.kind is kind:
            kek = _key_encryption_key(slot, header.vault_id, secret, device_secret)
            key = bytearray(KEY_BYTES)
            try:
                AESGCM(kek).decrypt_into(slot.nonce, slot.wrapped, slot.associated_data(header.vault_id), key)
            except InvalidTag:
                continue
            return MasterKey(key)
    return None


def _key_encryption_key(slot: Slot, vault_id: str, secret: bytes, device_secret: bytes) -> bytes:
    if slot.salt is not None and slot.cost is not None:
        secret = _argon2id(secret, slot.salt, slot.cost)
    if slot.kind is SlotKind.PIN:
        if len(device_secret) != KEY_BYTES:
            raise WrongPin(f"device secret: expected {KEY_BYTES} bytes, found {len(device_secret)}")
        secret += device_secret
    return _hkdf(secret, f"pp-vault-v1 slot {vault_id} {slot.slot_id}".encode("ascii"))


def _argon2id(secret: bytes, salt: bytes, cost: Argon2Cost) -> bytes:
    return Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    ).derive(secret)


def _pin_bytes(pin: str) -> bytes:
    """Digits of any script as ASCII ones: an Arabic keyboard writes others."""
    return "".join(str(unicodedata.decimal(character, character)) for character in pin).encode("utf-8", "surrogatepass")


def _passphrase_bytes(passphrase: str) -> bytes:
    """NFC with every kind of space as a plain one, as RFC 8265 OpaqueString does: keyboards differ."""
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in passphrase)
    return unicodedata.normalize("NFC", spaced).encode("utf-8", "surrogatepass")


# ---- the whole ------------------------------------------------------------------------------


def _sealed(header: Header, master: MasterKey) -> Header:
    """Written in today's form, whatever form it was read in."""
    header = replace(header, version=VERSION)
    return replace(header, mac=_mac(header, master))


def _checked(header: Header, master: MasterKey) -> MasterKey:
    if not hmac.compare_digest(_mac(header, master), header.mac):
        raise VaultChanged("vault header: expected its MAC to fit")
    return master


def _mac(header: Header, master: MasterKey) -> bytes:
    return hmac.digest(master.sub_key(SubKey.HEADER_MAC), header.maced_bytes(), "sha256")


def _hkdf(secret: bytes | bytearray, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, None, info).derive(secret)


def noise(size: int) -> bytes:
    """Random bytes that mean nothing, to write over a header that nobody shall open again."""
    return secrets.token_bytes(size)

"""The vault header: a random master key, wrapped in slots, and the keys made from it (design D3).

Owns key derivation, wrapping and the MAC. Leaves the header's form to crypto/vault_header.py, the file
to app/store/home.py, wrong tries to app/policy/tries.py, how strong a passphrase is to
app/policy/passphrase.py. The database is keyed with `MasterKey.sub_key`, so changing a passphrase
never re-encrypts it.

Nothing of the header is believed before it is checked: its form and bounds on reading, a slot by
AES-256-GCM with the rest of the slot as associated data, the whole by a MAC under the master key.
Without the master key nobody can tell a wrong passphrase from a changed slot: both are refused as
wrong; a change anywhere else is refused as tampered once a slot has opened.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto import words
from crypto.encoding import b64url_encode
from crypto.errors import Tampered, WrongPassphrase, WrongRecoveryWords
from crypto.vault_header import (
    DESKTOP,
    KEY_BYTES,
    NONCE_BYTES,
    SALT_BYTES,
    VAULT_ID_BYTES,
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
    """The 32 random bytes everything else is made from. Hides in repr, cannot be printed by accident."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"master key: expected {KEY_BYTES} bytes, found {len(key)}")
        self._key = key

    def sub_key(self, purpose: SubKey) -> bytes:
        """The 32-byte key for one purpose."""
        return _hkdf(self._key, purpose.value.encode("ascii"))

    def wrapped_by(self, kek: bytes, nonce: bytes, associated: bytes) -> bytes:
        """Itself, under a slot's key encryption key (A256GCM)."""
        return AESGCM(kek).encrypt(nonce, self._key, associated)


@dataclass(frozen=True, slots=True)
class NewVault:
    """What `create` made. The recovery words exist nowhere else: they are shown once."""

    header: Header
    master: MasterKey
    recovery_words: tuple[str, ...] = field(repr=False)


def create(passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP) -> NewVault:
    """A new vault with a passphrase slot and a recovery slot."""
    master = MasterKey(secrets.token_bytes(KEY_BYTES))
    entropy = secrets.token_bytes(words.ENTROPY_BYTES)
    vault_id = b64url_encode(secrets.token_bytes(VAULT_ID_BYTES))
    created = int(now.timestamp())
    slots = (
        _passphrase_slot("s1", master, vault_id, passphrase, created, cost),
        _wrap(_blank_slot("s2", SlotKind.RECOVERY, created), master, vault_id, entropy),
    )
    header = _sealed(Header(vault_id, created, 1, slots, b""), master)
    return NewVault(header, master, tuple(words.to_words(entropy)))


def open_with_passphrase(header: Header, passphrase: str) -> MasterKey:
    """The master key behind a passphrase; raises WrongPassphrase, or Tampered when the header's MAC does not fit."""
    master = _open_any(header, SlotKind.PASSPHRASE, _passphrase_bytes(passphrase))
    if master is None:
        raise WrongPassphrase("no passphrase slot opens")
    return _checked(header, master)


def open_with_recovery(header: Header, recovery_words: str) -> MasterKey:
    """The master key behind the recovery words.

    Raises RecoveryWordsMistyped (not a list of words we gave), WrongRecoveryWords (another
    passport's), or Tampered when the header's MAC does not fit.
    """
    master = _open_any(header, SlotKind.RECOVERY, words.from_words(recovery_words))
    if master is None:
        raise WrongRecoveryWords("no recovery slot opens")
    return _checked(header, master)


def change_passphrase(
    header: Header, master: MasterKey, passphrase: str, *, now: datetime, cost: Argon2Cost = DESKTOP
) -> Header:
    """The same vault with one passphrase slot for a new passphrase; other slots and the master key stay."""
    _checked(header, master)
    number = 1 + max((int(slot.slot_id[1:]) for slot in header.slots), default=0)
    fresh = _passphrase_slot(f"s{number}", master, header.vault_id, passphrase, int(now.timestamp()), cost)
    kept = tuple(slot for slot in header.slots if slot.kind is not SlotKind.PASSPHRASE)
    return _sealed(replace(header, generation=header.generation + 1, slots=(fresh, *kept)), master)


# ---- slots ----------------------------------------------------------------------------------


def _blank_slot(
    slot_id: str, kind: SlotKind, created: int, salt: bytes | None = None, cost: Argon2Cost | None = None
) -> Slot:
    return Slot(slot_id, kind, created, secrets.token_bytes(NONCE_BYTES), b"", salt, cost)


def _passphrase_slot(
    slot_id: str, master: MasterKey, vault_id: str, passphrase: str, created: int, cost: Argon2Cost
) -> Slot:
    if not cost.within_bounds():
        raise ValueError(f"Argon2id cost out of bounds: {cost}")
    blank = _blank_slot(slot_id, SlotKind.PASSPHRASE, created, secrets.token_bytes(SALT_BYTES), cost)
    return _wrap(blank, master, vault_id, _passphrase_bytes(passphrase))


def _wrap(blank: Slot, master: MasterKey, vault_id: str, secret: bytes) -> Slot:
    kek = _key_encryption_key(blank, vault_id, secret)
    return replace(blank, wrapped=master.wrapped_by(kek, blank.nonce, blank.associated_data(vault_id)))


def _open_any(header: Header, kind: SlotKind, secret: bytes) -> MasterKey | None:
    for slot in header.slots:
        if slot.kind is kind:
            kek = _key_encryption_key(slot, header.vault_id, secret)
            try:
                return MasterKey(AESGCM(kek).decrypt(slot.nonce, slot.wrapped, slot.associated_data(header.vault_id)))
            except InvalidTag:
                continue
    return None


def _key_encryption_key(slot: Slot, vault_id: str, secret: bytes) -> bytes:
    if slot.salt is not None and slot.cost is not None:
        secret = Argon2id(
            salt=slot.salt,
            length=KEY_BYTES,
            iterations=slot.cost.passes,
            lanes=slot.cost.lanes,
            memory_cost=slot.cost.memory_kib,
        ).derive(secret)
    return _hkdf(secret, f"pp-vault-v1 slot {vault_id} {slot.slot_id}".encode("ascii"))


def _passphrase_bytes(passphrase: str) -> bytes:
    """NFC with every kind of space as a plain one, as RFC 8265 OpaqueString does: keyboards differ."""
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in passphrase)
    return unicodedata.normalize("NFC", spaced).encode("utf-8", "surrogatepass")


# ---- the whole ------------------------------------------------------------------------------


def _sealed(header: Header, master: MasterKey) -> Header:
    return replace(header, mac=_mac(header, master))


def _checked(header: Header, master: MasterKey) -> MasterKey:
    if not hmac.compare_digest(_mac(header, master), header.mac):
        raise Tampered("vault header: expected its MAC to fit")
    return master


def _mac(header: Header, master: MasterKey) -> bytes:
    return hmac.digest(master.sub_key(SubKey.HEADER_MAC), header.maced_bytes(), "sha256")


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, None, info).derive(secret)

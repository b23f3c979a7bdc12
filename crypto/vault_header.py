"""The bytes of the vault header: its fields, bounds and canonical form (FORMATS.md, "Vault header").

Owns reading and writing the form, version 2; version 1 (no PIN, one store) is still read and is written as
version 2 at its next change. Believes nothing: what a slot wraps and whether the MAC fits is crypto/vault.py's.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import HeaderUnreadable, MalformedToken

FORMAT: Final = "patient-passport-vault"
VERSION: Final = 2
FIRST_VERSION: Final = 1
FIRST_STORE: Final = 1
MAX_STORE: Final = 999_999
MAX_HEADER_BYTES: Final = 64 * 1024
MAX_SLOTS: Final = 8

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
VAULT_ID_BYTES: Final = 16
WRAPPED_BYTES: Final = KEY_BYTES + 16
MAC_BYTES: Final = 32
DEVICE_NAME_BYTES: Final = 16

_SLOT_ID: Final = re.compile(r"s[1-9][0-9]{0,5}", re.ASCII)


class SlotKind(StrEnum):
    """What opens a slot."""

    PASSPHRASE = "passphrase"  # noqa: S105
    PIN = "pin+device"
    RECOVERY = "recovery"


STRETCHED: Final = frozenset({SlotKind.PASSPHRASE, SlotKind.PIN})
"""The kinds whose secret a person makes up: Argon2id stands before them."""


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """Argon2id parameters (RFC 9106): memory in KiB, passes and lanes."""

    memory_kib: int
    passes: int
    lanes: int

    def within_bounds(self) -> bool:
        """Not below the floor (a downgrade) and not above the ceiling (a denial of service)."""
        return all(
            low <= found <= high
            for low, found, high in (
                (FLOOR.memory_kib, self.memory_kib, CEILING.memory_kib),
                (FLOOR.passes, self.passes, CEILING.passes),
                (FLOOR.lanes, self.lanes, CEILING.lanes),
            )
        )


DESKTOP: Final = Argon2Cost(memory_kib=64 * 1024, passes=3, lanes=4)
"""RFC 9106 section 4, second recommended option."""
FLOOR: Final = Argon2Cost(memory_kib=19 * 1024, passes=2, lanes=1)
"""The least that OWASP's password storage advice names for Argon2id."""
CEILING: Final = Argon2Cost(memory_kib=1024 * 1024, passes=16, lanes=8)


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to the master key. `salt` and `cost` stand only where a person's own words are stretched.

    `device` names the secret that the device's keystore holds for a PIN slot; without that secret a PIN opens nothing.
    """

    slot_id: str
    kind: SlotKind
    created: int
    nonce: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    salt: bytes | None = field(default=None, repr=False)
    cost: Argon2Cost | None = None
    device: str | None = None

    def associated_data(self, vault_id: str) -> bytes:
        """Everything of the slot but its ciphertext, and whose slot it is: what the wrap is bound to."""
        members = _slot_members(self)
        del members["wrapped"]
        return _canonical({"slot": members, "vault": vault_id})


@dataclass(frozen=True, slots=True)
class Header:
    """A header that has the right form. It is believed only after `open_with_…` has checked its MAC.

    `store` is the number of the store's file; `version` the form it was read in, 2 where it was made here.
    """

    vault_id: str
    created: int
    generation: int
    slots: tuple[Slot, ...]
    mac: bytes = field(repr=False)
    store: int = FIRST_STORE
    version: int = VERSION

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no blanks, ASCII."""
        return _canonical(_members(self) | {"mac": b64url_encode(self.mac)})

    def maced_bytes(self) -> bytes:
        """What the MAC is over: all of it but the MAC."""
        return _canonical(_members(self))


def read_header(data: bytes) -> Header:
    """A header of the right form, its numbers within bounds. Nothing is decrypted and nothing believed yet.

    Raises HeaderUnreadable for another format or version, a field too many or too few, or bytes
    that are not the canonical form of what they say.
    """
    if len(data) > MAX_HEADER_BYTES:
        raise HeaderUnreadable(f"expected at most {MAX_HEADER_BYTES} bytes, found {len(data)}")
    try:
        found = json.loads(data)
        header = _header_from(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, MalformedToken) as error:
        raise HeaderUnreadable(f"expected a vault header ({type(error).__name__})") from None
    if header.to_bytes() != data:
        raise HeaderUnreadable("expected canonical JSON")
    return header


def _members(header: Header) -> dict[str, Any]:
    members: dict[str, Any] = {
        "format": FORMAT,
        "v": header.version,
        "vault": header.vault_id,
        "created": header.created,
        "generation": header.generation,
        "slots": [_slot_members(slot) for slot in header.slots],
    }
    if header.version > FIRST_VERSION:
        members["store"] = header.store
    return members


def _slot_members(slot: Slot) -> dict[str, Any]:
    members: dict[str, Any] = {
        "id": slot.slot_id,
        "kind": slot.kind.value,
        "created": slot.created,
        "nonce": b64url_encode(slot.nonce),
        "wrapped": b64url_encode(slot.wrapped),
    }
    if slot.salt is not None and slot.cost is not None:
        members["kdf"] = {
            "alg": "argon2id",
            "salt": b64url_encode(slot.salt),
            "m": slot.cost.memory_kib,
            "t": slot.cost.passes,
            "p": slot.cost.lanes,
        }
    if slot.device is not None:
        members["device"] = slot.device
    return members


def _header_from(found: dict[str, Any]) -> Header:
    version = _count(found["v"])
    if found["format"] != FORMAT or version not in (FIRST_VERSION, VERSION):
        raise ValueError("format or version")
    slots = tuple(_slot_from(slot) for slot in found["slots"])
    if not 0 < len(slots) <= MAX_SLOTS or len({slot.slot_id for slot in slots}) != len(slots):
        raise ValueError("slots")
    if version == FIRST_VERSION and any(slot.kind is SlotKind.PIN for slot in slots):
        raise ValueError("a PIN in the first version")
    return Header(
        vault_id=b64url_encode(_sized(found["vault"], VAULT_ID_BYTES)),
        created=_count(found["created"]),
        generation=_count(found["generation"]),
        slots=slots,
        mac=_sized(found["mac"], MAC_BYTES),
        store=FIRST_STORE if version == FIRST_VERSION else _store(found["store"]),
        version=version,
    )


def _slot_from(found: dict[str, Any]) -> Slot:
    kind = SlotKind(found["kind"])
    salt, cost = _stretching(kind, found.get("kdf"))
    device = found.get("device")
    if (device is not None) != (kind is SlotKind.PIN):
        raise ValueError("device stands in a PIN slot and nowhere else")
    if device is not None:
        device = b64url_encode(_sized(device, DEVICE_NAME_BYTES))
    slot_id = found["id"]
    if _SLOT_ID.fullmatch(slot_id) is None:
        raise ValueError("slot id")
    nonce, wrapped = _sized(found["nonce"], NONCE_BYTES), _sized(found["wrapped"], WRAPPED_BYTES)
    return Slot(slot_id, kind, _count(found["created"]), nonce, wrapped, salt, cost, device)


def _stretching(kind: SlotKind, kdf: Any) -> tuple[bytes | None, Argon2Cost | None]:
    if (kdf is not None) != (kind in STRETCHED):
        raise ValueError("kdf stands where a person's own secret is stretched and nowhere else")
    if kdf is None:
        return None, None
    cost = Argon2Cost(_count(kdf["m"]), _count(kdf["t"]), _count(kdf["p"]))
    if not cost.within_bounds():
        raise ValueError("Argon2id cost out of bounds")
    return _sized(kdf["salt"], SALT_BYTES), cost


def _store(found: object) -> int:
    number = _count(found)
    if not FIRST_STORE <= number <= MAX_STORE:
        raise ValueError("store number")
    return number


def _count(found: object) -> int:
    if type(found) is not int or found < 0:
        raise ValueError("expected a whole number")
    return found


def _sized(found: str, size: int) -> bytes:
    data = b64url_decode(found)
    if len(data) != size:
        raise ValueError(f"expected {size} bytes")
    return data


def _canonical(members: dict[str, Any]) -> bytes:
    return json.dumps(members, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")

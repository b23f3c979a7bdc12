"""A box that takes notes of when the emergency card was opened and gives none back without the vault's key.

Owns the bytes of a note and of the box (FORMATS.md, "Box of openings"): who has the public key alone can add and
not read. Leaves the file to app/store/home.py, what is told of it to app/actions/card_openings.py. HPKE (RFC 9180)
in base mode: anybody may add, so a note proves nothing beyond that someone who could write here wrote it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from crypto.errors import MalformedToken, Tampered

VERSION: Final = 1
KEY_BYTES: Final = 32
NOTE_BYTES: Final = 64
MAX_NOTES: Final = 256
MAX_BOX_BYTES: Final = (MAX_NOTES + 1) * NOTE_BYTES
"""The notes, and in the last place how many more there was no room for."""

_NOTE: Final = b"PPO" + bytes((VERSION,))
_FULL: Final = b"PPF" + bytes((VERSION,))
_INSIDE: Final = struct.Struct(">QI")
_COUNT: Final = struct.Struct(">I")
_MOST: Final = 2**32 - 1
_INFO: Final = b"pp-opened-v1 "
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class BoxKey:
    """The private half, for the sealed store alone. It never shows itself."""

    __slots__ = ("_key", "public")

    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key
        self.public: bytes = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> BoxKey:
        """A new random key."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, data: bytes) -> BoxKey:
        """A key from its 32 bytes; raises MalformedToken for another length."""
        if len(data) != KEY_BYTES:
            raise MalformedToken(f"box key: expected {KEY_BYTES} bytes, found {len(data)}")
        return cls(X25519PrivateKey.from_private_bytes(data))

    def to_bytes(self) -> bytes:
        """The 32 bytes."""
        return self._key.private_bytes_raw()

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What was sealed to this key; raises Tampered."""
        try:
            return _SUITE.decrypt(sealed, self._key, info)
        except (InvalidTag, ValueError):  # ValueError: a point of low order
            raise Tampered("note: expected one sealed to this key, for this vault") from None

    def __repr__(self) -> str:
        return "BoxKey(private hidden)"


@dataclass(frozen=True, slots=True)
class Note:
    """One opening; `place` counts from 0 in the box it was written into."""

    at: datetime
    place: int


@dataclass(frozen=True, slots=True)
class Added:
    """What to write into the box, and where."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """The parts of a box: `parts` in order, the last perhaps cut; how many notes had no room; whether more follows."""

    parts: tuple[bytes, ...]
    no_room: int = 0
    spoiled: int = 0


def seal_note(public: bytes, vault_id: str, at: datetime, place: int) -> bytes:
    """One note, 64 bytes. `at` aware, kept to the millisecond; raises MalformedToken for what is no X25519 key."""
    inside = _INSIDE.pack((at - _EPOCH) // _MILLISECOND, place)
    try:
        return _NOTE + _SUITE.encrypt(inside, X25519PublicKey.from_public_bytes(public), _INFO + vault_id.encode())
    except ValueError:
        raise MalformedToken("box: expected an X25519 public key") from None


def open_note(key: BoxKey, vault_id: str, note: bytes) -> Note:
    """What a note says.

    Raises MalformedToken for another length, version or time, Tampered for one of another key or vault, or changed.
    """
    if len(note) != NOTE_BYTES:  # (1) its form
        raise MalformedToken(f"note: expected {NOTE_BYTES} bytes, found {len(note)}")
    if not note.startswith(_NOTE):
        raise MalformedToken(f"note: expected version {VERSION}, found another")
    milliseconds, place = _INSIDE.unpack(key.open(note[len(_NOTE) :], _INFO + vault_id.encode()))  # (2) the seal
    try:
        return Note(_EPOCH + milliseconds * _MILLISECOND, place)  # (3) a time there is
    except OverflowError:
        raise MalformedToken("note: expected a time before the year 10000") from None


def add(box: bytes, public: bytes, vault_id: str, at: datetime) -> Added:
    """The note of an opening at `at`, and its place in the box as it is now.

    A part that was cut off stays: the next note begins at the next whole place. In a full box the last place counts.
    """
    place = -(-len(box) // NOTE_BYTES)
    if place < MAX_NOTES:
        padding = bytes(place * NOTE_BYTES - len(box))
        return Added(len(box), padding + seal_note(public, vault_id, at, place))
    offset = MAX_NOTES * NOTE_BYTES
    counted = _no_room(box[offset : offset + NOTE_BYTES]) or 0
    padding = bytes(max(0, offset - len(box)))
    number = _COUNT.pack(min(counted + 1, _MOST))
    return Added(min(len(box), offset), padding + (_FULL + number).ljust(NOTE_BYTES, b"\0"))


def parts(box: bytes) -> Found:
    """A box taken apart, nothing of it opened yet. What stands beyond its bound counts as one spoiled part."""
    found = [box[at : at + NOTE_BYTES] for at in range(0, min(len(box), MAX_BOX_BYTES), NOTE_BYTES)]
    beyond = int(len(box) > MAX_BOX_BYTES)
    if len(found) <= MAX_NOTES:
        return Found(tuple(found))
    counted = _no_room(found.pop())
    return Found(tuple(found), counted or 0, beyond + (counted is None))


def _no_room(part: bytes) -> int | None:
    """The count in the last place; None where that is no count."""
    if len(part) != NOTE_BYTES or not part.startswith(_FULL) or any(part[len(_FULL) + _COUNT.size :]):
        return None
    return int(_COUNT.unpack_from(part, len(_FULL))[0])

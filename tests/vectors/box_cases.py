"""Cases of opened_notes.json, and the examples of FORMATS.md about what lies beside the vault.

Seals are random, so every run writes other bytes.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from crypto import device_seal, json_text
from crypto.encoding import b64url_encode
from crypto.sealed_box import BoxKey, seal_note
from tests.vectors.making import NOW, Writer, flip_last_bit

VAULT = "VXDknG3Pzju5G4JXm4zRMg"
OTHER_VAULT = "VXDknG3Pzju5G4JXm4zRMQ"
CARD: dict[str, object] = {
    "name": "Siân Llŷr",
    "birth_date": "1959-03-04",
    "nhs_number": "9990020264",
    "groups": [],
    "text": "",
    "tail": None,
    "left_out": [],
    "made_at": "2026-11-23T12:00:00.000000Z",
}
AT = NOW + timedelta(milliseconds=7)
BOX = BoxKey.from_bytes(hashlib.sha256(b"passport vectors: box").digest())
OTHER = BoxKey.from_bytes(hashlib.sha256(b"passport vectors: another box").digest())


def changed(note: bytes, at: int, to: bytes) -> bytes:
    return note[:at] + to + note[at + len(to) :]


def opened_note_cases() -> Writer:
    out = Writer("opened_notes", "Notes of when an emergency card was opened while locked, and what the vault reads.")
    good = seal_note(BOX.public, VAULT, AT, 3)

    def add(name: str, code: str, message: str, note: bytes, key: BoxKey = BOX, vault: str = VAULT) -> None:
        sealed_to, text = b64url_encode(key.to_bytes()), b64url_encode(note)
        out.add(name, code, message, key=sealed_to, vault=vault, note=text, at=AT.isoformat(), place=3)

    add("as sealed", "ok", "", good)
    add("sealed to another key", "tampered", "this key", seal_note(OTHER.public, VAULT, AT, 3))
    add("opened with another key", "tampered", "this key", good, key=OTHER)
    add("of another vault", "tampered", "this vault", good, vault=OTHER_VAULT)
    add("last bit flipped", "tampered", "", flip_last_bit(bytearray(good)))
    add("a bit of the point flipped", "tampered", "", changed(good, 4, bytes((good[4] ^ 1,))))
    add("a bit inside the seal flipped", "tampered", "", changed(good, 40, bytes((good[40] ^ 1,))))
    add("under the point of another note", "tampered", "", changed(good, 4, seal_note(BOX.public, VAULT, AT, 3)[4:36]))
    add("a point of low order", "tampered", "", changed(good, 4, bytes(32)))
    add("version 2", "malformed-token", "version 1", changed(good, 3, b"\x02"))
    add("a count in the place of a note", "malformed-token", "version 1", changed(good, 0, b"PPF\x01"))
    add("one byte short", "malformed-token", "64 bytes", good[:-1])
    add("one byte over", "malformed-token", "64 bytes", good + b"\0")
    add("empty", "malformed-token", "64 bytes", b"")
    add("nothing but zeroes", "malformed-token", "version 1", bytes(64))
    add("a time past the year 9999", "malformed-token", "year 10000", far_off())
    return out


def far_off() -> bytes:
    """A note whose milliseconds are past every date there is."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    inside = (2**64 - 1).to_bytes(8, "big") + bytes(4)
    public = X25519PublicKey.from_public_bytes(BOX.public)
    return b"PPO\x01" + suite.encrypt(inside, public, f"pp-opened-v1 {VAULT}".encode())


def examples() -> dict[str, str]:
    """The example blocks of FORMATS.md about the card shown while locked and its box."""
    readable: dict[str, object] = {
        "v": 2,
        "hold": True,
        "hide_wishes": False,
        "codes_only": True,
        "box": b64url_encode(BOX.public),
    }
    context = f"pp-locked-card-v2 {VAULT} ".encode() + json_text.dump(readable)
    sealed = device_seal.seal(bytes(range(32)), context, json_text.dump(CARD))
    return {
        "locked-card": json_text.dump(CARD).decode(),
        "locked-card-sealed": json_text.dump(readable | {"sealed": b64url_encode(sealed)}).decode(),
        "opened-note-key": b64url_encode(BOX.to_bytes()),
        "opened-note": seal_note(BOX.public, VAULT, AT, 3).hex(),
    }

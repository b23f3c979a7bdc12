"""Sealing a few bytes to this device: AES-256-GCM under a key that the operating system's keystore holds.

Owns the key's making and the bytes `nonce ‖ ciphertext and tag`. What is sealed, and the context that keeps it from
standing anywhere else, is the caller's; the keystore is app/store/keystore.py. FORMATS.md, "Card shown while locked".
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors import Tampered

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


def new_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, context: bytes, plain: bytes) -> bytes:
    """`plain` under `key`, bound to `context`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """What was sealed; raises Tampered where key, context or bytes are others."""
    if len(key) != KEY_BYTES or len(sealed) < NONCE_BYTES:
        raise Tampered("device seal: expected a whole key and a nonce")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except InvalidTag:
        raise Tampered("device seal: does not fit the key, the context and the bytes") from None

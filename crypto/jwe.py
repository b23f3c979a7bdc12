"""Files of a SMART Health Link: compact JWE (RFC 7516), "dir" with A256GCM, raw DEFLATE, a fresh IV every time.

Over `cryptography` directly: joserfc stops inflating at 256,000 bytes, a record is larger. Where the
key comes from is shlink.py's; what a file says is link_share.py's and the reader's.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto import encoding, json_text
from crypto.errors import MalformedToken, NotJson, Tampered, TooLarge

KEY_BYTES: Final = 32
IV_BYTES: Final = 12
TAG_BYTES: Final = 16

MAX_JWE_BYTES: Final = 24 * 1024 * 1024
"""A file of a link: a 16 MiB update's worth of entries and its base64."""

MAX_PLAINTEXT_BYTES: Final = 128 * 1024 * 1024
"""The same bound as an update inflated (design, limits)."""


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What a file held; `content_type` is "" where the header had no `cty` (real links leave it out)."""

    content_type: str
    plaintext: bytes = field(repr=False)


def encrypt(plaintext: bytes, key: bytes, *, content_type: str) -> str:
    """A compact JWE over deflated `plaintext`; `key` is the link's 32 bytes."""
    _require_key(key)
    header = {"alg": "dir", "enc": "A256GCM", "cty": content_type, "zip": "DEF"}
    head = encoding.b64url_encode(json.dumps(header, separators=(",", ":")).encode("utf-8"))
    iv = secrets.token_bytes(IV_BYTES)
    sealed = AESGCM(key).encrypt(iv, encoding.deflate(plaintext), head.encode("ascii"))
    parts = (iv, sealed[:-TAG_BYTES], sealed[-TAG_BYTES:])
    return ".".join((head, "", *(encoding.b64url_encode(part) for part in parts)))


def decrypt(token: str, key: bytes, *, max_plaintext_bytes: int = MAX_PLAINTEXT_BYTES) -> Decrypted:
    """The plaintext of a compact JWE.

    Raises TooLarge, MalformedToken for any other algorithm or form, Tampered when the tag does not
    fit the bytes and this key. Nothing is inflated before the tag is checked.
    """
    _require_key(key)
    if len(token) > MAX_JWE_BYTES:
        raise TooLarge(f"jwe: expected at most {MAX_JWE_BYTES} bytes, found {len(token)}")
    parts = token.split(".")
    if len(parts) != 5 or parts[1]:
        raise MalformedToken(f"jwe: expected 5 parts with an empty key, found {len(parts)}")
    head, _, iv, sealed, tag = (encoding.b64url_decode(part) for part in parts)
    header = _header(head)
    if len(iv) != IV_BYTES or len(tag) != TAG_BYTES:
        raise MalformedToken(f"jwe: expected iv {IV_BYTES} and tag {TAG_BYTES} bytes, found {len(iv)} and {len(tag)}")
    try:
        body = AESGCM(key).decrypt(iv, sealed + tag, parts[0].encode("ascii"))
    except InvalidTag:
        raise Tampered("jwe: tag does not fit the bytes and this key") from None
    if "zip" in header:
        body = encoding.inflate(body, max_plaintext_bytes)
    elif len(body) > max_plaintext_bytes:
        raise TooLarge(f"jwe: expected at most {max_plaintext_bytes} bytes")
    return Decrypted(header.get("cty", ""), body)


def _header(data: bytes) -> dict[str, Any]:
    try:
        header = json_text.parse_object(data)
    except NotJson as error:
        raise MalformedToken("jwe header: expected a JSON object") from error
    if header.get("alg") != "dir" or header.get("enc") != "A256GCM":
        raise MalformedToken("jwe: expected dir with A256GCM")
    if header.get("zip", "DEF") != "DEF":
        raise MalformedToken("jwe zip: expected DEF")
    if "crit" in header:
        raise MalformedToken("jwe header: expected no crit")
    if not isinstance(header.get("cty", ""), str):
        raise MalformedToken("jwe cty: expected text")
    return header


def _require_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise MalformedToken(f"jwe key: expected {KEY_BYTES} bytes, found {len(key)}")

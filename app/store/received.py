"""Received messages, kept byte for byte and small; and the exact bytes of each resource in them.

Owns the two forms a message is kept in and finding resource i as it stood. A compact JWS is already
deflated inside base64url: kept as its three decoded parts it takes three quarters of the room, and
because base64url is strict here, encoding again gives back the very text. Everything else is zlib.
Whether a message may be believed was decided before it came here.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from app.store import resource_text
from crypto import json_text, jws
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import PassportError, StoreDamaged
from crypto.update import Update, read_unverified_update, read_update

FORM_JWS: Final = "jws"
FORM_ZLIB: Final = "zlib"

_FAST: Final = 1
_LENGTHS: Final = struct.Struct(">II")
_CARD_BUNDLE: Final = ("vc", "credentialSubject", "fhirBundle")


def pack(raw: bytes) -> tuple[str, bytes]:
    """The form and the bytes to keep for a received message."""
    parts = _jws_parts(raw)
    if parts is None:
        return FORM_ZLIB, zlib.compress(raw, _FAST)
    header, payload, signature = parts
    return FORM_JWS, _LENGTHS.pack(len(header), len(payload)) + header + payload + signature


def unpack(form: str, kept: bytes) -> bytes:
    """The message as received; raises StoreDamaged where the kept bytes do not give one."""
    if form == FORM_JWS:
        header_bytes, payload_bytes = _LENGTHS.unpack_from(kept)
        first, second = _LENGTHS.size + header_bytes, _LENGTHS.size + header_bytes + payload_bytes
        parts = (kept[_LENGTHS.size : first], kept[first:second], kept[second:])
        return ".".join(b64url_encode(part) for part in parts).encode("ascii")
    try:
        return zlib.decompress(kept)
    except zlib.error as error:
        raise StoreDamaged("received message: expected zlib") from error


def resource_texts(form: str, raw: bytes) -> tuple[bytes, ...]:
    """Every resource of a message, in order, exactly as it stands in it.

    For an update the outermost ones are the bytes its signed root covers (D1).
    """
    if form == FORM_JWS:
        text = jws.read_unverified(raw.decode("ascii", "replace")).payload.decode("utf-8")
        bundles = json_text.member_spans(text, _CARD_BUNDLE)
        found = [each for span in bundles for each in resource_text.of_document(text[span.start : span.end])]
    else:
        found = list(resource_text.of_file(raw))
    return tuple(each.encode("utf-8", "surrogatepass") for each in found)


def resource_text_at(form: str, raw: bytes, position: int) -> bytes | None:
    """One of `resource_texts`, None beyond them; of a long file no more is read than up to it."""
    if form == FORM_JWS:
        return next(iter(resource_texts(form, raw)[position:]), None)
    text = resource_text.one_of_file(raw, position)
    return None if text is None else text.encode("utf-8", "surrogatepass")


def signed_update(raw: bytes) -> Update:
    """What an update says, its resources as the signed tree counts them; raises MalformedToken for other messages."""
    return read_update(read_unverified_update(raw.decode("ascii", "replace")))


def _jws_parts(raw: bytes) -> list[bytes] | None:
    texts = raw.split(b".")
    if len(texts) != 3:
        return None
    try:
        return [b64url_decode(text.decode("ascii")) for text in texts]
    except (PassportError, UnicodeDecodeError):
        return None

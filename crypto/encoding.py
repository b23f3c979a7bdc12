"""Bytes to text and back, strictly: base64url (RFC 4648 §5, no padding), base45 (RFC 9285), raw DEFLATE (RFC 1951).

Each decoder accepts exactly one text for each byte string, so a text can be compared and hashed.
Inflating is bounded before memory is taken. What the bytes mean is the caller's.
"""

from __future__ import annotations

import base64
import re
import zlib
from typing import Final

from crypto.errors import MalformedToken, TooLarge

BASE45_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_BASE45_VALUE: Final = {character: value for value, character in enumerate(BASE45_ALPHABET)}
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_RAW_DEFLATE_WBITS: Final = -15


def b64url_encode(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Bytes of unpadded base64url; raises MalformedToken for padding, other characters or unused bits that are set."""
    if _BASE64URL.fullmatch(text) is None or len(text) % 4 == 1:
        raise MalformedToken("base64url: expected its alphabet without padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(text) % 4 and b64url_encode(data[-(len(data) % 3) :]) != text[-(len(text) % 4) :]:
        raise MalformedToken("base64url: expected unused bits to be zero")
    return data


def base45_encode(data: bytes) -> str:
    """base45: two bytes become three characters, a last single byte two; all of QR's alphanumeric mode."""
    out: list[str] = []
    for at in range(0, len(data) - 1, 2):
        value = data[at] << 8 | data[at + 1]
        out += (BASE45_ALPHABET[value % 45], BASE45_ALPHABET[value // 45 % 45], BASE45_ALPHABET[value // 2025])
    if len(data) % 2:
        out += (BASE45_ALPHABET[data[-1] % 45], BASE45_ALPHABET[data[-1] // 45])
    return "".join(out)


def base45_decode(text: str) -> bytes:
    """Bytes of base45; raises MalformedToken for another character, a single one left over or a group too large."""
    if len(text) % 3 == 1:
        raise MalformedToken("base45: expected groups of three, or two at the end")
    try:
        values = [_BASE45_VALUE[character] for character in text]
    except KeyError:
        raise MalformedToken("base45: expected its alphabet") from None
    out = bytearray()
    for at in range(0, len(values), 3):
        group = values[at : at + 3]
        width = len(group) - 1
        value = sum(digit * 45**place for place, digit in enumerate(group))
        if value >> 8 * width:
            raise MalformedToken(f"base45: expected a group of at most {width} bytes")
        out += value.to_bytes(width, "big")
    return bytes(out)


def deflate(data: bytes) -> bytes:
    """Raw DEFLATE at the best level."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE_WBITS, 9)
    return compressor.compress(data) + compressor.flush()


def inflate(data: bytes, max_bytes: int) -> bytes:
    """The bytes inside one whole raw DEFLATE stream.

    Raises TooLarge when they would be more than `max_bytes`, MalformedToken when the stream is
    broken, cut off or followed by anything.
    """
    decompressor = zlib.decompressobj(_RAW_DEFLATE_WBITS)
    try:
        out = decompressor.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise MalformedToken("deflate: expected a raw DEFLATE stream") from error
    if len(out) > max_bytes:
        raise TooLarge(f"inflated: expected at most {max_bytes} bytes")
    if not decompressor.eof:
        raise MalformedToken("deflate: stream is cut off")
    if decompressor.unused_data:
        raise MalformedToken(f"deflate: {len(decompressor.unused_data)} bytes after the stream")
    return out

"""Canonical CBOR (RFC 8949 §4.2, in cbor2's length-first key order), one byte string for each value.

Owns the profile of our codes: integers, byte and text strings, arrays, maps, null, and tag 18 of COSE.
Decode, re-encode, compare: duplicate keys, trailing bytes, indefinite lengths and long forms are
refused in one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import cbor2

from crypto.errors import MalformedToken, TooLarge

MAX_CBOR_BYTES: Final = 65_536
"""Every CBOR message of ours fits a code or a few; far below the limit on scanned text."""

COSE_SIGN1_TAG: Final = 18


def dump(value: object) -> bytes:
    """The one encoding of `value`."""
    return cbor2.dumps(value, canonical=True)


def load(data: bytes) -> Any:
    """The value in `data`; raises TooLarge over MAX_CBOR_BYTES, MalformedToken when it is not the one encoding."""
    if len(data) > MAX_CBOR_BYTES:
        raise TooLarge(f"cbor: expected at most {MAX_CBOR_BYTES} bytes, found {len(data)}")
    try:
        value = cbor2.loads(data)
        _require_profile(value)
        again = dump(value)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, LookupError) as error:
        raise MalformedToken("cbor: expected a value of our profile") from error
    if again != data:
        raise MalformedToken("cbor: expected its canonical encoding")
    return value


def _require_profile(value: object) -> None:
    if value is None or isinstance(value, int | bytes | str):
        if isinstance(value, bool):
            raise MalformedToken("cbor: expected no booleans")
        return
    if isinstance(value, cbor2.CBORTag) and value.tag == COSE_SIGN1_TAG:
        _require_profile(value.value)
    elif isinstance(value, list | tuple):
        for item in value:
            _require_profile(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _require_profile(key)
            _require_profile(item)
    else:
        raise MalformedToken(f"cbor: expected no {type(value).__name__}")

"""COSE_Sign1 (RFC 9052 §4.2), ES256 only, in canonical CBOR: the signature of everything shown as a code.

    18([ protected: bstr {1: -7, ?4: kid8, 16: typ, …}, unprotected: {}, payload: bstr | nil, signature: 64 bytes ])

Every message has its own `typ` (RFC 9596), so none can stand in for another. The unprotected map is
empty: nothing outside the signature is believed. Whose key it is, and what the payload says, is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2

from crypto import cbor
from crypto.errors import KeyUnknown, MalformedToken
from crypto.keys import SIGNATURE_BYTES, SigningKey, VerifyingKey

ALG: Final = 1
KID: Final = 4
CWT_CLAIMS: Final = 15
"""RFC 9597: claims carried in the header; 6 in it is `iat`."""
TYP: Final = 16
CLAIM_IAT: Final = 6

_ES256: Final = -7


@dataclass(frozen=True, slots=True)
class UnverifiedSign1:
    """A COSE_Sign1 whose form is right and whose signature nobody has checked yet."""

    headers: Mapping[int, Any] = field(repr=False)
    protected: bytes = field(repr=False)
    payload: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)


def sign(
    payload: bytes,
    key: SigningKey,
    *,
    typ: str,
    headers: Mapping[int, object] | None = None,
    name_key: bool = False,
    detached: bool = False,
) -> bytes:
    """A COSE_Sign1 over `payload`, which is left out when `detached`; `headers` go beside alg and typ, protected."""
    named = {KID: key.public.kid8} if name_key else {}
    protected = cbor.dump({ALG: _ES256, TYP: typ, **named, **(headers or {})})
    signature = key.sign(_to_be_signed(protected, payload))
    parts: list[object] = [protected, {}, None if detached else payload, signature]
    return cbor.dump(cbor2.CBORTag(cbor.COSE_SIGN1_TAG, parts))


def read_unverified(data: bytes) -> UnverifiedSign1:
    """Take a COSE_Sign1 apart without believing any of it; raises MalformedToken, TooLarge."""
    message = cbor.load(data)
    if not isinstance(message, cbor2.CBORTag) or not isinstance(message.value, list | tuple) or len(message.value) != 4:
        raise MalformedToken("cose: expected tag 18 over four parts")
    protected, unprotected, payload, signature = message.value
    if not isinstance(protected, bytes) or not isinstance(payload, bytes | None):
        raise MalformedToken("cose: expected byte strings")
    if not isinstance(unprotected, Mapping) or unprotected:
        raise MalformedToken("cose: expected an empty unprotected header")
    if not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES:
        raise MalformedToken(f"cose: expected a signature of {SIGNATURE_BYTES} bytes")
    headers = cbor.load(protected)
    if not isinstance(headers, Mapping) or headers.get(ALG) != _ES256:
        raise MalformedToken("cose alg: expected ES256")
    return UnverifiedSign1(headers, protected, payload, signature)


def verify(unverified: UnverifiedSign1, key: VerifyingKey, *, typ: str, payload: bytes | None = None) -> bytes:
    """The payload, once the signature fits `key`; give `payload` for a detached one.

    Raises MalformedToken for another typ or a payload both inside and given (or neither), KeyUnknown
    for a kid that is not this key's, Tampered when the signature does not fit.
    """
    if unverified.headers.get(TYP) != typ:
        raise MalformedToken(f"cose typ: expected {typ}, found another")
    if unverified.headers.get(KID, key.kid8) != key.kid8:
        raise KeyUnknown("cose kid: expected the key's own")
    inside, given = unverified.payload, payload
    if (inside is None) == (given is None):
        raise MalformedToken("cose payload: expected it either inside or beside")
    signed = inside if inside is not None else given
    assert signed is not None
    key.verify(unverified.signature, _to_be_signed(unverified.protected, signed))
    return signed


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052 §4.4, without external data."""
    return cbor.dump(["Signature1", protected, b"", payload])

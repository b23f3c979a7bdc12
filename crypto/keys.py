"""ES256 keys (ECDSA on P-256 with SHA-256) and their names; who an issuer is; where keys are looked up.

Owns the key shapes every message uses: JWK (RFC 7517, as SMART Health Cards ask), the compressed
point (33 bytes, SEC 1) in codes, `kid` (RFC 7638 thumbprint) and `kid8` (first 8 bytes of the SHA-256
of the compressed point). Which key belongs to whom is crypto/trust.py, behind `KeySource`.
Keys hide themselves in repr.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import MalformedToken, Tampered

PRIVATE_KEY_BYTES: Final = 32
COMPRESSED_BYTES: Final = 33
SIGNATURE_BYTES: Final = 64
KID8_BYTES: Final = 8
COORDINATE_BYTES: Final = 32

_CURVE: Final = ec.SECP256R1()
_ES256: Final = ec.ECDSA(hashes.SHA256())

_JWK_MEMBERS: Final = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256"}
"""What every key of a SMART Health Cards issuer says (HL7 SHC&L, "Determining keys associated with an issuer")."""

IssuerKind = Literal["gp", "hospital", "service"]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: a record holder ("gp", "hospital") or the record service itself ("service")."""

    iss: str
    name: str
    ods: str
    kind: IssuerKind


class VerifyingKey:
    """The public half of an ES256 key. Equal when the point is equal."""

    __slots__ = ("_key", "_kid", "compressed")

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        if not isinstance(key.curve, ec.SECP256R1):
            raise MalformedToken(f"curve: expected P-256, found {key.curve.name}")
        self._key = key
        self._kid = ""
        self.compressed: bytes = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    @classmethod
    def from_compressed(cls, data: bytes) -> VerifyingKey:
        """A key from its compressed point, 33 bytes; raises MalformedToken when it is no point of P-256."""
        if len(data) != COMPRESSED_BYTES:
            raise MalformedToken(f"public key: expected {COMPRESSED_BYTES} bytes, found {len(data)}")
        try:
            return cls(ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, data))
        except ValueError as error:
            raise MalformedToken("public key: expected a point of P-256") from error

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> VerifyingKey:
        """A key from a JWK as SMART Health Cards ask: EC, P-256, use sig, alg ES256, kid the thumbprint.

        Raises MalformedToken for another kind of key, a private key, or a kid that is not the thumbprint.
        """
        for name, expected in _JWK_MEMBERS.items():
            if jwk.get(name) != expected:
                raise MalformedToken(f"jwk {name}: expected {expected}")
        if "d" in jwk:
            raise MalformedToken("jwk: expected a public key, found a private one")
        x, y = (_coordinate(jwk, name) for name in ("x", "y"))
        try:
            key = cls(ec.EllipticCurvePublicNumbers(x, y, _CURVE).public_key())
        except ValueError as error:
            raise MalformedToken("jwk: expected a point of P-256") from error
        if jwk.get("kid", key.kid) != key.kid:
            raise MalformedToken("jwk kid: expected the RFC 7638 thumbprint")
        return key

    def to_jwk(self) -> dict[str, str]:
        """The JWK with kid, use and alg, ready for a `jwks.json`."""
        members = self._thumbprint_members()
        return _JWK_MEMBERS | {"kid": self.kid, "x": members["x"], "y": members["y"]}

    @property
    def kid(self) -> str:
        """RFC 7638 SHA-256 thumbprint, base64url, 43 characters."""
        if not self._kid:  # asked three times for each key of a trust list
            text = json.dumps(self._thumbprint_members(), separators=(",", ":"), sort_keys=True)
            self._kid = b64url_encode(hashlib.sha256(text.encode("ascii")).digest())
        return self._kid

    @property
    def kid8(self) -> bytes:
        """The short name in codes: the first 8 bytes of SHA-256 over the compressed point."""
        return hashlib.sha256(self.compressed).digest()[:KID8_BYTES]

    def verify(self, signature: bytes, data: bytes) -> None:
        """Check a raw r‖s signature of 64 bytes over `data`; raises Tampered when it does not fit."""
        if len(signature) != SIGNATURE_BYTES:
            raise Tampered(f"signature: expected {SIGNATURE_BYTES} bytes, found {len(signature)}")
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        try:
            self._key.verify(encode_dss_signature(r, s), data, _ES256)
        except InvalidSignature as error:
            raise Tampered("signature: does not fit the bytes and this key") from error

    def _thumbprint_members(self) -> dict[str, str]:
        numbers = self._key.public_numbers()
        x, y = (b64url_encode(n.to_bytes(COORDINATE_BYTES, "big")) for n in (numbers.x, numbers.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyingKey) and self.compressed == other.compressed

    def __hash__(self) -> int:
        return hash(self.compressed)

    def __repr__(self) -> str:
        return f"VerifyingKey(kid8={self.kid8.hex()})"


class SigningKey:
    """An ES256 private key. It never shows itself; `to_bytes` is the one way out."""

    __slots__ = ("_key", "public")

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public = VerifyingKey(key.public_key())

    @classmethod
    def generate(cls) -> SigningKey:
        """A new random key."""
        return cls(ec.generate_private_key(_CURVE))

    @classmethod
    def from_bytes(cls, data: bytes) -> SigningKey:
        """A key from its 32-byte big-endian scalar; raises MalformedToken when it is out of range."""
        if len(data) != PRIVATE_KEY_BYTES:
            raise MalformedToken(f"private key: expected {PRIVATE_KEY_BYTES} bytes, found {len(data)}")
        try:
            return cls(ec.derive_private_key(int.from_bytes(data, "big"), _CURVE))
        except ValueError:
            raise MalformedToken("private key: expected a scalar of P-256") from None

    def to_bytes(self) -> bytes:
        """The 32-byte scalar: only for the sealed store or a 0600 file."""
        return self._key.private_numbers().private_value.to_bytes(PRIVATE_KEY_BYTES, "big")

    def sign(self, data: bytes) -> bytes:
        """A signature over `data`: raw r‖s, 64 bytes."""
        r, s = decode_dss_signature(self._key.sign(data, _ES256))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"SigningKey(kid8={self.public.kid8.hex()}, private hidden)"


class KeySource(Protocol):
    """Where verdicts get keys from: the trust list, always by issuer *and* key (D2)."""

    def key(self, iss: str, kid: str, signed_at: datetime) -> tuple[Issuer, VerifyingKey]:
        """The issuer and its key; raises IssuerUnknown, KeyUnknown, KeyRevoked (`signed_at` aware UTC)."""

    def key_by_ods(self, ods: str, kid8: bytes, signed_at: datetime) -> tuple[Issuer, VerifyingKey]:
        """The same, by ODS code and short key name; for codes that have no room for a URL."""


def _coordinate(jwk: Mapping[str, object], name: str) -> int:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise MalformedToken(f"jwk {name}: expected text")
    data = b64url_decode(value)
    if len(data) != COORDINATE_BYTES:
        raise MalformedToken(f"jwk {name}: expected {COORDINATE_BYTES} bytes, found {len(data)}")
    return int.from_bytes(data, "big")

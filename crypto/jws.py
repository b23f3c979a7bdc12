"""Compact JWS (RFC 7515) exactly as SMART Health Cards ask it: ES256 only, `kid` always, raw DEFLATE or nothing.

Two kinds go through here. A health card (no `typ`) must be deflated. Our own small objects carry a
`typ` of their own ("pp-root+jws", "pp-head+jws", "pp-terms+jws"), so that none can stand in for another.
Reading and believing are two steps: `read_unverified` tells whose key to ask for, `verify` checks.
Whose key it is: crypto/trust.py. What the payload says: card.py, feed.py, entries.py, link_share.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import encoding, json_text
from crypto.errors import KeyUnknown, MalformedToken, NotJson, TooLarge
from crypto.keys import SIGNATURE_BYTES, SigningKey, VerifyingKey

MAX_TOKEN_BYTES: Final = 16 * 1024 * 1024
"""An update as received (design, limits)."""

MAX_INFLATED_BYTES: Final = 128 * 1024 * 1024
"""The payload of an update after inflating (design, limits)."""

LARGE_BYTES: Final = 1024 * 1024
"""Over this an update is read one resource at a time, to spare memory; below it, at once, which is faster."""

MAX_HEADER_BYTES: Final = 4096
"""A header holds four short members; an x5c chain in it would be refused anyway."""

HEALTH_CARD_TYPS: Final = (None, "JWT")
"""A card has no `typ`; "JWT" says nothing more (RFC 7519 §5.1) and is let pass."""


@dataclass(frozen=True, slots=True)
class UnverifiedJws:
    """A JWS whose form is right and whose signature nobody has checked yet."""

    header: Mapping[str, Any]
    payload: bytes = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    kid: str
    issuer: str | None
    deflated: bool
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def typ(self) -> str | None:
        """The header's `typ`, None where it has none."""
        value = self.header.get("typ")
        return value if isinstance(value, str) else None


def sign(payload: bytes, key: SigningKey, *, typ: str | None = None, deflate: bool) -> str:
    """A compact JWS over the JSON object in `payload`; deflated first when `deflate`."""
    header = {"zip": "DEF"} if deflate else {}
    header |= {"alg": "ES256", "kid": key.public.kid}
    if typ is not None:
        header["typ"] = typ
    head = json.dumps(header, separators=(",", ":")).encode("ascii")
    body = encoding.deflate(payload) if deflate else payload
    signing_input = f"{encoding.b64url_encode(head)}.{encoding.b64url_encode(body)}"
    return f"{signing_input}.{encoding.b64url_encode(key.sign(signing_input.encode('ascii')))}"


def read_unverified(
    token: str, *, max_inflated_bytes: int = MAX_INFLATED_BYTES, apart: json_text.Path = ()
) -> UnverifiedJws:
    """Take a compact JWS apart without believing any of it.

    In `claims` of a payload over LARGE_BYTES null stands for each value at `apart` (json_text.parse_object).

    Raises TooLarge over 16 MiB or over `max_inflated_bytes` inflated; MalformedToken when the form
    breaks RFC 7515 or the rules of SMART Health Cards for header, payload, issuer or signature.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise TooLarge(f"jws: expected at most {MAX_TOKEN_BYTES} bytes, found {len(token)}")
    parts = token.split(".")
    if len(parts) != 3:
        raise MalformedToken(f"jws: expected 3 parts, found {len(parts)}")
    head, body, signature = (encoding.b64url_decode(part) for part in parts)
    header = _header(head)
    if len(signature) != SIGNATURE_BYTES:
        raise MalformedToken(f"jws signature: expected {SIGNATURE_BYTES} raw bytes, found {len(signature)}")
    deflated = "zip" in header
    payload = encoding.inflate(body, max_inflated_bytes) if deflated else body
    claims = _object(payload, "payload", apart if len(payload) > LARGE_BYTES else ())
    return UnverifiedJws(
        header=header,
        payload=payload,
        claims=claims,
        kid=header["kid"],
        issuer=_issuer(claims),
        deflated=deflated,
        signing_input=token[: len(parts[0]) + 1 + len(parts[1])].encode("ascii"),
        signature=signature,
    )


def verify(unverified: UnverifiedJws, key: VerifyingKey, *, typ: str | None = None) -> bytes:
    """The payload, once the signature fits `key`; `typ` None means a health card.

    Raises MalformedToken when it is another kind of object, KeyUnknown when its kid is not this
    key's, Tampered when the signature does not fit.
    """
    if unverified.typ not in (HEALTH_CARD_TYPS if typ is None else (typ,)):
        raise MalformedToken(f"jws typ: expected {typ}, found another")
    if unverified.kid != key.kid:
        raise KeyUnknown("jws kid: expected the key's thumbprint")
    key.verify(unverified.signature, unverified.signing_input)
    return unverified.payload


def _header(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_HEADER_BYTES:
        raise TooLarge(f"jws header: expected at most {MAX_HEADER_BYTES} bytes, found {len(data)}")
    header = _object(data, "header")
    if header.get("alg") != "ES256":
        raise MalformedToken("jws alg: expected ES256")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise MalformedToken("jws kid: expected text")
    if header.get("zip", "DEF") != "DEF":
        raise MalformedToken("jws zip: expected DEF")
    if "crit" in header or "b64" in header:
        raise MalformedToken("jws header: expected no crit and no b64")
    _require_known_typ(header)
    return header


def _require_known_typ(header: Mapping[str, Any]) -> None:
    typ = header.get("typ")
    if "typ" in header and not isinstance(typ, str):
        raise MalformedToken("jws typ: expected text")
    if typ in HEALTH_CARD_TYPS and "zip" not in header:
        raise MalformedToken("jws zip: expected DEF on a health card")


def _object(data: bytes, part: str, apart: json_text.Path = ()) -> dict[str, Any]:
    try:
        return json_text.parse_object(data, apart=apart)
    except NotJson as error:
        raise MalformedToken(f"jws {part}: {error.args[0]}") from error


def _issuer(claims: Mapping[str, Any]) -> str | None:
    """The `iss` of the claims; an https address without a closing slash (SMART Health Cards)."""
    issuer = claims.get("iss")
    if issuer is None:
        return None
    if not isinstance(issuer, str) or not issuer.startswith("https://") or issuer.endswith("/"):
        raise MalformedToken("jws iss: expected an https address without a closing slash")
    return issuer

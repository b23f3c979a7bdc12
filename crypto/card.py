"""SMART Health Cards (HL7 SMART Health Cards and Links STU1): codes, files, making and opening.

Owns the card's own rules over jws.py: issuer, types, times, withdrawal. Whose key it is comes from the
trust list. An update is a card with more claims; their order is feed.py's. What the Bundle says is
app/record's: its bytes are handed on exactly as they were signed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crypto import json_text, jws
from crypto.bundle import HEALTH_CARD_TYPE, bundle_in, resources_in, write_payload
from crypto.errors import CardWithdrawn, MalformedToken, NotACode, NotJson, TooLarge
from crypto.instants import from_numeric_date, require_before, require_begun, to_numeric_date
from crypto.keys import Issuer, KeySource, SigningKey

NUMERIC_PREFIX: Final = "shc:/"
R4: Final = "4.0.1"

MAX_QR_CHARACTERS: Final = 1195
"""A JWS that fits one V22 code, the only kind written since chunks were given up."""

MAX_FILE_BYTES: Final = 16 * 1024 * 1024
MAX_FILE_CARDS: Final = 1000

_DIGITS: Final = re.compile(r"(?:[0-7][0-9])+", re.ASCII)
_RID: Final = re.compile(r"[A-Za-z0-9_-]{1,24}", re.ASCII)
_OFFSET: Final = 45
_LARGEST_PAIR: Final = ord("z") - _OFFSET

Withdrawals = Mapping[str, Mapping[str, Any]]
"""Card revocation lists by kid: `{kid, method: "rid", ctr, rids: [rid or rid.seconds]}`."""


@dataclass(frozen=True, slots=True)
class VerifiedCard:
    """A card whose signature, issuer and time are right. `bundle_bytes` are as signed."""

    issuer: Issuer
    kid: str
    issued_at: datetime
    expires: datetime | None
    fhir_version: str
    bundle_bytes: bytes = field(repr=False)
    payload: Mapping[str, Any] = field(repr=False)


def from_numeric(text: str) -> str:
    """The JWS in the digits of a code; raises NotACode for another text or a chunk, MalformedToken for bad digits."""
    if not text.startswith(NUMERIC_PREFIX):
        raise NotACode(f"expected a text beginning {NUMERIC_PREFIX}")
    digits = text.removeprefix(NUMERIC_PREFIX)
    if "/" in digits:
        raise NotACode("expected a card in one code, found one of several")
    if len(digits) > 2 * MAX_QR_CHARACTERS:
        raise TooLarge(f"card: expected at most {2 * MAX_QR_CHARACTERS} digits, found {len(digits)}")
    if _DIGITS.fullmatch(digits) is None:
        raise MalformedToken("card: expected pairs of digits")
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    if max(pairs) > _LARGEST_PAIR:
        raise MalformedToken(f"card: expected pairs up to {_LARGEST_PAIR}, found {max(pairs)}")
    return "".join(chr(pair + _OFFSET) for pair in pairs)


def to_numeric(token: str) -> str:
    """The text of a card's code; raises TooLarge when the JWS does not fit one code."""
    if len(token) > MAX_QR_CHARACTERS:
        raise TooLarge(f"card: expected at most {MAX_QR_CHARACTERS} characters, found {len(token)}")
    return NUMERIC_PREFIX + "".join(f"{ord(character) - _OFFSET:02d}" for character in token)


def from_file(data: bytes) -> list[str]:
    """The cards in a `.smart-health-card` file, at least one; raises TooLarge, NotJson, MalformedToken."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"card file: expected at most {MAX_FILE_BYTES} bytes, found {len(data)}")
    cards = json_text.parse_object(data).get("verifiableCredential")
    if not isinstance(cards, list) or not cards or not all(isinstance(card, str) for card in cards):
        raise MalformedToken("card file: expected a list verifiableCredential of texts")
    if len(cards) > MAX_FILE_CARDS:
        raise TooLarge(f"card file: expected at most {MAX_FILE_CARDS} cards, found {len(cards)}")
    return cards


def make_card(
    bundle_json: bytes,
    key: SigningKey,
    *,
    iss: str,
    nbf: datetime,
    exp: datetime | None = None,
    fhir_version: str = R4,
    types: Sequence[str] = (),
    claims: Mapping[str, object] | None = None,
) -> str:
    """A card over `bundle_json`, taken into the payload byte for byte (so: minified already).

    `types` stand beside the health-card type; `claims` are further members of the payload.
    """
    members: dict[str, object] = {"iss": iss, "nbf": to_numeric_date(nbf), **(claims or {})}
    if exp is not None:
        members["exp"] = to_numeric_date(exp)
    payload = write_payload(members, bundle_json, fhir_version=fhir_version, types=types)
    return jws.sign(payload, key, deflate=True)


def open_card(token: str, trust: KeySource, *, now: datetime, withdrawals: Withdrawals | None = None) -> VerifiedCard:
    """The card, once every check holds.

    Raises MalformedToken, TooLarge, IssuerUnknown, KeyUnknown, KeyRevoked, Tampered, NotYetValid,
    Expired and, where `withdrawals` hold its key's list, CardWithdrawn.
    """
    unverified = jws.read_unverified(token)  # (1) form
    claims = unverified.claims
    if unverified.issuer is None:
        raise MalformedToken("card iss: expected an issuer")
    issued_at = from_numeric_date(claims.get("nbf"), name="card nbf")
    issuer, key = trust.key(unverified.issuer, unverified.kid, issued_at)  # (2) whose key
    payload = jws.verify(unverified, key)  # (3) signature
    fhir_version = _credential(claims)  # (4) a health card with a Bundle
    expires = from_numeric_date(claims["exp"], name="card exp") if "exp" in claims else None
    require_begun(issued_at, now=now, name="card nbf")  # (5) time
    if expires is not None:
        require_before(expires, now=now)
    _require_not_withdrawn(claims["vc"], issued_at, (withdrawals or {}).get(unverified.kid))  # (6) withdrawal
    return VerifiedCard(issuer, unverified.kid, issued_at, expires, fhir_version, bundle_of(payload), claims)


def bundle_of(payload: bytes) -> bytes:
    """The Bundle in a payload, exactly as it stands there; raises MalformedToken where there is none."""
    try:
        bundle = bundle_in(payload)
    except NotJson as error:
        raise MalformedToken("card: expected a fhirBundle") from error
    if bundle is None:
        raise MalformedToken("card: expected a fhirBundle")
    return bundle


def resources_of(bundle: bytes) -> tuple[bytes, ...]:
    """The resources of a card's Bundle as bundle.py gives them; raises MalformedToken for no such Bundle."""
    try:
        return resources_in(bundle)
    except NotJson as error:
        raise MalformedToken("card: expected Bundle.entry to hold objects") from error


def _credential(claims: Mapping[str, Any]) -> str:
    credential = claims.get("vc")
    subject = credential.get("credentialSubject") if isinstance(credential, dict) else None
    if not isinstance(credential, dict) or not isinstance(subject, dict):
        raise MalformedToken("card vc: expected a credentialSubject")
    types = credential.get("type")
    if not isinstance(types, list) or HEALTH_CARD_TYPE not in types:
        raise MalformedToken(f"card vc.type: expected {HEALTH_CARD_TYPE}")
    version = subject.get("fhirVersion")
    if not isinstance(version, str) or not isinstance(subject.get("fhirBundle"), dict):
        raise MalformedToken("card: expected a fhirVersion and a fhirBundle")
    return version


def _require_not_withdrawn(
    credential: Mapping[str, Any], issued_at: datetime, listed: Mapping[str, Any] | None
) -> None:
    rid = credential.get("rid")
    if rid is None:
        return
    if not isinstance(rid, str) or _RID.fullmatch(rid) is None:
        raise MalformedToken("card vc.rid: expected at most 24 characters of base64url")
    if listed is None:
        return
    if listed.get("method") != "rid" or not isinstance(listed.get("rids"), list):
        raise MalformedToken("withdrawal list: expected method rid and a list rids")
    for line in listed["rids"]:
        name, _, seconds = str(line).partition(".")
        if name == rid and (not seconds or issued_at < _withdrawn_before(seconds)):
            raise CardWithdrawn("card: its issuer lists it as withdrawn")


def _withdrawn_before(seconds: str) -> datetime:
    if not seconds.isascii() or not seconds.isdigit():
        raise MalformedToken("withdrawal list: expected seconds after the dot")
    return from_numeric_date(int(seconds), name="withdrawal list")

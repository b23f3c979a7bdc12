"""What the faults do to an update: the surgery's newest one, made wrong in one way each.

Owns the forgeries, and the head that fits those which the surgery itself would have signed. Which of them is
served and when is faults.py. Each takes the genuine update and gives the JWS that stands in its place; a
passport must refuse every one (D1), each for its own reason.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crypto import json_text, jws
from crypto.encoding import b64url_encode
from crypto.keys import SigningKey
from crypto.update import read_update, token_hash, write_head, write_update
from sync.sandbox.holder import HEAD_LIFE, SignedUpdate

SOMEBODY_ELSE: Final = json_text.dump(
    {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "resource": {
                    "resourceType": "Patient",
                    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
                    "name": [{"family": "Else", "given": ["Somebody"]}],
                    "birthDate": "1931-07-08",
                }
            },
            {"resource": {"resourceType": "AllergyIntolerance", "id": "1", "code": {"text": "Penicillin, of another"}}},
        ],
    }
)
"""The record of a made-up person whom nobody logs in as; read alike as STU3 and as R4."""

ANOTHER_HISTORY: Final = token_hash("another history")
BOMB_BYTES: Final = jws.MAX_INFLATED_BYTES + 1024 * 1024
HUGE_CHARACTERS: Final = jws.MAX_TOKEN_BYTES + 1
_LAST_LETTER: Final = re.compile(rb'[a-z]"')
_BLANK: Final = b" " * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hands:
    """The keys a forger may hold. `own` is the surgery's, `others` another listed issuer's, `retired` a revoked one."""

    iss: str
    own: SigningKey = field(repr=False)
    others: SigningKey = field(repr=False)
    unlisted: SigningKey = field(repr=False)
    retired: SigningKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """The JWS in the place of a genuine update, and the number it claims."""

    token: str = field(repr=False)
    seq: int


Spoil = Callable[[SignedUpdate, Hands], Spoiled]


def tampered(update: SignedUpdate, hands: Hands) -> Spoiled:
    """One bit of the record inside is changed, under the genuine signature."""
    head, _, signature = update.token.split(".")
    payload = bytearray(jws.read_unverified(update.token).payload)
    *_, last = _LAST_LETTER.finditer(bytes(payload))
    payload[last.start()] ^= 1
    return Spoiled(f"{head}.{b64url_encode(_deflated([bytes(payload)]))}.{signature}", update.seq)


def wrong_key(update: SignedUpdate, hands: Hands) -> Spoiled:
    """Signed by a key that nobody lists."""
    return _signed_by(hands.unlisted, update)


def foreign_kid(update: SignedUpdate, hands: Hands) -> Spoiled:
    """Signed by a key that is listed, for another issuer: what a flat ring of keys would take."""
    return _signed_by(hands.others, update)


def revoked_key(update: SignedUpdate, hands: Hands) -> Spoiled:
    """Signed by a key of this issuer, after the list says it was revoked."""
    return _signed_by(hands.retired, update)


def other_patient(update: SignedUpdate, hands: Hands) -> Spoiled:
    """The surgery signs the record of somebody else into this patient's feed."""
    return _signed_again(update, hands, bundle=SOMEBODY_ELSE)


def gap(update: SignedUpdate, hands: Hands) -> Spoiled:
    """The update that would come after the newest, which itself is never sent."""
    return _signed_again(update, hands, seq=update.seq + 1, prev=token_hash(update.token))


def fork(update: SignedUpdate, hands: Hands) -> Spoiled:
    """The surgery signs an update on another history than the one it gave before."""
    return _signed_again(update, hands, prev=ANOTHER_HISTORY)


def zip_bomb(update: SignedUpdate, hands: Hands) -> Spoiled:
    """Signed by the surgery, some 130 kB long, and 129 MiB once inflated."""
    header = {"zip": "DEF", "alg": "ES256", "kid": hands.own.public.kid}
    blank = [_BLANK] * (BOMB_BYTES // len(_BLANK))
    body = _deflated([jws.read_unverified(update.token).payload, *blank])
    signing_input = f"{b64url_encode(json_text.dump(header))}.{b64url_encode(body)}"
    return Spoiled(f"{signing_input}.{b64url_encode(hands.own.sign(signing_input.encode('ascii')))}", update.seq)


def huge(update: SignedUpdate, hands: Hands) -> Spoiled:
    """One character over the 16 MiB that an update may be long."""
    head, body, signature = update.token.split(".")
    return Spoiled(f"{head}.{body}{'A' * (HUGE_CHARACTERS - len(update.token))}.{signature}", update.seq)


def head_naming(spoiled: Spoiled, genuine: str, hands: Hands, *, now: datetime) -> str:
    """The head `genuine`, signed by the surgery again so that it names the spoiled update as the newest."""
    claims = jws.read_unverified(genuine).claims
    return write_head(
        iss=hands.iss,
        feed=claims["feed"],
        sub=claims["sub"],
        seq=spoiled.seq,
        head=token_hash(spoiled.token),
        iat=now,
        exp=now + HEAD_LIFE,
        key=hands.own,
    )


def _signed_by(key: SigningKey, update: SignedUpdate) -> Spoiled:
    return Spoiled(jws.sign(jws.read_unverified(update.token).payload, key, deflate=True), update.seq)


def _signed_again(
    update: SignedUpdate, hands: Hands, *, bundle: bytes | None = None, seq: int | None = None, prev: str | None = None
) -> Spoiled:
    found = read_update(jws.read_unverified(update.token))
    stated = found.seq if seq is None else seq
    token = write_update(
        found.bundle if bundle is None else bundle,
        fhir_version=found.fhir_version,
        iss=hands.iss,
        sub=found.sub,
        feed=found.feed,
        seq=stated,
        prev=found.prev if prev is None else prev,
        nbf=update.signed_at,
        key=hands.own,
    )
    return Spoiled(token, stated)


def _deflated(parts: list[bytes]) -> bytes:
    """Raw DEFLATE of the parts together, as a JWS with `zip` carries it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return b"".join([*(packer.compress(part) for part in parts), packer.flush()])

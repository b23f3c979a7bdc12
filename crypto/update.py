"""What a signed update and a signed head look like: written by record holders, read by the passport (D1).

An update is a SMART Health Card that carries a whole FHIR Bundle, with claims of ours beside the card's
own: `sub`, `jti`, `feed`, `seq`, `prev` and `entries`. A head says how far a feed goes today. Owns their
claims and their form (FORMATS.md, "Feed: head and update"). Signatures are jws.py; whether a head or an
update is believed and comes in order is feed.py; what the Bundle says, and that the Patient in it is this
one, is app/record.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crypto import entries, json_text, jws, members
from crypto.bundle import HEALTH_CARD_TYPE, RESOURCES_PATH, Slices, bundle_and_resources_in, resources_in, write_payload
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import MalformedToken, TooLarge
from crypto.instants import from_numeric_date, to_numeric_date
from crypto.keys import SigningKey

HEAD_TYP: Final = "pp-head+jws"

MAX_HEAD_BYTES: Final = 4096
"""A head: seven short claims."""

JTI_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Head:
    """The claims of a head: the newest update of a feed at `issued_at`, good until `exp`."""

    feed: str
    sub: str = field(repr=False)
    seq: int
    head: str
    issued_at: datetime
    exp: datetime


@dataclass(frozen=True, slots=True)
class Update:
    """The claims of an update, and the Bundle exactly as it stands in the payload.

    `resources` has one item for each element of Bundle.entry, empty where the element has no resource;
    `frame` is the Bundle with None for each of them, in an update over jws.LARGE_BYTES alone.
    """

    sub: str = field(repr=False)
    jti: str
    feed: str
    seq: int
    prev: str | None
    exp: datetime | None
    seed: bytes = field(repr=False)
    root_jws: str = field(repr=False)
    fhir_version: str
    whole: Slices = field(repr=False)
    frame: Mapping[str, Any] | None = field(repr=False)
    resources: Slices = field(repr=False)

    @property
    def bundle(self) -> bytes:
        """The Bundle, cut out of the payload at each call."""
        return self.whole[0]


def token_hash(token: str) -> str:
    """The name of an update: base64url of the SHA-256 of its JWS text; the next one's `prev`."""
    return b64url_encode(hashlib.sha256(token.encode("ascii")).digest())


def write_head(
    *, iss: str, feed: str, sub: str, seq: int, head: str, iat: datetime, exp: datetime, key: SigningKey
) -> str:
    """A signed head: the newest update of `feed` is number `seq` with hash `head`."""
    times = {"iat": to_numeric_date(iat), "exp": to_numeric_date(exp)}
    claims = {"iss": iss, "feed": feed, "sub": sub, "seq": seq, "head": head}
    return jws.sign(json_text.dump(claims | times), key, typ=HEAD_TYP, deflate=False)


def write_update(
    bundle: bytes,
    *,
    fhir_version: str,
    iss: str,
    sub: str,
    feed: str,
    seq: int,
    prev: str | None,
    nbf: datetime,
    key: SigningKey,
) -> str:
    """A signed update over `bundle`, a JSON object in UTF-8 that goes into the payload as it is.

    Salts and `jti` are random. Raises NotJson when `bundle` is none, TooLarge past the limits of jws.py.
    """
    seed = entries.new_seed()
    commitment = entries.commit(resources_in(bundle), seed)
    claims = {
        "iss": iss,
        "nbf": to_numeric_date(nbf),
        "sub": sub,
        "jti": b64url_encode(secrets.token_bytes(JTI_BYTES)),
        "feed": feed,
        "seq": seq,
        "prev": prev,
        "entries": {
            "seed": b64url_encode(seed),
            "root": entries.sign_root(commitment, key, iss=iss, feed=feed, seq=seq, iat=nbf),
        },
    }
    payload = write_payload(claims, bundle, fhir_version=fhir_version)
    if len(payload) > jws.MAX_INFLATED_BYTES:
        raise TooLarge(f"update: expected at most {jws.MAX_INFLATED_BYTES} bytes, found {len(payload)}")
    return jws.sign(payload, key, deflate=True)


def read_head(claims: Mapping[str, Any]) -> Head:
    """The head in a JWS's claims; raises MalformedToken for another form."""
    return Head(
        feed=members.filled_text(claims, "feed"),
        sub=members.filled_text(claims, "sub"),
        seq=members.ordinal(claims, "seq"),
        head=members.sha256(claims, "head"),
        issued_at=from_numeric_date(claims.get("iat"), name="head iat"),
        exp=from_numeric_date(claims.get("exp"), name="head exp"),
    )


def read_unverified_update(token: str) -> jws.UnverifiedJws:
    """As `jws.read_unverified`; the claims of a large one hold no resources, so that they are not in memory twice."""
    return jws.read_unverified(token, apart=RESOURCES_PATH)


def read_update(unverified: jws.UnverifiedJws) -> Update:
    """The update in a JWS; raises MalformedToken for another form, NotJson for a Bundle that is no object."""
    claims = unverified.claims
    commitment = members.object_in(claims.get("entries"), "entries")
    card = members.object_in(claims.get("vc"), "vc")
    if not isinstance(types := card.get("type"), list) or HEALTH_CARD_TYPE not in types:
        raise MalformedToken(f"update vc.type: expected {HEALTH_CARD_TYPE}")
    found = bundle_and_resources_in(unverified.payload)
    if found is None:
        raise MalformedToken("update: expected one fhirBundle")
    subject = members.object_in(card.get("credentialSubject"), "credentialSubject")
    exp = claims.get("exp")
    return Update(
        sub=members.filled_text(claims, "sub"),
        jti=members.filled_text(claims, "jti"),
        feed=members.filled_text(claims, "feed"),
        seq=members.ordinal(claims, "seq"),
        prev=None if claims.get("prev") is None else members.sha256(claims, "prev"),
        exp=None if exp is None else from_numeric_date(exp, name="update exp"),
        seed=b64url_decode(members.filled_text(commitment, "seed")),
        root_jws=members.filled_text(commitment, "root"),
        fhir_version=members.filled_text(subject, "fhirVersion"),
        whole=found[0],
        frame=subject["fhirBundle"] if len(unverified.payload) > jws.LARGE_BYTES else None,
        resources=found[1],
    )

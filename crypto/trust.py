"""Who may sign what: the trust list, looked up by issuer and key, never by key alone (D2).

Owns what `issuers.json` and `relays.json` say and how old they may be for a new verdict. That their
bytes are the repository's is trust_metadata.py; their form is FORMATS.md, "Trust list". An entry that
is already stored keeps "checked on … against the list of …": nothing here is asked about it again.
`readers.json` is verified with the others; what it says is read where staff credentials are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast, get_args

from crypto import json_text
from crypto.errors import (
    IssuerUnknown,
    KeyRevoked,
    KeyUnknown,
    MalformedToken,
    NotJson,
    TrustTooOld,
    TrustUnreadable,
)
from crypto.instants import from_numeric_date
from crypto.keys import Issuer, IssuerKind, VerifyingKey
from crypto.trust_metadata import ISSUERS, RELAYS, Floors, TrustFiles, verify_files

__all__ = [
    "Floors",
    "Freshness",
    "Issuer",
    "IssuerKey",
    "ListedIssuer",
    "TrustFiles",
    "TrustList",
    "verify_trust",
]

AGED_FOR: Final = timedelta(days=14)
"""Past its time for less than this: verdicts as before, with the list's age (D2)."""

OLD_FOR: Final = timedelta(days=90)
"""Past its time for less than this: also, and no new access to organisations not seen before (D2)."""

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""When keys given by hand expire: they have no repository that could."""


class Freshness(StrEnum):
    """How far a trust list is past its time, and so what it may still decide."""

    FRESH = "fresh"
    AGED = "aged"
    OLD = "old"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One key of an issuer; what it signed at or after `revoked_at` is not believed."""

    key: VerifyingKey
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedIssuer:
    """An issuer with its keys by `kid`."""

    issuer: Issuer
    keys: Mapping[str, IssuerKey] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TrustList:
    """Issuers and their keys as one signed version lists them; a `KeySource` of crypto/keys.py.

    `version` is that of the targets role, `expires` the moment from which the list's age counts:
    the timestamp's, or that of a role above it that ended earlier. `floors` are to be stored with it.
    """

    issuers: Mapping[str, ListedIssuer] = field(repr=False)
    relays: frozenset[str]
    version: int
    expires: datetime
    verified_at: datetime
    floors: Floors
    _iss_by_ods: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_ods = {listed.issuer.ods: iss for iss, listed in self.issuers.items()}
        if len(by_ods) != len(self.issuers):
            raise TrustUnreadable(f"{ISSUERS}: expected each ODS code once")
        object.__setattr__(self, "_iss_by_ods", by_ods)

    @classmethod
    def from_jwks(cls, iss: str, name: str, jwks: bytes, *, now: datetime) -> TrustList:
        """A list of one issuer whose `jwks.json` somebody hands over, trusted because they say so.

        Keys of other kinds are skipped (RFC 7517 §5). Raises NotJson or MalformedToken.
        """
        keys = _read_keys(json_text.parse_object(jwks).get("keys"))
        listed = ListedIssuer(Issuer(iss, name, "", "service"), keys)
        return cls({iss: listed}, frozenset(), 0, NEVER, now, Floors())

    def key(self, iss: str, kid: str, signed_at: datetime) -> tuple[Issuer, VerifyingKey]:
        """The issuer and its key for what was signed at `signed_at` (aware UTC).

        Raises IssuerUnknown (not in the list), KeyUnknown (not one of its keys), KeyRevoked.
        """
        listed = self.issuers.get(iss)
        if listed is None:
            raise IssuerUnknown(f"issuer: expected one of the {len(self.issuers)} in list v{self.version}")
        return listed.issuer, _current(listed, listed.keys.get(kid), signed_at)

    def key_by_ods(self, ods: str, kid8: bytes, signed_at: datetime) -> tuple[Issuer, VerifyingKey]:
        """The same by ODS code and the first 8 bytes that name the key; raises as `key` does."""
        iss = self._iss_by_ods.get(ods)
        if iss is None:
            raise IssuerUnknown(f"ods: expected one of the {len(self.issuers)} in list v{self.version}")
        listed = self.issuers[iss]
        named = [key for key in listed.keys.values() if key.key.kid8 == kid8]
        return listed.issuer, _current(listed, named[0] if len(named) == 1 else None, signed_at)

    def given_up_at(self, iss: str, kid: str) -> datetime | None:
        """When a key was revoked; None while it stands, and where the list does not name it any more."""
        listed = self.issuers.get(iss)
        key = None if listed is None else listed.keys.get(kid)
        return None if key is None else key.revoked_at

    def freshness(self, now: datetime) -> Freshness:
        """How far past its time the list is at `now` (aware UTC)."""
        past = now - self.expires
        if past < timedelta(0):
            return Freshness.FRESH
        if past < AGED_FOR:
            return Freshness.AGED
        return Freshness.OLD if past < OLD_FOR else Freshness.UNUSABLE

    def require_usable(self, now: datetime) -> None:
        """Raise TrustTooOld when nothing new may be judged by this list any more."""
        if self.freshness(now) is Freshness.UNUSABLE:
            raise TrustTooOld(f"trust list v{self.version}: past its time since {self.expires.isoformat()}")


def verify_trust(files: TrustFiles, floors: Floors, *, now: datetime, anchor: bytes | None = None) -> TrustList:
    """The trust list in `files`, verified from their first root down against the version `floors`.

    It needs no network and does not refuse age: ask `require_usable` before each new verdict.
    `anchor` is the shipped root that must stand first, where the caller has it apart from `files`.
    Raises TrustNotSigned, TrustRolledBack, Tampered, TrustUnreadable or TooLarge.
    """
    verified = verify_files(files, floors, anchor=anchor)
    return TrustList(
        issuers=_read_issuers(verified.lists[ISSUERS]),
        relays=_read_relays(verified.lists[RELAYS]),
        version=verified.floors.targets,
        expires=verified.expires,
        verified_at=now,
        floors=verified.floors,
    )


def _current(listed: ListedIssuer, key: IssuerKey | None, signed_at: datetime) -> VerifyingKey:
    if key is None:
        raise KeyUnknown(f"key: expected one of the {len(listed.keys)} of {listed.issuer.iss}")
    if key.revoked_at is not None and signed_at >= key.revoked_at:
        raise KeyRevoked(f"key: revoked at {key.revoked_at.isoformat()}, signed at {signed_at.isoformat()}")
    return key.key


def _read_issuers(data: bytes) -> dict[str, ListedIssuer]:
    try:
        listed = [_read_issuer(item) for item in _items(data, "issuers")]
    except (NotJson, MalformedToken) as error:
        raise TrustUnreadable(f"{ISSUERS}: {error}") from error
    issuers = {one.issuer.iss: one for one in listed}
    if len(issuers) != len(listed):
        raise TrustUnreadable(f"{ISSUERS}: expected each issuer once")
    return issuers


def _read_issuer(item: object) -> ListedIssuer:
    if not isinstance(item, dict):
        raise MalformedToken("issuer: expected an object")
    iss, name, ods, kind = (item.get(member) for member in ("iss", "name", "ods", "kind"))
    if not (isinstance(iss, str) and isinstance(name, str) and isinstance(ods, str) and iss and name and ods):
        raise MalformedToken("issuer: expected iss, name and ods")
    if kind not in get_args(IssuerKind):
        raise MalformedToken("issuer kind: expected gp, hospital or service")
    return ListedIssuer(Issuer(iss, name, ods, cast(IssuerKind, kind)), _read_keys(item.get("keys")))


def _read_keys(items: object) -> dict[str, IssuerKey]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedToken("keys: expected a list of JWKs")
    read = (_read_key(item) for item in items if item.get("kty") == "EC" and item.get("crv") == "P-256")
    return {key.key.kid: key for key in read}


def _read_key(jwk: Mapping[str, Any]) -> IssuerKey:
    revoked_at = jwk.get("revoked_at")
    return IssuerKey(
        VerifyingKey.from_jwk(jwk),
        None if revoked_at is None else from_numeric_date(revoked_at, name="revoked_at"),
    )


def _read_relays(data: bytes) -> frozenset[str]:
    try:
        origins = list(_items(data, "relays"))
    except (NotJson, MalformedToken) as error:
        raise TrustUnreadable(f"{RELAYS}: {error}") from error
    if not all(isinstance(origin, str) for origin in origins):
        raise TrustUnreadable(f"{RELAYS}: expected a list of origins")
    return frozenset(str(origin) for origin in origins)


def _items(data: bytes, member: str) -> Iterable[object]:
    items = json_text.parse_object(data).get(member)
    if not isinstance(items, list):
        raise MalformedToken(f"expected a list of {member}")
    return items

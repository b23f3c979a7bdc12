"""A holder's feed for one patient: which update may come next. A pure state machine (D1).

Owns the order of trust in updates: head first, then each update in its place. It fetches nothing, keeps
nothing and reads no clock. The caller commits each VerifiedUpdate together with `position`, which changes
only when an update was believed: after a refusal the feed is as it was.

 * One head must be accepted before any update: a Feed is one visit to the holder.
 * An update is believed when it is the next number, names the hash of the one before, and does not go
   past the head. The last one must have the very hash that the head gives.
 * Two signed statements about one place are a fork: both are handed over as evidence, neither wins.

Not decided here: that the Patient in the Bundle is this patient (app/record), what to do with an update
from an issuer nobody lists (it is kept aside, app/actions/receiving.py), how old the trust list may be (trust.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crypto import entries, jws
from crypto.bundle import Slices
from crypto.errors import (
    EntryProofWrong,
    ForkEvidence,
    HeadTooOld,
    IssuerUnknown,
    MalformedToken,
    TooLarge,
    UpdateForked,
    UpdateMissing,
    UpdateReplayed,
    WrongPatient,
)
from crypto.instants import from_numeric_date, require_before, require_begun
from crypto.keys import Issuer, KeySource
from crypto.update import (
    HEAD_TYP,
    MAX_HEAD_BYTES,
    Head,
    Update,
    read_head,
    read_unverified_update,
    read_update,
    token_hash,
)


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """How far a feed is believed: update `seq` with hash `head`. Stored with the update it stands for."""

    iss: str
    feed: str
    seq: int
    head: str
    sub: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedUpdate:
    """An update a holder signed for this patient, in its place; `raw` is the JWS as received.

    `bundle` and `resources` are exact slices of the signed payload; `resources` has one item for each
    element of Bundle.entry, empty where the element has no resource; `frame` is a large Bundle without them.
    """

    iss: str
    kid: str
    issuer: Issuer
    feed: str
    seq: int
    hash: str
    jti: str
    signed_at: datetime
    fhir_version: str
    whole: Slices = field(repr=False)
    frame: Mapping[str, Any] | None = field(repr=False)
    resources: Slices = field(repr=False)
    root_jws: str = field(repr=False)
    seed: bytes = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def bundle(self) -> bytes:
        """The Bundle, cut out of the payload at each call."""
        return self.whole[0]


class Feed:
    """The feed that `iss` keeps for `sub`, from `position` on (None: nothing received yet).

    `now` (aware UTC) is the moment everything given to this object is judged by.
    """

    def __init__(self, position: FeedPosition | None, *, iss: str, sub: str, keys: KeySource, now: datetime) -> None:
        if position is not None and (position.iss, position.sub) != (iss, sub):
            raise ValueError("expected a position in this issuer's feed for this patient")
        self._position = position
        self._iss = iss
        self._sub = sub
        self._keys = keys
        self._now = now
        self._head: Head | None = None
        self._head_token = ""

    @property
    def position(self) -> FeedPosition | None:
        """How far the feed is believed, None before the first update."""
        return self._position

    @property
    def missing(self) -> int:
        """How many updates the head promises that were not given yet; raises HeadTooOld before a head."""
        return self._accepted_head().seq - self._seq

    def head(self, token: str) -> Head:
        """Accept the holder's word on how far the feed goes; returns it.

        Raises TooLarge, MalformedToken, IssuerUnknown, KeyUnknown, KeyRevoked, Tampered, WrongPatient,
        NotYetValid, HeadTooOld, UpdateReplayed, UpdateForked; RuntimeError when a head was accepted before.
        """
        if self._head is not None:
            raise RuntimeError("a Feed takes one head")
        # (1) size and form
        if len(token) > MAX_HEAD_BYTES:
            raise TooLarge(f"head: expected at most {MAX_HEAD_BYTES} bytes, found {len(token)}")
        unverified = jws.read_unverified(token, max_inflated_bytes=MAX_HEAD_BYTES)
        found = read_head(unverified.claims)
        # (2) whose key, (3) signature. A revoked key vouches for no head today, whatever time it writes in it.
        self._verify(unverified, max(found.issued_at, self._now), typ=HEAD_TYP)
        # (4) which patient
        self._require_patient(found.sub)
        # (5) time
        require_begun(found.issued_at, now=self._now, name="head iat")
        if self._now >= found.exp:
            raise HeadTooOld(f"head: expected exp after {self._now.isoformat()}, found {found.exp.isoformat()}")
        # (6) no step back, no other history
        self._require_onward(found, token)
        self._head, self._head_token = found, token
        return found

    def update(self, token: str) -> VerifiedUpdate:
        """Believe the next update and move the position to it; returns the update.

        Raises TooLarge, MalformedToken, NotJson, IssuerUnknown, KeyUnknown, KeyRevoked, Tampered,
        WrongPatient, NotYetValid, Expired, UpdateReplayed, UpdateMissing, UpdateForked, HeadTooOld,
        EntryProofWrong. The position is as before after each of them.
        """
        head = self._accepted_head()
        # (1) size and form
        unverified = read_unverified_update(token)
        signed_at = from_numeric_date(unverified.claims.get("nbf"), name="update nbf")
        # (2) whose key, (3) signature
        issuer = self._verify(unverified, signed_at, typ=None)
        found = read_update(unverified)
        # (4) which patient
        self._require_patient(found.sub)
        # (5) time
        require_begun(signed_at, now=self._now, name="update nbf")
        if found.exp is not None:
            require_before(found.exp, now=self._now)
        # (6) place: neither replayed, nor after a gap, nor on a fork
        name = token_hash(token)
        self._require_next(found, name, token, head)
        # (7) within what the head says
        self._require_within(found, name, token, head)
        # (8) the entries' commitment is the one the holder signed apart
        self._require_commitment(found)
        self._position = FeedPosition(self._iss, found.feed, found.seq, name, self._sub)
        return _verified(found, issuer, kid=unverified.kid, name=name, signed_at=signed_at, raw=token.encode("ascii"))

    def require_complete(self) -> None:
        """Raise UpdateMissing while updates that the head promises have not been given."""
        if self.missing > 0:
            raise UpdateMissing(f"feed: expected updates up to {self._accepted_head().seq}, found {self._seq}")

    @property
    def _seq(self) -> int:
        return 0 if self._position is None else self._position.seq

    def _accepted_head(self) -> Head:
        if self._head is None:
            raise HeadTooOld("feed: expected a head before its updates")
        return self._head

    def _verify(self, unverified: jws.UnverifiedJws, signed_at: datetime, *, typ: str | None) -> Issuer:
        if unverified.issuer is None:
            raise MalformedToken("iss: expected an issuer")
        issuer, key = self._keys.key(unverified.issuer, unverified.kid, signed_at)
        jws.verify(unverified, key, typ=typ)
        if issuer.iss != self._iss:
            raise IssuerUnknown(f"iss: expected {self._iss} in this feed, found {issuer.iss}")
        return issuer

    def _require_patient(self, sub: str) -> None:
        if sub != self._sub:
            raise WrongPatient("sub: expected this patient, found another")

    def _require_onward(self, head: Head, token: str) -> None:
        known = self._position
        if known is None:
            return
        if head.feed != known.feed:
            raise self._forked("feed: expected the one known, found another", token, about=head.head)
        if head.seq < known.seq:
            raise UpdateReplayed(f"head: expected update {known.seq} or later, found {head.seq}")
        if head.seq == known.seq and head.head != known.head:
            raise self._forked(f"head: expected the known hash at {head.seq}", token, about=head.head)

    def _require_next(self, update: Update, name: str, token: str, head: Head) -> None:
        known = self._position
        if update.feed != head.feed:
            raise self._forked("feed: expected the head's, found another", token, about=name)
        if known is not None and update.seq == known.seq and name != known.head:
            raise self._forked(f"update {known.seq}: expected the known hash", token, about=name)
        if update.seq <= self._seq:
            raise UpdateReplayed(f"update: expected {self._seq + 1}, found {update.seq}")
        if update.seq > self._seq + 1:
            raise UpdateMissing(f"update: expected {self._seq + 1}, found {update.seq}")
        if update.prev != (None if known is None else known.head):
            raise self._forked(f"update {update.seq} prev: expected the known hash", token, about=name)

    def _require_within(self, update: Update, name: str, token: str, head: Head) -> None:
        if update.seq > head.seq:
            raise HeadTooOld(f"head: expected update {update.seq} or later, found {head.seq}")
        if update.seq == head.seq and name != head.head:
            raise self._forked(f"update {head.seq}: expected the head's hash", token, about=name)

    def _require_commitment(self, update: Update) -> None:
        signed = entries.read_root(update.root_jws, self._keys, now=self._now)
        if (signed.issuer.iss, signed.feed, signed.seq) != (self._iss, update.feed, update.seq):
            raise EntryProofWrong("entries root: expected this issuer, feed and number")
        commitment = entries.commit(update.resources, update.seed)
        if (signed.n, signed.root) != (commitment.n, commitment.root):
            raise EntryProofWrong(f"entries root: expected the tree of these {commitment.n} resources")

    def _forked(self, message: str, token: str, *, about: str) -> UpdateForked:
        known = None if self._position is None else self._position.head
        signed = (self._head_token, token) if self._head_token else (token,)
        return UpdateForked(message, ForkEvidence(self._iss, known, signed, about))


def _verified(
    update: Update, issuer: Issuer, *, kid: str, name: str, signed_at: datetime, raw: bytes
) -> VerifiedUpdate:
    return VerifiedUpdate(
        iss=issuer.iss,
        kid=kid,
        issuer=issuer,
        feed=update.feed,
        seq=update.seq,
        hash=name,
        jti=update.jti,
        signed_at=signed_at,
        fhir_version=update.fhir_version,
        whole=update.whole,
        frame=update.frame,
        resources=update.resources,
        root_jws=update.root_jws,
        seed=update.seed,
        raw=raw,
    )

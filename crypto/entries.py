"""Entry by entry: a holder's signature over one whole update, checkable for any few of its resources (D1).

The holder commits to an RFC 9162 tree over salted resources and signs its root in a small JWS. A share
carries any few resources with their salts, the nodes between all of them and the root (each once), and
that root JWS; the reader checks each one against the holder's signature without seeing the rest, and the
salts keep the rest unguessable.

    salt i = HMAC-SHA256(seed, i as 4 bytes, big-endian)
    leaf i = SHA-256(0x00 ‖ salt i ‖ resource i as its bytes stand in the payload)

i counts the elements of Bundle.entry from 0; an element without a resource has no bytes. That a proven
resource is *this* patient's is not decided here: app/record compares the Patient proven from the same root.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from crypto import json_text, jws, members, merkle
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import (
    EntriesOutOfOrder,
    EntryCountWrong,
    EntryNodesWrong,
    EntryProofWrong,
    EntrySaltWithheld,
    MalformedToken,
    Tampered,
    TooLarge,
)
from crypto.instants import from_numeric_date, require_begun, to_numeric_date
from crypto.keys import Issuer, KeySource, SigningKey

ROOT_TYP: Final = "pp-root+jws"
SEED_BYTES: Final = 32
SALT_BYTES: Final = 32

MAX_ROOT_BYTES: Final = 4096
"""A root JWS: six short claims."""

MAX_ENTRIES: Final = 1_000_000
"""Resources in one update; the tree is then at most 20 levels high."""

PROOFS_VERSION: Final = 2
"""Form of the proofs of some entries. 1 had a path for each entry and no `v`."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """The tree over one update's resources."""

    root: bytes
    n: int
    leaves: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Root:
    """A holder's word, its signature checked: which tree stands for which update."""

    issuer: Issuer
    feed: str
    seq: int
    root: bytes
    n: int
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class EntryProof:
    """One resource and what its leaf was made with. Without its salt nothing can be said of it."""

    index: int
    salt: bytes | None = field(repr=False)
    resource: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EntryProofs:
    """Some resources of one update, the nodes that lead from them together to the root, and its JWS."""

    root: str = field(repr=False)
    n: int
    entries: tuple[EntryProof, ...]
    nodes: tuple[bytes, ...] = field(repr=False)

    def to_object(self) -> dict[str, Any]:
        """The JSON object of a share (FORMATS.md, "Entry proofs")."""
        return {
            "v": PROOFS_VERSION,
            "root": self.root,
            "n": self.n,
            "entries": [_to_object(entry) for entry in self.entries],
            "nodes": [b64url_encode(node) for node in self.nodes],
        }

    @classmethod
    def from_object(cls, value: object) -> EntryProofs:
        """The proofs in a JSON object; raises EntryProofWrong when its form is another."""
        try:
            return _proofs_from(value)
        except MalformedToken as error:
            raise EntryProofWrong(f"proofs {error.args[0]}") from error


@dataclass(frozen=True, slots=True)
class ProvenEntries:
    """Resources a holder signed, as (index in its Bundle, exact bytes)."""

    issuer: Issuer
    feed: str
    seq: int
    signed_at: datetime
    resources: tuple[tuple[int, bytes], ...] = field(repr=False)


def new_seed() -> bytes:
    """The random seed of one update's salts, 32 bytes."""
    return secrets.token_bytes(SEED_BYTES)


def salt(seed: bytes, index: int) -> bytes:
    """The salt of resource `index`, 32 bytes."""
    return hmac.digest(seed, index.to_bytes(4, "big"), hashlib.sha256)


def commit(resources: Sequence[bytes], seed: bytes) -> Commitment:
    """The tree over an update's resources; raises MalformedToken for another seed length, TooLarge over MAX_ENTRIES."""
    if len(seed) != SEED_BYTES:
        raise MalformedToken(f"seed: expected {SEED_BYTES} bytes, found {len(seed)}")
    if len(resources) > MAX_ENTRIES:
        raise TooLarge(f"entries: expected at most {MAX_ENTRIES}, found {len(resources)}")
    leaves = tuple(merkle.leaf_hash(salt(seed, index) + resource) for index, resource in enumerate(resources))
    return Commitment(merkle.root(leaves), len(leaves), leaves)


def sign_root(commitment: Commitment, key: SigningKey, *, iss: str, feed: str, seq: int, iat: datetime) -> str:
    """The holder's root JWS over a commitment; `iat` is the update's own time."""
    claims = {
        "iss": iss,
        "feed": feed,
        "seq": seq,
        "root": b64url_encode(commitment.root),
        "n": commitment.n,
        "iat": to_numeric_date(iat),
    }
    return jws.sign(json_text.dump(claims), key, typ=ROOT_TYP, deflate=False)


def read_root(token: str, trust: KeySource, *, now: datetime) -> Root:
    """The root a holder signed.

    Raises MalformedToken, TooLarge, IssuerUnknown, KeyUnknown, KeyRevoked, Tampered, NotYetValid.
    """
    if len(token) > MAX_ROOT_BYTES:
        raise TooLarge(f"root: expected at most {MAX_ROOT_BYTES} bytes, found {len(token)}")
    unverified = jws.read_unverified(token, max_inflated_bytes=MAX_ROOT_BYTES)
    claims = unverified.claims
    if unverified.issuer is None:
        raise MalformedToken("root iss: expected an issuer")
    signed_at = from_numeric_date(claims.get("iat"), name="root iat")
    issuer, key = trust.key(unverified.issuer, unverified.kid, signed_at)
    jws.verify(unverified, key, typ=ROOT_TYP)
    require_begun(signed_at, now=now, name="root iat")
    root_hash, feed = b64url_decode(members.text(claims, "root")), members.text(claims, "feed")
    seq, n = members.count(claims, "seq"), members.count(claims, "n")
    return Root(issuer, feed, seq, root_hash, n, signed_at)


def prove(resources: Sequence[bytes], seed: bytes, root_jws: str, selection: Sequence[int]) -> EntryProofs:
    """Proofs for the resources at the indexes in `selection` (at least one), in their order in the Bundle."""
    tree = merkle.Tree(commit(resources, seed).leaves)
    indexes = sorted(set(selection))
    proofs = tuple(EntryProof(index, salt(seed, index), resources[index]) for index in indexes)
    return EntryProofs(root_jws, tree.size, proofs, tuple(tree.nodes_beside(indexes)))


def check(proofs: EntryProofs, trust: KeySource, *, now: datetime) -> ProvenEntries:
    """The resources, once each is shown to be one the holder signed.

    Raises as read_root does, and EntryCountWrong, EntriesOutOfOrder, EntrySaltWithheld, EntryNodesWrong,
    or EntryProofWrong for resources, salts, places or nodes that do not lead there.
    """
    root = read_root(proofs.root, trust, now=now)  # (1) the holder's signature
    if proofs.n != root.n:  # (2) the tree the holder meant
        raise EntryCountWrong(f"n: expected {root.n}, found {proofs.n}")
    _require_order([entry.index for entry in proofs.entries], root.n)  # (3) which entries
    leaves = {entry.index: _leaf(entry) for entry in proofs.entries}  # (4) salts
    expected = len(merkle.places_beside(leaves, root.n))  # (5) the nodes these places need
    if len(proofs.nodes) != expected:
        raise EntryNodesWrong(f"nodes: expected {expected}, found {len(proofs.nodes)}")
    try:  # (6) all of them together lead to the root
        merkle.verify_inclusions(leaves, root.n, proofs.nodes, root.root)
    except Tampered as error:
        raise EntryProofWrong(f"entries: {error.args[0]}") from error
    resources = tuple((entry.index, entry.resource) for entry in proofs.entries)
    return ProvenEntries(root.issuer, root.feed, root.seq, root.signed_at, resources)


def _require_order(indexes: Sequence[int], n: int) -> None:
    if not indexes:
        raise EntryProofWrong("entries: expected at least one")
    if any(later <= earlier for earlier, later in pairwise(indexes)):
        raise EntriesOutOfOrder("entries: expected each once, in rising order")
    if indexes[-1] >= n:
        raise EntriesOutOfOrder(f"entries: expected indexes below {n}, found {indexes[-1]}")


def _leaf(entry: EntryProof) -> bytes:
    if entry.salt is None:
        raise EntrySaltWithheld(f"entry {entry.index} salt: expected {SALT_BYTES} bytes, found none")
    if len(entry.salt) != SALT_BYTES:
        raise EntryProofWrong(f"entry {entry.index} salt: expected {SALT_BYTES} bytes, found {len(entry.salt)}")
    return merkle.leaf_hash(entry.salt + entry.resource)


def _to_object(entry: EntryProof) -> dict[str, Any]:
    given = {} if entry.salt is None else {"salt": b64url_encode(entry.salt)}
    return {"i": entry.index, **given, "resource": entry.resource.decode("utf-8")}


def _proofs_from(value: object) -> EntryProofs:
    proofs = members.object_in(value, "proofs")
    if proofs.get("v") != PROOFS_VERSION:
        raise MalformedToken(f"v: expected {PROOFS_VERSION}")
    n, entries = members.count(proofs, "n"), members.array(proofs, "entries")
    if len(entries) > n:
        raise MalformedToken("entries: expected no more than n")
    nodes = tuple(b64url_decode(node) for node in members.texts(proofs, "nodes"))
    return EntryProofs(members.text(proofs, "root"), n, tuple(_proof_from(entry) for entry in entries), nodes)


def _proof_from(value: object) -> EntryProof:
    entry = members.object_in(value, "entry")
    resource = members.utf8(entry, "resource")
    salt_bytes = b64url_decode(members.text(entry, "salt")) if "salt" in entry else None
    return EntryProof(members.count(entry, "i"), salt_bytes, resource)

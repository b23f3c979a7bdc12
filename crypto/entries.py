"""Entry by entry: a holder's signature over one whole update, checkable for any few of its resources (D1).

The holder commits to an RFC 9162 tree over salted resources and signs its root in a small JWS. A share
carries resource bytes, salt, path and that root JWS; the reader checks each one against the holder's
signature without seeing the rest, and the salts keep the rest unguessable.

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
from typing import Any, Final

from crypto import json_text, jws, members, merkle
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import EntryProofWrong, MalformedToken, Tampered, TooLarge
from crypto.instants import from_numeric_date, require_begun, to_numeric_date
from crypto.keys import Issuer, KeySource, SigningKey

ROOT_TYP: Final = "pp-root+jws"
SEED_BYTES: Final = 32
SALT_BYTES: Final = 32

MAX_ROOT_BYTES: Final = 4096
"""A root JWS: six short claims."""

MAX_ENTRIES: Final = 1_000_000
"""Resources in one update; a path is then at most 20 hashes."""

MAX_PATH_HASHES: Final = 20


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
    """One resource with what leads from it to the root."""

    index: int
    salt: bytes = field(repr=False)
    resource: bytes = field(repr=False)
    path: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EntryProofs:
    """Some resources of one update, and the holder's root JWS they lead to."""

    root: str = field(repr=False)
    n: int
    entries: tuple[EntryProof, ...]

    def to_object(self) -> dict[str, Any]:
        """The JSON object of a share (FORMATS.md, "Entry proofs")."""
        entries = [
            {
                "i": entry.index,
                "salt": b64url_encode(entry.salt),
                "resource": entry.resource.decode("utf-8"),
                "path": [b64url_encode(step) for step in entry.path],
            }
            for entry in self.entries
        ]
        return {"root": self.root, "n": self.n, "entries": entries}

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
    """Proofs for the resources at the indexes in `selection`, in their order in the Bundle."""
    leaves = commit(resources, seed).leaves
    tree = merkle.Tree(leaves)
    proofs = tuple(
        EntryProof(index, salt(seed, index), resources[index], tuple(tree.inclusion_path(index)))
        for index in sorted(set(selection))
    )
    return EntryProofs(root_jws, len(leaves), proofs)


def check(proofs: EntryProofs, trust: KeySource, *, now: datetime) -> ProvenEntries:
    """The resources, once each is shown to be one the holder signed.

    Raises as read_root does, and EntryProofWrong for a resource, salt, index or path that does not lead there.
    """
    root = read_root(proofs.root, trust, now=now)  # (1) the holder's signature
    if proofs.n != root.n:  # (2) the tree the holder meant
        raise EntryProofWrong(f"n: expected {root.n}, found {proofs.n}")
    indexes = [entry.index for entry in proofs.entries]
    if not indexes or indexes != sorted(set(indexes)):
        raise EntryProofWrong("entries: expected at least one, each once, in rising order")
    for entry in proofs.entries:  # (3) each resource by itself
        _require_in_tree(entry, root)
    resources = tuple((entry.index, entry.resource) for entry in proofs.entries)
    return ProvenEntries(root.issuer, root.feed, root.seq, root.signed_at, resources)


def _require_in_tree(entry: EntryProof, root: Root) -> None:
    if len(entry.salt) != SALT_BYTES:
        raise EntryProofWrong(f"entry {entry.index} salt: expected {SALT_BYTES} bytes, found {len(entry.salt)}")
    leaf = merkle.leaf_hash(entry.salt + entry.resource)
    try:
        merkle.verify_inclusion(leaf, entry.index, root.n, entry.path, root.root)
    except Tampered as error:
        raise EntryProofWrong(f"entry {entry.index}: {error.args[0]}") from error


def _proofs_from(value: object) -> EntryProofs:
    proofs = members.object_in(value, "proofs")
    n, entries = members.count(proofs, "n"), members.array(proofs, "entries")
    if len(entries) > n:
        raise MalformedToken("proofs: expected no more entries than n")
    return EntryProofs(members.text(proofs, "root"), n, tuple(_proof_from(entry) for entry in entries))


def _proof_from(value: object) -> EntryProof:
    entry = members.object_in(value, "entry")
    path = members.texts(entry, "path")
    if len(path) > MAX_PATH_HASHES:
        raise MalformedToken(f"entry path: expected at most {MAX_PATH_HASHES} hashes, found {len(path)}")
    steps = tuple(b64url_decode(step) for step in path)
    resource = members.text(entry, "resource").encode("utf-8")
    return EntryProof(members.count(entry, "i"), b64url_decode(members.text(entry, "salt")), resource, steps)

"""Any selection of any tree is proven by the fewest nodes, and no bit of what travels may change."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import entries, merkle
from crypto.encoding import b64url_decode, b64url_encode
from crypto.entries import EntryProofs
from crypto.errors import PassportError, Tampered
from crypto.keys import Issuer, SigningKey
from crypto.trust import Floors, IssuerKey, ListedIssuer, TrustList

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FAR = datetime(2099, 1, 1, tzinfo=UTC)
SEED = bytes(range(32))
KEY = SigningKey.generate()
OAK = Issuer("https://oak-lane-surgery.example", "Oak Lane Surgery", "ZZ901", "gp")
TRUST = TrustList(
    {OAK.iss: ListedIssuer(OAK, {KEY.public.kid: IssuerKey(KEY.public)})}, frozenset(), 1, FAR, NOW, Floors()
)


@st.composite
def selections(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A number of entries and some of their indexes."""
    n = draw(st.integers(1, 70))
    return n, sorted(draw(st.sets(st.integers(0, n - 1), min_size=1)))


def resources(n: int) -> list[bytes]:
    return [b'{"id":"%d"}' % at for at in range(n)]


def proofs_of(n: int, chosen: list[int]) -> EntryProofs:
    commitment = entries.commit(resources(n), SEED)
    root = entries.sign_root(commitment, KEY, iss=OAK.iss, feed="f", seq=1, iat=NOW)
    return entries.prove(resources(n), SEED, root, chosen)


@given(selections())
@settings(max_examples=60, deadline=None)
def test_any_selection_of_any_tree_is_proven(given_one: tuple[int, list[int]]) -> None:
    n, chosen = given_one
    proofs = EntryProofs.from_object(proofs_of(n, chosen).to_object())
    held = resources(n)
    assert entries.check(proofs, TRUST, now=NOW).resources == tuple((at, held[at]) for at in chosen)


@given(selections(), st.data())
@settings(max_examples=120, deadline=None)
def test_any_one_bit_changed_is_refused(given_one: tuple[int, list[int]], data: st.DataObject) -> None:
    changed = proofs_of(*given_one).to_object()
    before = copy.deepcopy(changed)
    flip_one(changed, data)
    assert changed != before
    with pytest.raises(PassportError):
        entries.check(EntryProofs.from_object(changed), TRUST, now=NOW)


def flip_one(proofs: dict[str, Any], data: st.DataObject) -> None:
    """One bit of a number, a resource, a salt, a node or the root's payload or signature."""
    entry = proofs["entries"][data.draw(st.integers(0, len(proofs["entries"]) - 1))]
    parts = ["n", "i", "resource", "salt", "root"] + ["nodes"] * bool(proofs["nodes"])
    match part := data.draw(st.sampled_from(parts)):
        case "n":
            proofs["n"] ^= 1 << data.draw(st.integers(0, 8))
        case "i":
            entry["i"] ^= 1 << data.draw(st.integers(0, 8))
        case "resource":
            entry["resource"] = flipped(entry["resource"].encode(), data, bits=7).decode()
        case "salt":
            entry["salt"] = b64url_encode(flipped(b64url_decode(entry["salt"]), data))
        case "nodes":
            at = data.draw(st.integers(0, len(proofs["nodes"]) - 1))
            proofs["nodes"][at] = b64url_encode(flipped(b64url_decode(proofs["nodes"][at]), data))
        case _:
            tokens = proofs[part].split(".")
            at = data.draw(st.integers(1, 2))
            tokens[at] = b64url_encode(flipped(b64url_decode(tokens[at]), data))
            proofs[part] = ".".join(tokens)


def flipped(held: bytes, data: st.DataObject, *, bits: int = 8) -> bytes:
    at = data.draw(st.integers(0, len(held) * bits - 1))
    changed = bytearray(held)
    changed[at // bits] ^= 1 << at % bits
    return bytes(changed)


@given(selections())
@settings(max_examples=60, deadline=None)
def test_no_node_is_given_that_the_others_give_and_none_twice(given_one: tuple[int, list[int]]) -> None:
    n, chosen = given_one
    places = merkle.places_beside(chosen, n)
    covered = [span(level, at, n) for level, at in places] + [{index} for index in chosen]
    assert sum(len(one) for one in covered) == n, "each leaf stands under exactly one of them"
    assert set().union(*covered) == set(range(n))


def span(level: int, at: int, n: int) -> set[int]:
    """The leaves under a node."""
    return set(range(at << level, min((at + 1) << level, n)))


@pytest.mark.parametrize("n", range(1, 33))
def test_one_leaf_alone_has_the_path_of_the_rfc(n: int) -> None:
    leaves = [merkle.leaf_hash(bytes([at])) for at in range(n)]
    for at in range(n):
        assert merkle.Tree(leaves).nodes_beside([at]) == merkle.inclusion_path(at, leaves)


@pytest.mark.parametrize("index", [-1, 5])
def test_a_leaf_outside_the_tree_is_refused(index: int) -> None:
    leaves = [merkle.leaf_hash(bytes([at])) for at in range(5)]
    with pytest.raises(Tampered, match="indexes below 5") as refusal:
        merkle.verify_inclusions({index: leaves[0]}, 5, [], merkle.root(leaves))
    assert refusal.value.code == "tampered"

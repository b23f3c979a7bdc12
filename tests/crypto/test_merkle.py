"""RFC 9162 trees: against known roots, and every proof of every small tree."""

from __future__ import annotations

import hashlib

import pytest

from crypto import merkle
from crypto.errors import Tampered

DATA = [
    bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "60" + "61" * 15)
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
}
"""Roots over the first leaves, from the Certificate Transparency reference tests."""

LEAVES = [merkle.leaf_hash(data) for data in DATA]


@pytest.mark.parametrize("size", ROOTS)
def test_roots_are_the_published_ones(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word by word: another way than the one tested."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    pair = recursive_root(leaves[:split]) + recursive_root(leaves[split:])
    return hashlib.sha256(b"\x01" + pair).digest()


@pytest.mark.parametrize("size", range(1, 40))
def test_every_leaf_of_a_tree_is_proven_and_at_no_other_place(size: int) -> None:
    leaves = [merkle.leaf_hash(bytes([at])) for at in range(size)]
    root = recursive_root(leaves)
    for at in range(size):
        path = merkle.inclusion_path(at, leaves)
        merkle.verify_inclusion(leaves[at], at, size, path, root)
        for other in {at - 1, at + 1, at ^ 2} - {at}:
            with pytest.raises(Tampered):
                merkle.verify_inclusion(leaves[at], other, size, path, root)


@pytest.mark.parametrize("new", range(1, 20))
def test_every_earlier_tree_is_proven_a_prefix(new: int) -> None:
    leaves = [merkle.leaf_hash(bytes([at])) for at in range(new)]
    for old in range(1, new + 1):
        path = merkle.consistency_path(old, leaves)
        merkle.verify_consistency(old, new, path, recursive_root(leaves[:old]), recursive_root(leaves))


def test_a_changed_earlier_leaf_is_no_prefix() -> None:
    changed = [merkle.leaf_hash(b"other"), *LEAVES[1:]]
    path = merkle.consistency_path(5, changed)
    with pytest.raises(Tampered, match="both roots") as refusal:
        merkle.verify_consistency(5, 8, path, merkle.root(LEAVES[:5]), merkle.root(changed))
    assert refusal.value.code == "tampered"

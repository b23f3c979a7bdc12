"""Merkle trees of RFC 9162: leaf and node hashes, roots, inclusion (§2.1.3) and consistency (§2.1.4) proofs.

One proof for several leaves together is ours: the tree is the RFC's, and of the nodes beside their paths
each one that the leaves themselves do not give is there once (`places_beside`).

Knows hashes only. What a leaf is made of: entries.py (entries of an update) and, for the log of who
looked, accesslog.py. Checks raise Tampered; the caller says what was tampered with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from crypto.errors import Tampered

HASH_BYTES: Final = 32


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree over leaf hashes, built once: O(n) to build, O(log n) for each path."""

    __slots__ = ("_levels",)

    def __init__(self, leaves: Sequence[bytes]) -> None:
        level = list(leaves)
        self._levels = [level]
        while len(level) > 1:
            above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
            if len(level) % 2:
                above.append(level[-1])  # a node without a sibling moves up as it is
            self._levels.append(level := above)

    @property
    def size(self) -> int:
        """How many leaves."""
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The tree's hash; SHA-256 of nothing for no leaves."""
        return self._levels[-1][0] if self.size else hashlib.sha256(b"").digest()

    def inclusion_path(self, index: int) -> list[bytes]:
        """The hashes from leaf `index` (0-based) up to the root, lowest first."""
        if not 0 <= index < self.size:
            raise ValueError(f"expected a leaf below {self.size}, found {index}")
        path: list[bytes] = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index //= 2
        return path

    def nodes_beside(self, indexes: Collection[int]) -> list[bytes]:
        """The hashes that lead from all leaves at `indexes` (0-based) together to the root, each once."""
        return [self._levels[level][at] for level, at in places_beside(indexes, self.size)]


def places_beside(indexes: Collection[int], size: int) -> list[tuple[int, int]]:
    """Where the nodes stand that lead from the leaves at `indexes` to the root of a tree of `size` leaves.

    (level, place in it), the leaves' own level being 0; lowest level first, from left to right in each: the
    only order, and the fewest. Raises ValueError for no index, or one outside the tree.
    """
    if not indexes or not all(0 <= index < size for index in indexes):
        raise ValueError(f"expected leaves below {size}")
    places: list[tuple[int, int]] = []
    known, level, width = set(indexes), 0, size
    while width > 1:
        beside = {at ^ 1 for at in known} - known
        places += [(level, at) for at in sorted(beside) if at < width]
        known, level, width = {at // 2 for at in known}, level + 1, (width + 1) // 2
    return places


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of the tree over these leaf hashes."""
    return Tree(leaves).root


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The path of one leaf; for many paths in one tree, keep a Tree."""
    return Tree(leaves).inclusion_path(index)


def consistency_path(size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The proof that the tree over the first `size` leaves is a prefix of the whole (§2.1.4.1)."""
    if not 0 < size <= len(leaves):
        raise ValueError(f"expected a size from 1 to {len(leaves)}, found {size}")
    return _subproof(size, leaves, whole=True)


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root_hash: bytes) -> None:
    """Check that leaf hash `leaf` stands at `index` of a tree of `size` leaves; raises Tampered (§2.1.3.2)."""
    if not 0 <= index < size:
        raise Tampered(f"inclusion: expected an index below {size}, found {index}")
    _require_hashes([leaf, root_hash, *path])
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Tampered("inclusion: path is too long")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            at, last = _past_right_edge(at, last)
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Tampered("inclusion: path is too short")
    if found != root_hash:
        raise Tampered("inclusion: path does not lead to the root")


def verify_inclusions(leaves: Mapping[int, bytes], size: int, nodes: Sequence[bytes], root_hash: bytes) -> None:
    """Check that each leaf hash stands at its index of a tree of `size` leaves; raises Tampered.

    `nodes` are the hashes at `places_beside`, in that order, no more and no fewer.
    """
    if not leaves or not all(0 <= index < size for index in leaves):
        raise Tampered(f"inclusion: expected indexes below {size}")
    places = places_beside(leaves, size)
    if len(nodes) != len(places):
        raise Tampered(f"inclusion: expected {len(places)} nodes, found {len(nodes)}")
    _require_hashes([*leaves.values(), root_hash, *nodes])
    given: dict[int, dict[int, bytes]] = {}
    for (level, at), node in zip(places, nodes, strict=True):
        given.setdefault(level, {})[at] = node
    known, level = dict(leaves), 0
    while size > 1:
        known = _level_above(known | given.get(level, {}))
        level, size = level + 1, (size + 1) // 2
    if known[0] != root_hash:
        raise Tampered("inclusion: leaves and nodes do not lead to the root")


def _level_above(known: Mapping[int, bytes]) -> dict[int, bytes]:
    """Parents of known nodes; on the right edge a node without a sibling is its own parent."""
    above: dict[int, bytes] = {}
    for at in {at & ~1 for at in known}:
        left, right = known[at], known.get(at + 1)
        above[at // 2] = left if right is None else node_hash(left, right)
    return above


def verify_consistency(old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the old tree is a prefix of the new one; raises Tampered (§2.1.4.2), also for an empty old tree."""
    if not 0 < old_size <= new_size:
        raise Tampered(f"consistency: expected sizes from 1 upwards, found {old_size} and {new_size}")
    _require_hashes([old_root, new_root, *path])
    if old_size == new_size:
        if path or old_root != new_root:
            raise Tampered("consistency: expected the same root and no path")
        return
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not steps:
        raise Tampered("consistency: path is too short")
    if _rebuild(old_size, new_size, steps) != (old_root, new_root):
        raise Tampered("consistency: path does not lead to both roots")


def _rebuild(old_size: int, new_size: int, steps: list[bytes]) -> tuple[bytes, bytes]:
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Tampered("consistency: path is too long")
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            at, last = _past_right_edge(at, last)
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Tampered("consistency: path is too short")
    return old, new


def _past_right_edge(at: int, last: int) -> tuple[int, int]:
    """Skip the levels where a node on the right edge moved up without a sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _subproof(size: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    count = len(leaves)
    if size == count:
        return [] if whole else [root(leaves)]
    split = 1 << ((count - 1).bit_length() - 1)
    if size <= split:
        return [*_subproof(size, leaves[:split], whole=whole), root(leaves[split:])]
    return [*_subproof(size - split, leaves[split:], whole=False), root(leaves[:split])]


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise Tampered(f"proof: expected hashes of {HASH_BYTES} bytes")

"""TUF metadata verified again from cached bytes, with no network: the lists' bytes come out or a refusal is raised.

The library's own client cannot start offline, so its checks are repeated here over its public
`tuf.api.metadata` at every start (D2). Numbers such as 5.3.4 are sections of the TUF specification
1.0.31. Owns signatures, thresholds, version floors, hashes and lengths. What the lists say and how
old they may be is trust.py; fetching is sync/trust.py.

Deliberately not refused here: metadata past its `expires` (5.3.10, 5.4.4, 5.5.6, 5.6.5). It still
verifies; `VerifiedFiles.expires` tells trust.py from when to count its age.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar

from tuf.api.exceptions import LengthOrHashMismatchError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError, SerializationError

from crypto.errors import Tampered, TooLarge, TrustNotSigned, TrustRolledBack, TrustUnreadable

MAX_FILE_BYTES: Final = 5_000_000
"""One file of the repository; the library's own ceiling for targets metadata (tuf.ngclient.UpdaterConfig)."""

MAX_ROOTS: Final = 256
"""Rotations of the root in one chain; the library's own ceiling."""

ISSUERS: Final = "issuers.json"
RELAYS: Final = "relays.json"
READERS: Final = "readers.json"
TARGET_NAMES: Final = (ISSUERS, RELAYS, READERS)
"""Every repository carries these three, in the top-level targets role: there are no delegations."""

_ROOT_NAME: Final = re.compile(r"([1-9][0-9]{0,3})\.root\.json", re.ASCII)

S = TypeVar("S", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True, slots=True)
class TrustFiles:
    """The repository's files as received. `roots` is the whole chain in order; the first is the anchor.

    Whoever builds one puts the root that was shipped first, never one that came over the network.
    """

    roots: tuple[bytes, ...] = field(repr=False)
    timestamp: bytes = field(repr=False)
    snapshot: bytes = field(repr=False)
    targets: bytes = field(repr=False)
    target_files: Mapping[str, bytes] = field(repr=False)

    def named(self) -> dict[str, bytes]:
        """The files by flat name ("1.root.json" …, "timestamp.json" …, "issuers.json" …), for a store or a folder."""
        chain = {f"{place}.root.json": data for place, data in enumerate(self.roots, start=1)}
        roles = {"timestamp.json": self.timestamp, "snapshot.json": self.snapshot, "targets.json": self.targets}
        return chain | roles | dict(self.target_files)

    @classmethod
    def from_named(cls, files: Mapping[str, bytes]) -> TrustFiles:
        """The inverse of `named`; other names are left out. Raises TrustUnreadable when one is missing."""
        chain = sorted((int(match[1]), data) for name, data in files.items() if (match := _ROOT_NAME.fullmatch(name)))
        if not chain or [place for place, _ in chain] != list(range(chain[0][0], chain[0][0] + len(chain))):
            raise TrustUnreadable("roots: expected a chain without a gap")
        wanted = ("timestamp.json", "snapshot.json", "targets.json", *TARGET_NAMES)
        if missing := [name for name in wanted if name not in files]:
            raise TrustUnreadable(f"trust files: expected {', '.join(missing)} too")
        timestamp, snapshot, targets = (files[name] for name in wanted[:3])
        return cls(
            tuple(data for _, data in chain), timestamp, snapshot, targets, {name: files[name] for name in TARGET_NAMES}
        )


@dataclass(frozen=True, slots=True)
class Floors:
    """The highest version of each role ever believed; nothing lower is believed again (5.3.5, 5.4.3, 5.5.5).

    The root has a floor too: without it, deleting the cached 2.root.json would bring back the shipped root.
    """

    root: int = 0
    timestamp: int = 0
    snapshot: int = 0
    targets: int = 0


@dataclass(frozen=True, slots=True)
class VerifiedFiles:
    """Lists whose bytes the repository signed; `floors` are the versions to keep from now on."""

    lists: Mapping[str, bytes] = field(repr=False)
    floors: Floors
    expires: datetime


def verify_files(files: TrustFiles, floors: Floors, *, anchor: bytes | None = None) -> VerifiedFiles:
    """The lists in `files`, once every signature, version and hash from the anchor down fits.

    `anchor`, where given, is the shipped root that `files.roots` must begin with, byte for byte.
    Raises TrustNotSigned, TrustRolledBack, Tampered, TrustUnreadable or TooLarge.
    """
    _require_sizes(files)
    # (1) the anchor and the chain of roots from it, 5.3.1-5.3.8
    if anchor is not None and files.roots[0] != anchor:
        raise TrustNotSigned("root: expected the shipped root first, found another")
    chain = _verify_roots(files.roots)
    root = chain[-1]
    # (2) the root's own floor, D2
    _require_floor("root", root.version, floors.root)
    # (3) recovery from a fast-forward attack, 5.3.11
    floors = _forget_rotated(chain, floors)
    # (4) timestamp: signatures 5.4.2, version 5.4.3
    timestamp = _verify_role(Timestamp, root, files.timestamp)
    _require_floor("timestamp", timestamp.version, floors.timestamp)
    # (5) snapshot: hashes 5.5.2, signatures 5.5.3, version 5.5.4 and 5.5.5
    _require_bytes("snapshot.json", timestamp.snapshot_meta, files.snapshot)
    snapshot = _verify_role(Snapshot, root, files.snapshot)
    _require_version("snapshot", snapshot.version, timestamp.snapshot_meta.version)
    _require_floor("snapshot", snapshot.version, floors.snapshot)
    # (6) targets: hashes 5.6.2, signatures 5.6.3, version 5.6.4
    targets = _verify_targets(files.targets, root, snapshot, floors)
    # (7) each list's length and hashes, 5.7.3
    lists = {name: _verify_list(name, targets, files.target_files) for name in TARGET_NAMES}
    found = Floors(root.version, timestamp.version, snapshot.version, targets.version)
    return VerifiedFiles(lists, found, min(role.expires for role in (root, timestamp, snapshot, targets)))


def _require_sizes(files: TrustFiles) -> None:
    if not 1 <= len(files.roots) <= MAX_ROOTS:
        raise TrustUnreadable(f"roots: expected 1 to {MAX_ROOTS}, found {len(files.roots)}")
    largest = max(len(data) for data in files.named().values())
    if largest > MAX_FILE_BYTES:
        raise TooLarge(f"trust file: expected at most {MAX_FILE_BYTES} bytes, found {largest}")


def _verify_roots(roots: tuple[bytes, ...]) -> list[Root]:
    chain: list[Root] = []
    for data in roots:
        root, metadata = _read(Root, data)
        if chain:
            _require_version("root", root.version, chain[-1].version + 1)  # 5.3.5: no step is left out
            _require_signed(chain[-1], "root", metadata)  # 5.3.4: by the threshold of the root before it
        _require_signed(root, "root", metadata)  # 5.3.4: and by its own
        _require_each_key_once(root)  # 4.2: a threshold counts keys, not their names
        chain.append(root)
    return chain


def _require_each_key_once(root: Root) -> None:
    """One key under two ids would sign twice: the library counts ids."""
    public = {"".join(str(key.keyval.get("public")).split()) for key in root.keys.values()}
    if len(public) != len(root.keys):
        raise TrustUnreadable(f"root v{root.version}: expected each key under one id")


def _forget_rotated(chain: list[Root], floors: Floors) -> Floors:
    """Floors without what keys that were since replaced may have pushed up out of reach."""
    then = next((root for root in chain if root.version == floors.root), None)
    if then is None or all(
        then.roles[role].keyids == chain[-1].roles[role].keyids for role in (Timestamp.type, Snapshot.type)
    ):
        return floors
    return replace(floors, timestamp=0, snapshot=0, targets=0)


def _verify_role(kind: type[S], root: Root, data: bytes) -> S:
    signed, metadata = _read(kind, data)
    _require_signed(root, kind.type, metadata)
    return signed


def _verify_targets(data: bytes, root: Root, snapshot: Snapshot, floors: Floors) -> Targets:
    meta = snapshot.meta.get("targets.json")
    if meta is None:
        raise TrustUnreadable("snapshot: expected targets.json in it")
    _require_bytes("targets.json", meta, data)
    targets = _verify_role(Targets, root, data)
    _require_version("targets", targets.version, meta.version)
    _require_floor("targets", targets.version, floors.targets)
    if targets.delegations is not None:
        raise TrustUnreadable("targets: expected no delegations")
    return targets


def _verify_list(name: str, targets: Targets, files: Mapping[str, bytes]) -> bytes:
    target, data = targets.targets.get(name), files.get(name)
    if target is None or data is None:
        raise TrustUnreadable(f"{name}: expected both in targets v{targets.version} and among the files")
    _require_bytes(name, target, data)
    return data


def _read(kind: type[S], data: bytes) -> tuple[S, Metadata[S]]:
    try:
        metadata = Metadata[S].from_bytes(data)
    except DeserializationError as error:
        raise TrustUnreadable(f"{kind.type}: expected TUF metadata") from error
    if not isinstance(metadata.signed, kind):
        raise TrustUnreadable(f"{kind.type}: found metadata of another role")
    return metadata.signed, metadata


def _require_signed(root: Root, role: str, metadata: Metadata[S]) -> None:
    try:
        root.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except UnsignedMetadataError as error:
        raise TrustNotSigned(
            f"{role} v{metadata.signed.version}: expected {root.roles[role].threshold} signatures of root"
            f" v{root.version}, found fewer"
        ) from error
    except SerializationError as error:  # a number or text that canonical JSON has no form for
        raise TrustUnreadable(f"{role}: expected what canonical JSON can write") from error


def _require_bytes(name: str, expected: MetaFile | TargetFile, data: bytes) -> None:
    try:
        expected.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise Tampered(f"{name}: length or hash is not the signed one") from error


def _require_version(role: str, found: int, expected: int) -> None:
    if found != expected:
        raise TrustRolledBack(f"{role}: expected version {expected}, found {found}")


def _require_floor(role: str, found: int, floor: int) -> None:
    if found < floor:
        raise TrustRolledBack(f"{role}: expected version {floor} or higher, found {found}")

"""A trust repository in memory, edited as objects and signed on demand: what tests break one piece at a time.

It shares no code with the stand-in's repository, so the two check each other.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from crypto.keys import SigningKey
from crypto.trust import TrustFiles

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ISS = "https://oak-lane-surgery.example"
OTHER_ISS = "https://st-elsewhere.example"
RELAY = "https://relay.example"


def issuer(iss: str, ods: str, *keys: SigningKey, kind: str = "gp") -> dict[str, Any]:
    """An item of issuers.json."""
    return {
        "iss": iss,
        "name": f"Holder {ods}",
        "ods": ods,
        "kind": kind,
        "keys": [key.public.to_jwk() for key in keys],
    }


class TrustSimulator:
    """Root 2 of 3, targets 2 of 2. Change `root`, `targets`, `snapshot`, `timestamp` or `lists`, then `files()`."""

    def __init__(self) -> None:
        self.key, self.other_key = SigningKey.generate(), SigningKey.generate()
        self.signers = {
            role: [CryptoSigner.generate_ecdsa() for _ in range(count)]
            for role, count in {"root": 3, "targets": 2, "snapshot": 1, "timestamp": 1}.items()
        }
        self.lists: dict[str, Any] = {
            "issuers.json": {
                "issuers": [issuer(ISS, "A81001", self.key), issuer(OTHER_ISS, "RX1", self.other_key, kind="hospital")]
            },
            "relays.json": {"relays": [RELAY]},
            "readers.json": {"readers": []},
        }
        self.root = Root(version=1, expires=NOW + 365 * DAY)
        for role, signers in self.signers.items():
            for signer in signers:
                self.root.add_key(signer.public_key, role)
            self.root.roles[role].threshold = 2 if role in ("root", "targets") else 1
        self.roots: list[bytes] = [self.sign(self.root)]
        self.targets = Targets(version=1, expires=NOW + 90 * DAY)
        self.snapshot = Snapshot(version=1, expires=NOW + 21 * DAY)
        self.timestamp = Timestamp(version=1, expires=NOW + DAY)

    def sign(self, signed: Any, signers: list[CryptoSigner] | None = None) -> bytes:
        metadata: Metadata[Any] = Metadata(signed)
        for signer in self.signers[signed.type] if signers is None else signers:
            metadata.sign(signer, append=True)
        return metadata.to_bytes()

    def add_root(self, signers: list[CryptoSigner] | None = None) -> None:
        """A further root version over the keys as they stand now, signed by `signers` (default: all of them)."""
        self.root.version += 1
        self.roots.append(self.sign(self.root, signers))

    def replace_key(self, role: str, number: int = 0) -> CryptoSigner:
        """Put a new key in the place of one of the role's; returns the one that went."""
        gone, fresh = self.signers[role][number], CryptoSigner.generate_ecdsa()
        self.root.revoke_key(gone.public_key.keyid, role)
        self.root.add_key(fresh.public_key, role)
        self.signers[role][number] = fresh
        return gone

    def raise_versions(self) -> None:
        for role in (self.targets, self.snapshot, self.timestamp):
            role.version += 1

    def files(self, **signed: bytes) -> TrustFiles:
        """The files as they stand; a role given by name stands in for the signed one."""
        lists = {name: json.dumps(content).encode() for name, content in self.lists.items()}
        for name, data in lists.items():
            self.targets.targets[name] = TargetFile.from_data(name, data, ["sha256"])
        targets = signed.get("targets", self.sign(self.targets))
        self.snapshot.meta["targets.json"] = _meta(self.targets.version, targets)
        snapshot = signed.get("snapshot", self.sign(self.snapshot))
        self.timestamp.snapshot_meta = _meta(self.snapshot.version, snapshot)
        return TrustFiles(
            tuple(self.roots), signed.get("timestamp", self.sign(self.timestamp)), snapshot, targets, lists
        )


def _meta(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})

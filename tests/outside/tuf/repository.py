"""A TUF repository in memory that can be made to lie, and the client command pointed at it.

Objects are edited, then published: what was published is served until the next time. It shares no code with the
stand-in's repository. Times are 2098 and 2020, because the library's workflow reads the system clock.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from sync.transport import Transport
from tests.outside.tuf import client

ORIGIN = "http://127.0.0.1:8199"
FAR, PAST = datetime(2098, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
ROLES = (Root.type, Timestamp.type, Snapshot.type, Targets.type)
NAMES = ("issuers.json", "relays.json", "readers.json")
_ROOT = re.compile(r"/metadata/(\d+)\.root\.json")
_ROLE = re.compile(r"/metadata/(?:\d+\.)?(timestamp|snapshot|targets)\.json")
_TARGET = re.compile(r"/targets/[0-9a-f]{64}\.([a-z]+\.json)")


class Repository(httpx.BaseTransport):
    """Served as an httpx transport. `root`, `timestamp`, `snapshot`, `targets` and `lists` are there to be edited."""

    def __init__(self) -> None:
        self.lists: dict[str, bytes] = {name: json.dumps({name[:-5]: []}).encode() for name in NAMES}
        self.root, self.targets = Root(expires=FAR), Targets(expires=FAR)
        self.snapshot, self.timestamp = Snapshot(expires=FAR), Timestamp(expires=FAR)
        self.signers: dict[str, list[CryptoSigner]] = {role: [] for role in ROLES}
        self.with_hashes = False
        self.roots: list[bytes] = []
        self.served: dict[str, bytes] = {}
        self.asked: list[str] = []
        for role in ROLES:
            self.add_key(role)
        self.publish_root(bump=False)
        for role in (Targets.type, Snapshot.type, Timestamp.type):
            self.publish(role, bump=False)

    # ---- keys ---------------------------------------------------------------------------

    def add_key(self, role: str, signer: CryptoSigner | None = None) -> None:
        """A further key of `role`, which signs from now on; the root that says so is not published yet."""
        signer = signer or CryptoSigner.generate_ecdsa()
        self.root.add_key(signer.public_key, role)
        self.signers[role].append(signer)

    def rotate_keys(self, role: str) -> None:
        """New keys in place of all of the role's."""
        for signer in self.signers[role]:
            self.root.revoke_key(signer.public_key.keyid, role)
        count = len(self.signers[role])
        self.signers[role] = []
        for _ in range(count):
            self.add_key(role)

    # ---- publishing ---------------------------------------------------------------------

    def publish_root(self, *, bump: bool = True) -> None:
        self.root.version += bump
        self.roots.append(self.sign(self.root))

    def publish(self, *roles: str, bump: bool = True) -> None:
        """Sign targets, snapshot and timestamp (or the named ones), each pointing to the one before as it stands."""
        for role in roles or (Targets.type, Snapshot.type, Timestamp.type):
            signed = getattr(self, role)
            signed.version += bump
            self.point(role)
            self.served[role] = self.sign(signed)

    def point(self, role: str) -> None:
        if role == Targets.type:
            self.targets.targets.update({name: TargetFile.from_data(name, data) for name, data in self.lists.items()})
        elif role == Snapshot.type:
            self.snapshot.meta["targets.json"] = self.meta(self.targets.version, Targets.type)
        else:
            self.timestamp.snapshot_meta = self.meta(self.snapshot.version, Snapshot.type)

    def meta(self, version: int, role: str) -> MetaFile:
        if not self.with_hashes:
            return MetaFile(version)
        data = self.served[role]
        return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})

    def sign(self, signed: Any) -> bytes:
        metadata: Metadata[Any] = Metadata(signed)
        for signer in self.signers[signed.type]:
            metadata.sign(signer, append=True)
        return metadata.to_bytes()

    # ---- serving ------------------------------------------------------------------------

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path.rpartition("/")[2])
        data = self.find(request.url.path)
        return httpx.Response(404 if data is None else 200, content=data or b"", request=request)

    def find(self, path: str) -> bytes | None:
        if root := _ROOT.fullmatch(path):
            number = int(root[1])
            return self.roots[number - 1] if number <= len(self.roots) else None
        if role := _ROLE.fullmatch(path):
            return self.served[role[1]]
        target = _TARGET.fullmatch(path)
        return self.lists[target[1]] if target else None


@dataclass
class Client:
    """The command in this process, its state in `folder`. Each verb gives the exit code."""

    folder: Path
    repository: Repository

    def init(self, root: bytes | None = None) -> int:
        shipped = self.folder / "shipped"
        self.folder.mkdir(parents=True, exist_ok=True)
        shipped.write_bytes(self.repository.roots[0] if root is None else root)
        return self._run("init", str(shipped))

    def refresh(self) -> int:
        return self._run(*self._addresses(), "refresh")

    def download(self, name: str) -> int:
        return self._run(
            *self._addresses(), "--target-name", name, "--target-dir", str(self.folder / "got"), "download"
        )

    def versions(self) -> dict[str, int]:
        """The version of each role that is kept, empty before the first refresh."""
        kept = client.kept(self.folder / "metadata")
        if kept is None:
            return {}
        files = {"root": kept.roots[-1], "timestamp": kept.timestamp, "snapshot": kept.snapshot}
        files["targets"] = kept.targets
        return {role: json.loads(data)["signed"]["version"] for role, data in files.items()}

    def downloaded(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "got").glob("*"))}

    def everything(self) -> dict[str, bytes]:
        """All that the client keeps, to be compared before and after a refusal."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / "metadata").glob("*"))}

    def _addresses(self) -> list[str]:
        return ["--metadata-url", f"{ORIGIN}/metadata", "--target-base-url", f"{ORIGIN}/targets"]

    def _run(self, *arguments: str) -> int:
        transport = Transport(monotonic=time.monotonic, http=self.repository)
        return client.main(["--metadata-dir", str(self.folder / "metadata"), *arguments], transport)

"""The stand-in's trust repository: TUF metadata over the lists of issuers, relays and readers (D2).

Owns real keys with real thresholds (root 2 of 3, targets 2 of 2), made at random on the first start and
kept in the state folder; versions that only go up, over restarts too; consistent snapshots; no
delegations. A repository in service keeps its keys on different machines and people: here all lie in
one folder, which is why nothing outside the stand-in may trust its root.
What the lists say is read by crypto/trust.py; their form is crypto/FORMATS.md, "Trust list".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from crypto.instants import to_numeric_date
from crypto.keys import Issuer
from crypto.trust_metadata import ISSUERS, RELAYS, TARGET_NAMES
from sync.files import write_whole

KEYS: Final = {Root.type: 3, Targets.type: 2, Snapshot.type: 1, Timestamp.type: 1}
THRESHOLDS: Final = {Root.type: 2, Targets.type: 2, Snapshot.type: 1, Timestamp.type: 1}

LIFETIMES: Final = {
    Root.type: timedelta(days=365),
    Targets.type: timedelta(days=90),
    Snapshot.type: timedelta(days=21),
    Timestamp.type: timedelta(days=7),
}
"""How long each role's metadata is good for; the list's age counts from the timestamp's end (D2)."""

RENEW_ROOT_BEFORE: Final = timedelta(days=30)
"""A root with less than this left is replaced by a new version when the repository is opened."""

_SERIALIZER: Final = JSONSerializer(compact=True)


class TrustRepository:
    """A repository in `folder`; a change of a list reaches passports with the next `publish`."""

    def __init__(self, folder: Path, *, now: datetime) -> None:
        self._keys, self._metadata, self._targets, self._lists = (
            folder / part for part in ("keys", "metadata", "targets", "lists")
        )
        self._before = folder / "before" / "timestamp.json"
        for part in (self._metadata, self._targets):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._signers = {role: [self._signer(role, n) for n in range(count)] for role, count in KEYS.items()}
        for name in TARGET_NAMES:
            if not (self._lists / name).exists():
                self._put_list(name, [])
        root = self._latest_root()
        if root is None or root.expires - now < RENEW_ROOT_BEFORE:
            self._write_root(1 if root is None else root.version + 1, self._signers[Root.type], now)

    @property
    def first_root(self) -> bytes:
        """1.root.json: the anchor a passport is set up with."""
        return (self._metadata / "1.root.json").read_bytes()

    def list_issuer(self, issuer: Issuer, jwks: Iterable[Mapping[str, str]]) -> None:
        """List `issuer` with the public keys `jwks`; keys it had before stay, for what they signed."""
        others = [item for item in self._list(ISSUERS) if item["iss"] != issuer.iss]
        before = [item for item in self._list(ISSUERS) if item["iss"] == issuer.iss]
        keys = {key["kid"]: key for item in before for key in item["keys"]}
        keys = {key["kid"]: dict(key) for key in jwks} | keys
        entry = {"iss": issuer.iss, "name": issuer.name, "ods": issuer.ods, "kind": issuer.kind}
        self._put_list(ISSUERS, [*others, entry | {"keys": list(keys.values())}])

    def revoke_issuer(self, iss: str, *, at: datetime) -> None:
        """Revoke every key of `iss` from `at` on; keys that were revoked earlier stay so."""
        issuers = self._list(ISSUERS)
        for key in (key for item in issuers if item["iss"] == iss for key in item["keys"]):
            key.setdefault("revoked_at", to_numeric_date(at))
        self._put_list(ISSUERS, issuers)

    def list_key(self, iss: str, jwk: Mapping[str, str]) -> None:
        """List one more key of `iss`, which is listed already."""
        issuers = self._list(ISSUERS)
        for item in (item for item in issuers if item["iss"] == iss):
            item["keys"] = [*(key for key in item["keys"] if key["kid"] != jwk["kid"]), dict(jwk)]
        self._put_list(ISSUERS, issuers)

    def revoke_key(self, iss: str, kid: str, *, at: datetime) -> None:
        """Revoke one key of `iss` from `at` on; a key that was revoked earlier stays so."""
        issuers = self._list(ISSUERS)
        for key in (key for item in issuers if item["iss"] == iss for key in item["keys"] if key["kid"] == kid):
            key.setdefault("revoked_at", to_numeric_date(at))
        self._put_list(ISSUERS, issuers)

    def is_revoked(self, iss: str, kid: str) -> bool:
        """Whether this key of `iss` is listed as revoked."""
        keys = [key for item in self._list(ISSUERS) if item["iss"] == iss for key in item["keys"]]
        return any(key["kid"] == kid and "revoked_at" in key for key in keys)

    def remove_issuer(self, iss: str) -> None:
        """Take `iss` out of the list as if it had never been there."""
        self._put_list(ISSUERS, [item for item in self._list(ISSUERS) if item["iss"] != iss])

    def list_relays(self, origins: Iterable[str]) -> None:
        """List exactly these relays, each as an origin such as https://relay.example."""
        self._put_list(RELAYS, sorted(origins))

    def publish(self, *, now: datetime) -> None:
        """Sign the lists as they stand: every role but the root goes up by one version, the timestamp last."""
        targets = Targets(self._version(Targets.type) + 1, expires=now + LIFETIMES[Targets.type])
        for name in TARGET_NAMES:
            data = (self._lists / name).read_bytes()
            target = TargetFile.from_data(name, data, ["sha256"])
            targets.targets[name] = target
            write_whole(self._targets / f"{target.hashes['sha256']}.{name}", data)
        signed_targets = self._sign(targets)
        snapshot = Snapshot(self._version(Snapshot.type) + 1, expires=now + LIFETIMES[Snapshot.type])
        snapshot.meta["targets.json"] = _described(targets.version, signed_targets)
        signed_snapshot = self._sign(snapshot)
        timestamp = Timestamp(self._version(Timestamp.type) + 1, expires=now + LIFETIMES[Timestamp.type])
        timestamp.snapshot_meta = _described(snapshot.version, signed_snapshot)
        write_whole(self._metadata / f"{targets.version}.targets.json", signed_targets)
        write_whole(self._metadata / f"{snapshot.version}.snapshot.json", signed_snapshot)
        if timestamp.version > 1:
            write_whole(self._before, self.timestamp())
        write_whole(self._metadata / "timestamp.json", self._sign(timestamp))

    # ---- what a repository that is attacked or forgotten would serve ----------------------

    def timestamp(self) -> bytes:
        """The newest timestamp.json."""
        return (self._metadata / "timestamp.json").read_bytes()

    def timestamp_before(self) -> bytes | None:
        """The timestamp.json before the newest, None while there was one only."""
        return self._before.read_bytes() if self._before.exists() else None

    def timestamp_ending(self, expires: datetime) -> bytes:
        """What the next timestamp.json would be if it ended at `expires`; it is not published."""
        newest = Metadata[Timestamp].from_bytes(self.timestamp()).signed
        return self._sign(Timestamp(newest.version + 1, expires=expires, snapshot_meta=newest.snapshot_meta))

    def snapshot_and_the_one_before(self) -> dict[str, bytes]:
        """The name of the newest snapshot, with the bytes of the one before: two versions mixed."""
        newest = self._version(Snapshot.type)
        return {f"{newest}.snapshot.json": (self._metadata / f"{newest - 1}.snapshot.json").read_bytes()}

    # ---- keys -----------------------------------------------------------------------------

    def rotate_root_key(self, *, now: datetime) -> None:
        """Replace one of the root's keys: a new root version, signed by the keys before and after."""
        before = self._signers[Root.type]
        fresh = CryptoSigner.generate_ecdsa()
        write_whole(self._keys / f"{Root.type}-0.pem", fresh.private_bytes)
        self._signers[Root.type] = [fresh, *before[1:]]
        latest = self._latest_root()
        assert latest is not None
        self._write_root(latest.version + 1, [fresh, *before], now)

    def app(self) -> Starlette:
        """The repository over HTTP: /metadata/ and /targets/, as TUF clients ask for them."""
        return Starlette(
            routes=[
                Mount("/metadata", StaticFiles(directory=self._metadata)),
                Mount("/targets", StaticFiles(directory=self._targets)),
            ]
        )

    def _signer(self, role: str, number: int) -> CryptoSigner:
        path = self._keys / f"{role}-{number}.pem"
        if not path.exists():
            signer = CryptoSigner.generate_ecdsa()
            write_whole(path, signer.private_bytes)
            return signer
        key = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, EllipticCurvePrivateKey)
        return CryptoSigner(key)

    def _latest_root(self) -> Root | None:
        versions = [int(path.name.split(".")[0]) for path in self._metadata.glob("*.root.json")]
        if not versions:
            return None
        return Metadata[Root].from_bytes((self._metadata / f"{max(versions)}.root.json").read_bytes()).signed

    def _write_root(self, version: int, signers: Iterable[CryptoSigner], now: datetime) -> None:
        root = Root(version, expires=now + LIFETIMES[Root.type], consistent_snapshot=True)
        for role, role_signers in self._signers.items():
            for signer in role_signers:
                root.add_key(signer.public_key, role)
            root.roles[role].threshold = THRESHOLDS[role]
        write_whole(self._metadata / f"{version}.root.json", _signed(root, signers))

    def _version(self, role: str) -> int:
        """The highest version of `role` that was published, 0 before the first."""
        if role == Timestamp.type:
            path = self._metadata / "timestamp.json"
            return Metadata[Timestamp].from_bytes(path.read_bytes()).signed.version if path.exists() else 0
        return max((int(path.name.split(".")[0]) for path in self._metadata.glob(f"*.{role}.json")), default=0)

    def _sign(self, signed: Targets | Snapshot | Timestamp) -> bytes:
        return _signed(signed, self._signers[signed.type])

    def _list(self, name: str) -> list[Any]:
        items: list[Any] = json.loads((self._lists / name).read_bytes())[name.removesuffix(".json")]
        return items

    def _put_list(self, name: str, items: list[Any]) -> None:
        text = json.dumps({name.removesuffix(".json"): items}, ensure_ascii=False, separators=(",", ":"))
        write_whole(self._lists / name, text.encode("utf-8"))


def _signed(signed: Root | Targets | Snapshot | Timestamp, signers: Iterable[CryptoSigner]) -> bytes:
    metadata: Metadata[Any] = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes(_SERIALIZER)


def _described(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})

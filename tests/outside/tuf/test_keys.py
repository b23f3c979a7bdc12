"""Scenarios of tuf-conformance's test_keys.py and test_updater_key_rotations.py, with their names."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tests.outside.tuf.repository import Client, Repository
from tests.outside.tuf.test_basic import refused

pytestmark = pytest.mark.outside


@dataclass(frozen=True)
class Version:
    """Which of ten keys a role has, how many must sign, which do, and whether a client takes it."""

    keys: list[int]
    threshold: int
    sigs: list[int]
    good: bool = True


ALL_FIVE, ONE_NEW = [0, 1, 2, 3, 4], [0, 1, 3, 4, 5]

ROOT_ROTATIONS = {
    "1-of-1-key-rotation": [Version([1], 1, [1]), Version([2], 1, [2, 1]), Version([2], 1, [2])],
    "1-of-1-key-rotation-unused-signatures": [
        Version([1], 1, [3, 1, 4]),
        Version([2], 1, [3, 2, 1, 4]),
        Version([2], 1, [3, 2, 4]),
    ],
    "3-of-5-sign-with-different-keycombos": [
        Version(ALL_FIVE, 3, [0, 2, 4]),
        Version(ALL_FIVE, 3, [0, 4, 1]),
        Version(ALL_FIVE, 3, [0, 1, 3]),
        Version(ALL_FIVE, 3, [0, 1, 3]),
    ],
    "3-of-5-one-key-rotated": [Version(ALL_FIVE, 3, [0, 2, 4]), Version(ONE_NEW, 3, [0, 4, 1])],
    "3-of-5-one-key-rotated-with-intermediate-step": [
        Version(ALL_FIVE, 3, [0, 2, 4]),
        Version(ONE_NEW, 3, [0, 2, 4, 5]),
        Version(ONE_NEW, 3, [0, 4, 5]),
    ],
    "3-of-5-all-keys-rotated-with-intermediate-step": [
        Version(ALL_FIVE, 3, [0, 2, 4]),
        Version([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7]),
        Version([5, 6, 7, 8, 9], 3, [5, 6, 7]),
    ],
    "1-of-3-threshold-increase-to-2-of-3": [Version([1, 2, 3], 1, [1]), Version([1, 2, 3], 2, [1, 2])],
    "2-of-3-threshold-decrease-to-1-of-3": [
        Version([1, 2, 3], 2, [1, 2]),
        Version([1, 2, 3], 1, [1, 2]),
        Version([1, 2, 3], 1, [1]),
    ],
    "1-of-2-threshold-increase-to-2-of-2": [Version([1], 1, [1]), Version([1, 2], 2, [1, 2])],
    "1-of-1-key-rotation-fail-not-signed-with-old-key": [Version([1], 1, [1]), Version([2], 1, [2, 3, 4], False)],
    "1-of-1-key-rotation-fail-not-signed-with-new-key": [Version([1], 1, [1]), Version([2], 1, [1, 3, 4], False)],
    "3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys": [
        Version(ALL_FIVE, 3, [0, 2, 4]),
        Version(ONE_NEW, 3, [0, 2, 4], False),
    ],
    "3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys": [
        Version(ALL_FIVE, 3, [0, 2, 4]),
        Version(ONE_NEW, 3, [0, 4, 5], False),
    ],
    "1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached": [
        Version([1, 2, 3], 1, [1]),
        Version([1, 2, 3], 2, [2], False),
    ],
    "2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-reached": [
        Version([1, 2, 3], 2, [1, 2]),
        Version([1, 2, 3], 1, [1], False),
    ],
}

OTHER_ROTATIONS = {
    "1-of-1-key-rotation": Version([2], 1, [2]),
    "1-of-1-key-rotation-unused-signatures": Version([1], 1, [3, 1, 4]),
    "1-of-1-key-rotation-fail-not-signed-with-new-key": Version([2], 1, [1, 3, 4], False),
    "3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys": Version(ONE_NEW, 3, [0, 2, 4], False),
    "2-of-5-one-key-signature-missing-threshold-not-reached": Version(ONE_NEW, 3, [0, 4], False),
    "3-of-5-sign-first-combo": Version(ALL_FIVE, 3, [0, 2, 4]),
    "3-of-5-sign-second-combo": Version(ALL_FIVE, 3, [0, 4, 1]),
    "3-of-5-sign-third-combo": Version(ALL_FIVE, 3, [0, 1, 3]),
    "3-of-5-sign-fourth-combo": Version(ALL_FIVE, 3, [1, 2, 3]),
    "3-of-5-sign-fifth-combo": Version(ALL_FIVE, 3, [2, 3, 4]),
}


def give_keys(repo: Repository, role: str, version: Version, signers: list[CryptoSigner]) -> None:
    for key in list(repo.root.roles[role].keyids):
        repo.root.revoke_key(key, role)
    repo.root.roles[role].threshold = version.threshold
    for number in version.keys:
        repo.root.add_key(signers[number].public_key, role)
    repo.signers[role] = [signers[number] for number in version.sigs]


@pytest.fixture(scope="module")
def signers() -> list[CryptoSigner]:
    return [CryptoSigner.generate_ed25519() for _ in range(10)]


@pytest.mark.parametrize("versions", ROOT_ROTATIONS.values(), ids=ROOT_ROTATIONS)
def test_root_rotation(client: Client, repo: Repository, versions: list[Version], signers: list[CryptoSigner]) -> None:
    repo.roots.clear()
    for number, version in enumerate(versions, start=1):
        give_keys(repo, Root.type, version, signers)
        repo.root.version = number
        repo.publish_root(bump=False)
    client.init()
    if versions[-1].good:
        assert client.refresh() == 0
        assert client.versions()["root"] == len(versions)
        assert client.everything()[f"{len(versions)}.root.json"] == repo.roots[-1]
    else:
        refused(client)


@pytest.mark.parametrize("role", [Timestamp.type, Snapshot.type, Targets.type])
@pytest.mark.parametrize("version", OTHER_ROTATIONS.values(), ids=OTHER_ROTATIONS)
def test_non_root_rotations(
    refreshed: Client, repo: Repository, version: Version, role: str, signers: list[CryptoSigner]
) -> None:
    give_keys(repo, role, version, signers)
    repo.publish_root()
    repo.publish()
    if version.good:
        assert refreshed.refresh() == 0
        assert refreshed.everything()[f"{role}.json"] == repo.served[role]
    else:
        refused(refreshed)


def test_root_has_keys_but_not_snapshot(refreshed: Client, repo: Repository) -> None:
    for _ in range(3):
        repo.add_key(Snapshot.type)
    repo.root.roles[Snapshot.type].threshold = 3
    repo.publish_root()
    repo.publish()
    assert refreshed.refresh() == 0
    repo.root.add_key(CryptoSigner.generate_ecdsa().public_key, Snapshot.type)
    repo.root.roles[Snapshot.type].threshold = 5
    repo.publish_root()
    repo.publish()
    refused(refreshed)


@pytest.mark.parametrize("role", [Timestamp.type, Snapshot.type, Targets.type])
def test_snapshot_threshold(refreshed: Client, repo: Repository, role: str) -> None:
    """Upstream's name; here for each role: five keys sign and six must."""
    for _ in range(4):
        repo.add_key(role)
    repo.root.roles[role].threshold = 6
    repo.publish_root()
    repo.publish()
    refused(refreshed)


def test_wrong_hashing_algorithm(refreshed: Client, repo: Repository) -> None:
    key = repo.root.keys[repo.root.roles[Snapshot.type].keyids[0]]
    key.unrecognized_fields["keyid_hash_algorithms"] = ["md5"]
    repo.publish_root()
    repo.publish()
    assert refreshed.refresh() == 0
    assert refreshed.versions()["snapshot"] == 2


@pytest.mark.parametrize("role", [Root.type, Timestamp.type, Snapshot.type, Targets.type])
def test_duplicate_keys_root(refreshed: Client, repo: Repository, role: str) -> None:
    """One key under ten names signs ten times: that is one signature more, not ten."""
    signer = CryptoSigner.generate_ecdsa()
    public = signer.public_key
    for number in range(9):
        same = SSlibKey.from_dict(f"{number:064x}", public.to_dict())
        repo.root.add_key(same, role)
        repo.signers[role].append(CryptoSigner(signer._private_key, same))
    repo.root.roles[role].threshold = 6
    repo.publish_root()
    repo.publish()
    refused(refreshed)


@pytest.mark.parametrize("role", [Timestamp.type, Snapshot.type, Targets.type])
def test_what_the_key_before_signed_is_refused_after_rotation(refreshed: Client, repo: Repository, role: str) -> None:
    gone = repo.signers[role]
    repo.rotate_keys(role)
    repo.publish_root()
    repo.signers[role] = gone
    repo.publish()
    refused(refreshed)

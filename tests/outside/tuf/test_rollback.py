"""Scenarios of tuf-conformance's test_rollback.py and test_expiration.py."""

from __future__ import annotations

import pytest
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tests.outside.tuf.repository import FAR, PAST, ROLES, Client, Repository
from tests.outside.tuf.test_basic import refused

pytestmark = pytest.mark.outside

HASHES = pytest.mark.parametrize("use_hashes", [False, True], ids=["basic", "with hashes"])


def test_simple_snapshot_rollback(client: Client, repo: Repository) -> None:
    repo.publish(Snapshot.type, Timestamp.type)
    assert client.refresh() == 0
    repo.snapshot.version = 1
    repo.publish(Snapshot.type, bump=False)
    repo.asked.clear()
    assert client.refresh() == 0
    assert client.versions()["snapshot"] == 2
    assert repo.asked[-1] == "timestamp.json"


def test_new_timestamp_version_rollback(client: Client, repo: Repository) -> None:
    repo.publish(Timestamp.type)
    assert client.refresh() == 0
    repo.timestamp.version = 1
    repo.publish(Timestamp.type, bump=False)
    repo.asked.clear()
    refused(client)
    assert client.versions()["timestamp"] == 2
    assert repo.asked[-1] == "timestamp.json"


@HASHES
def test_snapshot_rollback(client: Client, repo: Repository, use_hashes: bool) -> None:
    repo.with_hashes = use_hashes
    repo.publish(Snapshot.type, Timestamp.type)
    assert client.refresh() == 0
    repo.snapshot.version = 1
    repo.publish(Snapshot.type, bump=False)
    repo.publish(Timestamp.type)
    repo.asked.clear()
    refused(client)
    assert repo.asked[-1] == "timestamp.json"


@HASHES
def test_targets_rollback(client: Client, repo: Repository, use_hashes: bool) -> None:
    repo.with_hashes = use_hashes
    repo.publish()
    assert client.refresh() == 0
    repo.targets.version = 1
    repo.publish(Targets.type, bump=False)
    repo.publish(Snapshot.type, Timestamp.type)
    refused(client)
    assert client.versions()["targets"] == 2


def test_root_rollback(client: Client, repo: Repository) -> None:
    """The repository takes its newest root back; the client goes on from the one it has, not the shipped one."""
    repo.publish_root()
    assert client.refresh() == 0
    repo.roots.pop()
    assert client.refresh() == 0
    assert client.versions()["root"] == 2


def test_a_cache_that_lost_its_newest_root_is_refused(client: Client, repo: Repository) -> None:
    """Ours alone (D2): the root has a floor, so deleting 2.root.json does not bring back the shipped root."""
    repo.publish_root()
    assert client.refresh() == 0
    (client.folder / "metadata" / "2.root.json").unlink()
    repo.roots.pop()
    refused(client)


def test_new_snapshot_version_mismatch(client: Client, repo: Repository) -> None:
    repo.snapshot.version = 2
    repo.publish(Timestamp.type)
    repo.snapshot.version = 1
    repo.publish(Snapshot.type, bump=False)
    refused(client)
    assert client.versions() == {}


# ---- back from a version pushed up by a stolen key -------------------------------------------------


def test_new_timestamp_fast_forward_recovery(client: Client, repo: Repository) -> None:
    repo.timestamp.version = 99
    repo.publish(Timestamp.type)
    assert client.refresh() == 0
    assert client.versions()["timestamp"] == 100
    repo.rotate_keys(Timestamp.type)
    repo.publish_root()
    repo.timestamp.version = 1
    repo.publish(Timestamp.type, bump=False)
    assert client.refresh() == 0
    assert client.versions()["timestamp"] == 1


def test_new_snapshot_fast_forward_recovery(client: Client, repo: Repository) -> None:
    repo.snapshot.version = 99998
    repo.publish(Snapshot.type, Timestamp.type)
    assert client.refresh() == 0
    assert client.versions()["snapshot"] == 99999
    repo.rotate_keys(Snapshot.type)
    repo.rotate_keys(Timestamp.type)
    repo.publish_root()
    repo.snapshot.version = 1
    repo.publish(Snapshot.type, bump=False)
    repo.publish(Timestamp.type)
    assert client.refresh() == 0
    assert client.versions()["snapshot"] == 1


def test_new_targets_fast_forward_recovery(client: Client, repo: Repository) -> None:
    repo.targets.version = 99
    repo.publish()
    assert client.refresh() == 0
    assert client.versions()["targets"] == 100
    repo.rotate_keys(Snapshot.type)
    repo.publish_root()
    repo.targets.version = 2
    repo.publish(Targets.type, bump=False)
    repo.publish(Snapshot.type, Timestamp.type)
    assert client.refresh() == 0
    assert client.versions()["targets"] == 2


# ---- past its time ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_metadata_past_its_time_is_refused_and_nothing_is_kept(refreshed: Client, repo: Repository, role: str) -> None:
    """Upstream's test_root_expired, …_timestamp_…, …_snapshot_…, …_targets_expired; see the README on root."""
    getattr(repo, role).expires = PAST
    if role == Root.type:
        repo.publish_root()
    repo.publish()
    refused(refreshed)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_renewed_is_taken_again(refreshed: Client, repo: Repository, role: str) -> None:
    getattr(repo, role).expires = PAST
    repo.publish_root()
    repo.publish()
    refused(refreshed)
    getattr(repo, role).expires = FAR
    repo.publish_root()
    repo.publish()
    assert refreshed.refresh() == 0
    assert refreshed.versions() == {"root": 3, "timestamp": 3, "snapshot": 3, "targets": 3}


def test_a_repository_that_stands_still_past_its_time_is_a_freeze(refreshed: Client, repo: Repository) -> None:
    """An attacker can only go on serving what ends: the last timestamp whose end has passed is refused as new."""
    repo.timestamp.expires = PAST
    repo.publish(Timestamp.type)
    repo.asked.clear()
    refused(refreshed)
    assert repo.asked[-1] == "timestamp.json"

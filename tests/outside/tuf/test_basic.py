"""Scenarios of tuf-conformance's test_basic.py and test_file_download.py, with mixed-up and ill-formed metadata."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Delegations, Snapshot, Targets, Timestamp

from tests.outside.tuf.repository import Client, Repository

pytestmark = pytest.mark.outside

ROOT = Path(__file__).resolve().parents[3]
FIRST = {"root": 1, "timestamp": 1, "snapshot": 1, "targets": 1}


def refused(client: Client) -> None:
    """A refresh that fails and leaves what is kept byte for byte as it was."""
    before = client.everything()
    assert client.refresh() == 1
    assert client.everything() == before


def test_basic_init_and_refresh(client: Client, repo: Repository) -> None:
    assert client.refresh() == 0
    assert client.versions() == FIRST
    assert repo.asked[:4] == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"]


def test_a_second_refresh_asks_for_no_more_than_it_must(refreshed: Client, repo: Repository) -> None:
    repo.asked.clear()
    assert refreshed.refresh() == 0
    assert repo.asked == ["2.root.json", "timestamp.json"]


def test_implicit_refresh(client: Client, repo: Repository) -> None:
    assert client.download("nonexistent.json") == 1
    assert client.versions() == FIRST
    assert client.downloaded() == {}


def changed_root(repo: Repository, change: Callable[[dict[str, Any]], None]) -> bytes:
    root = json.loads(repo.roots[0])
    change(root)
    return json.dumps(root).encode()


def test_invalid_initial_root(client: Client, repo: Repository) -> None:
    client.init(changed_root(repo, lambda root: root["signed"].pop("version")))
    repo.asked.clear()
    refused(client)
    assert repo.asked == []


def test_unsigned_initial_root(client: Client, repo: Repository) -> None:
    other = json.loads(Repository().roots[0])["signatures"][0]["sig"]
    client.init(changed_root(repo, lambda root: root["signatures"][0].update(sig=other)))
    repo.asked.clear()
    refused(client)
    assert repo.asked == []


def test_timestamp_eq_versions_check(refreshed: Client, repo: Repository) -> None:
    """Upstream's test_timestamp_content_changes is the same: other content under a version that is known."""
    before = refreshed.everything()
    repo.snapshot.version = 100
    repo.publish(Timestamp.type, bump=False)
    assert refreshed.refresh() == 0
    assert refreshed.everything() == before


def test_new_targets_hash_mismatch(refreshed: Client, repo: Repository) -> None:
    repo.with_hashes = True
    repo.publish()
    assert refreshed.refresh() == 0
    repo.targets.expires = repo.targets.expires.replace(year=2097)
    repo.served[Targets.type] = repo.sign(repo.targets)
    repo.publish(Snapshot.type, Timestamp.type)
    repo.targets.expires = repo.targets.expires.replace(year=2096)
    repo.served[Targets.type] = repo.sign(repo.targets)
    refused(refreshed)


def test_new_snapshot_hash_mismatch(refreshed: Client, repo: Repository) -> None:
    repo.with_hashes = True
    repo.publish()
    repo.snapshot.expires = repo.snapshot.expires.replace(year=2097)
    repo.served[Snapshot.type] = repo.sign(repo.snapshot)
    refused(refreshed)


def test_new_targets_version_mismatch(refreshed: Client, repo: Repository) -> None:
    repo.publish(Targets.type)
    repo.publish(Targets.type)
    repo.snapshot.meta["targets.json"].version = 2
    repo.snapshot.version += 1
    repo.served[Snapshot.type] = repo.sign(repo.snapshot)
    repo.publish(Timestamp.type)
    refused(refreshed)


def test_custom_fields(refreshed: Client, repo: Repository) -> None:
    repo.root.unrecognized_fields["custom-field"] = "value"
    keyid = repo.root.roles["root"].keyids[0]
    repo.root.keys[keyid].unrecognized_fields["extra-field"] = {"a": 1, "b": 2}
    repo.root.roles["root"].unrecognized_fields["another-field"] = "value"
    repo.publish_root()
    assert refreshed.refresh() == 0
    assert refreshed.versions()["root"] == 2


# ---- mixed up and taken from elsewhere -----------------------------------------------------------


@pytest.mark.parametrize("role", [Timestamp.type, Snapshot.type, Targets.type])
def test_metadata_of_another_repository_is_refused(refreshed: Client, repo: Repository, role: str) -> None:
    other = Repository()
    other.publish()
    repo.publish()
    repo.served[role] = other.served[role]
    refused(refreshed)


@pytest.mark.parametrize("role", [Snapshot.type, Targets.type])
def test_an_older_version_beside_newer_ones_is_refused(refreshed: Client, repo: Repository, role: str) -> None:
    older = repo.served[role]
    repo.publish()
    repo.served[role] = older
    refused(refreshed)


@pytest.mark.parametrize("role", [Timestamp.type, Snapshot.type, Targets.type])
def test_metadata_of_another_role_is_refused(refreshed: Client, repo: Repository, role: str) -> None:
    repo.publish()
    repo.served[role] = repo.served[Targets.type if role != Targets.type else Snapshot.type]
    refused(refreshed)


@pytest.mark.parametrize("role", [Timestamp.type, Snapshot.type, Targets.type])
@pytest.mark.parametrize("data", [b"", b"{}", b"not json", b"[]"])
def test_what_is_no_metadata_is_refused(refreshed: Client, repo: Repository, role: str, data: bytes) -> None:
    repo.publish()
    repo.served[role] = data
    refused(refreshed)


def test_delegations_are_refused(refreshed: Client, repo: Repository) -> None:
    """So none of upstream's delegation scenarios can arise: see the README."""
    repo.targets.delegations = Delegations({}, {})
    repo.publish()
    refused(refreshed)


@pytest.mark.parametrize("number", [2, 3])
def test_a_gap_in_the_chain_of_roots_is_refused(refreshed: Client, repo: Repository, number: int) -> None:
    for _ in range(3):
        repo.publish_root()
    repo.roots[number - 1] = repo.roots[number]
    refused(refreshed)


# ---- lists --------------------------------------------------------------------------------------


def test_client_downloads_expected_file(client: Client, repo: Repository) -> None:
    assert client.refresh() == 0
    assert client.downloaded() == {}
    assert client.download("issuers.json") == 0
    assert client.downloaded() == {"issuers.json": repo.lists["issuers.json"]}


def test_repository_substitutes_target_file(client: Client, repo: Repository) -> None:
    assert client.download("relays.json") == 0
    genuine = client.downloaded()
    repo.lists["relays.json"] = repo.lists["issuers.json"] = b'{"relays":["https://elsewhere.example"]}'
    client.download("relays.json")
    assert client.downloaded() == genuine
    fresh = Client(client.folder / "fresh", repo)
    fresh.init()
    assert fresh.download("issuers.json") == 1
    assert fresh.downloaded() == {}


@pytest.mark.parametrize("length", [0, -1, 1])
def test_a_list_of_another_length_is_refused(refreshed: Client, repo: Repository, length: int) -> None:
    repo.lists["relays.json"] = b'{"relays":["https://relay.example"]}'
    repo.publish()
    data = repo.lists["relays.json"]
    repo.lists["relays.json"] = b"" if length == 0 else data[:-1] if length < 0 else data + b" "
    refused(refreshed)


def test_multiple_changes_to_target(client: Client, repo: Repository) -> None:
    for number in range(4):
        genuine = b'{"relays":["https://relay-%d.example"]}' % number
        repo.lists["relays.json"] = genuine
        repo.publish()
        assert client.download("relays.json") == 0
        assert client.downloaded() == {"relays.json": genuine}
        repo.publish()
        repo.lists["relays.json"] = b'{"relays":["https://wrong-%d.example"]}' % number
        client.download("relays.json")
        assert client.downloaded() == {"relays.json": genuine}


# ---- the command itself -------------------------------------------------------------------------


def test_the_command_says_why_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "root").write_bytes(Repository().roots[0])
    command = [sys.executable, "-m", "tests.outside.tuf.client", "--metadata-dir", str(tmp_path / "metadata")]
    assert subprocess.run([*command, "init", str(tmp_path / "root")], cwd=ROOT, check=False).returncode == 0
    closed = ["--metadata-url", "http://127.0.0.1:9/metadata", "--target-base-url", "http://127.0.0.1:9/targets"]
    done = subprocess.run([*command, *closed, "refresh"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("network-unavailable: ")

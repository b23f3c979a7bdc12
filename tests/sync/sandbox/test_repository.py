"""The stand-in's trust repository: real thresholds, versions that only go up, lists as they were set."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root, Targets, Timestamp

from crypto.errors import IssuerUnknown, KeyRevoked
from crypto.keys import Issuer, SigningKey
from crypto.trust import Floors, Freshness, TrustFiles, TrustList, verify_trust
from sync.sandbox.repository import TrustRepository

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ISSUER = Issuer("https://oak-lane-surgery.example", "Oak Lane Surgery", "A81001", "gp")


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def repository(tmp_path: Path, key: SigningKey) -> TrustRepository:
    repository = TrustRepository(tmp_path, now=NOW)
    repository.list_issuer(ISSUER, [key.public.to_jwk()])
    repository.publish(now=NOW)
    return repository


def published(folder: Path, version: int, floors: Floors | None = None) -> TrustList:
    """What a passport believes of the folder's files at `version` of targets and snapshot."""
    metadata = folder / "metadata"
    roots = sorted(metadata.glob("*.root.json"), key=lambda path: int(path.name.split(".")[0]))
    targets = (metadata / f"{version}.targets.json").read_bytes()
    described = Metadata[Targets].from_bytes(targets).signed.targets
    files = TrustFiles(
        tuple(path.read_bytes() for path in roots),
        (metadata / "timestamp.json").read_bytes(),
        (metadata / f"{version}.snapshot.json").read_bytes(),
        targets,
        {
            name: (folder / "targets" / f"{target.hashes['sha256']}.{name}").read_bytes()
            for name, target in described.items()
        },
    )
    return verify_trust(files, floors or Floors(), now=NOW)


def test_the_root_asks_two_of_three_and_targets_two_of_two(repository: TrustRepository) -> None:
    root = Metadata[Root].from_bytes(repository.first_root).signed
    asked = {name: (role.threshold, len(role.keyids)) for name, role in root.roles.items()}
    assert asked == {"root": (2, 3), "targets": (2, 2), "snapshot": (1, 1), "timestamp": (1, 1)}
    assert len(root.keys) == 7


def test_a_published_list_verifies_and_is_fresh_for_a_week(repository: TrustRepository, tmp_path: Path) -> None:
    trust = published(tmp_path, 1)
    assert trust.issuers[ISSUER.iss].issuer == ISSUER
    assert trust.freshness(NOW + timedelta(days=7, seconds=-1)) is Freshness.FRESH
    assert trust.freshness(NOW + timedelta(days=7)) is Freshness.AGED


def test_versions_go_up_over_a_restart_and_keys_and_lists_stay(repository: TrustRepository, tmp_path: Path) -> None:
    floors = published(tmp_path, 1).floors
    again = TrustRepository(tmp_path, now=NOW)
    again.publish(now=NOW)
    trust = published(tmp_path, 2, floors)
    assert trust.floors == Floors(root=1, timestamp=2, snapshot=2, targets=2)
    assert ISSUER.iss in trust.issuers
    assert again.first_root == repository.first_root


def test_a_holders_new_key_stands_beside_its_old_one(
    repository: TrustRepository, tmp_path: Path, key: SigningKey
) -> None:
    fresh = SigningKey.generate()
    repository.list_issuer(ISSUER, [fresh.public.to_jwk()])
    repository.publish(now=NOW)
    assert set(published(tmp_path, 2).issuers[ISSUER.iss].keys) == {key.public.kid, fresh.public.kid}


def test_a_revoked_issuer_is_refused_from_that_second_on(
    repository: TrustRepository, tmp_path: Path, key: SigningKey
) -> None:
    repository.revoke_issuer(ISSUER.iss, at=NOW)
    repository.revoke_issuer(ISSUER.iss, at=NOW + timedelta(days=1))
    repository.list_issuer(ISSUER, [key.public.to_jwk()])
    repository.publish(now=NOW)
    trust = published(tmp_path, 2)
    assert trust.key(ISSUER.iss, key.public.kid, NOW - timedelta(seconds=1))[0] == ISSUER
    with pytest.raises(KeyRevoked):
        trust.key(ISSUER.iss, key.public.kid, NOW)


def test_one_revoked_key_leaves_the_issuers_others_as_they_were(
    repository: TrustRepository, tmp_path: Path, key: SigningKey
) -> None:
    fresh = SigningKey.generate()
    repository.list_key(ISSUER.iss, fresh.public.to_jwk())
    repository.revoke_key(ISSUER.iss, key.public.kid, at=NOW)
    repository.revoke_key(ISSUER.iss, key.public.kid, at=NOW + timedelta(days=1))
    repository.publish(now=NOW)
    listed = published(tmp_path, 2).issuers[ISSUER.iss].keys
    assert {kid: one.revoked_at for kid, one in listed.items()} == {key.public.kid: NOW, fresh.public.kid: None}
    assert repository.is_revoked(ISSUER.iss, key.public.kid)
    assert not repository.is_revoked(ISSUER.iss, fresh.public.kid)


def test_the_timestamp_before_the_newest_is_kept_over_a_restart(repository: TrustRepository, tmp_path: Path) -> None:
    assert repository.timestamp_before() is None
    first = repository.timestamp()
    repository.publish(now=NOW)
    assert TrustRepository(tmp_path, now=NOW).timestamp_before() == first
    assert repository.timestamp() != first


def test_a_timestamp_that_ends_early_is_signed_newer_and_not_published(
    repository: TrustRepository, tmp_path: Path
) -> None:
    before = repository.timestamp()
    early = Metadata[Timestamp].from_bytes(repository.timestamp_ending(NOW)).signed
    assert (early.version, early.expires) == (2, NOW)
    assert repository.timestamp() == before


def test_a_removed_issuer_is_unknown(repository: TrustRepository, tmp_path: Path, key: SigningKey) -> None:
    repository.remove_issuer(ISSUER.iss)
    repository.publish(now=NOW)
    with pytest.raises(IssuerUnknown):
        published(tmp_path, 2).key(ISSUER.iss, key.public.kid, NOW)


def test_a_root_near_its_end_is_renewed_when_the_repository_opens(repository: TrustRepository, tmp_path: Path) -> None:
    TrustRepository(tmp_path, now=NOW + timedelta(days=335))
    assert published(tmp_path, 1).floors.root == 1
    TrustRepository(tmp_path, now=NOW + timedelta(days=335, seconds=1))
    assert published(tmp_path, 1).floors.root == 2


def test_a_rotated_root_key_is_used_after_a_restart(repository: TrustRepository, tmp_path: Path) -> None:
    repository.rotate_root_key(now=NOW)
    TrustRepository(tmp_path, now=NOW).rotate_root_key(now=NOW)
    assert published(tmp_path, 1).floors.root == 3


def test_private_keys_are_readable_by_their_owner_only(repository: TrustRepository, tmp_path: Path) -> None:
    keys = list((tmp_path / "keys").iterdir())
    assert len(keys) == 7
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700

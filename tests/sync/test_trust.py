"""Fetching the trust list from the stand-in's repository, in process, and each way the repository can be wrong.

The library's workflow reads the system clock, so "now" lies in 2098 where metadata must be good and in
2020 where it must be past its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from crypto.errors import (
    Expired,
    NetworkUnavailable,
    NotAllowed,
    PassportError,
    ServiceRefused,
    TrustMixed,
    TrustNotSigned,
    TrustRolledBack,
)
from crypto.keys import Issuer, SigningKey
from crypto.trust import Floors, TrustFiles, TrustList, verify_trust
from sync.profile import Profile, TrustSource
from sync.sandbox.in_process import InProcess
from sync.sandbox.repository import TrustRepository
from sync.transport import Transport
from sync.trust import fetch_trust

NOW = datetime(2098, 5, 4, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 5, 4, 12, 0, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:8104"
ISSUER = Issuer("https://oak-lane-surgery.example", "Oak Lane Surgery", "A81001", "gp")


class Recorded(httpx.BaseTransport):
    """Passes requests on and remembers their paths."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner, self.paths = inner, list[str]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        return self.inner.handle_request(request)


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def repository(tmp_path: Path, key: SigningKey) -> TrustRepository:
    repository = TrustRepository(tmp_path / "trust", now=NOW)
    repository.list_issuer(ISSUER, [key.public.to_jwk()])
    repository.list_relays(["https://relay.example"])
    repository.publish(now=NOW)
    return repository


@pytest.fixture
def anchored(profile: Profile, repository: TrustRepository) -> Profile:
    source = TrustSource(f"{ORIGIN}/metadata", f"{ORIGIN}/targets", repository.first_root)
    return replace(profile, trust=source)


@pytest.fixture
def wire(repository: TrustRepository) -> Recorded:
    return Recorded(InProcess({ORIGIN: repository.app()}))


@pytest.fixture
def over_wire(wire: Recorded, over: Callable[[httpx.BaseTransport], Transport]) -> Transport:
    return over(wire)


def believed(files: TrustFiles, floors: Floors | None = None) -> TrustList:
    return verify_trust(files, floors or Floors(), now=NOW)


def refusal(transport: Transport, profile: Profile, cached: TrustFiles | None = None) -> PassportError:
    with pytest.raises(PassportError) as caught:
        fetch_trust(transport, profile, cached)
    return caught.value


def edit(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


def test_a_fetched_list_verifies_and_names_its_issuers(
    over_wire: Transport, anchored: Profile, key: SigningKey
) -> None:
    trust = believed(fetch_trust(over_wire, anchored, None))
    assert trust.key(ISSUER.iss, key.public.kid, NOW) == (ISSUER, key.public)
    assert trust.relays == frozenset({"https://relay.example"})


def test_a_list_that_did_not_change_costs_two_requests(over_wire: Transport, anchored: Profile, wire: Recorded) -> None:
    first = fetch_trust(over_wire, anchored, None)
    wire.paths.clear()
    assert fetch_trust(over_wire, anchored, first) == first
    assert wire.paths == ["/metadata/2.root.json", "/metadata/timestamp.json"]


def test_a_newer_list_takes_the_place_of_the_cached_one(
    over_wire: Transport, anchored: Profile, repository: TrustRepository
) -> None:
    first = fetch_trust(over_wire, anchored, None)
    repository.revoke_issuer(ISSUER.iss, at=NOW)
    repository.publish(now=NOW)
    second = believed(fetch_trust(over_wire, anchored, first), believed(first).floors)
    assert second.version == 2
    assert all(listed.revoked_at == NOW for listed in second.issuers[ISSUER.iss].keys.values())


def test_a_rotated_root_is_followed_and_the_whole_chain_kept(
    over_wire: Transport, anchored: Profile, repository: TrustRepository
) -> None:
    first = fetch_trust(over_wire, anchored, None)
    repository.rotate_root_key(now=NOW)
    repository.rotate_root_key(now=NOW)
    repository.publish(now=NOW)
    files = fetch_trust(over_wire, anchored, first)
    assert len(files.roots) == 3
    assert believed(files).floors.root == 3


def test_a_cache_from_another_root_is_left_aside(over_wire: Transport, anchored: Profile, tmp_path: Path) -> None:
    first = fetch_trust(over_wire, anchored, None)
    stranger = TrustRepository(tmp_path / "other", now=NOW)
    files = fetch_trust(over_wire, anchored, replace(first, roots=(stranger.first_root,)))
    assert files == first


def test_no_server_is_no_network(anchored: Profile, over: Callable[[httpx.BaseTransport], Transport]) -> None:
    assert isinstance(refusal(over(InProcess({})), anchored), NetworkUnavailable)


def test_a_repository_at_an_address_without_tls_is_not_asked(over_wire: Transport, anchored: Profile) -> None:
    elsewhere = replace(anchored, trust=replace(anchored.trust, metadata_url="http://trust.example/metadata"))
    assert isinstance(refusal(over_wire, elsewhere), NotAllowed)


def test_a_server_without_the_metadata_refuses(over_wire: Transport, anchored: Profile, tmp_path: Path) -> None:
    (tmp_path / "trust" / "metadata" / "timestamp.json").unlink()
    refused = refusal(over_wire, anchored)
    assert isinstance(refused, ServiceRefused)
    assert str(refused) == "service-refused: trust repository: expected 200, found 404"


def test_metadata_past_its_time_is_refused(
    over_wire: Transport, anchored: Profile, repository: TrustRepository
) -> None:
    repository.publish(now=LONG_AGO)
    assert isinstance(refusal(over_wire, anchored), Expired)


def test_an_older_timestamp_than_the_cached_one_is_refused(
    over_wire: Transport, anchored: Profile, repository: TrustRepository, tmp_path: Path
) -> None:
    timestamp = tmp_path / "trust" / "metadata" / "timestamp.json"
    old = timestamp.read_bytes()
    repository.publish(now=NOW)
    cached = fetch_trust(over_wire, anchored, None)
    timestamp.write_bytes(old)
    assert isinstance(refusal(over_wire, anchored, cached), TrustRolledBack)


def test_an_older_repository_served_to_an_emptied_cache_falls_to_the_floors(
    over_wire: Transport, anchored: Profile, repository: TrustRepository, tmp_path: Path
) -> None:
    timestamp = tmp_path / "trust" / "metadata" / "timestamp.json"
    old = timestamp.read_bytes()
    repository.publish(now=NOW)
    floors = believed(fetch_trust(over_wire, anchored, None)).floors
    timestamp.write_bytes(old)
    with pytest.raises(TrustRolledBack):
        believed(fetch_trust(over_wire, anchored, None), floors)


def test_a_timestamp_changed_by_one_character_is_refused(
    over_wire: Transport, anchored: Profile, tmp_path: Path
) -> None:
    edit(tmp_path / "trust" / "metadata" / "timestamp.json", b"2098-05-11", b"2098-05-12")
    assert isinstance(refusal(over_wire, anchored), TrustNotSigned)


def test_a_list_changed_by_one_character_is_refused(over_wire: Transport, anchored: Profile, tmp_path: Path) -> None:
    (path,) = (tmp_path / "trust" / "targets").glob("*.issuers.json")
    edit(path, b"Oak", b"Elm")
    assert isinstance(refusal(over_wire, anchored), TrustMixed)


@pytest.mark.parametrize("name", ["metadata/*.snapshot.json", "metadata/*.targets.json", "targets/*.issuers.json"])
def test_a_file_longer_than_the_one_that_names_it_says_is_refused_and_not_taken_for_a_bad_line(
    over_wire: Transport, anchored: Profile, tmp_path: Path, name: str
) -> None:
    newest = max((tmp_path / "trust").glob(name))
    newest.write_bytes(newest.read_bytes() + b" ")
    assert isinstance(refusal(over_wire, anchored), TrustMixed)


def test_another_repositorys_root_does_not_anchor_this_one(
    over_wire: Transport, anchored: Profile, tmp_path: Path
) -> None:
    stranger = TrustRepository(tmp_path / "other", now=NOW)
    elsewhere = replace(anchored, trust=replace(anchored.trust, root=stranger.first_root))
    assert isinstance(refusal(over_wire, elsewhere), TrustNotSigned)


def test_fetching_leaves_nothing_behind(
    over_wire: Transport, anchored: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    fetch_trust(over_wire, anchored, None)
    assert list(scratch.iterdir()) == []

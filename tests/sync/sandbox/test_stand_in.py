"""The stand-in as a passport meets it: login, trust, updates, attestation; and again after a restart."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from crypto import attestation
from crypto.attestation import Subject
from crypto.encoding import b64url_encode
from crypto.errors import AttestationWrong, DeviceRevoked, LoginNeeded, ServiceRefused
from crypto.feed import Feed, VerifiedUpdate
from crypto.keys import SigningKey
from crypto.trust import Floors, TrustList, verify_trust
from sync.login import Tokens, log_in
from sync.profile import Profile
from sync.records import attest_device, feed_head, possession_message, update_pages
from sync.sandbox.people import HeldBundle, MadeUpPerson
from sync.sandbox.stand_in import HOLDERS, SERVICE, StandIn
from sync.transport import Transport
from sync.trust import fetch_trust

Assembled = Callable[..., StandIn]
Reach = Callable[[StandIn], Transport]
Written = Callable[[], Profile]


@pytest.fixture
def stand_in(assembled: Assembled, mair: MadeUpPerson) -> StandIn:
    return assembled(mair)


@pytest.fixture
def wire(stand_in: StandIn, reach: Reach) -> Transport:
    return reach(stand_in)


@pytest.fixture
def served(stand_in: StandIn, written_profile: Written) -> Profile:
    return written_profile()


@pytest.fixture
def tokens(wire: Transport, served: Profile, clock: Any) -> Tokens:
    return log_in(wire, served, "mair", now=clock())


def trusted(wire: Transport, profile: Profile, clock: Any) -> TrustList:
    return verify_trust(fetch_trust(wire, profile, None), Floors(), now=clock())


def believed(
    wire: Transport, profile: Profile, tokens: Tokens, trust: TrustList, clock: Any
) -> dict[str, list[VerifiedUpdate]]:
    found: dict[str, list[VerifiedUpdate]] = {}
    for holder in profile.holders:
        feed = Feed(None, iss=holder.iss, sub=tokens.subjects[holder.iss], keys=trust, now=clock())
        feed.head(feed_head(wire, holder, tokens).decode())
        served = chain.from_iterable(update_pages(wire, holder, tokens))
        found[holder.kind] = [feed.update(token.decode()) for token in served]
        feed.require_complete()
    return found


@pytest.fixture
def trust(wire: Transport, served: Profile, clock: Any) -> TrustList:
    return trusted(wire, served, clock)


@pytest.fixture(autouse=True)
def _far_ahead(clock: Any) -> None:
    """The library that fetches trust lists reads the system's clock: this keeps what it sees in its time."""
    clock.at = datetime(2098, 11, 23, 9, 0, tzinfo=UTC)


def test_what_both_holders_signed_is_believed_byte_for_byte(
    wire: Transport, served: Profile, tokens: Tokens, trust: TrustList, clock: Any, mair: MadeUpPerson
) -> None:
    found = believed(wire, served, tokens, trust, clock)
    assert {kind: [(u.seq, u.fhir_version, u.bundle) for u in updates] for kind, updates in found.items()} == {
        kind: [(1, held.fhir_version, held.bundle)] for kind, held in mair.bundles.items()
    }
    assert found["gp"][0].issuer.name == "Oak Lane Surgery"
    assert len(found["gp"][0].resources) == 2


def test_progress_of_updates_ends_at_their_length(wire: Transport, served: Profile, tokens: Tokens) -> None:
    told: list[tuple[int, int | None]] = []
    list(update_pages(wire, served.holders[0], tokens, progress=lambda done, total: told.append((done, total))))
    assert told[-1][0] == told[-1][1]


def test_restart_keeps_keys_feeds_and_ids_and_signs_nothing_twice(
    stand_in: StandIn,
    assembled: Assembled,
    reach: Reach,
    served: Profile,
    tokens: Tokens,
    mair: MadeUpPerson,
    clock: Any,
) -> None:
    wire = reach(assembled(mair))
    again = log_in(wire, served, "mair", now=clock())
    assert again.subjects == tokens.subjects
    for holder in served.holders:
        sub = tokens.subjects[holder.iss]
        kept = [update.token.encode() for update in stand_in.holders[holder.kind].updates(sub)]
        assert list(chain.from_iterable(update_pages(wire, holder, again))) == kept
        assert len(kept) == 1


def test_changed_bundle_becomes_the_next_update(
    stand_in: StandIn,
    assembled: Assembled,
    reach: Reach,
    served: Profile,
    mair: MadeUpPerson,
    clock: Any,
) -> None:
    newer = HeldBundle("3.0.1", mair.bundles["gp"].bundle.replace(b"surgery", b"newer"))
    wire = reach(assembled(replace(mair, bundles={"gp": newer})))
    tokens = log_in(wire, served, "mair", now=clock())
    assert list(tokens.subjects) == [HOLDERS["gp"].iss]
    found = list(chain.from_iterable(update_pages(wire, served.holders[0], tokens)))
    assert len(found) == 2
    feed = Feed(
        None,
        iss=HOLDERS["gp"].iss,
        sub=tokens.subjects[HOLDERS["gp"].iss],
        keys=trusted(wire, served, clock),
        now=clock(),
    )
    feed.head(feed_head(wire, served.holders[0], tokens).decode())
    assert [feed.update(token.decode()).bundle for token in found] == [mair.bundles["gp"].bundle, newer.bundle]


def test_trust_lists_of_a_restart_are_newer(
    stand_in: StandIn,
    assembled: Assembled,
    reach: Reach,
    served: Profile,
    trust: TrustList,
    mair: MadeUpPerson,
    clock: Any,
) -> None:
    newer = trusted(reach(assembled(mair)), served, clock)
    assert newer.version == trust.version + 1
    assert newer.relays == {served.relay.base_url}


def test_state_is_for_its_owner_only(stand_in: StandIn, tmp_path: Path) -> None:
    keys = [path for path in (tmp_path / "state").rglob("*") if path.is_file() and "key" in path.name]
    assert len(keys) >= 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").rglob("*") if path.is_file()} == {0o600}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


# ---- what is refused ----


def test_login_that_is_past_its_time_is_needed_again(
    wire: Transport, served: Profile, tokens: Tokens, clock: Any
) -> None:
    clock.forward(minutes=5)
    with pytest.raises(LoginNeeded, match="login-needed"):
        feed_head(wire, served.holders[0], tokens)
    with pytest.raises(LoginNeeded):
        list(update_pages(wire, served.holders[0], tokens))


def test_another_persons_feed_is_not_given(wire: Transport, served: Profile, tokens: Tokens) -> None:
    other = replace(tokens, subjects={served.holders[0].iss: "another"})
    with pytest.raises(ServiceRefused, match="expected 200, found 403"):
        feed_head(wire, served.holders[0], other)


def test_holder_without_an_id_of_this_person_is_not_asked(served: Profile, tokens: Tokens, over: Any) -> None:
    with pytest.raises(ServiceRefused, match="expected this person's id at the holder"):
        feed_head(over(None), served.holders[0], replace(tokens, subjects={}))


# ---- the device's attestation ----


def test_device_key_is_attested_for_the_person_logged_in(
    wire: Transport, served: Profile, tokens: Tokens, trust: TrustList, clock: Any
) -> None:
    device = SigningKey.generate()
    found = attest_device(wire, served, tokens, device)
    attested = attestation.verify(found, Subject("9990000026", "1959-03-01", "Mair Siôn"), trust, now=clock())
    assert (attested.issuer.iss, attested.device_key) == (SERVICE.iss, device.public)
    with pytest.raises(AttestationWrong):
        attestation.verify(found, Subject("9990000018", "1959-03-01", "Mair Siôn"), trust, now=clock())


def test_device_that_does_not_hold_the_key_is_refused(wire: Transport, served: Profile, tokens: Tokens) -> None:
    assert served.service is not None
    claimed, held = SigningKey.generate(), SigningKey.generate()
    body = {
        "device_key": b64url_encode(claimed.public.compressed),
        "proof": b64url_encode(held.sign(possession_message(tokens.access))),
    }
    url = f"{served.service.base_url}/device-attestation"
    answer = wire.post(url, json=body, headers={"Authorization": f"Bearer {tokens.access}"})
    assert (answer.status, b"attestation" in answer.body) == (403, False)


def test_proof_of_another_login_is_refused(wire: Transport, served: Profile, tokens: Tokens, clock: Any) -> None:
    assert served.service is not None
    device = SigningKey.generate()
    earlier = log_in(wire, served, "mair", now=clock())
    body = {
        "device_key": b64url_encode(device.public.compressed),
        "proof": b64url_encode(device.sign(possession_message(earlier.access))),
    }
    url = f"{served.service.base_url}/device-attestation"
    assert wire.post(url, json=body, headers={"Authorization": f"Bearer {tokens.access}"}).status == 403


@pytest.mark.parametrize("body", [b"", b"[]", b'{"device_key":"AA","proof":"AA"}', b'{"device_key":"="}'])
def test_malformed_attestation_request_is_refused(
    wire: Transport, served: Profile, tokens: Tokens, body: bytes
) -> None:
    assert served.service is not None
    url = f"{served.service.base_url}/device-attestation"
    asked = json.loads(body) if body else ""
    assert wire.post(url, json=asked, headers={"Authorization": f"Bearer {tokens.access}"}).status == 422


def test_nobody_is_attested_without_a_login(wire: Transport, served: Profile, tokens: Tokens, clock: Any) -> None:
    clock.forward(minutes=5)
    with pytest.raises(LoginNeeded):
        attest_device(wire, served, tokens, SigningKey.generate())


def test_profile_without_a_record_service_attests_nothing(wire: Transport, served: Profile, tokens: Tokens) -> None:
    with pytest.raises(ServiceRefused, match="expected a record service in the profile"):
        attest_device(wire, replace(served, service=None), tokens, SigningKey.generate())


def test_lost_device_is_revoked_over_the_control_and_only_that_one(
    wire: Transport, served: Profile, tokens: Tokens, clock: Any
) -> None:
    assert served.service is not None
    lost, found = SigningKey.generate(), SigningKey.generate()
    attest_device(wire, served, tokens, lost)
    answer = wire.post(f"{served.service.base_url}/control/revoke", json={"person": "mair"})
    assert json.loads(answer.body) == {"revoked": 1}
    with pytest.raises(DeviceRevoked, match="device-revoked: attestation"):
        attest_device(wire, served, tokens, lost)
    assert attest_device(wire, served, tokens, found)


@pytest.mark.parametrize("asked", [{"person": "nobody"}, {}, []])
def test_nobodys_devices_are_revoked_by_a_control_that_names_nobody(
    wire: Transport, served: Profile, tokens: Tokens, asked: object
) -> None:
    assert served.service is not None
    device = SigningKey.generate()
    attest_device(wire, served, tokens, device)
    answer = wire.post(f"{served.service.base_url}/control/revoke", json=asked)
    assert json.loads(answer.body) == {"revoked": 0}
    assert attest_device(wire, served, tokens, device)

"""Which keys are believed: verified before stored, verified again from the store, and old ones only for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.actions.far_side import Services
from app.actions.session import Passport
from app.actions.trusting import newest_trust, stored_trust
from app.store.ledger import StoredTrust
from crypto.errors import NetworkUnavailable, PassportError, TrustNotSigned, TrustTooOld
from crypto.trust import Freshness
from sync.sandbox.repository import LIFETIMES
from tests.actions.made_up import SURGERY, World

TIMESTAMP = LIFETIMES["timestamp"]


@pytest.fixture
def served(world: World, fresh: Passport, services: Services) -> Passport:
    """A passport that has fetched the list once."""
    newest_trust(fresh, services, now=world.now)
    return fresh


def test_before_the_first_list_there_is_none(world: World, fresh: Passport) -> None:
    assert stored_trust(fresh, now=world.now) is None


def test_the_newest_list_is_stored_with_its_floors(world: World, fresh: Passport, services: Services) -> None:
    trust = newest_trust(fresh, services, now=world.now)
    kept = fresh.store.trust()
    assert kept is not None
    assert (trust.version, kept.floors.timestamp, kept.floors.root) == (1, 1, 1)


def test_the_stored_list_is_verified_again_without_a_network(world: World, served: Passport) -> None:
    world.lose()
    trust = stored_trust(served, now=world.now)
    assert trust is not None
    assert trust.version == 1
    issuer, _key = trust.key(SURGERY.iss, world.stand_in.holders["gp"].jwks[0]["kid"], world.now)
    assert issuer.name == SURGERY.name


def test_a_stored_list_that_was_changed_is_refused(world: World, served: Passport) -> None:
    kept = served.store.trust()
    assert kept is not None
    changed = kept.files.timestamp.replace(b'"version":1', b'"version":7', 1)
    assert changed != kept.files.timestamp
    served.store.set_trust(StoredTrust(replace(kept.files, timestamp=changed), kept.floors))
    with pytest.raises(TrustNotSigned):
        stored_trust(served, now=world.now)


def test_a_newer_list_takes_the_place_of_the_stored_one(world: World, served: Passport, services: Services) -> None:
    world.clock.forward(days=1)
    world.publish_trust()
    assert newest_trust(served, services, now=world.now).version == 2
    assert served.store.floors().timestamp == 2


def test_without_a_network_the_stored_list_is_used(world: World, served: Passport, services: Services) -> None:
    world.lose("trust")
    assert newest_trust(served, services, now=world.now).version == 1


def test_without_a_network_and_without_a_list_there_is_nothing_to_believe(
    world: World, fresh: Passport, services: Services
) -> None:
    world.lose("trust")
    with pytest.raises(NetworkUnavailable):
        newest_trust(fresh, services, now=world.now)
    assert fresh.store.trust() is None


def test_a_repository_that_serves_something_expired_falls_back_on_the_stored_list(
    world: World, served: Passport, services: Services
) -> None:
    before = served.store.trust()
    world.clock.forward(days=1)
    world.stand_in.repository.publish(now=world.now.replace(year=2001))  # past its time on any clock
    trust = newest_trust(served, services, now=world.now)
    assert trust.version == 1
    assert served.store.trust() == before


def test_an_expired_repository_and_no_list_is_refused(world: World, fresh: Passport, services: Services) -> None:
    world.stand_in.repository.publish(now=world.now.replace(year=2001))
    with pytest.raises(PassportError) as refusal:
        newest_trust(fresh, services, now=world.now)
    assert refusal.value.code == "trust-too-old"
    assert fresh.store.trust() is None


def test_an_aged_list_is_used_within_its_grace(world: World, served: Passport, services: Services) -> None:
    world.lose("trust")
    world.clock.forward(seconds=(TIMESTAMP + timedelta(days=13)).total_seconds())
    trust = newest_trust(served, services, now=world.now)
    assert trust.freshness(world.now) is Freshness.AGED


def test_a_list_past_every_grace_is_refused_and_stays_stored(
    world: World, served: Passport, services: Services
) -> None:
    world.lose("trust")
    world.clock.forward(seconds=(TIMESTAMP + timedelta(days=91)).total_seconds())
    with pytest.raises(TrustTooOld):
        newest_trust(served, services, now=world.now)
    assert served.store.trust() is not None


def test_a_repository_that_goes_back_is_refused_and_the_stored_list_stays(
    world: World, fresh: Passport, services: Services
) -> None:
    metadata = world.state / "trust" / "metadata"
    older = {path.name: path.read_bytes() for path in metadata.iterdir()}
    world.clock.forward(hours=1)
    world.publish_trust()
    newest_trust(fresh, services, now=world.now)
    before = fresh.store.trust()
    for path in metadata.iterdir():
        path.unlink()
    for name, data in older.items():
        (metadata / name).write_bytes(data)
    with pytest.raises(PassportError) as refusal:
        newest_trust(fresh, services, now=world.now)
    assert refusal.value.code == "trust-rolled-back"
    assert fresh.store.trust() == before


def test_a_repository_of_somebody_else_is_refused(
    world: World, fresh: Passport, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = World(tmp_path_factory.mktemp("other"))
    stranger = Services(replace(world.profile), other.transport)  # our root, their files
    with pytest.raises(PassportError) as refusal:
        newest_trust(fresh, stranger, now=world.now)
    assert refusal.value.code == "trust-not-signed"
    assert fresh.store.trust() is None

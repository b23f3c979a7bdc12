"""A key revoked after it signed: what is stored stays checked, and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.actions.far_side import Services
from app.actions.session import Passport
from app.actions.trusting import key_given_up_at
from app.record.source import Checked, SourceInfo
from app.screens import source as screen
from app.ui.words import load_words
from crypto.trust_metadata import TrustFiles
from tests.actions.made_up import AMARA, HOSPITAL, SURGERY, World


@pytest.fixture
def connected(world: World, fresh: Passport, services: Services) -> Passport:
    world.connect(fresh, AMARA, services)
    return fresh


def source_of(passport: Passport, iss: str) -> SourceInfo:
    [found] = [one for one in passport.store.sources() if one.iss == iss]
    return found


def give_up(world: World, passport: Passport, services: Services, **later: int) -> None:
    """The surgery gives its key up so much later than now, and the passport hears of it."""
    world.stand_in.repository.revoke_issuer(SURGERY.iss, at=world.now + timedelta(**later))
    world.publish_trust()
    world.clock.forward(days=2)
    world.publish_trust()
    world.refresh(passport, services)


def test_what_was_stored_stays_checked_and_says_that_its_key_was_given_up_later(
    world: World, connected: Passport, services: Services
) -> None:
    before = (connected.store.count(), connected.store.sources())
    at = world.now + timedelta(days=1)
    give_up(world, connected, services, days=1)
    assert key_given_up_at(connected, source_of(connected, SURGERY.iss), now=world.now) == at
    assert (connected.store.count(), connected.store.sources()) == before
    assert source_of(connected, SURGERY.iss).checked is Checked.CHECKED


def test_another_holders_entries_say_nothing(world: World, connected: Passport, services: Services) -> None:
    give_up(world, connected, services, days=1)
    assert key_given_up_at(connected, source_of(connected, HOSPITAL.iss), now=world.now) is None


def test_a_key_that_stands_says_nothing(world: World, connected: Passport) -> None:
    assert key_given_up_at(connected, source_of(connected, SURGERY.iss), now=world.now) is None


def test_a_list_that_does_not_verify_marks_nothing_and_shows_the_entry_all_the_same(
    world: World, connected: Passport, services: Services
) -> None:
    give_up(world, connected, services, days=1)
    kept = connected.store.trust()
    assert kept is not None
    named = kept.files.named()
    broken = {name: data[:-1] if name == "issuers.json" else data for name, data in named.items()}
    connected.store._driver.run_many(
        "UPDATE trust_file SET bytes = ? WHERE name = ?", ((data, name) for name, data in broken.items())
    )
    assert TrustFiles.from_named(broken) != kept.files
    assert key_given_up_at(connected, source_of(connected, SURGERY.iss), now=world.now) is None


@pytest.mark.parametrize(("hours", "said"), [(1, "given up later, on"), (0, "had been given up"), (-1, "had been")])
def test_the_words_say_which_came_first_to_the_second(world: World, hours: int, said: str) -> None:
    given_up = world.now + timedelta(hours=hours)
    assert said in screen.key_words(load_words(), given_up, world.now)

"""Updates of an issuer that is not on the list: kept aside unread, and judged once the list names it."""

from __future__ import annotations

import pytest

from app.actions import browsing
from app.actions.far_side import Services
from app.actions.refreshing import Refreshed
from app.actions.session import Passport
from app.record.source import Checked
from crypto.update import token_hash
from tests.actions.made_up import AMARA, HOSPITAL, PEOPLE, SURGERY, World


def why(refreshed: Refreshed) -> list[str | None]:
    return [None if one.refusal is None else one.refusal.code for one in refreshed.outcomes]


@pytest.fixture
def unlisted(world: World, fresh: Passport, services: Services) -> Passport:
    """A passport that asked a surgery nobody lists."""
    world.stand_in.repository.remove_issuer(SURGERY.iss)
    world.publish_trust()
    assert why(world.connect(fresh, AMARA, services)) == ["issuer-unknown", None]
    return fresh


def test_it_is_kept_byte_for_byte_and_nothing_of_it_is_read(world: World, unlisted: Passport) -> None:
    [aside] = [one for one in unlisted.store.sources() if one.checked is not Checked.CHECKED]
    assert (aside.checked, aside.iss, aside.signed_at, aside.trust_version) == (
        Checked.QUARANTINED, SURGERY.iss, None, None
    )  # fmt: skip
    served = world.stand_in.holders["gp"].updates(world.subject(AMARA, "gp"))
    assert unlisted.store.raw_message(aside.source_id) == served[0].token.encode()
    assert {one.source.iss for one in unlisted.store.entries(None, 0, unlisted.store.count())} == {HOSPITAL.iss}
    assert unlisted.store.feed_position(SURGERY.iss) is None


def test_home_counts_it_and_names_nobody_who_was_not_believed(unlisted: Passport) -> None:
    home = browsing.home_summary(unlisted)
    assert home.aside == 1
    assert {source.iss for source in home.sources} == {HOSPITAL.iss}


def test_asked_again_it_is_kept_once(world: World, unlisted: Passport, services: Services) -> None:
    for _ in range(2):
        world.clock.forward(minutes=1)
        world.refresh(unlisted, services)
    assert unlisted.store.aside() == 1


def test_once_the_list_names_its_issuer_it_is_judged_and_no_longer_aside(
    world: World, unlisted: Passport, services: Services
) -> None:
    listed_again(world)
    world.clock.forward(minutes=1)
    assert why(world.refresh(unlisted, services)) == [None, None]
    assert unlisted.store.aside() == 0
    assert {(one.iss, one.checked) for one in unlisted.store.sources()} == {
        (SURGERY.iss, Checked.CHECKED), (HOSPITAL.iss, Checked.CHECKED)
    }  # fmt: skip


def test_an_issuer_listed_again_with_another_key_stays_aside(
    world: World, unlisted: Passport, services: Services
) -> None:
    listed_again(world, world.stand_in.holders["hospital"].jwks)
    world.clock.forward(minutes=1)
    assert why(world.refresh(unlisted, services)) == ["key-not-the-issuers", None]
    assert unlisted.store.aside() == 1


def test_what_was_believed_before_stays_and_only_the_new_is_aside(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, AMARA, services)
    believed = fresh.store.count()
    world.clock.forward(days=1)
    token = world.sign(AMARA, "gp", PEOPLE[AMARA].bundles["gp"].bundle)
    world.stand_in.repository.remove_issuer(SURGERY.iss)
    world.publish_trust()
    assert why(world.refresh(fresh, services)) == ["issuer-unknown", None]
    assert (fresh.store.count(), fresh.store.aside()) == (believed, 1)
    listed_again(world)
    world.clock.forward(minutes=1)
    assert why(world.refresh(fresh, services)) == [None, None]
    assert fresh.store.aside() == 0
    position = fresh.store.feed_position(SURGERY.iss)
    assert position is not None
    assert position.head == token_hash(token)


def listed_again(world: World, jwks: list[dict[str, str]] | None = None) -> None:
    holder = world.stand_in.holders["gp"]
    world.stand_in.repository.list_issuer(holder.issuer, jwks or holder.jwks)
    world.publish_trust()

"""A holder that signs two histories: both stay as evidence the patient can hand on, and nothing else changes."""

from __future__ import annotations

from typing import Any

from app.actions.evidence import evidence
from app.actions.far_side import Services
from app.actions.session import Passport
from app.actions.trusting import stored_trust
from crypto import jws
from crypto.update import token_hash, write_update
from tests.actions.made_up import AMARA, PEOPLE, SURGERY, World, bundle_of, kept, resources, written


def rewritten(world: World, *, longer: bool) -> World:
    """The same surgery with the same key, its feed of Amara begun anew, and where `longer` gone on."""
    for update in world.stand_in.holders["gp"]._feed_folder(world.subject(AMARA, "gp")).iterdir():
        update.unlink()
    again = World(world.state, clock=world.clock)
    if longer:
        bundle = bundle_of(AMARA, "gp")
        resources(bundle, "Condition")[0]["code"] = {"text": "Another history"}
        again.sign(AMARA, "gp", written(bundle))
    return again


def forked(world: World, fresh: Passport, services: Services, *, longer: bool) -> dict[str, Any]:
    """The one fork kept after a visit to a surgery that rewrote its feed; nothing else may have changed."""
    world.connect(fresh, AMARA, services)
    before = (kept(fresh), fresh.store.feeds(), fresh.store.sections())
    again = rewritten(world, longer=longer)
    services.transport = again.transport
    for _ in range(2):  # the same contradiction, told again in a newer head, is kept once
        outcome = again.refresh(fresh, services).outcomes[0]
        assert outcome.refusal is not None
        assert outcome.refusal.code == "update-forked"
        world.clock.forward(minutes=1)
    assert (kept(fresh), fresh.store.feeds(), fresh.store.sections()) == before
    [fork] = evidence(fresh)["forks"]
    found: dict[str, Any] = fork
    return found


def test_two_heads_for_one_place_are_kept_with_the_update_that_was_believed(
    world: World, fresh: Passport, services: Services
) -> None:
    fork = forked(world, fresh, services, longer=False)
    position = fresh.store.feed_position(SURGERY.iss)
    assert position is not None
    assert (fork["iss"], fork["known_sha256"]) == (SURGERY.iss, position.head)
    assert token_hash(fork["known"]) == position.head
    [head] = fork["signed"]
    claims = jws.read_unverified(head).claims
    assert (claims["seq"], claims["head"] != position.head) == (1, True)


def test_a_head_of_another_and_longer_history_is_kept_too(world: World, fresh: Passport, services: Services) -> None:
    fork = forked(world, fresh, services, longer=True)
    claims = jws.read_unverified(fork["signed"][-1]).claims
    assert claims["seq"] == 2
    assert token_hash(fork["known"]) == fork["known_sha256"]


def test_another_version_of_a_known_update_is_kept_with_its_head(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, AMARA, services)
    before = (kept(fresh), fresh.store.feeds())
    known, anew = replaced_first_update(world)
    world.clock.forward(minutes=1)
    world.sign(AMARA, "gp", PEOPLE[AMARA].bundles["gp"].bundle)
    refusal = world.refresh(fresh, services).outcomes[0].refusal
    assert refusal is not None
    assert refusal.code == "update-forked"
    assert (kept(fresh), fresh.store.feeds()) == before
    [fork] = evidence(fresh)["forks"]
    head, contradicting = fork["signed"]
    assert (fork["known"], contradicting) == (known, anew)
    assert jws.read_unverified(head).claims["seq"] == 2


def replaced_first_update(world: World) -> tuple[str, str]:
    """The surgery's first update of Amara, and another one the surgery signed and put in its place."""
    holder, sub = world.stand_in.holders["gp"], world.subject(AMARA, "gp")
    [first] = holder.updates(sub)
    bundle = PEOPLE[AMARA].bundles["gp"]
    anew = write_update(
        bundle.bundle,
        fhir_version=bundle.fhir_version,
        iss=SURGERY.iss,
        sub=sub,
        feed=first.feed,
        seq=1,
        prev=None,
        nbf=first.signed_at,
        key=holder._key,
    )
    (holder._feed_folder(sub) / "000001.jws").write_bytes(anew.encode())
    holder._feeds.clear()
    return first.token, anew


def test_every_text_of_the_evidence_holds_under_the_holders_key(
    world: World, fresh: Passport, services: Services
) -> None:
    fork = forked(world, fresh, services, longer=True)
    trust = stored_trust(fresh, now=world.now)
    assert trust is not None
    for text in (fork["known"], *fork["signed"]):
        unverified = jws.read_unverified(text)
        _, key = trust.key(SURGERY.iss, unverified.kid, world.now)
        jws.verify(unverified, key, typ=unverified.header.get("typ"))


def test_without_a_fork_there_is_no_evidence(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    assert evidence(fresh) == {"v": 1, "forks": []}

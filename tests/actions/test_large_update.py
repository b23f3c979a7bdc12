"""An update over the size from which its resources are read one by one is stored as a small one would be."""

from __future__ import annotations

from app.actions.session import Passport
from app.record.reading import read_bundle
from crypto.jws import LARGE_BYTES
from sync.sandbox.lifetime import lifetime_bytes
from tests.actions.made_up import HOSPITAL, PEOPLE, SIAN, World

ENTRIES = 3000


def a_whole_life() -> bytes:
    who = PEOPLE[SIAN]
    person = {
        "nhs_number": who.nhs_number,
        "birth_date": who.birth_date,
        "family": who.family,
        "given": list(who.given),
    }
    return lifetime_bytes(11, ENTRIES, person)


def test_a_large_update_is_stored_entry_by_entry_as_it_reads_whole(world: World, fresh: Passport) -> None:
    bundle = a_whole_life()
    assert len(bundle) > LARGE_BYTES
    world.sign(SIAN, "hospital", bundle)
    refreshed = world.connect(fresh, SIAN)
    assert refreshed.refusals == ()
    (source,) = [one for one in fresh.store.sources() if one.iss == HOSPITAL.iss and one.seq == 2]
    stored = {one.entry.key: one.entry for one in fresh.store.entries(limit=-1) if one.source == source}
    whole = {entry.key: entry for entry in read_bundle(bundle, "4.0.1").entries}
    assert stored == whole


def test_one_bit_off_in_a_large_update_leaves_nothing_of_it(world: World, fresh: Passport) -> None:
    world.connect(fresh, SIAN)
    before = fresh.store.feed_position(HOSPITAL.iss)
    world.sign(SIAN, "hospital", a_whole_life())
    folder = world.state / "hospital"
    (update,) = [path for path in folder.rglob("*.jws") if path.stat().st_size > 100_000]
    token = update.read_text(encoding="ascii")
    at = len(token) - 20
    update.write_text(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :], encoding="ascii")
    refreshed = World(world.state, clock=world.clock).refresh(fresh)
    assert [one.refusal.code for one in refreshed.refusals if one.refusal is not None] == ["tampered"]
    assert fresh.store.feed_position(HOSPITAL.iss) == before
    assert {one.seq for one in fresh.store.sources() if one.iss == HOSPITAL.iss} == {1}

"""Every fault of the stand-in as the patient meets it: what is said, that nothing of it is kept, and that it heals.

The table in sync/sandbox/FAULTS.md is the expectation: code and sentence are read from there. Faults of a
connection need sockets: test_faults_sockets.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.actions.session import Passport
from app.ui.words import load_words
from sync.sandbox.faults import FAULTS, AnswerFault, LineFault, ListFault, UpdateFault
from sync.sandbox.people import HolderKind
from sync.sandbox.repository import LIFETIMES
from tests.actions.made_up import AMARA, HOSPITAL, PEOPLE, SURGERY, World, bundle_of, resources, written
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]

ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| `([a-z-]+)` \| (.+?) \|$", re.MULTILINE)
DOCUMENT = Path(__file__).resolve().parents[2] / "sync" / "sandbox" / "FAULTS.md"
TABLE = {name: (code, sentence) for name, _does, code, sentence in ROW.findall(DOCUMENT.read_text(encoding="utf-8"))}
OF_THE_SURGERY = [name for name, fault in FAULTS.items() if isinstance(fault, UpdateFault | AnswerFault)]
SURGERYS, HOSPITALS = "Asthma as the surgery now sees it", "Asthma as the hospital now sees it"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a passport holds of one holder: its messages, its entries, and how far its feed is believed."""

    messages: tuple[object, ...]
    entries: tuple[object, ...]
    position: object

    @classmethod
    def of(cls, passport: Passport, iss: str) -> Kept:
        store = passport.store
        return cls(
            tuple(source for source in store.sources() if source.iss == iss),
            tuple(one for one in store.entries(None, 0, 1000) if one.source.iss == iss),
            store.feed_position(iss),
        )


def passport_of(window: Window) -> Passport:
    assert window.desk is not None
    return window.desk.passport


def sign_news(world: World) -> None:
    """Both holders sign something that a patient could look for."""
    world.clock.forward(minutes=1)
    for kind, words in (("gp", SURGERYS), ("hospital", HOSPITALS)):
        holder: HolderKind = "gp" if kind == "gp" else "hospital"
        bundle = bundle_of(AMARA, holder)
        resources(bundle, "Condition")[0]["code"] = {"text": words}
        world.sign(AMARA, holder, written(bundle))


def known(window: Window, words: str) -> bool:
    return bool(passport_of(window).store.search(words).entries)


def test_the_table_names_every_fault_in_its_order_and_nothing_else() -> None:
    assert list(TABLE) == list(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_the_table_has_the_sentence_of_the_catalogue(name: str) -> None:
    code, sentence = TABLE[name]
    assert load_words()(f"error.{code}") == sentence


@pytest.mark.parametrize("name", OF_THE_SURGERY)
def test_a_fault_of_the_surgery_is_told_keeps_nothing_holds_up_nobody_and_heals(
    tell: Tell, world: World, name: str
) -> None:
    faults = world.stand_in.faults
    code, sentence = TABLE[name]

    async def story(window: Window) -> None:
        faults.switch(name, True)  # what a fault has listed for ever is listed before, so that trust stays as it is
        faults.switch(name, False)
        await window.first_run(AMARA)
        before, trust = Kept.of(passport_of(window), SURGERY.iss), passport_of(window).store.trust()
        sign_news(world)
        faults.switch(name, True)
        await window.press("update")
        assert window.heading() == "Not everything could be updated"
        assert window.says(f"{SURGERY.name}: {sentence}")
        assert not window.says(f"{HOSPITAL.name}: ")
        assert Kept.of(passport_of(window), SURGERY.iss) == before
        assert passport_of(window).store.trust() == trust
        assert not known(window, SURGERYS)
        assert known(window, HOSPITALS)

        faults.switch(name, False)
        await window.press("message-action")
        assert not window.shows("offline-chip")
        await window.press("update")
        assert window.heading() == PEOPLE[AMARA].name
        assert known(window, SURGERYS)

    tell(story)
    assert code in {fault_code for fault_code, _ in TABLE.values()}


@pytest.mark.parametrize("name", OF_THE_SURGERY)
def test_a_fault_that_was_there_first_leaves_the_surgerys_part_out_until_it_is_over(
    tell: Tell, world: World, name: str
) -> None:
    faults = world.stand_in.faults

    async def story(window: Window) -> None:
        faults.switch(name, True)
        await window.first_run(AMARA)
        assert window.says(f"{SURGERY.name}: {TABLE[name][1]}")
        assert Kept.of(passport_of(window), SURGERY.iss) == Kept((), (), None)
        assert Kept.of(passport_of(window), HOSPITAL.iss).messages
        faults.switch(name, False)
        await window.press("message-action")
        await window.press("update")
        assert Kept.of(passport_of(window), SURGERY.iss).messages

    tell(story)


def test_one_holder_out_of_reach_is_not_called_no_signal_and_both_are(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        sign_news(world)
        world.lose("gp")
        await window.press("update")
        assert window.says(f"{SURGERY.name}: There is no connection to the service.")
        await window.press("message-action")
        assert known(window, HOSPITALS)
        assert not window.shows("offline-chip")
        world.lose("hospital")
        await window.press("update")
        await window.press("message-action")
        assert window.shows("offline-chip")

    tell(story)


# ---- the list of organisations --------------------------------------------------------------


async def told_and_unchanged(window: Window, world: World, name: str) -> None:
    """Pressing update says the fault's sentence, and everything is as it was; off, both holders come through."""
    passport = passport_of(window)
    before = [Kept.of(passport, iss) for iss in (SURGERY.iss, HOSPITAL.iss)], passport.store.trust()
    await window.press("update")
    await window.quiet()
    assert window.says(TABLE[name][1])
    assert ([Kept.of(passport, iss) for iss in (SURGERY.iss, HOSPITAL.iss)], passport.store.trust()) == before
    world.stand_in.faults.switch(name, False)
    world.publish_trust()
    await window.press("update")
    await window.quiet()
    assert window.heading() == PEOPLE[AMARA].name
    assert known(window, SURGERYS)
    assert known(window, HOSPITALS)


@pytest.mark.parametrize("name", ["rollback", "mixed"])
def test_an_older_or_mixed_list_is_told_and_nothing_is_judged_by_it(tell: Tell, world: World, name: str) -> None:
    async def story(window: Window) -> None:
        world.publish_trust()
        await window.first_run(AMARA)
        if name == "mixed":
            world.publish_trust()
        sign_news(world)
        world.stand_in.faults.switch(name, True)
        await told_and_unchanged(window, world, name)

    tell(story)


def test_a_list_past_its_time_is_refused_by_a_passport_that_has_none(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        world.stand_in.faults.switch("expired", True)
        await window.first_run(AMARA)
        assert window.says(TABLE["expired"][1])
        assert passport_of(window).store.trust() is None
        assert passport_of(window).store.sources() == []
        world.stand_in.faults.switch("expired", False)
        await window.press("update")
        if window.shows(f"person-{AMARA}"):
            await window.press(f"person-{AMARA}")
        assert window.heading() == PEOPLE[AMARA].name

    tell(story)


@pytest.mark.parametrize("name", ["expired", "freeze"])
def test_while_the_list_that_is_here_has_its_grace_both_holders_come_through(
    tell: Tell, world: World, name: str
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        trust = passport_of(window).store.trust()
        world.stand_in.faults.switch(name, True)
        world.clock.forward(days=LIFETIMES["timestamp"].days + 13)
        world.publish_trust()
        sign_news(world)
        await window.press("update")
        assert window.heading() == PEOPLE[AMARA].name
        assert known(window, SURGERYS)
        assert known(window, HOSPITALS)
        assert passport_of(window).store.trust() == trust

    tell(story)


@pytest.mark.parametrize("name", ["expired", "freeze"])
def test_past_every_grace_nothing_new_is_judged_until_the_list_is_renewed(tell: Tell, world: World, name: str) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        world.stand_in.faults.switch(name, True)
        for _ in range(5):  # a login that is not used for 30 days is over
            world.clock.forward(days=(LIFETIMES["timestamp"].days + 90) / 6)
            await window.press("update")
            assert window.heading() == PEOPLE[AMARA].name
        world.clock.forward(days=(LIFETIMES["timestamp"].days + 90) / 6)
        world.publish_trust()
        sign_news(world)
        await told_and_unchanged(window, world, name)

    tell(story)


# ---- keys that change -----------------------------------------------------------------------


def test_a_rotated_root_is_nothing_a_patient_notices(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        for _ in range(2):
            world.stand_in.rotate_root()
        sign_news(world)
        await window.press("update")
        assert window.heading() == PEOPLE[AMARA].name
        assert known(window, SURGERYS)
        assert passport_of(window).store.floors().root == 3

    tell(story)


def test_a_revoked_key_of_the_surgery_is_told_until_it_has_a_new_one(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        before = Kept.of(passport_of(window), SURGERY.iss)
        sign_news(world)
        world.clock.forward(minutes=1)
        world.stand_in.revoke_key("gp")
        await window.press("update")
        assert window.says(f"{SURGERY.name}: {TABLE['revoked_key'][1]}")
        assert Kept.of(passport_of(window), SURGERY.iss) == before
        assert known(window, HOSPITALS)
        world.stand_in.rotate_key("gp")
        await window.press("message-action")
        await window.press("update")
        assert window.heading() == PEOPLE[AMARA].name
        assert known(window, SURGERYS)
        await window.press("section-allergies")
        assert window.says(f"Checked: signed by {SURGERY.name}")

    tell(story)


def test_each_fault_is_told_here_or_over_sockets() -> None:
    of_the_list = [name for name, fault in FAULTS.items() if isinstance(fault, ListFault)]
    of_the_line = [name for name, fault in FAULTS.items() if isinstance(fault, LineFault)]
    assert of_the_list == ["expired", "rollback", "freeze", "mixed"]
    assert of_the_line == ["slow_drip", "reset", "truncated"]
    assert set(OF_THE_SURGERY) | {*of_the_list, *of_the_line} == set(FAULTS)

"""Giving access by link, judged from the other end: what a reader gets is what was chosen, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions.far_side import Services
from app.actions.session import Passport, create_passport
from app.actions.sharing import (
    ENDED,
    GIVEN,
    OPENED,
    TRIED,
    all_access,
    deliver_endings,
    end_access,
    openings,
)
from app.reader.verdict import Kind, Verdict, Voice
from app.record.entry import Absence, Entry, Fact, ListWarning, Section
from app.store.home import PassportHome
from crypto import shlink
from crypto.errors import (
    Ended,
    Expired,
    NetworkUnavailable,
    NotAllowed,
    PasscodeNeeded,
    RelayNotListed,
    StoreDamaged,
    WrongPasscode,
)
from crypto.vault_header import FLOOR
from sync import links
from tests.actions.made_up import (
    AMARA,
    HOSPITAL,
    LEAST,
    NOOR,
    PEOPLE,
    PHRASE,
    SIAN,
    SURGERY,
    World,
    bundle_of,
    given,
    resources,
    written,
)

EVERY_SECTION = tuple(Section)


@pytest.fixture
def connected(world: World, fresh: Passport, services: Services) -> Passport:
    """Siân's passport with her record in it."""
    world.connect(fresh, SIAN, services)
    return fresh


def at_home(passport: Passport, section: Section) -> dict[tuple[str, str], Entry]:
    found = passport.store.entries(section, 0, 1000)
    return {(stored.entry.key, stored.source.issuer_name): stored.entry for stored in found}


def at_the_reader(verdict: Verdict) -> dict[tuple[str, str], Entry]:
    assert len({(line.entry.key, line.who) for line in verdict.lines}) == len(verdict.lines)
    return {(line.entry.key, line.who): line.entry for line in verdict.lines}


def told(entry: Entry) -> Entry:
    """An entry without its place in a message, and without the heading it stood under at a consultation:
    that is the visit's, and a visit travels only where visits were chosen."""
    facts: tuple[Fact, ...] = tuple(fact for fact in entry.facts if fact.name != "topic")
    return replace(entry, position=0, facts=facts)


# ---- what the reader sees -------------------------------------------------------------------


def test_a_reader_calls_it_checked_and_sees_exactly_the_chosen_sections(world: World, connected: Passport) -> None:
    verdict = world.judge(given(world, connected))
    assert (verdict.kind, verdict.code) == (Kind.CHECKED, "")
    assert {line.entry.section for line in verdict.lines} == set(LEAST)
    assert verdict.sections == tuple(section.value for section in LEAST)
    assert {line.voice for line in verdict.lines} == {Voice.SIGNED}
    assert {line.who for line in verdict.lines} == {SURGERY.name, HOSPITAL.name}


@pytest.mark.parametrize("person_id", sorted(PEOPLE))
def test_every_entry_of_every_section_reads_the_same_at_the_reader(
    world: World, fresh: Passport, person_id: str
) -> None:
    world.connect(fresh, person_id)
    for counted in fresh.store.sections():
        here = at_home(fresh, counted.section)
        there = at_the_reader(world.judge(given(world, fresh, [counted.section])))
        assert {key: told(entry) for key, entry in there.items()} == {key: told(entry) for key, entry in here.items()}


def test_with_all_sections_nothing_is_lost_but_the_place_in_the_message(world: World, connected: Passport) -> None:
    there = at_the_reader(world.judge(given(world, connected, EVERY_SECTION)))
    here = {key: entry for section in Section for key, entry in at_home(connected, section).items()}
    assert {key: replace(entry, position=0) for key, entry in there.items()} == {
        key: replace(entry, position=0) for key, entry in here.items()
    }


def test_the_reader_learns_whose_record_it_is_and_until_when(world: World, connected: Passport) -> None:
    access = given(world, connected)
    verdict = world.judge(access)
    assert verdict.person is not None
    assert verdict.person.nhs_number == PEOPLE[SIAN].nhs_number
    assert verdict.until == access.expires == world.now + timedelta(hours=1)


def test_that_no_allergies_are_known_travels_and_is_not_turned_into_nothing_recorded(
    world: World, fresh: Passport
) -> None:
    world.connect(fresh, NOOR)
    assert fresh.store.count(Section.ALLERGIES) == 0
    verdict = world.judge(given(world, fresh, [Section.ALLERGIES]))
    assert [(said.note.absence, said.who, said.voice) for said in verdict.notes] == [
        (Absence.NONE_KNOWN, SURGERY.name, Voice.SIGNED)
    ]


def test_a_warning_that_items_are_withheld_travels_with_its_section_only(world: World, connected: Passport) -> None:
    with_problems = world.judge(given(world, connected, [Section.CONDITIONS]))
    assert [said.note.warning for said in with_problems.notes] == [ListWarning.CONFIDENTIAL]
    assert world.judge(given(world, connected, [Section.MEDICINES])).notes == ()


def test_only_the_newest_version_of_an_entry_travels(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    bundle = bundle_of(AMARA, "gp")
    resources(bundle, "Condition")[0]["code"] = {"text": "Asthma, quiet for years"}
    before = {stored.entry.title for stored in fresh.store.entries(Section.CONDITIONS)}
    world.sign(AMARA, "gp", written(bundle))
    world.refresh(fresh, services)
    after = {stored.entry.title for stored in fresh.store.entries(Section.CONDITIONS)}
    verdict = world.judge(given(world, fresh, [Section.CONDITIONS]))
    assert before != after
    assert {line.entry.title for line in verdict.lines} == after


def test_a_passport_nobody_vouches_for_shares_all_the_same(world: World, fresh: Passport) -> None:
    world.lose("service")
    world.connect(fresh, SIAN)
    verdict = world.judge(given(world, fresh))
    assert verdict.kind is Kind.CHECKED
    assert {line.voice for line in verdict.lines} == {Voice.SIGNED}


def test_a_changed_label_in_the_code_is_not_genuine(world: World, connected: Passport) -> None:
    access = given(world, connected)
    relabelled = replace(shlink.parse(access.code), label="Somebody else")
    verdict = world.judge(replace(access, code=shlink.make(relabelled)))
    assert (verdict.kind, verdict.code) == (Kind.NOT_GENUINE, "terms-changed")
    assert verdict.lines == ()


# ---- number, end, relay ---------------------------------------------------------------------


def test_it_opens_with_its_number_only_and_wrong_ones_count_down(world: World, connected: Passport) -> None:
    access = given(world, connected)
    wrong = "000000" if access.passcode != "000000" else "111111"
    for left in (4, 3):
        with pytest.raises(WrongPasscode) as refusal:
            world.open_files(access, passcode=wrong)
        assert refusal.value.remaining == left
    assert world.open_files(access)


def test_after_five_wrong_numbers_the_right_one_is_no_use(world: World, connected: Passport) -> None:
    access = given(world, connected)
    wrong = "000000" if access.passcode != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(WrongPasscode):
            world.open_files(access, passcode=wrong)
    with pytest.raises(Ended):
        world.open_files(access)


def test_without_a_number_nothing_is_asked(world: World, connected: Passport) -> None:
    access = given(world, connected)
    relays = world.reader_trust().relays
    world.lose("relay")
    with pytest.raises(PasscodeNeeded):
        links.resolve(
            world.transport,
            shlink.parse(access.code),
            recipient="A. Khan",
            passcode=None,
            relays=relays,
            now=world.now,
        )


def test_a_relay_the_readers_list_does_not_name_is_not_asked(world: World, connected: Passport) -> None:
    access = given(world, connected)
    world.stand_in.repository.list_relays([])
    world.publish_trust()
    with pytest.raises(RelayNotListed):
        world.open_files(access)


def test_access_that_was_ended_opens_no_more(world: World, connected: Passport, services: Services) -> None:
    access = given(world, connected)
    end_access(connected, services, access.grant_id, now=world.now)
    with pytest.raises(Ended):
        world.open_files(access)
    (kept,) = all_access(connected)
    assert kept.ended_at == world.now
    assert not kept.is_live(now=world.now)


def test_access_ends_by_itself_at_its_end_and_not_a_second_before(world: World, connected: Passport) -> None:
    access = given(world, connected)
    world.clock.forward(seconds=3599)
    assert world.open_files(access)
    assert access.is_live(now=world.now)
    world.clock.forward(seconds=1)
    with pytest.raises(Expired):
        world.open_files(access)
    assert not access.is_live(now=world.now)


def test_with_the_relay_down_nothing_is_given_and_nothing_is_kept(
    world: World, connected: Passport, services: Services
) -> None:
    world.lose("relay")
    with pytest.raises(NetworkUnavailable):
        given(world, connected)
    assert all_access(connected) == []
    assert connected.store.access_log() == []


def test_with_the_relay_down_access_is_ending_and_not_called_ended(
    world: World, connected: Passport, services: Services
) -> None:
    access = given(world, connected)
    world.lose("relay")
    ending = end_access(connected, services, access.grant_id, now=world.now)
    assert (ending.ending_since, ending.ended_at) == (world.now, None)
    assert all_access(connected) == [ending]
    assert ending.is_live(now=world.now)
    assert logged(connected) == [(GIVEN, "")]
    world.bring_back()
    assert world.open_files(access)  # as the screen says: until then the code still works


def test_what_was_ended_without_a_signal_is_ended_by_the_next_refresh(
    world: World, connected: Passport, services: Services
) -> None:
    access = given(world, connected)
    world.lose()
    end_access(connected, services, access.grant_id, now=world.now)
    world.clock.forward(minutes=5)
    world.bring_back()
    world.refresh(connected, services)
    with pytest.raises(Ended):
        world.open_files(access)
    (kept,) = all_access(connected)
    assert (kept.ended_at, kept.ending_since) == (world.now, None)
    assert logged(connected) == [(GIVEN, ""), (ENDED, "")]
    assert connected.store.outgoing() == []


def test_without_any_services_the_ending_waits(world: World, connected: Passport) -> None:
    access = given(world, connected)
    assert end_access(connected, None, access.grant_id, now=world.now).ending_since == world.now
    assert [row.about for row in connected.store.outgoing()] == [access.grant_id]


def test_ending_twice_without_a_signal_is_one_ending(world: World, connected: Passport, services: Services) -> None:
    access = given(world, connected)
    for _ in range(2):
        end_access(connected, None, access.grant_id, now=world.now)
    assert len(deliver_endings(connected, services, now=world.now).sent) == 1
    assert logged(connected) == [(GIVEN, ""), (ENDED, "")]


def test_access_that_ran_out_before_the_signal_came_back_is_not_said_to_have_been_ended(
    world: World, connected: Passport, services: Services
) -> None:
    access = given(world, connected)
    end_access(connected, None, access.grant_id, now=world.now)
    world.clock.forward(hours=2)
    assert len(deliver_endings(connected, services, now=world.now).sent) == 1  # this clock may be the wrong one
    assert connected.store.outgoing() == []
    assert all_access(connected)[0].ended_at is None
    assert logged(connected) == [(GIVEN, "")]


def test_there_is_nothing_to_give_in_an_empty_section(world: World, connected: Passport) -> None:
    assert connected.store.count(Section.PREGNANCY) == 0
    with pytest.raises(NotAllowed):
        given(world, connected, [Section.PREGNANCY])
    with pytest.raises(NotAllowed):
        given(world, connected, [])
    assert all_access(connected) == []


def test_what_was_given_is_the_same_after_unlocking_again(
    world: World, connected: Passport, services: Services
) -> None:
    access = given(world, connected)
    assert all_access(connected) == [access]
    end_access(connected, services, access.grant_id, now=world.now)
    assert all_access(connected) == [replace(access, ended_at=world.now)]


def test_the_newest_access_comes_first(world: World, connected: Passport) -> None:
    first = given(world, connected)
    world.clock.forward(minutes=1)
    second = given(world, connected, [Section.ALLERGIES])
    assert [one.grant_id for one in all_access(connected)] == [second.grant_id, first.grant_id]


def test_access_nobody_gave_is_not_to_be_found(world: World, connected: Passport, services: Services) -> None:
    with pytest.raises(StoreDamaged):
        end_access(connected, services, "unknown", now=world.now)


# ---- who opened it --------------------------------------------------------------------------


def logged(passport: Passport) -> list[tuple[str, str]]:
    return [(row.what, row.who) for row in reversed(passport.store.access_log())]


def test_each_opening_reaches_the_patients_log_once(world: World, connected: Passport, services: Services) -> None:
    access = given(world, connected)
    world.open_files(access, name="Dr A. Khan")
    for _ in range(2):
        openings(connected, services, access.grant_id, now=world.now)
    world.open_files(access, name="Nurse B. Bell")
    openings(connected, services, access.grant_id, now=world.now)
    end_access(connected, services, access.grant_id, now=world.now)
    openings(connected, services, access.grant_id, now=world.now)
    assert logged(connected) == [(GIVEN, ""), (OPENED, "Dr A. Khan"), (OPENED, "Nurse B. Bell"), (ENDED, "")]


def test_a_try_with_a_wrong_number_is_told_apart_from_an_opening(
    world: World, connected: Passport, services: Services
) -> None:
    access = given(world, connected)
    with pytest.raises(WrongPasscode):
        world.open_files(access, passcode="wrong", name="Somebody")
    found = openings(connected, services, access.grant_id, now=world.now)
    assert found is not None
    assert (found.remaining, found.attempts) == (4, 1)
    assert logged(connected)[1:] == [(TRIED, "Somebody")]


def test_openings_are_logged_once_each_when_the_relay_keeps_the_newest_only(
    world: World, connected: Passport, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.relay.link.MAX_OPENINGS_KEPT", 2)
    access = given(world, connected)
    for name in ("One", "Two", "Three"):
        world.open_files(access, name=name)
        openings(connected, services, access.grant_id, now=world.now)
    for name in ("Four", "Five", "Six"):
        world.open_files(access, name=name)
    for _ in range(2):
        openings(connected, services, access.grant_id, now=world.now)
    assert [who for what, who in logged(connected) if what == OPENED] == ["One", "Two", "Three", "Five", "Six"]


def test_openings_of_two_accesses_are_not_mixed_up(world: World, connected: Passport, services: Services) -> None:
    first, second = given(world, connected), given(world, connected, [Section.ALLERGIES])
    world.open_files(first, name="One")
    world.open_files(second, name="Two")
    for access in (first, second):
        openings(connected, services, access.grant_id, now=world.now)
    (row,) = [row for row in connected.store.access_log(second.grant_id) if row.what == OPENED]
    assert (row.who, row.sections) == ("Two", ("allergies",))


def test_a_relay_that_forgot_the_link_has_nothing_to_tell(
    world: World, connected: Passport, services: Services, tmp_path: Path
) -> None:
    access = given(world, connected)
    elsewhere = World(tmp_path / "elsewhere", clock=world.clock)
    services.transport = elsewhere.transport
    assert openings(connected, services, access.grant_id, now=world.now) is None


@pytest.fixture
def second(tmp_path: Path, world: World) -> Iterator[Passport]:
    passport, _ = create_passport(PassportHome(tmp_path / "second"), PHRASE, now=world.now, cost=FLOOR)
    yield passport
    passport.lock()


def test_another_passport_cannot_end_what_this_one_gave(
    world: World, connected: Passport, second: Passport, services: Services
) -> None:
    access = given(world, connected)
    row = connected.store.grants()[0]
    second.store.add_grant(replace(row, terms=row.terms.replace('"owner_token":"', '"owner_token":"A')))
    end_access(second, services, access.grant_id, now=world.now)
    assert world.open_files(access)

"""Connecting and refreshing: what two holders signed is stored as checked, and nothing else ever is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions.far_side import Services
from app.actions.kept_login import is_connected
from app.actions.refreshing import HolderOutcome
from app.actions.session import Passport
from app.actions.vouching import attestation_of
from app.record.entry import Section
from app.record.source import Checked, SourceInfo, SourceKind
from crypto import attestation
from crypto.errors import LoginFailed, LoginNeeded, NetworkUnavailable, WrongPatient
from sync.sandbox.stand_in import SERVICE
from tests.actions.made_up import (
    AMARA,
    HOSPITAL,
    NOOR,
    PEOPLE,
    SIAN,
    SURGERY,
    World,
    bundle_of,
    holding,
    kept,
    refused,
    resources,
    with_asthma_called,
    written,
)


def believed(passport: Passport) -> list[SourceInfo]:
    return [source for source in passport.store.sources() if source.checked is Checked.CHECKED]


# ---- what arrives ---------------------------------------------------------------------------


def test_both_holders_are_stored_as_checked_under_the_names_of_the_trust_list(world: World, fresh: Passport) -> None:
    refreshed = world.connect(fresh, SIAN)
    assert refused(refreshed) == {}
    found = {(s.issuer_name, s.iss, s.checked, s.kind, s.seq) for s in fresh.store.sources()}
    assert found == {
        (SURGERY.name, SURGERY.iss, Checked.CHECKED, SourceKind.UPDATE, 1),
        (HOSPITAL.name, HOSPITAL.iss, Checked.CHECKED, SourceKind.UPDATE, 1),
    }


def test_the_name_is_the_trust_lists_and_not_the_profiles(world: World, fresh: Passport) -> None:
    best = tuple(replace(holder, name="The best of all") for holder in world.profile.holders)
    world.connect(fresh, SIAN, Services(replace(world.profile, holders=best), world.transport))
    assert {source.issuer_name for source in fresh.store.sources()} == {SURGERY.name, HOSPITAL.name}


def test_each_source_names_the_trust_list_it_was_checked_against_and_when_it_was_signed(
    world: World, fresh: Passport
) -> None:
    world.publish_trust()
    refreshed = world.connect(fresh, SIAN)
    assert refreshed.trust_version == 2
    assert {(s.trust_version, s.signed_at, s.received_at) for s in fresh.store.sources()} == {(2, world.now, world.now)}


def test_every_entry_read_is_counted_and_stored(world: World, fresh: Passport) -> None:
    refreshed = world.connect(fresh, SIAN)
    assert all(one.updates == 1 and one.entries > 0 for one in refreshed.outcomes)
    assert kept(fresh) == (2, sum(one.entries for one in refreshed.outcomes))


def test_the_person_is_who_logged_in(world: World, fresh: Passport) -> None:
    world.connect(fresh, SIAN)
    person = fresh.store.person()
    assert person is not None
    assert (person.nhs_number, person.birth_date) == (PEOPLE[SIAN].nhs_number, PEOPLE[SIAN].birth_date)


def test_a_second_refresh_stores_nothing_twice(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, SIAN, services)
    before = kept(fresh)
    world.clock.forward(minutes=1)
    again = world.refresh(fresh, services)
    assert [(one.updates, one.refusal) for one in again.outcomes] == [(0, None), (0, None)]
    assert kept(fresh) == before


def test_connecting_again_stores_nothing_twice(world: World, fresh: Passport) -> None:
    world.connect(fresh, SIAN)
    before = kept(fresh)
    world.connect(fresh, SIAN)
    assert kept(fresh) == before


def test_a_later_update_supersedes_and_the_older_version_stays_in_the_history(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, AMARA, services)
    before = fresh.store.count(Section.CONDITIONS)
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", with_asthma_called("Asthma, quiet for years"))
    assert [one.updates for one in world.refresh(fresh, services).outcomes] == [1, 0]
    (stored,) = fresh.store.search("quiet for years").entries
    history = fresh.store.history(stored.id)
    assert [(one.source.seq, one.superseded) for one in history] == [(2, False), (1, True)]
    assert history[1].entry.title != stored.entry.title
    assert fresh.store.count(Section.CONDITIONS) == before


def test_two_updates_signed_since_then_arrive_in_order(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", with_asthma_called("Asthma, second word"))
    world.sign(AMARA, "gp", with_asthma_called("Asthma, third word"))
    assert world.refresh(fresh, services).outcomes[0].updates == 2
    (stored,) = fresh.store.search("third word").entries
    assert [one.source.seq for one in fresh.store.history(stored.id)] == [3, 2, 1]
    assert not fresh.store.search("second word").entries


# ---- how far it is --------------------------------------------------------------------------


def test_progress_only_rises_names_each_holder_and_ends_at_one(world: World, fresh: Passport) -> None:
    world.connect(fresh, SIAN)
    done = [progress.done for progress in world.progress]
    assert done == sorted(done)
    assert done[0] == 0.0
    assert done[-1] == 1.0
    assert {progress.holder for progress in world.progress[:-1]} == {SURGERY.name, HOSPITAL.name}


def test_progress_counts_bytes_as_they_arrive_and_entries_as_they_are_stored(world: World, fresh: Passport) -> None:
    refreshed = world.connect(fresh, SIAN)
    told = world.progress
    assert [one.received_bytes for one in told] == sorted(one.received_bytes for one in told)
    assert [one.entries for one in told] == sorted(one.entries for one in told)
    assert told[-1].received_bytes > 10_000
    assert told[-1].entries == sum(one.entries for one in refreshed.outcomes)
    assert set(told[-1].finished) == {SURGERY.name, HOSPITAL.name}
    moved = next(one for one in told if one.received_bytes)
    assert moved.done > 0.0
    assert moved.finished == ()


# ---- holders that fail ----------------------------------------------------------------------


def test_a_holder_that_is_down_is_told_and_does_not_hold_up_the_other(world: World, fresh: Passport) -> None:
    world.lose("gp")
    refreshed = world.connect(fresh, SIAN)
    assert refused(refreshed) == {SURGERY.name: NetworkUnavailable.code}
    assert {source.issuer_name for source in fresh.store.sources()} == {HOSPITAL.name}


def test_the_holder_that_was_down_gives_its_part_next_time(world: World, fresh: Passport, services: Services) -> None:
    world.lose("hospital")
    world.connect(fresh, SIAN, services)
    world.bring_back()
    assert [one.updates for one in world.refresh(fresh, services).outcomes] == [0, 1]
    assert len(fresh.store.sources()) == 2


def test_without_the_login_nothing_is_stored_and_nobody_is_connected(world: World, fresh: Passport) -> None:
    world.lose("login")
    with pytest.raises(NetworkUnavailable):
        world.connect(fresh, SIAN)
    assert kept(fresh) == (0, 0)
    assert fresh.store.trust() is None
    assert not is_connected(fresh)


def test_somebody_the_login_does_not_know_is_refused(world: World, fresh: Passport) -> None:
    with pytest.raises(LoginFailed):
        world.connect(fresh, "nobody-here")
    assert kept(fresh) == (0, 0)
    assert not is_connected(fresh)


def test_a_holder_that_has_no_record_of_this_person_is_not_asked(tmp_path: Path, fresh: Passport) -> None:
    person = PEOPLE[SIAN]
    world = World(tmp_path / "one", [replace(person, bundles={"gp": person.bundles["gp"]})])
    refreshed = world.connect(fresh, SIAN)
    assert refreshed.outcomes[1] == HolderOutcome(HOSPITAL.name)
    assert {source.issuer_name for source in fresh.store.sources()} == {SURGERY.name}


def test_a_login_the_services_forgot_is_made_anew(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, SIAN, services)
    before = services.tokens
    restarted = World(world.state, clock=world.clock)  # logins live in memory: a restart ends every one
    restarted.sign(SIAN, "gp", PEOPLE[SIAN].bundles["gp"].bundle)
    services.transport = restarted.transport
    refreshed = restarted.refresh(fresh, services)
    assert refused(refreshed) == {}
    assert refreshed.outcomes[0].updates == 1
    assert services.tokens is not before


def test_tokens_past_their_time_are_renewed(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, SIAN, services)
    world.clock.forward(minutes=10)
    assert refused(world.refresh(fresh, services)) == {}
    assert services.tokens is not None
    assert services.tokens.expires_at > world.now


def test_before_the_first_login_there_is_nothing_to_refresh(world: World, fresh: Passport) -> None:
    with pytest.raises(LoginNeeded):
        world.refresh(fresh)
    assert fresh.store.trust() is None


# ---- somebody else --------------------------------------------------------------------------


def test_another_persons_login_is_refused_and_nothing_is_stored(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, SIAN, services)
    before = kept(fresh)
    with pytest.raises(WrongPatient) as refusal:
        world.connect(fresh, AMARA, services)
    assert refusal.value.code == "wrong-login"
    assert "Okafor" not in str(refusal.value)
    assert kept(fresh) == before


def test_after_another_persons_login_was_refused_the_own_one_still_works(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, SIAN, services)
    with pytest.raises(WrongPatient):
        world.connect(fresh, AMARA, services)
    world.sign(SIAN, "gp", PEOPLE[SIAN].bundles["gp"].bundle)
    refreshed = world.refresh(fresh, services)
    assert refused(refreshed) == {}
    assert refreshed.outcomes[0].updates == 1


def test_a_holder_that_serves_another_patients_bundle_under_this_id_is_refused(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, SIAN, services)
    before, position = kept(fresh), fresh.store.feed_position(SURGERY.iss)
    world.clock.forward(days=1)
    world.sign(SIAN, "gp", PEOPLE[AMARA].bundles["gp"].bundle)
    refreshed = world.refresh(fresh, services)
    assert refused(refreshed) == {SURGERY.name: "wrong-patient"}
    assert kept(fresh) == before
    assert fresh.store.feed_position(SURGERY.iss) == position


def test_another_patients_bundle_in_the_first_update_leaves_nothing_of_it(tmp_path: Path, fresh: Passport) -> None:
    world = World(tmp_path / "swapped", [holding(SIAN, {"gp": PEOPLE[AMARA].bundles["gp"].bundle})])
    refreshed = world.connect(fresh, SIAN)
    assert refused(refreshed) == {SURGERY.name: "wrong-patient"}
    assert {source.issuer_name for source in fresh.store.sources()} == {HOSPITAL.name}
    assert not fresh.store.search("Okafor").entries


@pytest.mark.parametrize("part", ["number", "birth date", "family name"])
def test_a_bundle_that_differs_from_the_login_in_one_part_only_is_refused(
    tmp_path: Path, fresh: Passport, part: str
) -> None:
    bundle = bundle_of(SIAN, "gp")
    (patient,) = resources(bundle, "Patient")
    if part == "number":
        for identifier in patient["identifier"]:
            if "nhs-number" in identifier["system"]:
                identifier["value"] = PEOPLE[AMARA].nhs_number
    elif part == "birth date":
        patient["birthDate"] = "1959-01-01"
    else:
        for name in patient["name"]:
            name["family"] = "Somebody"
    world = World(tmp_path / "differs")
    world.sign(SIAN, "gp", written(bundle))
    refreshed = world.connect(fresh, SIAN)
    assert refused(refreshed) == {SURGERY.name: "wrong-patient"}
    assert [(s.issuer_name, s.seq) for s in fresh.store.sources() if s.iss == SURGERY.iss] == [(SURGERY.name, 1)]


def test_a_bundle_without_a_patient_is_refused(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, SIAN, services)
    before = kept(fresh)
    world.sign(SIAN, "hospital", b'{"resourceType":"Bundle","type":"collection","entry":[]}')
    assert refused(world.refresh(fresh, services)) == {HOSPITAL.name: "wrong-patient"}
    assert kept(fresh) == before


# ---- whom we believe ------------------------------------------------------------------------


def test_an_issuer_taken_off_the_trust_list_is_refused_and_nothing_of_it_is_in_the_record(
    world: World, fresh: Passport
) -> None:
    world.stand_in.repository.remove_issuer(SURGERY.iss)
    world.publish_trust()
    refreshed = world.connect(fresh, SIAN)
    assert refused(refreshed) == {SURGERY.name: "issuer-unknown"}
    assert {source.issuer_name for source in believed(fresh)} == {HOSPITAL.name}
    assert {stored.source.iss for stored in fresh.store.entries(None, 0, fresh.store.count())} == {HOSPITAL.iss}
    assert fresh.store.feed_position(SURGERY.iss) is None


def test_an_issuer_taken_off_the_list_later_gives_nothing_more(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, AMARA, services)
    before, count = believed(fresh), fresh.store.count()
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", with_asthma_called("Asthma, too late"))
    world.stand_in.repository.remove_issuer(SURGERY.iss)
    world.publish_trust()
    assert refused(world.refresh(fresh, services)) == {SURGERY.name: "issuer-unknown"}
    assert (believed(fresh), fresh.store.count()) == (before, count)


def test_a_holders_key_revoked_since_is_refused(world: World, fresh: Passport) -> None:
    world.stand_in.repository.revoke_issuer(SURGERY.iss, at=world.now - timedelta(days=1))
    world.publish_trust()
    assert refused(world.connect(fresh, SIAN)) == {SURGERY.name: "key-revoked"}
    assert {source.issuer_name for source in fresh.store.sources()} == {HOSPITAL.name}


def test_another_history_for_the_same_feed_is_refused_and_the_known_one_stays(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, SIAN, services)
    before = kept(fresh)
    for update in world.stand_in.holders["gp"]._feed_folder(world.subject(SIAN, "gp")).iterdir():
        update.unlink()
    rewritten = World(world.state, clock=world.clock)  # the same key signs another first update
    services.transport = rewritten.transport
    assert refused(rewritten.refresh(fresh, services)) == {SURGERY.name: "update-forked"}
    assert kept(fresh) == before


# ---- who vouches for this device ------------------------------------------------------------


def test_a_record_service_that_is_down_is_no_failure(world: World, fresh: Passport) -> None:
    world.lose("service")
    assert refused(world.connect(fresh, NOOR)) == {}
    assert len(fresh.store.sources()) == 2


def test_an_attestation_with_less_than_two_weeks_left_is_asked_for_again(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, NOOR, services)
    first = attestation_of(fresh)
    world.refresh(fresh, services)
    assert attestation_of(fresh) == first
    assert first is not None
    left = attestation.read_unverified(first).exp - world.now.timestamp()
    world.clock.forward(seconds=left, days=-13)
    world.publish_trust()
    world.refresh(fresh, services)
    assert attestation_of(fresh) not in (None, first)


def test_an_attestation_of_another_name_is_not_kept(tmp_path: Path, fresh: Passport) -> None:
    """The surgery knows a second given name that the record service does not."""
    bundle = bundle_of(NOOR, "hospital")
    for name in resources(bundle, "Patient")[0]["name"]:
        name["given"] = [*name["given"], "Another"]
    world = World(tmp_path / "named", [holding(NOOR, {"hospital": written(bundle)})])
    assert refused(world.connect(fresh, NOOR)) == {}
    assert attestation_of(fresh) is None


def test_an_attestation_that_no_longer_fits_the_person_is_not_used(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, NOOR, services)
    assert attestation_of(fresh) is not None
    bundle = bundle_of(NOOR, "hospital")
    for name in resources(bundle, "Patient")[0]["name"]:
        name["given"] = [*name["given"], "Another"]
    world.sign(NOOR, "hospital", written(bundle))
    world.refresh(fresh, services)
    assert attestation_of(fresh) is None


def test_an_attestation_lasts_ninety_days(world: World, fresh: Passport) -> None:
    world.connect(fresh, NOOR)
    wire = attestation_of(fresh)
    assert wire is not None
    found = attestation.read_unverified(wire)
    assert found.exp - found.iat == timedelta(days=90).total_seconds()


@pytest.mark.parametrize(("days_left", "renewed"), [(15, False), (14, True)])
def test_an_attestation_is_renewed_from_two_weeks_before_its_end(
    world: World, fresh: Passport, services: Services, days_left: int, renewed: bool
) -> None:
    world.connect(fresh, NOOR, services)
    first = attestation_of(fresh)
    world.clock.forward(days=90 - days_left)
    world.publish_trust()
    assert refused(world.refresh(fresh, services)) == {}
    assert (attestation_of(fresh) != first) is renewed


def test_a_device_reported_lost_is_refused_and_told_and_its_attestation_dropped(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, NOOR, services)
    assert world.stand_in.attester.revoke_devices(NOOR) == 1
    before = kept(fresh)
    world.clock.forward(days=77)
    world.publish_trust()
    refreshed = world.refresh(fresh, services)
    assert refused(refreshed) == {SERVICE.name: "device-revoked"}
    assert attestation_of(fresh) is None
    assert kept(fresh) == before


def test_a_device_reported_lost_stays_lost_over_a_restart_of_the_service(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, NOOR, services)
    world.stand_in.attester.revoke_devices(NOOR)
    restarted = World(world.state, clock=world.clock)
    fresh.store.set_secret("device-attestation", b"")
    assert refused(restarted.refresh(fresh, restarted.services())) == {SERVICE.name: "device-revoked"}


def test_a_lost_device_of_another_person_changes_nothing(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, NOOR, services)
    assert world.stand_in.attester.revoke_devices(SIAN) == 0
    fresh.store.set_secret("device-attestation", b"")
    assert refused(world.refresh(fresh, services)) == {}
    assert attestation_of(fresh) is not None

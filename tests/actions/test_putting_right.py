"""An older copy is put right by an update from everybody or by accepting it, and by nothing less."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.actions import guarding
from app.actions.guarding import Watch, accept_as_it_is, newest_generation
from app.actions.kept_here import age_entry
from app.actions.session import (
    Passport,
    change_passphrase,
)
from app.store.home import PassportHome
from crypto.vault_header import FLOOR, read_header
from tests.actions.made_up import AMARA, World, kept, refused, with_asthma_called
from tests.actions.older_copies import (
    NOW,
    OTHER,
    assert_held_still,
    copy_of,
    kill,
    made,
    mirror,
    opened,
    put_back,
    write,
    write_and_lock,
)
from tests.store.keystores import MemoryKeystore


@pytest.fixture
def keystore() -> MemoryKeystore:
    return MemoryKeystore()


@pytest.fixture
def home(tmp_path: Path, keystore: MemoryKeystore) -> PassportHome:
    return made(tmp_path / "home", keystore)


# ---- putting it right -----------------------------------------------------------------------


def test_an_older_copy_that_is_accepted_is_the_newest_from_then_on(home: PassportHome) -> None:
    copy = copy_of(home)
    write_and_lock(home, "two")
    put_back(home, copy)
    passport = opened(home)
    accept_as_it_is(passport, now=NOW)
    assert not passport.rolled_back
    write(passport, "three")
    passport.lock()
    passport = opened(home)
    assert (passport.watch, passport.store.setting("written")) == (Watch.COMPARED, "three")
    passport.lock()


def test_what_was_accepted_makes_the_newer_copy_the_older_one(home: PassportHome) -> None:
    copy = copy_of(home)
    write_and_lock(home, "two")
    newer = home.path.with_name("newer")
    shutil.copytree(home.path, newer)
    put_back(home, copy)
    passport = opened(home)
    accept_as_it_is(passport, now=NOW)
    passport.lock()
    put_back(home, newer)
    passport = opened(home)
    assert passport.rolled_back
    passport.lock()


def test_an_older_header_that_is_accepted_counts_on_from_the_newer_one(home: PassportHome) -> None:
    copy = copy_of(home)
    passport = opened(home)
    change_passphrase(passport, OTHER, now=NOW, cost=FLOOR)
    passport.lock()
    newest = mirror(home).generation
    put_back(home, copy)
    passport = opened(home)
    accept_as_it_is(passport, now=NOW)
    passport.lock()
    header = read_header(home.read_header())
    assert header.generation == newest + 1 == newest_generation(home, header.vault_id)
    passport = opened(home)
    assert passport.watch is Watch.COMPARED
    passport.lock()


def test_accepting_what_is_no_older_copy_changes_nothing(home: PassportHome) -> None:
    passport = opened(home)
    before = passport.store.age(), home.read_header(), mirror(home)
    accept_as_it_is(passport, now=NOW)
    assert (passport.store.age(), home.read_header(), mirror(home)) == before
    passport.lock()


def test_nothing_is_remembered_of_a_passport_that_was_never_here(home: PassportHome) -> None:
    assert newest_generation(home, "A" * 22) == 0
    assert newest_generation(PassportHome(home.path), mirror_id(home)) == 0


def mirror_id(home: PassportHome) -> str:
    return read_header(home.read_header()).vault_id


def test_a_mirror_is_read_as_it_was_written(home: PassportHome) -> None:
    found = mirror(home)
    home.keystore.write(age_entry(mirror_id(home)), replace(found, counter=7).to_bytes())
    assert mirror(home) == replace(found, counter=7)


# ---- by updating ----------------------------------------------------------------------------


@pytest.fixture
def rolled_back(home: PassportHome, world: World) -> Passport:
    """An older copy of Amara's passport: her surgery has signed a second update since, which this copy had."""
    passport = opened(home)
    world.connect(passport, AMARA)
    passport.lock()
    copy = copy_of(home)
    passport = opened(home)
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", with_asthma_called("Asthma, quiet for years"))
    world.connect(passport, AMARA)
    passport.lock()
    put_back(home, copy)
    passport = opened(home)
    assert_held_still(passport)
    assert passport.store.search("quiet for years") == []
    return passport


def test_an_update_from_every_holder_puts_an_older_copy_right(rolled_back: Passport, world: World) -> None:
    assert refused(world.connect(rolled_back, AMARA)) == {}
    assert not rolled_back.rolled_back
    assert len(rolled_back.store.search("quiet for years")) == 1
    write(rolled_back, "more")
    home = rolled_back.home
    rolled_back.lock()
    passport = opened(home)
    assert passport.watch is Watch.COMPARED
    passport.lock()


def test_a_refresh_with_the_kept_login_puts_it_right_too(rolled_back: Passport, world: World) -> None:
    services = world.services()
    assert refused(world.refresh(rolled_back, services)) == {}
    assert not rolled_back.rolled_back
    rolled_back.lock()


def test_half_an_update_leaves_it_an_older_copy_however_much_came(rolled_back: Passport, world: World) -> None:
    world.lose("hospital")
    messages = kept(rolled_back)[0]
    for _ in range(2):
        assert len(refused(world.connect(rolled_back, AMARA))) == 1
        assert kept(rolled_back)[0] == messages + 1
        assert_held_still(rolled_back)
    home = rolled_back.home
    rolled_back.lock()
    passport = opened(home)
    assert passport.store.age().older
    assert_held_still(passport)
    world.bring_back()
    world.connect(passport, AMARA)
    assert not passport.rolled_back
    passport.lock()


def test_a_crash_in_an_update_leaves_it_an_older_copy(rolled_back: Passport, world: World) -> None:
    home = rolled_back.home
    with guarding.updating(rolled_back, now=NOW):
        for number in range(50):
            write(rolled_back, str(number))
        kill(rolled_back)
    passport = opened(home)
    assert passport.store.setting("written") == "49"
    assert passport.store.age().counter > mirror(home).counter
    assert_held_still(passport)
    passport.lock()


def test_an_update_without_a_network_leaves_it_held_still(rolled_back: Passport, world: World) -> None:
    world.lose()
    with pytest.raises(Exception, match="network") as refusal:
        world.refresh(rolled_back)
    assert getattr(refusal.value, "code", "") == "network-unavailable"
    assert_held_still(rolled_back)
    rolled_back.lock()


def test_an_update_is_remembered_while_the_passport_is_open(home: PassportHome, world: World) -> None:
    passport = opened(home)
    before = mirror(home).counter
    world.connect(passport, AMARA)
    assert mirror(home).counter == passport.store.age().counter > before
    passport.lock()

"""A clock that is set back or ahead, by an hour or a year: it locks nobody out, revives nothing, and loses nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions.refreshing import connect
from app.actions.session import Passport, create_passport, unlock
from app.actions.sharing import all_access, deliver_endings, end_access, give_access
from app.actions.vouching import attestation_of
from app.policy.tries import FREE_TRIES
from app.store.home import PassportHome
from crypto.errors import ClockWrong, Ended, ServiceRefused, WaitBeforeRetry, WrongPassphrase
from crypto.vault_header import FLOOR
from tests.actions.made_up import LEAST, PHRASE, SIAN, World, given, kept
from tests.faults.acts import file_of
from tests.faults.altered import told

ROOT = Path(__file__).resolve().parents[2]
SHIFTS = {
    "an hour back": timedelta(hours=-1),
    "a year back": timedelta(days=-365),
    "an hour ahead": timedelta(hours=1),
    "a year ahead": timedelta(days=365),
}
shifted = pytest.mark.parametrize("shift", SHIFTS.values(), ids=SHIFTS)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "far-side")


@pytest.fixture
def passport(world: World, tmp_path: Path) -> Iterator[Passport]:
    made, _ = create_passport(PassportHome(tmp_path / "home"), PHRASE, now=world.now, cost=FLOOR)
    world.connect(made)
    yield made
    made.lock()


@shifted
def test_it_unlocks_and_shows_the_whole_record(world: World, passport: Passport, shift: timedelta) -> None:
    before = kept(passport)
    passport.lock()
    opened = unlock(passport.home, PHRASE, now=world.now + shift)
    assert kept(opened) == before
    opened.lock()


@shifted
def test_wrong_tries_at_another_time_never_lock_out_for_longer_than_their_wait(
    world: World, passport: Passport, shift: timedelta
) -> None:
    passport.lock()
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(passport.home, "wrong", now=world.now + shift)
    with pytest.raises(WaitBeforeRetry) as refused:
        unlock(passport.home, PHRASE, now=world.now + shift)
    unlock(passport.home, PHRASE, now=world.now + shift + timedelta(seconds=refused.value.seconds)).lock()


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=365)], ids=["an hour", "a year"])
def test_setting_the_clock_back_does_not_end_the_wait(world: World, passport: Passport, back: timedelta) -> None:
    passport.lock()
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(passport.home, "wrong", now=world.now)
    with pytest.raises(WaitBeforeRetry):
        unlock(passport.home, PHRASE, now=world.now - back)


@shifted
def test_an_update_names_the_clock_stores_nothing_and_keeps_the_attestation(
    world: World, passport: Passport, shift: timedelta
) -> None:
    before, attestation = kept(passport), attestation_of(passport)
    assert attestation is not None
    world.sign(SIAN, "gp", file_of(1))
    with pytest.raises(ClockWrong) as refused:
        connect(passport, world.services(), SIAN, now=world.now + shift, told=lambda _: None)
    assert told(refused.value)
    assert kept(passport) == before
    assert attestation_of(passport) == attestation
    world.connect(passport)  # and with the clock put right it comes
    assert kept(passport)[0] == before[0] + 1


@shifted
def test_access_that_was_ended_under_a_wrong_clock_opens_no_more(
    world: World, passport: Passport, shift: timedelta
) -> None:
    access = given(world, passport)
    end_access(passport, None, access.grant_id, now=world.now)  # no signal
    deliver_endings(passport, world.services(), now=world.now + shift)
    with pytest.raises(Ended):
        world.open_files(access)
    assert passport.store.outgoing() == []


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=365)], ids=["an hour", "a year"])
def test_access_given_with_the_clock_set_back_that_would_be_over_at_once_is_refused_and_not_kept(
    world: World, passport: Passport, back: timedelta
) -> None:
    then = world.now - back
    with pytest.raises(ServiceRefused):
        give_access(passport, world.services(), LEAST, expires=then + timedelta(minutes=15), now=then)
    assert all_access(passport) == []


@pytest.mark.parametrize("shift", [SHIFTS["a year back"], SHIFTS["a year ahead"]], ids=["back", "ahead"])
def test_the_command_line_opens_it_with_the_clock_of_the_whole_system_set(tmp_path: Path, shift: timedelta) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.skip("faketime is not here")
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "one.json").write_bytes(file_of(1))
    common = ["--vault", str(tmp_path / "home"), "--passphrase-file", str(tmp_path / "phrase")]

    def passport(*words: str, by: timedelta = timedelta(0)) -> str:
        set_to = [faketime, "-f", f"{by.total_seconds():+.0f}s"] if by else []
        program = [*set_to, sys.executable, "-m", "app.cli", *words, *common]
        return subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    passport("create")
    passport("import", str(tmp_path / "one.json"), "--json", by=shift)
    assert json.loads(passport("search", "Madeupitis1", "--json"))

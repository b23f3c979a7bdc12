"""A passport that is open elsewhere is asked to lock, waited for, and never waited for without end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.actions.locking import LOOK_EVERY_SECONDS, WAIT_SECONDS, ask_to_lock
from app.actions.session import Passport, create_passport, unlock
from app.store.home import PassportHome
from crypto.errors import NoPassport, PassportOpenElsewhere
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Time:
    """Seconds that pass only while somebody waits; `then` is called at each wait."""

    def __init__(self) -> None:
        self.at = 0.0
        self.waits = 0

    def monotonic(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds
        self.waits += 1
        self.then()

    def then(self) -> None:
        """What other processes do meanwhile."""


@pytest.fixture
def home(tmp_path: Path) -> PassportHome:
    return PassportHome(tmp_path / "home")


@pytest.fixture
def passport(home: PassportHome) -> Passport:
    return create_passport(home, PHRASE, now=NOW, cost=FLOOR)[0]


def test_a_closed_passport_is_asked_for_nothing(home: PassportHome, passport: Passport) -> None:
    passport.lock()
    time = Time()
    assert not ask_to_lock(home, monotonic=time.monotonic, wait=time.wait)
    assert time.waits == 0
    assert home.lock_request() is None


def test_an_open_one_is_waited_for_until_it_is_closed(home: PassportHome, passport: Passport) -> None:
    time, second = Time(), unlock(home, PHRASE, now=NOW)
    seen: list[object] = []

    def then() -> None:
        seen.append(home.lock_request())
        (passport.lock if time.waits == 2 else second.lock if time.waits == 4 else list)()

    time.then = then  # type: ignore[method-assign]
    assert ask_to_lock(home, monotonic=time.monotonic, wait=time.wait)
    assert time.waits == 4
    assert None not in seen
    assert len(set(seen)) == 1
    assert home.lock_request() is None


def test_one_that_does_not_answer_is_told_after_ten_seconds_and_stays_as_it_is(
    home: PassportHome, passport: Passport
) -> None:
    time = Time()
    with pytest.raises(PassportOpenElsewhere, match=r"within 10\.0 s") as refused:
        ask_to_lock(home, monotonic=time.monotonic, wait=time.wait)
    assert refused.value.code == "passport-open-elsewhere"
    assert WAIT_SECONDS <= time.at < WAIT_SECONDS + 2 * LOOK_EVERY_SECONDS
    assert not passport.locked
    assert home.lock_request() is None
    passport.lock()


def test_two_requests_are_two(home: PassportHome, passport: Passport) -> None:
    with home.asking_to_lock():
        first = home.lock_request()
        with home.asking_to_lock():
            assert home.lock_request() != first
    passport.lock()


def test_a_folder_without_a_passport_is_refused_and_left_empty(home: PassportHome) -> None:
    time = Time()
    with pytest.raises(NoPassport):
        ask_to_lock(home, monotonic=time.monotonic, wait=time.wait)
    assert not home.path.exists()

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.policy.tries import DELAYS, FREE_TRIES, WrongTries, more_of, one_more, read_tries, require_waited
from crypto.errors import WaitBeforeRetry

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_first_wrong_tries_cost_no_waiting() -> None:
    require_waited(None, now=NOW)
    for count in range(FREE_TRIES):
        require_waited(WrongTries(count, NOW), now=NOW)


@pytest.mark.parametrize(("over", "delay"), [*enumerate(DELAYS), (len(DELAYS), DELAYS[-1]), (10**6, DELAYS[-1])])
def test_each_further_one_makes_the_wait_longer_up_to_an_hour(over: int, delay: timedelta) -> None:
    tries = WrongTries(FREE_TRIES + over, NOW)
    with pytest.raises(WaitBeforeRetry, match="1 s left") as refused:
        require_waited(tries, now=NOW + delay - SECOND)
    assert (refused.value.code, refused.value.seconds) == ("wait-before-retry", 1)
    require_waited(tries, now=NOW + delay)


def test_the_delays_grow() -> None:
    assert list(DELAYS) == sorted(set(DELAYS))


def test_what_is_noted_is_read_again_and_grows_by_one() -> None:
    tries = one_more(one_more(None, now=NOW), now=NOW + SECOND)
    assert tries == WrongTries(2, NOW + SECOND)
    assert read_tries(tries.to_bytes(), now=NOW + SECOND) == tries
    assert read_tries(None, now=NOW) is None


def test_a_note_from_the_future_waits_from_now_and_not_longer() -> None:
    noted = WrongTries(FREE_TRIES, NOW + timedelta(days=400)).to_bytes()
    assert read_tries(noted, now=NOW) == WrongTries(FREE_TRIES, NOW)


@pytest.mark.parametrize(
    "noted",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"count":"x","last":"y"}',
        b'{"count":-9,"last":"2026-11-23T12:00:00+00:00"}',
        b'{"count":1,"last":"2026-11-23T12:00:00+00:00","pins":-1}',
        b'{"count":1e999,"last":"2026-01-01"}',
    ],
)
def test_a_note_that_cannot_be_read_is_not_forgiven(noted: bytes) -> None:
    with pytest.raises(WaitBeforeRetry):
        require_waited(read_tries(noted, now=NOW), now=NOW)


def test_pins_are_counted_among_the_tries_and_a_note_from_before_there_were_any_has_none() -> None:
    tries = one_more(one_more(None, now=NOW, pin=True), now=NOW)
    assert tries == WrongTries(2, NOW, pins=1)
    assert read_tries(tries.to_bytes(), now=NOW) == tries
    assert read_tries(b'{"count":2,"last":"2026-11-23T12:00:00+00:00"}', now=NOW) == WrongTries(2, NOW)


def test_of_two_notes_the_larger_count_counts_whichever_comes_first() -> None:
    few, many = WrongTries(2, NOW, pins=2), WrongTries(5, NOW - SECOND, pins=1)
    assert more_of(few, many) == more_of(many, few) == WrongTries(5, NOW - SECOND, pins=2)
    later = WrongTries(2, NOW + SECOND)
    assert more_of(few, later) == more_of(later, few) == WrongTries(2, NOW + SECOND, pins=2)
    assert more_of(None, few) == more_of(few, None) == few
    assert more_of(None, None) is None

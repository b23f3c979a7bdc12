"""The schedule by a clock of its own: a quarter of an hour, growing pauses, at once when the network is back."""

from __future__ import annotations

import pytest

from sync.schedule import EVERY_SECONDS, MAX_LOOK_SECONDS, MAX_RETRY_SECONDS, Schedule

NOW = 5000.0


def failing(times: int, chance: float = 0.0) -> Schedule:
    schedule = Schedule()
    for _ in range(times):
        schedule = schedule.failed(NOW, chance=chance)
    return schedule


def test_a_new_schedule_visits_at_once() -> None:
    assert Schedule().visit_is_due(0.0)


def test_after_a_visit_that_went_well_the_next_is_due_after_a_quarter_of_an_hour_and_not_before() -> None:
    schedule = Schedule().succeeded(NOW)
    assert not schedule.visit_is_due(NOW + 15 * 60 - 0.001)
    assert schedule.visit_is_due(NOW + 15 * 60)


@pytest.mark.parametrize(
    ("failures", "least"), [(1, 30.0), (2, 60.0), (3, 120.0), (6, 960.0), (7, 1800.0), (500, 1800.0)]
)
def test_after_failures_in_a_row_the_pause_doubles_up_to_an_hour_and_half_of_it_is_chance(
    failures: int, least: float
) -> None:
    assert failing(failures).visit_at == NOW + least
    assert failing(failures, 1.0).visit_at == NOW + 2 * least
    assert failing(failures, 1.0).visit_at <= NOW + MAX_RETRY_SECONDS


def test_a_visit_that_goes_well_begins_the_pauses_anew() -> None:
    assert failing(5).succeeded(NOW).failed(NOW, chance=0.0).visit_at == NOW + 30.0


def test_the_pause_a_service_asked_for_is_kept_to_as_far_as_an_hour() -> None:
    assert Schedule().failed(NOW, chance=0.0, asked=600.0).visit_at == NOW + 600.0
    assert Schedule().failed(NOW, chance=0.0, asked=1.0).visit_at == NOW + 30.0
    assert Schedule().failed(NOW, chance=0.0, asked=1e9).visit_at == NOW + MAX_RETRY_SECONDS


def test_when_the_network_is_back_the_visit_is_due_at_once() -> None:
    schedule = failing(7)
    assert not schedule.visit_is_due(NOW + 20)
    assert schedule.network_returned(NOW + 20).visit_is_due(NOW + 20)


def test_a_network_that_came_back_for_nothing_does_not_begin_the_pauses_anew() -> None:
    again = failing(3).network_returned(NOW).failed(NOW, chance=0.0)
    assert again.visit_at == NOW + 240.0


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 20.0), (2, 40.0), (5, MAX_LOOK_SECONDS), (500, MAX_LOOK_SECONDS)]
)
def test_looks_for_a_network_grow_rarer_up_to_five_minutes(failures: int, seconds: float) -> None:
    schedule = failing(failures)
    assert not schedule.look_is_due(NOW + seconds - 0.001)
    assert schedule.look_is_due(NOW + seconds)
    assert schedule.looked(NOW + seconds).look_at == NOW + 2 * seconds


def test_a_look_that_found_nothing_moves_no_visit() -> None:
    schedule = failing(2)
    assert schedule.looked(NOW).visit_at == schedule.visit_at


def test_where_everything_went_well_the_first_look_is_due_at_once() -> None:
    assert Schedule().succeeded(NOW).look_is_due(NOW)
    assert Schedule().succeeded(NOW).visit_at == NOW + EVERY_SECONDS

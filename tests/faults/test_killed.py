"""kill -9 at any moment of any act: what was acknowledged is there, what was under way is whole or not there."""

from __future__ import annotations

import random

import pytest

from tests.faults.acts import ACTS
from tests.faults.running import Workshop, failures, killed, killed_at
from tests.faults.shim import Action, Kind

RUNS = 2


@pytest.mark.parametrize("act", ACTS)
def test_nothing_acknowledged_is_lost_by_kill_9(shop: Workshop, act: str) -> None:
    chance = random.Random(f"killed {act}")
    outcomes = [killed(shop, act, chance) for _ in range(RUNS)]
    assert failures(outcomes) == []
    assert [outcome.struck for outcome in outcomes] == [True] * RUNS


def test_a_program_that_writes_in_place_is_caught(shop: Workshop) -> None:
    calls = range(1, shop.counts["careless"]["WRITE"] + 1)
    outcomes = [killed_at(shop, "careless", number, Action.KILL_TORN, Kind.WRITE) for number in calls]
    assert [outcome.struck for outcome in outcomes] == [True] * len(calls)
    assert any("card: " in line for line in failures(outcomes))

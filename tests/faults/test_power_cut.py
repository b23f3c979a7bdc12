"""The current goes: what was flushed is there, of the rest whatever chance keeps; nothing acknowledged is lost."""

from __future__ import annotations

import random

import pytest

from tests.faults.acts import ACTS
from tests.faults.running import Workshop, cut_off, failures

CUTS = 3


@pytest.mark.parametrize("act", ACTS)
def test_nothing_acknowledged_is_lost_by_a_power_cut(shop: Workshop, act: str) -> None:
    outcomes = cut_off(shop, act, CUTS, random.Random(f"cut {act}"))
    assert len(outcomes) == CUTS
    assert failures(outcomes) == []


def test_a_passport_that_was_closed_is_not_taken_for_an_older_copy_after_a_power_cut(shop: Workshop) -> None:
    assert failures(cut_off(shop, "share", 6, random.Random(1), at_the_end=1)) == []


def test_a_program_that_does_not_flush_is_caught(shop: Workshop) -> None:
    assert failures(cut_off(shop, "careless", 8, random.Random(1))) != []

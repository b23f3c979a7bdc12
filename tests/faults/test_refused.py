"""A disk that is full or fails: refusals have their sentence, nothing is lost, and on a well disk it can be done again.

How often each kind of call was refused is counted: a fault that never came is a failed test.
"""

from __future__ import annotations

import errno
import random
from itertools import islice

import pytest

from tests.faults.acts import ACTS
from tests.faults.running import SPOILT, Workshop, failures, refused, refused_at
from tests.faults.shim import Action, Kind

RUNS = 3


@pytest.mark.parametrize("fault", SPOILT)
def test_a_refusing_disk_loses_nothing_and_is_told_in_a_sentence(shop: Workshop, fault: str) -> None:
    chance = random.Random(f"refused {fault}")
    mixed = chance.sample(list(ACTS), len(ACTS))
    outcomes = list(islice((done for act in mixed if (done := refused(shop, act, fault, chance))), RUNS))
    assert failures(outcomes) == []
    assert outcomes
    assert all(outcome.struck for outcome in outcomes)


def test_the_patient_reads_that_the_disk_refused(shop: Workshop) -> None:
    outcome = refused(shop, "bring_in", "no room to write", random.Random(1))
    assert outcome is not None
    assert outcome.refused == ("store-unavailable",)


@pytest.mark.parametrize("call", range(3, 7))
def test_a_pin_opens_whichever_flush_of_its_header_was_refused(shop: Workshop, call: int) -> None:
    arm = (Kind.SYNC, call, Action.REFUSE, errno.EIO, True)
    outcome = refused_at(shop, "pin", f"fsync fails from {call} on, then left", {"arm": arm}, retries=False)
    assert failures([outcome]) == []

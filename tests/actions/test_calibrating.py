from __future__ import annotations

from collections.abc import Callable

import pytest

from app.actions.calibrating import cost_for_this_device
from crypto import vault
from crypto.vault import LADDER
from crypto.vault_header import DESKTOP, Argon2Cost


@pytest.fixture
def stretched(monkeypatch: pytest.MonkeyPatch) -> list[Argon2Cost]:
    """The costs that were really tried, in order, without the time they take."""
    tried: list[Argon2Cost] = []
    monkeypatch.setattr(vault, "stretch_nothing", tried.append)
    return tried


def clock(*steps: float) -> Callable[[], float]:
    """Reads 0, then later by each of the steps in turn, one pair of readings for each measurement."""
    readings = iter([moment for step in steps for moment in (0.0, step)])
    return lambda: next(readings)


def test_what_is_measured_is_the_stretching_at_each_step_until_one_is_long_enough(stretched: list[Argon2Cost]) -> None:
    assert cost_for_this_device(clock(0.1, 0.2, 0.4)) == LADDER[2]
    assert stretched == list(LADDER[:3])


def test_a_slow_device_is_measured_once(stretched: list[Argon2Cost]) -> None:
    assert cost_for_this_device(clock(2.5)) == DESKTOP
    assert stretched == [DESKTOP]


def test_one_stretching_of_nothing_is_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []

    class Spy:
        def __init__(self, **parameters: object) -> None:
            asked.append(parameters)

        def derive(self, secret: bytes) -> bytes:
            return bytes(32)

    monkeypatch.setattr(vault, "Argon2id", Spy)
    vault.stretch_nothing(DESKTOP)
    assert [(one["memory_cost"], one["iterations"], one["lanes"]) for one in asked] == [(65536, 3, 4)]

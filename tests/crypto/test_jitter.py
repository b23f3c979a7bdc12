from __future__ import annotations

from crypto.jitter import jitter


def test_chance_lies_between_nothing_and_one_and_differs() -> None:
    drawn = [jitter() for _ in range(100)]
    assert all(0.0 <= one < 1.0 for one in drawn)
    assert len(set(drawn)) > 90

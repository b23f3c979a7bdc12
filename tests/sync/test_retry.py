"""Pauses before asking again: what a service may ask for, and what chance and growth make of it."""

from __future__ import annotations

import pytest

from sync.retry import MAX_ASKED_SECONDS, MAX_PAUSE_SECONDS, asked_seconds, pause_seconds

SENT = "Mon, 23 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "3600"}, 3600.0),
        ({"retry-after": "3601"}, MAX_ASKED_SECONDS),
        ({"retry-after": "9" * 300}, MAX_ASKED_SECONDS),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:30 GMT", "date": SENT}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 08:59:00 GMT", "date": SENT}, 0.0),
        ({"retry-after": "Wed, 23 Nov 2061 09:00:00 GMT", "date": SENT}, MAX_ASKED_SECONDS),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:30 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:30", "date": SENT}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "\u0663"}, None),
        ({"retry-after": "soon", "date": SENT}, None),
        ({}, None),
    ],
)
def test_what_a_service_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_seconds(headers) == seconds


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 0.25, 0.5), (2, 0.5, 1.0), (3, 1.0, 2.0)])
def test_a_pause_grows_and_half_of_it_is_chance(tries: int, least: float, most: float) -> None:
    assert pause_seconds(tries, {}, lambda: 0.0) == least
    assert pause_seconds(tries, {}, lambda: 1.0) == most


def test_a_pause_nobody_asked_for_has_a_ceiling() -> None:
    assert pause_seconds(60, {}, lambda: 1.0) == MAX_PAUSE_SECONDS


def test_a_pause_is_never_shorter_than_asked_and_never_in_step() -> None:
    assert pause_seconds(1, {"retry-after": "5"}, lambda: 0.0) == 5.0
    assert pause_seconds(1, {"retry-after": "5"}, lambda: 1.0) == 5.5

"""When the patient is asked to look at their emergency card again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.policy.looking_again import LOOK_AFTER, Why, why_look_again

LOOKED = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_card_nobody_looked_at_is_to_be_looked_at() -> None:
    assert why_look_again(None, changed=False, now=LOOKED) is Why.NEVER


def test_a_change_asks_at_once() -> None:
    assert why_look_again(LOOKED, changed=True, now=LOOKED) is Why.CHANGED


def test_one_second_before_half_a_year_nobody_is_asked() -> None:
    assert why_look_again(LOOKED, changed=False, now=LOOKED + LOOK_AFTER - SECOND) is None


def test_at_half_a_year_and_one_second_after_it_is_long_ago() -> None:
    assert why_look_again(LOOKED, changed=False, now=LOOKED + LOOK_AFTER) is Why.LONG_AGO
    assert why_look_again(LOOKED, changed=False, now=LOOKED + LOOK_AFTER + SECOND) is Why.LONG_AGO


def test_a_change_is_said_before_that_it_is_long_ago() -> None:
    assert why_look_again(LOOKED, changed=True, now=LOOKED + 2 * LOOK_AFTER) is Why.CHANGED

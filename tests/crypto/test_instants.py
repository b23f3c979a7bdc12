"""NumericDate and the rules of time, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crypto import instants
from crypto.errors import Expired, MalformedToken, NotYetValid

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_fractional_time_is_kept() -> None:
    assert instants.from_numeric_date(1.5, name="nbf") == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    assert instants.to_numeric_date(NOW) == 1_795_435_200


@pytest.mark.parametrize("value", [True, "1", None, -1, 253_402_300_800, float("inf"), float("nan")])
def test_another_value_is_no_time(value: object) -> None:
    with pytest.raises(MalformedToken, match="nbf") as refusal:
        instants.from_numeric_date(value, name="nbf")
    assert refusal.value.code == "malformed-token"


def test_the_end_is_not_stretched_by_the_tolerance() -> None:
    instants.require_before(NOW + SECOND, now=NOW)
    with pytest.raises(Expired) as refusal:
        instants.require_before(NOW, now=NOW)
    assert refusal.value.code == "expired"


def test_another_clock_may_be_120_seconds_ahead() -> None:
    instants.require_begun(NOW + 120 * SECOND, now=NOW, name="iat")
    with pytest.raises(NotYetValid, match="iat") as refusal:
        instants.require_begun(NOW + 121 * SECOND, now=NOW, name="iat")
    assert refusal.value.code == "not-yet-valid"

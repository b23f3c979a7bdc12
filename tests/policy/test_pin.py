from __future__ import annotations

import pytest

from app.policy.pin import require_good_pin
from crypto.errors import PinTooWeak


@pytest.mark.parametrize("pin", ["602941", "7183054", "904417283655", "٦٠٢٩٤١", "310299441"])
def test_pins_that_are_none_of_the_first_guesses_are_taken(pin: str) -> None:
    require_good_pin(pin)


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("", "found 0"),
        ("60294", "found 5"),
        ("6029416029416", "found 13"),
        ("60294a", "digits alone"),
        ("602 941", "digits alone"),
        ("-60294", "digits alone"),
        ("60294²", "digits alone"),
        ("000000", "different digits"),
        ("121221", "different digits"),
        ("123456", "row"),
        ("890123", "row"),
        ("987654", "row"),
        ("135791", "row"),
        ("٠١٢٣٤٥", "row"),
        ("602602", "again and again"),
        ("60296029", "again and again"),
        ("147258", "pad"),
        ("1472580", "pad"),
        ("240675", "date"),
        ("062475", "date"),
        ("750624", "date"),
        ("29022000", "date"),
        ("24061975", "date"),
        ("06241975", "date"),
        ("19750624", "date"),
    ],
)
def test_an_easy_pin_is_refused_and_not_repeated_in_the_refusal(pin: str, why: str) -> None:
    with pytest.raises(PinTooWeak, match=why) as refused:
        require_good_pin(pin)
    assert refused.value.code == "pin-too-weak"
    assert not pin or pin not in str(refused.value)


@pytest.mark.parametrize("pin", ["24067518", "30022001", "24061875", "24062175"])
def test_eight_digits_that_are_no_day_of_two_centuries_are_taken(pin: str) -> None:
    require_good_pin(pin)

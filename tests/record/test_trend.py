from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.record.entry import Coding, Entry, Quantity, Section, Standing, When
from app.record.source import StoredEntry
from app.record.trend import Trend, can_be_drawn, phrases, trend_of
from tests.record.made_up import SURGERY

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
POTASSIUM = Entry(
    "Observation/1",
    0,
    Section.RESULTS,
    "Observation",
    "Serum potassium",
    when=When("2020-05-06"),
    codings=(Coding(SNOMED, "1000651000000109"),),
    quantity=Quantity("4.60", "mmol/L", "3.5", "5.3"),
)
PRESSURE = replace(POTASSIUM, title="Blood pressure", codings=(), quantity=None, detail="135/85 mmHg")


def stored(*entries: Entry) -> list[StoredEntry]:
    return [StoredEntry(number, entry, SURGERY) for number, entry in enumerate(entries, 1)]


def drawn(trend: Trend) -> list[tuple[str, list[tuple[str, ...]]]]:
    return [(one.unit, [tuple(map(str, point.values)) for point in one.points]) for one in trend.series]


def at(when: str, value: str, unit: str = "mmol/L", **more: object) -> Entry:
    assert POTASSIUM.quantity is not None
    return replace(POTASSIUM, when=When(when), quantity=replace(POTASSIUM.quantity, value=value, unit=unit), **more)  # type: ignore[arg-type]


def test_numbers_stand_oldest_first_with_their_decimals_as_received() -> None:
    found = trend_of(POTASSIUM, stored(at("2022", "4.10"), at("2020-05-06", "4.60"), at("2021-01", "5")))
    assert drawn(found) == [("mmol/L", [("4.60",), ("5",), ("4.10",)])]


def test_units_are_kept_apart_and_nothing_is_converted() -> None:
    found = trend_of(POTASSIUM, stored(at("2020", "4.1"), at("2021", "4.2"), at("2022", "16", "mg/dL")))
    assert drawn(found) == [("mmol/L", [("4.1",), ("4.2",)]), ("mg/dL", [("16",)])]


def test_one_code_in_common_is_the_same_whatever_it_is_called() -> None:
    other = at("2021", "4.4", title="Potassium", codings=(Coding(LOINC, "2823-3"), *POTASSIUM.codings))
    assert trend_of(POTASSIUM, stored(POTASSIUM, other)).count == 2


def test_the_same_code_of_another_system_is_another_thing() -> None:
    other = at("2021", "4.4", codings=(Coding(LOINC, "1000651000000109"),))
    assert trend_of(POTASSIUM, stored(POTASSIUM, other)).count == 1


def test_without_codes_the_name_decides() -> None:
    bare = at("2021", "4.4", codings=(), title="serum  POTASSIUM")
    assert trend_of(POTASSIUM, stored(POTASSIUM, bare, replace(bare, title="Serum sodium"))).count == 2


def test_a_blood_pressure_is_a_pair() -> None:
    found = trend_of(PRESSURE, stored(PRESSURE, replace(PRESSURE, when=When("2019"), detail="120/80 mmHg")))
    assert drawn(found) == [("mmHg", [("120", "80"), ("135", "85")])]


def test_what_has_no_number_or_no_date_is_counted_and_not_drawn() -> None:
    words = replace(POTASSIUM, quantity=None, detail="haemolysed")
    found = trend_of(POTASSIUM, stored(POTASSIUM, words, replace(POTASSIUM, when=None), at("soon", "1")))
    assert (found.count, found.undrawn) == (1, 3)


@pytest.mark.parametrize("value", ["", "trace", "NaN", "Infinity", "1e400", "4,6"])
def test_a_value_that_is_no_plain_number_is_not_drawn(value: str) -> None:
    assert not can_be_drawn(at("2020", value))


def test_entries_in_error_and_replaced_ones_are_left_out() -> None:
    wrong = at("2021", "9.9", standing=Standing.ENTERED_IN_ERROR)
    (old,) = stored(at("2019", "8.8"))
    assert trend_of(POTASSIUM, [*stored(POTASSIUM, wrong), replace(old, superseded=True)]).count == 1


def test_the_band_is_the_range_all_of_them_have() -> None:
    (series,) = trend_of(POTASSIUM, stored(POTASSIUM, at("2021", "4"))).series
    assert series.band == (Decimal("3.5"), Decimal("5.3"))


def test_two_ranges_make_no_band() -> None:
    other = replace(POTASSIUM, quantity=Quantity("4", "mmol/L", "3.4", "5.3"))
    (series,) = trend_of(POTASSIUM, stored(POTASSIUM, other)).series
    assert series.band is None


def test_it_is_looked_for_by_each_code_and_by_its_name() -> None:
    assert phrases(POTASSIUM) == ("1000651000000109", "Serum potassium")

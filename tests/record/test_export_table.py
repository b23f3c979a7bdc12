"""Results go out as a table that a spreadsheet reads and does not run, and come in again as they were."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from app.record.entry import Entry, Fact, Quantity, Section, Standing, When
from app.record.export_table import HEADER, harmless, results_table
from app.record.file_forms import bundle_of_table
from app.record.reading import read_bundle
from app.record.source import Checked, SourceInfo, SourceKind, StoredEntry
from tests.record.made_up import NOW, SURGERY

FILE = SourceInfo(SourceKind.IMPORT, "mine.csv", Checked.NOT_SIGNED, NOW)


def result(title: str, quantity: Quantity | None, *, detail: str = "", when: str = "2026-10-27") -> Entry:
    said = detail or (f"{quantity.comparator}{quantity.value} {quantity.unit}".strip() if quantity else "")
    date = When(when) if when else None
    return Entry(
        f"Observation/{title}",
        0,
        Section.RESULTS,
        "Observation",
        title,
        said,
        date,
        Standing.CURRENT,
        quantity=quantity,
    )


POTASSIUM = result("Potassium", Quantity("4.60", "mmol/L", "3.50", "5.30", interpretation="Normal"))
BASE_EXCESS = result("Base excess", Quantity("-3.5", "mmol/L"), when="2026-10-27T08:15:00+00:00")
TROPONIN = result("Troponin", Quantity("5", "ng/L", comparator="<"), when="2026-10")
PRESSURE = result("Blood pressure", None, detail="135/85 mmHg", when="2019")
CULTURE = result("Urine culture", None, detail='No growth, "clear"\nsee the letter; µ-organism', when="")
EVERY = (POTASSIUM, BASE_EXCESS, TROPONIN, PRESSURE, CULTURE)


def stored(*entries: Entry, source: SourceInfo = SURGERY) -> list[StoredEntry]:
    return [StoredEntry(number, entry, source) for number, entry in enumerate(entries, 1)]


def cells(*entries: Entry) -> list[list[str]]:
    text = results_table(stored(*entries)).data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_values_units_and_dates_stand_as_received() -> None:
    header, potassium, excess, troponin, *_ = cells(*EVERY)
    assert header == list(HEADER)
    assert potassium == [
        "2026-10-27", "Potassium", "4.60", "mmol/L", "3.50", "5.30", "", "", "Normal", "", "Oak Lane Surgery", "yes"
    ]  # fmt: skip
    assert excess[:4] == ["2026-10-27T08:15:00+00:00", "Base excess", "-3.5", "mmol/L"]
    assert troponin[:4] == ["2026-10", "Troponin", "<5", "ng/L"]


def test_a_blood_pressure_is_two_columns() -> None:
    row = dict(zip(HEADER, cells(PRESSURE)[1], strict=True))
    assert (row["Systolic"], row["Diastolic"], row["Unit"], row["Value"]) == ("135", "85", "mmHg", "")


def test_a_pair_that_is_no_pressure_stays_one_value() -> None:
    row = dict(zip(HEADER, cells(result("Sight, left eye", None, detail="6/9"))[1], strict=True))
    assert (row["Value"], row["Systolic"]) == ("6/9", "")


def test_the_file_begins_with_a_byte_order_mark_and_ends_lines_as_rfc_4180_says() -> None:
    data = results_table(stored(POTASSIUM)).data
    assert data.startswith(b"\xef\xbb\xbfDate,Name,")
    assert data.count(b"\r\n") == 2


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("http://x")', "+44 20", "-cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", " =1", "-3.5-2", "＝1"],
)
def test_a_cell_that_would_be_a_formula_is_made_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-3.5", "0", "4.60", "-1.0e-3", "", "Potassium", "<5", "135"])
def test_numbers_and_plain_words_are_as_they_were(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_planted_formula_is_nowhere_at_the_start_of_a_cell() -> None:
    planted = "=1+1"
    entry = replace(
        result(planted, Quantity(planted, planted, planted, planted, interpretation=planted)),
        facts=(Fact("note", planted),), when=When(planted),
    )  # fmt: skip
    text = results_table(stored(entry, source=replace(SURGERY, issuer_name=planted))).data.decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert [cell for cell in row if cell.startswith("=")] == []
    assert row.count("'=1+1") == 9


def test_what_went_out_comes_in_equal() -> None:
    bundle = bundle_of_table(results_table(stored(*EVERY)).data, "mine.csv")
    assert bundle is not None
    *found, _ = read_bundle(bundle).entries
    for before, after in zip(EVERY, found, strict=True):
        assert (after.title, after.when) == (before.title, before.when)
        if before.quantity is None:
            assert after.detail == before.detail
        else:
            assert after.quantity == replace(before.quantity, interpretation="")


def test_a_name_like_a_formula_comes_in_as_it_was() -> None:
    bundle = bundle_of_table(results_table(stored(result("=Total", Quantity("1", "g")))).data, "mine.csv")
    assert bundle is not None
    assert read_bundle(bundle).entries[0].title == "=Total"


def test_a_panel_without_a_value_is_counted_and_not_written() -> None:
    table = results_table(stored(POTASSIUM, result("Renal profile", None)))
    assert (table.rows, table.left_out) == (1, 1)


def test_what_is_no_result_or_was_a_mistake_stays_out() -> None:
    wrong = replace(POTASSIUM, standing=Standing.ENTERED_IN_ERROR)
    medicine = replace(POTASSIUM, section=Section.MEDICINES)
    assert results_table(stored(wrong, medicine)).rows == 0


def test_an_unsigned_source_says_no() -> None:
    text = results_table(stored(POTASSIUM, source=FILE)).data.decode("utf-8-sig")
    assert text.splitlines()[1].endswith(",mine.csv,no")

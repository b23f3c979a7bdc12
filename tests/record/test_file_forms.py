from __future__ import annotations

import json

import pytest

from app.record.entry import Entry, Section
from app.record.file_forms import bundle_of_enclosed, bundle_of_lines, bundle_of_table, media_type
from app.record.reading import read_bundle
from crypto.errors import NotJson, TableUnreadable, TooLarge

TABLE = """Date,Name,Value,Unit,Low,High,Note
23/11/2026,Weight,71.50,kg,,,after breakfast
2026-11-22,Glucose,5.0,mmol/L,4.0,7.0,
"""


def read(table: str) -> tuple[Entry, ...]:
    bundle = bundle_of_table(table.encode(), "mine.csv")
    assert bundle is not None
    found = read_bundle(bundle)
    assert found.not_displayed == ()
    return found.entries


def test_a_table_is_read_with_its_decimals_ranges_and_notes() -> None:
    weight, glucose, letter = read(TABLE)
    assert weight.section is Section.MEASUREMENTS
    assert weight.quantity is not None
    assert (weight.title, weight.quantity.value, weight.quantity.unit) == ("Weight", "71.50", "kg")
    assert [fact.value for fact in weight.facts if fact.name == "note"] == ["after breakfast"]
    assert glucose.quantity is not None
    assert (glucose.quantity.low, glucose.quantity.high) == ("4.0", "7.0")
    assert (letter.section, letter.title) == (Section.DOCUMENTS, "mine.csv")


def test_a_day_stands_before_its_month_as_in_britain() -> None:
    (entry, _) = read("date,name,value\n03/04/2026,Weight,70\n")
    assert entry.when is not None
    assert entry.when.text == "2026-04-03"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_blood_pressure_is_one_reading_and_the_pulse_another(separator: str) -> None:
    rows = [("Date", "SYS(mmHg)", "DIA(mmHg)", "Pulse(bpm)"), ("2026-11-20 08:15", "135", "85", "72")]
    pressure, pulse, _ = read("\n".join(separator.join(row) for row in rows))
    assert pressure.detail == "135/85 mmHg"
    assert pulse.quantity is not None
    assert (pulse.quantity.value, pulse.quantity.unit) == ("72", "/min")


def test_words_in_the_place_of_a_number_stay_words() -> None:
    (entry, _) = read("date,name,value\n2026-04-03,Urine dip,trace\n")
    assert (entry.detail, entry.quantity) == ("trace", None)


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ("31/02/2026,Weight,70", 3),
        ("soon,Weight,70", 3),
        ("2026-13-01,Weight,70", 3),
        ("2026-01-01,,70", 3),
        ("2026-01-01,Weight,", 3),
    ],
)
def test_the_row_that_cannot_be_read_is_named(row: str, number: int) -> None:
    with pytest.raises(TableUnreadable) as refusal:
        bundle_of_table(f"date,name,value\n2026-01-01,Weight,70\n{row}\n".encode(), "a.csv")
    assert refusal.value.row == number


@pytest.mark.parametrize("pressure", ["135,", ",85", "high,85", "1e3,85"])
def test_half_a_blood_pressure_is_no_blood_pressure(pressure: str) -> None:
    with pytest.raises(TableUnreadable):
        bundle_of_table(f"date,sys,dia\n2026-01-01,{pressure}\n".encode(), "a.csv")


@pytest.mark.parametrize(
    "text", ["", "hello", "a,b\n1,2\n", '{"resourceType": "Patient"}', "date,name\n2026-01-01,x\n"]
)
def test_any_other_text_is_no_table(text: str) -> None:
    assert bundle_of_table(text.encode(), "a.csv") is None


def test_bytes_that_are_no_text_are_no_table() -> None:
    assert bundle_of_table(b"\xff\xfe\x00date", "a.csv") is None


def test_a_header_without_rows_is_refused() -> None:
    with pytest.raises(TableUnreadable):
        bundle_of_table(b"date,name,value\n", "a.csv")


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(TooLarge):
        bundle_of_table(b"date,name,value\n" + b"2026-01-01,Weight,70\n" * 20_001, "a.csv")


def test_lines_become_a_bundle_byte_for_byte() -> None:
    gout, number = b'{"resourceType":"Condition","id":"1","code":{"text":"Gout"}}', b'{"resourceType":"Basic","n":1.50}'
    lines = b"\xef\xbb\xbf" + gout + b"\r\n\n" + number + b"\n"
    bundle = bundle_of_lines(lines)
    assert bundle is not None
    assert b'{"resource":{"resourceType":"Basic","n":1.50}}' in bundle
    assert read_bundle(bundle).entries[0].title == "Gout"


@pytest.mark.parametrize(
    "data", [b"", b'{"resourceType":"Patient"}', b'{\n"resourceType":"Patient"\n}', b"{}\nx", b"a\nb"]
)
def test_one_document_is_no_lines(data: bytes) -> None:
    assert bundle_of_lines(data) is None


def test_a_broken_line_refuses_the_file() -> None:
    bundle = bundle_of_lines(b'{"resourceType":"Condition"}\n{"resourceType":}\n')
    assert bundle is not None
    with pytest.raises(NotJson):
        read_bundle(bundle)


def test_a_letter_is_kept_whole() -> None:
    data = b"%PDF-1.7 made up"
    kind = media_type(data)
    assert kind == "application/pdf"
    bundle = bundle_of_enclosed(data, 'letter "quoted".pdf', kind)
    (entry,) = read_bundle(bundle).entries
    assert (entry.section, entry.title) == (Section.DOCUMENTS, 'letter "quoted".pdf')
    attachment = json.loads(bundle)["entry"][0]["resource"]["content"][0]["attachment"]
    assert attachment["size"] == len(data)


def test_a_letter_over_the_bound_is_refused() -> None:
    with pytest.raises(TooLarge):
        bundle_of_enclosed(b"%PDF-" + bytes(24 * 1024 * 1024), "a.pdf", "application/pdf")

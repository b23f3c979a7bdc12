"""The patient summary we write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.record.entry import Absence, Coding, Entry, Quantity, Section, SectionNote, Standing, When
from app.record.ips import ExactNumber, Provided, ProvidedNote, ips_bytes, ips_document
from app.record.reading import read_bundle
from tests.record.made_up import NOW, PERSON, SNOMED

REQUIRED = {"11450-4", "48765-2", "10160-0"}
ALLERGY = Entry(
    "AllergyIntolerance/1", 0, Section.ALLERGIES, "AllergyIntolerance", "Penicillin <allergy>", "Rash",
    When("2003-04-11"), Standing.CURRENT, codings=(Coding(SNOMED, "91936005", "Allergy to penicillin"),),
)  # fmt: skip
POTASSIUM = Entry(
    "Observation/k", 1, Section.RESULTS, "Observation", "Potassium", "4.60 mmol/L", When("2026-10-27"),
    Standing.CURRENT, quantity=Quantity("4.60", "mmol/L", "3.50", "5.30"),
)  # fmt: skip


def sections(document: dict[str, Any]) -> dict[str, Any]:
    composition = document["entry"][0]["resource"]
    return {part["code"]["coding"][0]["code"]: part for part in composition["section"]}


def test_the_three_required_sections_are_always_there_with_words() -> None:
    found = sections(ips_document(PERSON, [], now=NOW))
    assert set(found) == REQUIRED
    for part in found.values():
        assert part["text"]["div"].startswith('<div xmlns="http://www.w3.org/1999/xhtml">')
        assert "entry" not in part
        assert part["emptyReason"]


def test_silence_is_not_coded_as_none_known() -> None:
    part = sections(ips_document(PERSON, [], sections=list(Section), now=NOW))["48765-2"]
    assert part["emptyReason"] == {"text": "No allergies recorded in this passport"}


def test_none_known_is_coded_only_when_a_source_said_it() -> None:
    said = ProvidedNote(SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN), "Oak Lane Surgery")
    part = sections(ips_document(PERSON, [], [said], sections=list(Section), now=NOW))["48765-2"]
    assert part["emptyReason"]["coding"][0]["code"] == "nilknown"
    assert "said by Oak Lane Surgery" in part["text"]["div"]


def test_sources_that_differ_are_not_made_to_agree() -> None:
    said = [
        ProvidedNote(SectionNote(Section.ALLERGIES, absence=absence), "x")
        for absence in (Absence.NONE_KNOWN, Absence.NOT_ASKED)
    ]
    part = sections(ips_document(PERSON, [], said, sections=list(Section), now=NOW))["48765-2"]
    assert part["emptyReason"] == {"text": "Sources differ"}


def test_a_required_section_that_was_not_shared_is_withheld_and_not_none() -> None:
    said = ProvidedNote(SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN), "Oak Lane Surgery")
    part = sections(ips_document(PERSON, [], [said], sections=[Section.MEDICINES], now=NOW))["48765-2"]
    assert part["emptyReason"]["coding"][0]["code"] == "withheld"


def test_the_narrative_names_the_source_and_is_escaped() -> None:
    part = sections(ips_document(PERSON, [Provided(ALLERGY, "Oak Lane Surgery")], now=NOW))["48765-2"]
    assert "Penicillin &lt;allergy&gt;, Rash, 2003-04-11, said by Oak Lane Surgery" in part["text"]["div"]


def test_every_reference_of_the_document_leads_to_an_entry() -> None:
    entries = [Provided(ALLERGY, "Oak Lane Surgery"), Provided(ALLERGY, "Riverside Hospital"), Provided(POTASSIUM, "x")]
    document = ips_document(PERSON, entries, now=NOW)
    urls = [entry["fullUrl"] for entry in document["entry"]]
    assert len(set(urls)) == len(urls) == 5
    for part in sections(document).values():
        assert {item["reference"] for item in part.get("entry", [])} <= set(urls)


def test_entered_in_error_is_left_out() -> None:
    wrong = Entry("x", 0, Section.ALLERGIES, "AllergyIntolerance", "Wrong", standing=Standing.ENTERED_IN_ERROR)
    assert len(ips_document(PERSON, [Provided(wrong, "x")], now=NOW)["entry"]) == 2


def test_numbers_are_written_as_they_were_received() -> None:
    written = ips_bytes(ips_document(PERSON, [Provided(POTASSIUM, "x")], now=NOW))
    assert b'"valueQuantity":{"value":4.60,"unit":"mmol/L"}' in written
    assert b'"low":{"value":3.50}' in written


def test_a_value_that_is_not_a_number_stays_words() -> None:
    odd = Entry("o", 0, Section.RESULTS, "Observation", "Odd", "ca. 5", quantity=Quantity("ca. 5", "g"))
    observation = ips_document(PERSON, [Provided(odd, "x")], now=NOW)["entry"][2]["resource"]
    assert observation["valueString"] == "ca. 5"
    assert "valueQuantity" not in observation


def test_plain_json_reads_the_same_numbers() -> None:
    document = ips_document(PERSON, [Provided(POTASSIUM, "x")], now=NOW)
    assert json.loads(json.dumps(document)) == json.loads(ips_bytes(document))


@pytest.mark.parametrize("text", ["", "01", "4.", "NaN", "1,5", "--1", "Infinity"])
def test_an_exact_number_is_a_json_number(text: str) -> None:
    with pytest.raises(ValueError, match="JSON number"):
        ExactNumber(text)


def test_what_went_out_comes_in_equal() -> None:
    written = ips_bytes(ips_document(PERSON, [Provided(ALLERGY, "x"), Provided(POTASSIUM, "y")], now=NOW))
    reading = read_bundle(written)
    allergy, potassium = reading.entries
    assert (allergy.title, allergy.detail, allergy.when, allergy.codings) == (
        ALLERGY.title, ALLERGY.detail, ALLERGY.when, ALLERGY.codings
    )  # fmt: skip
    assert (potassium.quantity, potassium.when) == (POTASSIUM.quantity, POTASSIUM.when)
    assert reading.person is not None
    assert reading.person.nhs_number == PERSON.nhs_number


def test_the_same_input_gives_the_same_document() -> None:
    entries = [Provided(ALLERGY, "x")]
    assert ips_bytes(ips_document(PERSON, entries, now=NOW)) == ips_bytes(ips_document(PERSON, entries, now=NOW))

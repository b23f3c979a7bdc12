"""What lists say about a whole section."""

from __future__ import annotations

from typing import Any

import pytest

from app.record.entry import Absence, ListWarning, Section, SectionNote
from app.record.lists import list_notes
from tests.record.made_up import concept

WARNING = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"
EMPTY = "http://hl7.org/fhir/list-empty-reason"


def a_list(code: str, *, reason: str = "", warning: str = "", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"resourceType": "List", "status": "current", "code": concept("list", code), **more}
    if reason:
        found["emptyReason"] = {"coding": [{"system": EMPTY, "code": reason}]}
    if warning:
        found["extension"] = [{"url": WARNING, "valueCode": warning}]
    return found


@pytest.mark.parametrize(
    ("reason", "absence"),
    [
        ("nilknown", Absence.NONE_KNOWN),
        ("notasked", Absence.NOT_ASKED),
        ("withheld", Absence.WITHHELD),
        ("unavailable", Absence.UNAVAILABLE),
    ],
)
def test_each_reason_stays_what_it_is(reason: str, absence: Absence) -> None:
    assert list_notes(a_list("886921000000105", reason=reason)) == [SectionNote(Section.ALLERGIES, absence=absence)]


def test_no_content_recorded_is_silence() -> None:
    assert list_notes(a_list("886921000000105", reason="no-content-recorded")) == []


def test_no_ended_allergies_does_not_mean_no_known_allergies() -> None:
    assert list_notes(a_list("1103671000000101", reason="nilknown")) == []


def test_a_list_with_entries_is_not_empty_whatever_its_reason_says() -> None:
    assert list_notes(a_list("886921000000105", reason="nilknown", entry=[{"item": {}}])) == []


@pytest.mark.parametrize("warning", [one for one in ListWarning if one is not ListWarning.LEFT_OFF])
def test_warnings_reach_their_section(warning: ListWarning) -> None:
    found = list_notes(a_list("933361000000108", warning=warning.value))
    assert found == [SectionNote(Section.MEDICINES, warning=warning)]


def test_no_source_can_say_that_the_patient_left_something_off() -> None:
    assert list_notes(a_list("933361000000108", warning=ListWarning.LEFT_OFF.value)) == []


def test_a_warning_on_ended_allergies_is_about_allergies() -> None:
    found = list_notes(a_list("1103671000000101", warning="confidential-items"))
    assert found == [SectionNote(Section.ALLERGIES, warning=ListWarning.CONFIDENTIAL)]


def test_a_warning_on_a_helper_list_goes_to_what_it_lists() -> None:
    title = "Consultations - medications contained in consultations"
    found = list_notes(a_list("x", warning="data-in-transit", title=title))
    assert found == [SectionNote(Section.MEDICINES, warning=ListWarning.IN_TRANSIT)]


def test_a_section_of_a_patient_summary_says_why_it_is_empty() -> None:
    part = {
        "code": {"coding": [{"code": "48765-2"}]},
        "emptyReason": {"coding": [{"system": EMPTY, "code": "nilknown"}]},
    }
    found = list_notes({"resourceType": "Composition", "section": [part]})
    assert found == [SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN)]

"""Problems and the consultations they came up in, as their source linked them."""

from __future__ import annotations

from typing import Any

import pytest

from app.record.entry import Entry
from app.record.reading import read_bundle
from tests.record.made_up import bundle, concept

GPC = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-"
VISIT: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "v",
    "status": "finished",
    "type": [{"text": "GP Surgery"}],
    "period": {"start": "2010-03-23T07:59:00+00:00"},
}
GOUT: dict[str, Any] = {"resourceType": "Condition", "id": "g", "code": concept("Gout")}
TOPIC: dict[str, Any] = {"resourceType": "List", "id": "t", "encounter": {"reference": "Encounter/v"}}


def pointed(ending: str, literal: str) -> dict[str, Any]:
    return {"url": GPC + ending, "valueReference": {"reference": literal}}


def header(literal: str) -> dict[str, Any]:
    part = {"url": "target", "valueReference": {"reference": literal}}
    return {"url": GPC + "RelatedProblemHeader-1", "extension": [{"url": "type", "valueCode": "parent"}, part]}


def linked(*resources: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {entry.title: _links(entry) for entry in read_bundle(bundle(*resources)).entries}


def _links(entry: Entry) -> list[tuple[str, str]]:
    return [(fact.name, fact.value) for fact in entry.facts if fact.name in ("problem", "visit")]


@pytest.mark.parametrize(
    ("visit", "problem", "others"),
    [
        (VISIT, {**GOUT, "extension": [pointed("RelatedClinicalContent-1", "Encounter/v")]}, []),
        (VISIT, {**GOUT, "extension": [pointed("RelatedClinicalContent-1", "List/t")]}, [TOPIC]),
        (VISIT, GOUT, [{**TOPIC, "extension": [header("Condition/g")]}]),
        (VISIT, GOUT, [{**TOPIC, "entry": [{"item": {"reference": "Condition/g"}}]}]),
        (VISIT, {**GOUT, "context": {"reference": "Encounter/v"}}, []),
        (VISIT, {**GOUT, "encounter": {"reference": "Encounter/v"}}, []),
        ({**VISIT, "diagnosis": [{"condition": {"reference": "Condition/g"}}]}, GOUT, []),
        ({**VISIT, "reasonReference": [{"reference": "Condition/g"}]}, GOUT, []),
    ],
    ids=["content", "content-list", "topic", "item", "context", "encounter", "diagnosis", "reason"],
)
def test_a_consultation_names_its_problem_and_the_problem_its_consultation(
    visit: dict[str, Any], problem: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    found = linked(visit, problem, *others)
    assert found == {"GP Surgery": [("problem", "Gout")], "Gout": [("visit", "2010-03-23")]}


def test_without_a_link_of_the_source_nothing_is_linked_though_the_day_is_the_same() -> None:
    assert linked(VISIT, {**GOUT, "onsetDateTime": "2010-03-23"}) == {"GP Surgery": [], "Gout": []}


def test_a_link_to_what_is_not_here_links_nothing() -> None:
    assert linked({**GOUT, "extension": [pointed("RelatedClinicalContent-1", "Encounter/none")]}) == {"Gout": []}


def test_the_same_link_made_twice_is_told_once_and_the_newest_consultation_first() -> None:
    later = {**VISIT, "id": "w", "period": {"start": "2011-01-02"}}
    extensions = [pointed("RelatedClinicalContent-1", f"Encounter/{one}") for one in "vwv"]
    found = linked(VISIT, later, {**GOUT, "context": {"reference": "Encounter/v"}, "extension": extensions})
    assert found["Gout"] == [("visit", "2011-01-02"), ("visit", "2010-03-23")]


def test_a_consultation_or_problem_entered_in_error_is_not_named() -> None:
    wrong = {**VISIT, "status": "entered-in-error"}
    assert linked(wrong, {**GOUT, "encounter": {"reference": "Encounter/v"}})["Gout"] == []
    mistaken = {**GOUT, "verificationStatus": "entered-in-error", "encounter": {"reference": "Encounter/v"}}
    assert linked(VISIT, mistaken)["GP Surgery"] == []


def test_problems_linked_to_one_another_name_each_other() -> None:
    child = {"resourceType": "Condition", "id": "c", "code": concept("Swelling"), "extension": [header("Condition/g")]}
    assert linked(GOUT, child)["Swelling"] == [("problem", "Gout")]

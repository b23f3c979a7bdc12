"""Whole lives made up from a seed."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from sync.sandbox.lifetime import lifetime, lifetime_bytes

PERSON = {"nhs_number": "9990000018", "birth_date": "1959-03-04", "family": "Llŷr", "given": ["Siân"]}


@pytest.mark.parametrize("entries", [1, 2, 3, 4, 500])
def test_a_life_has_exactly_the_entries_asked_for(entries: int) -> None:
    found = lifetime(7, entries, PERSON)["entry"]
    assert len(found) == entries
    assert found[0]["resource"]["resourceType"] == "Patient"


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert lifetime_bytes(7, 200, PERSON) == lifetime_bytes(7, 200, PERSON)


def test_another_seed_gives_another_life() -> None:
    assert lifetime_bytes(7, 200, PERSON) != lifetime_bytes(8, 200, PERSON)


def test_no_two_resources_share_an_address() -> None:
    urls = [entry["fullUrl"] for entry in lifetime(7, 500, PERSON)["entry"]]
    assert len(set(urls)) == 500


def test_a_life_is_varied() -> None:
    kinds = Counter(entry["resource"]["resourceType"] for entry in lifetime(7, 1_000, PERSON)["entry"])
    assert {"Observation", "Condition", "MedicationRequest", "Immunization", "Encounter", "DocumentReference"} <= set(
        kinds
    )
    assert kinds["Observation"] < 800


def test_every_reference_leads_somewhere() -> None:
    document = lifetime(7, 500, PERSON)
    known = {f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in document["entry"]}
    text = json.dumps(document)
    used = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert used <= known


def test_no_entries_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        lifetime(7, 0, PERSON)

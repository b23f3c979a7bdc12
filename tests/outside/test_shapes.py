"""What every foreign record is shown as, kept as counts and hashes; and the same records broken in every way.

`goldens/shapes.json` holds nothing of the records. Where a summary has changed, the readable one is written to the
test's temporary folder and its path is in the failure; once it has been read and is right, the file is written anew
with SHAPES=accept in the environment.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.record.entry import Reading
from app.record.reading import read_bundle
from app.record.sections import FACT_NAMES, NOT_DISPLAYED_REASONS
from crypto.errors import NotFhir, NotJson
from tests.outside.shape_summary import golden, lines
from tests.outside.test_records import FILES, VECTORS, expected

GOLDENS = Path(__file__).parent / "goldens" / "shapes.json"
KEPT: dict[str, Any] = json.loads(GOLDENS.read_text(encoding="utf-8")) if GOLDENS.is_file() else {}
ACCEPT = os.environ.get("SHAPES") == "accept"
SEED = 20261123
MUTANTS_OF_EACH = 8
MAX_BYTES = 400_000
"""Larger files are mutated no differently, only for longer."""
HUGE, DEEP = 200_000, 60
"""Three levels of these stay below what the test itself can copy; deeper text is a test of its own."""

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not VECTORS.is_dir(), reason="third-party vectors are not here (expected in ../shared/vectors)"),
]


def _read(data: bytes) -> Reading | str:
    try:
        return read_bundle(data)
    except (NotJson, NotFhir) as error:
        return type(error).__name__


# ---- what is shown ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_foreign_record_is_shown_as_it_was_when_somebody_read_the_summary(name: str, tmp_path: Path) -> None:
    reading = _read((VECTORS / name).read_bytes())
    found = reading if isinstance(reading, str) else golden(reading)
    if ACCEPT:
        KEPT[name] = found
        GOLDENS.parent.mkdir(exist_ok=True)
        GOLDENS.write_text(json.dumps(dict(sorted(KEPT.items())), separators=(",", ":")).replace('},"', '},\n"') + "\n")
    if found != KEPT.get(name):
        readable = tmp_path / "summary.txt"
        told = [reading] if isinstance(reading, str) else list(lines(reading))
        readable.write_text("\n".join(told), encoding="utf-8", errors="surrogatepass")
        pytest.fail(f"{name} is shown differently: read {readable}, then run with SHAPES=accept if it is right")


def test_every_golden_is_of_a_record_that_is_here() -> None:
    assert sorted(KEPT) == FILES


# ---- broken in every way ------------------------------------------------------------------------

Place = tuple[Any, Any]
"""A dict or list, and the name or index in it."""


def _places(document: object) -> list[Place]:
    found: list[Place] = []
    waiting = [document]
    while waiting:
        one = waiting.pop()
        inner = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for name, value in inner:
            found.append((one, name))
            waiting.append(value)
    return found


def _drop(place: Place, _all: list[Place], _dice: random.Random) -> None:
    del place[0][place[1]]


def _duplicate(place: Place, _all: list[Place], _dice: random.Random) -> None:
    holder, name = place
    if isinstance(holder, list):
        holder.insert(name, copy.deepcopy(holder[name]))
    else:
        holder[name] = [copy.deepcopy(holder[name]), holder[name]]


def _null(place: Place, _all: list[Place], _dice: random.Random) -> None:
    place[0][place[1]] = None


def _wrong_type(place: Place, _all: list[Place], dice: random.Random) -> None:
    place[0][place[1]] = dice.choice(["x", "", 0, -1.5, True, [], {}, [None], [[]], [{}], {"coding": "x"}, [1, "a"]])


def _deep(place: Place, _all: list[Place], dice: random.Random) -> None:
    for _ in range(DEEP):
        place[0][place[1]] = [place[0][place[1]]] if dice.random() < 0.5 else {"item": place[0][place[1]]}


def _huge(place: Place, _all: list[Place], dice: random.Random) -> None:
    place[0][place[1]] = dice.choice(["a", "<", "\u202e", "é", "\x00", "9"]) * HUGE


def _swap(place: Place, every: list[Place], dice: random.Random) -> None:
    other = dice.choice(every)
    place[0][place[1]] = copy.deepcopy(other[0][other[1]])


def _refer(place: Place, every: list[Place], dice: random.Random) -> None:
    """References that lead astray: to nothing, to themselves, to one another."""
    pointers = [(one, name) for one, name in every if name == "reference"]
    ids = [one["id"] for one, name in every if name == "id" and isinstance(one, dict)]
    targets = ["", "#", "#x", "Patient/none", "urn:uuid:none", "/", "a/b/c/_history/"]
    targets += [holder[name] for holder, name in dice.sample(pointers, min(len(pointers), 5))]
    targets += [f"Observation/{one}" for one in dice.sample(ids, min(len(ids), 5))]
    for holder, name in dice.sample(pointers, min(len(pointers), 40)):
        holder[name] = dice.choice(targets)


def _ring(place: Place, every: list[Place], dice: random.Random) -> None:
    """Every resource tells of the next one, in every way there is, and the last of the first."""
    held = [one[name] for one, name in every if name == "resource" and isinstance(one[name], dict)]
    for index, one in enumerate(held):
        after = held[(index + 1) % len(held)]
        pointer = {"reference": f"{after.get('resourceType')}/{after.get('id')}"}
        for link in RING:
            one[link] = [pointer] if dice.random() < 0.5 else pointer


RING = (
    "basedOn", "hasMember", "specimen", "result", "encounter", "device", "medicationReference", "practitioner",
    "organization", "managingOrganization", "providedBy", "manufacturer", "generalPractitioner", "context",
    "reasonReference",
)  # fmt: skip

MUTATIONS: tuple[Callable[[Place, list[Place], random.Random], None], ...] = (
    _drop, _duplicate, _null, _wrong_type, _deep, _huge, _swap, _refer, _ring,
)  # fmt: skip


def _mutant(document: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    for _ in range(dice.randint(1, 6)):
        every = _places(changed)
        if every:
            dice.choice(MUTATIONS)(dice.choice(every), every, dice)
    return changed


def _resources(document: object) -> int | None:
    """What `expected` counts; None where the frame itself is broken and only our own count is to be had."""
    try:
        return expected(document)  # type: ignore[arg-type]
    except (AssertionError, AttributeError, KeyError, TypeError):
        return None


@pytest.mark.parametrize("name", [name for name in FILES if (VECTORS / name).stat().st_size <= MAX_BYTES])
def test_a_broken_record_is_accounted_for_or_refused_by_name(name: str) -> None:
    try:
        document = json.loads((VECTORS / name).read_bytes())
    except ValueError:
        return
    if not isinstance(document, dict):
        return
    for number in range(MUTANTS_OF_EACH):
        changed = _mutant(document, random.Random(f"{SEED} {name} {number}"))
        reading = _read(json.dumps(changed).encode())
        if isinstance(reading, str):
            assert reading == "NotFhir", f"mutant {number}"
            continue
        _adds_up(reading)
        counted = _resources(changed)
        assert counted is None or reading.resources == counted, f"mutant {number}"


@pytest.mark.parametrize("depth", [900, 5_000, 100_000])
def test_a_record_nested_beyond_all_measure_is_read_or_refused(depth: int) -> None:
    deep = '{"item":[' * depth + "1" + "]}" * depth
    reading = _read(f'{{"resourceType":"QuestionnaireResponse","id":"q","item":[{deep}]}}'.encode())
    assert reading == "NotJson" if isinstance(reading, str) else reading.resources == 1


def _adds_up(reading: Reading) -> None:
    places = [entry.position for entry in reading.entries]
    places += [*reading.merged, *(one.position for one in reading.not_displayed)]
    assert sorted(places) == list(range(reading.resources))
    shown = {entry.position for entry in reading.entries}
    assert all(into == -1 or into in shown for into in reading.merged.values())
    assert all(entry.title for entry in reading.entries)
    assert {fact.name for entry in reading.entries for fact in entry.facts} <= FACT_NAMES
    assert {one.reason for one in reading.not_displayed} <= NOT_DISPLAYED_REASONS

"""THREATS.md promises only what a test shows: each test it names exists, each threat names one or says why not."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
THREATS = TESTS.parent / "crypto" / "THREATS.md"

NAMED = re.compile(r"`([\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`")
WITHOUT = ("no test yet", "nothing to test")
HEADINGS = ["Threat", "What stops it", "Shown by", "Not stopped"]


def rows() -> list[list[str]]:
    """The cells of every table row, without headings."""
    lines = [line for line in THREATS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells for cells in split if cells != HEADINGS]


@cache
def functions(path: str) -> frozenset[str]:
    file = TESTS / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def vector_cases() -> frozenset[str]:
    """The ids of all vector cases, as pytest shows them (tests/vectors/judge.py)."""
    files = [json.loads(file.read_text(encoding="utf-8")) for file in (TESTS / "vectors").glob("*.json")]
    return frozenset(case["name"].replace(" ", "-") for file in files for case in file.get("cases", []))


def exists(path: str, name: str, case: str) -> bool:
    return name in functions(path) and (not case or case in vector_cases())


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(THREATS.read_text(encoding="utf-8"))
    assert len(named) > 100
    assert [f"{path}::{name}[{case}]" for path, name, case in named if not exists(path, name, case)] == []


def test_every_name_with_a_test_in_it_was_read_as_one() -> None:
    assert THREATS.read_text(encoding="utf-8").count("::test_") == len(NAMED.findall(THREATS.read_text("utf-8")))


@pytest.mark.parametrize("cells", rows(), ids=lambda cells: cells[0].replace(" ", "-"))
def test_a_threat_is_told_whole_and_names_its_test_or_says_that_there_is_none(cells: list[str]) -> None:
    assert len(cells) == len(HEADINGS)
    assert all(cells)
    assert NAMED.search(cells[2]) or any(words in cells[2] for words in WITHOUT)


@pytest.mark.parametrize(
    ("path", "name", "case"),
    [
        ("crypto/test_gone.py", "test_a_gap_is_refused", ""),
        ("crypto/test_feed.py", "test_a_gap_is_welcome", ""),
        ("crypto/test_card.py", "test_a_reader_takes_a_card_as_the_vector_says", "never-made"),
    ],
)
def test_a_test_that_is_not_there_is_noticed(path: str, name: str, case: str) -> None:
    assert not exists(path, name, case)

"""FEED.md says what the code does: its steps, and for each refusal of D1 its code, sentence, cases and tests."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.store.evidence import MAX_ASIDE, MAX_FORKS
from app.ui.words import load_words
from crypto.feed import Feed
from tests.crypto.test_feed_vectors import CLASSES, D1
from tests.crypto.test_threats import NAMED, exists
from tests.vectors.read import cases

TESTS = Path(__file__).resolve().parents[1]
TEXT = (TESTS.parent / "crypto" / "FEED.md").read_text(encoding="utf-8")

REFUSALS = ["Refusal", "Code", "Step", "Sentence", "Cases", "Tests"]
STEPS = ["Step", "Of a head", "Of an update"]

NAMES = {
    "unknown issuer": "issuer-unknown",
    "key not that issuer's": "key-not-the-issuers",
    "wrong patient": "wrong-patient",
    "replay": "update-replayed",
    "gap": "update-missing",
    "fork": "update-forked",
    "head too old": "head-too-old",
    "revoked": "key-revoked",
    "expired": "expired",
    "tampered": "tampered",
    "too large": "too-large",
    "entries commitment wrong": "entry-proof-wrong",
    "not yet valid": "not-yet-valid",
    "another form": "malformed-token",
}
"""What D1 calls each refusal, and the code it has."""

WITHOUT_A_CASE = {"not-json"}
"""A backstop: the whole payload was read as JSON before its Bundle is looked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One refusal as the table tells it; `tests` are (path, name)."""

    name: str
    code: str
    steps: list[str]
    sentence: str
    cases: list[str]
    tests: list[tuple[str, str]]


def table(headings: list[str]) -> list[list[str]]:
    """The cells of each row below these headings."""
    lines = TEXT.splitlines()
    first = lines.index(f"| {' | '.join(headings)} |") + 2
    end = next((at for at in range(first, len(lines)) if not lines[at].startswith("|")), len(lines))
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines[first:end]]


def row(cells: list[str]) -> Row:
    name, code, steps, sentence, named, tests = cells
    found = [(path, function) for path, function, _ in NAMED.findall(tests)]
    return Row(name, code.strip("`"), steps.split(", "), sentence, named.split("; "), found)


ROWS = [row(cells) for cells in table(REFUSALS)]


def steps_in(function: Callable[..., object]) -> dict[str, str]:
    """The numbered steps in the comments of `function`: number to words."""
    comments = re.findall(r"^ *# (\(\d\).*)$", inspect.getsource(function), re.MULTILINE)
    return {
        number: words
        for comment in comments
        for number, words in re.findall(r"\((\d)\) (.+?)(?=, \(\d\)|\. |$)", comment)
    }


def steps_told(column: int) -> dict[str, str]:
    """The same as the document tells it: the words in bold."""
    return {cells[0]: bold[0] for cells in table(STEPS) if (bold := re.findall(r"^\*\*(.+)\*\*", cells[column]))}


def raised_by(*functions: Callable[..., object]) -> set[str]:
    """The codes of the refusals that the docstrings name."""
    words = {word for function in functions for word in re.findall(r"\w+", inspect.getdoc(function) or "")}
    return {code for code, found in CLASSES.items() if found.__name__ in words}


def test_no_refusal_of_d1_is_missing_and_each_has_the_code_of_its_name() -> None:
    assert {row.name: row.code for row in ROWS} == NAMES
    assert len(ROWS) == len(NAMES)
    assert {row.code for row in ROWS} == set(D1)


def test_every_refusal_the_feed_says_it_raises_is_in_the_table() -> None:
    raised = raised_by(Feed.head, Feed.update, Feed.require_complete)
    assert raised - WITHOUT_A_CASE == {row.code for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_the_sentence_is_the_one_the_patient_reads(row: Row) -> None:
    assert row.sentence == load_words().catalogue.texts[f"error.{row.code}"][0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_the_cases_are_all_that_the_vectors_refuse_by_this_code(row: Row) -> None:
    assert row.cases == [case.name for case in cases("feeds") if case.code == row.code]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_the_tests_exist_and_each_asserts_this_refusal(row: Row) -> None:
    assert f"crypto/{D1[row.code]}" in {f"{path}::{name}" for path, name in row.tests}
    for path, name in row.tests:
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        [found] = [ast.unparse(each) for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name]
        assert row.code in found or CLASSES[row.code].__name__ in found, name


def test_the_steps_are_numbered_and_named_as_in_the_code() -> None:
    assert list(steps_in(Feed.head)) == list("123456")
    assert list(steps_in(Feed.update)) == list("12345678")
    assert steps_told(1) == steps_in(Feed.head)
    assert steps_told(2) == steps_in(Feed.update)
    assert {step for row in ROWS for step in row.steps} == set("12345678")


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(TEXT)
    assert len(named) == TEXT.count("::test_")
    assert [f"{path}::{name}" for path, name, case in named if not exists(path, name, case)] == []


def test_the_bounds_are_those_of_the_store() -> None:
    assert f"once, {MAX_FORKS} of one holder" in TEXT
    assert f"unread, {MAX_ASIDE} of one issuer" in TEXT


def test_the_page_is_found_from_the_formats() -> None:
    assert "(FEED.md)" in (TESTS.parent / "crypto" / "FORMATS.md").read_text(encoding="utf-8")

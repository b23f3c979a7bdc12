"""The README's table of what can go wrong with the disk quotes the sentences that people read, and names tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def rows() -> list[list[str]]:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## What can go wrong with the disk")[1]
    lines = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("cells", rows(), ids=lambda cells: cells[0].replace(" ", "-"))
def test_what_a_person_reads_is_in_the_catalogue_word_for_word_and_its_test_is_there(cells: list[str]) -> None:
    catalogue = (ROOT / "assets" / "words" / "en.po").read_text(encoding="utf-8")
    quoted = re.findall(r'"([^"]+)"', cells[1])
    assert [sentence for sentence in quoted if f'msgstr "{sentence}"' not in catalogue] == []
    assert quoted or cells[1].startswith("Nothing.")
    assert (ROOT / cells[2].strip("`")).is_file()


def test_the_table_has_its_rows() -> None:
    assert len(rows()) > 8

"""What an entry is found by."""

from __future__ import annotations

from app.record.entry import Coding, Entry, Fact, Section, When
from app.record.text import search_text
from tests.record.made_up import SNOMED


def test_every_word_a_person_could_look_for_is_in_the_search_text() -> None:
    entry = Entry(
        "c", 0, Section.CONDITIONS, "Condition", "Asthma", "moderate", When("2001-03"),
        facts=(Fact("note", "since school"),), codings=(Coding(SNOMED, "195967001", "Asthma (disorder)"),),
        organisation="Oak Lane Surgery", author="Dr Rhian Hughes",
    )  # fmt: skip
    assert search_text(entry).split("\n") == [
        "Asthma", "moderate", "since school", "Asthma (disorder)", "195967001", "Oak Lane Surgery", "Dr Rhian Hughes",
        "2001-03",
    ]  # fmt: skip


def test_a_phrase_is_indexed_once() -> None:
    entry = Entry("c", 0, Section.CONDITIONS, "Condition", "Asthma", facts=(Fact("finding", "Asthma"),))
    assert search_text(entry) == "Asthma"

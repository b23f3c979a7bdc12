from __future__ import annotations

from pathlib import Path

import pytest

from app.record.entry import Section
from app.record.everyday_words import EVERYDAY
from app.store import search
from app.store.record import Store
from tests.store.made_up import KEY, NOW, entry, imported, reading

TITLES = (
    "Furosemide 40 mg tablets",
    "Water for injections",
    "Old myocardial infarction",
    "Migraine",
    "Type 2 diabetes mellitus",
    "HbA1c level",
    "Amoxicillin 500 mg capsules",
    "Paracetamol 500 mg tablets",
    "Siân's own note on hay fever",
    "Allergic rhinitis",
    "Fracture of wrist",
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "a.db", KEY, now=NOW)
    entries = [entry(f"#{at}", title, section=Section.OTHER, position=at) for at, title in enumerate(TITLES)]
    made.add_update(reading(*entries), b"{}", imported(b"{}"))
    return made


def titles(store: Store, text: str) -> list[str]:
    return [stored.entry.title for stored in store.search(text).entries]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("water tablet", ["Furosemide 40 mg tablets"]),
        ("Water Tablets", ["Furosemide 40 mg tablets"]),
        ("heart attack", ["Old myocardial infarction"]),
        ("broken bone", ["Fracture of wrist"]),
    ],
)
def test_everyday_words_find_what_records_write(store: Store, typed: str, found: list[str]) -> None:
    assert titles(store, typed) == found


def test_sugar_finds_diabetes_and_its_tests(store: Store) -> None:
    assert set(titles(store, "sugar")) == {"Type 2 diabetes mellitus", "HbA1c level"}


def test_what_was_typed_comes_before_what_it_may_have_meant(store: Store) -> None:
    found = store.search("hay fever")
    assert [one.entry.title for one in found.entries] == ["Siân's own note on hay fever", "Allergic rhinitis"]
    assert found.as_typed == 1


@pytest.mark.parametrize("typed", ["amoxycillin", "amoxicilin", "amoxicilln", "maoxicillin", "AMOXICILLEN"])
def test_a_wrong_missing_or_swapped_letter_finds_the_medicine(store: Store, typed: str) -> None:
    found = store.search(typed)
    assert [one.entry.title for one in found.entries] == ["Amoxicillin 500 mg capsules"]
    assert found.as_typed == 0


def test_a_word_only_begun_and_mistyped_is_found(store: Store) -> None:
    assert titles(store, "paracetmo") == ["Paracetamol 500 mg tablets"]


def test_a_mistyped_everyday_word_is_understood(store: Store) -> None:
    assert titles(store, "hart attack") == ["Old myocardial infarction"]


def test_every_word_must_be_meant(store: Store) -> None:
    assert titles(store, "heart attack penicillin") == []


def test_an_abbreviation_is_not_the_beginning_of_another_word(store: Store) -> None:
    assert "Migraine" not in titles(store, "heart attack")
    assert titles(store, "mig") == ["Migraine"]


@pytest.mark.parametrize("typed", ["xyz", "flu", "tb"])
def test_words_of_three_letters_are_taken_as_typed(store: Store, typed: str) -> None:
    assert titles(store, typed) == []


@pytest.mark.parametrize("typed", ["", "   ", "!!!", '"', "* OR", "NEAR(a, b)", "title:", "a AND", "-x", "(", "'"])
def test_nothing_typed_is_read_as_a_query_language(store: Store, typed: str) -> None:
    store.search(typed)


def test_a_question_without_words_is_no_question() -> None:
    assert search.typed("?! –") is None


def test_a_correction_is_nearest_first_and_prefers_the_first_letter() -> None:
    words = search.Vocabulary(
        begins=lambda _: False, stands=lambda _: True, terms=lambda: ["gout", "pout", "goat", "gouty"]
    )
    assert words.near("gouts")[:1] == ["gout"]
    assert words.near("bout")[0] in {"gout", "pout"}
    assert words.near("gou") == []


def test_words_that_do_not_stand_in_the_record_are_never_given_but_for_everyday_ones() -> None:
    words = search.Vocabulary(begins=lambda _: False, stands=lambda one: one == "goat", terms=lambda: ["gout", "goat"])
    assert words.near("goot") == ["goat"]
    assert "attack" in words.near("atack")


def test_the_words_of_the_record_are_read_once() -> None:
    read: list[str] = []

    def terms() -> list[str]:
        read.append("terms")
        return ["amoxicillin", "ramipril"]

    words = search.Vocabulary(begins=lambda _: False, stands=lambda _: True, terms=terms)
    assert (words.near("amoxycillin"), words.near("ramiprl")) == (["amoxicillin"], ["ramipril"])
    assert read == ["terms"]


def test_words_brought_by_a_later_update_are_known_to_the_correction(store: Store) -> None:
    assert titles(store, "ramiprl") == []
    new = reading(entry("#99", "Ramipril 5 mg", section=Section.OTHER))
    store.add_update(new, b"[]", imported(b"[]"))
    assert titles(store, "ramiprl") == ["Ramipril 5 mg"]


def test_everyday_phrases_are_written_as_they_are_looked_up() -> None:
    for phrase, written in EVERYDAY.items():
        assert all(word == word.casefold() and word.isalnum() for word in phrase), phrase
        assert all(word == word.casefold() and word.isalnum() for words in written for word in words), phrase

"""The wrong-patient rule, and names in one form."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from app.record.identity import clean, is_plain, same_person, subject_parts
from crypto.errors import WrongPatient
from tests.record.made_up import PERSON


@pytest.mark.parametrize(
    "other",
    [
        replace(PERSON, family="LLYR"),
        replace(PERSON, given=("Sian", "Mair")),
        replace(PERSON, family=unicodedata.normalize("NFD", PERSON.family)),
        replace(PERSON, nhs_number="999 000 0018"),
    ],
)
def test_accents_case_spaces_and_middle_names_do_not_make_another_person(other: object) -> None:
    same_person(PERSON, other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"nhs_number": "9990000026"}, "nhs_number"),
        ({"birth_date": "1959-03-05"}, "birth_date"),
        ({"family": "Llwyd"}, "family"),
        ({"given": ("Sioned",)}, "given"),
        ({"nhs_number": ""}, "nhs_number"),
        ({"birth_date": ""}, "birth_date"),
        ({"given": ()}, "given"),
    ],
)
def test_any_one_difference_is_another_person(change: dict[str, object], named: str) -> None:
    with pytest.raises(WrongPatient) as refused:
        same_person(PERSON, replace(PERSON, **change))  # type: ignore[arg-type]
    assert refused.value.code == "wrong-patient"
    assert str(refused.value).endswith(f"in: {named}")


def test_what_both_lack_does_not_match() -> None:
    nobody = replace(PERSON, nhs_number="")
    with pytest.raises(WrongPatient):
        same_person(nobody, nobody)


def test_the_refusal_names_nobody() -> None:
    with pytest.raises(WrongPatient) as refused:
        same_person(PERSON, replace(PERSON, family="Llwyd"))
    assert "Ll" not in str(refused.value)


def test_hidden_characters_are_cleaned_away_and_joiners_stay() -> None:
    assert clean("Si\u202ean\u00ad\ufeff\n  Ll\u0177r\x00") == "Sian Ll\u0177r"
    assert clean("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"


@pytest.mark.parametrize("words", ["a\nb", "a\u202eb", "a\u2066b", "a\x07", "a\u2028b", "a\u00adb"])
def test_words_that_hide_something_are_not_plain(words: str) -> None:
    assert not is_plain(words)


def test_a_subject_is_named_in_one_form() -> None:
    decomposed = replace(PERSON, family=unicodedata.normalize("NFD", PERSON.family), nhs_number="999 000 0018")
    assert subject_parts(decomposed) == subject_parts(PERSON)

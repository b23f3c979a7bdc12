"""What the patient leaves off their card and adds to it, and that the card stays honest about both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.record.emergency import BUDGETS, CardPart, EmergencyCard, emergency_card, plain_text
from app.record.emergency_choices import (
    MAX_NAME_CHARS,
    CardChoices,
    contact_key,
    entry_key,
    own_contact,
    own_line,
)
from app.record.entry import Absence, Contact, ListWarning, Section
from app.record.source import StoredEntry
from crypto.errors import TextRefused
from tests.record.made_up import HOSPITAL, NOW, PERSON, SURGERY, note, stored

FEED = replace(SURGERY, iss="https://oak.example", feed="f1")
PENICILLIN = stored("Penicillin", Section.ALLERGIES, source=FEED)
LATEX = replace(stored("Latex", Section.ALLERGIES, source=FEED), id=2)
LATEX = replace(LATEX, entry=replace(LATEX.entry, key="AllergyIntolerance/latex"))
CHOSEN_LINE = "Chosen by the patient: more may be in the record"


def keys_of(*entries: StoredEntry) -> frozenset[str]:
    return frozenset(entry_key(one.source, one.entry) for one in entries)


def texts(card: EmergencyCard, part: CardPart) -> list[str]:
    group = card.group(part)
    return [line.text for line in group.lines] if group else []


def text_of(card: EmergencyCard) -> str:
    return plain_text(card, BUDGETS["V25-L"]).text


def test_a_line_left_off_is_on_neither_card_nor_code_and_both_say_there_may_be_more() -> None:
    choices = CardChoices(lines=keys_of(LATEX))
    card = emergency_card(PERSON, [PENICILLIN, LATEX], choices=choices, now=NOW)
    assert texts(card, CardPart.ALLERGIES) == ["Penicillin"]
    assert card.chosen
    lines = text_of(card).split("\n")
    assert CHOSEN_LINE in lines
    assert "ALLERGIES: Penicillin; more left off by the patient" in lines
    assert "Latex" not in text_of(card)


@pytest.mark.parametrize("choices", [CardChoices(parts=frozenset({CardPart.ALLERGIES})), CardChoices(
    lines=keys_of(PENICILLIN, LATEX))], ids=["the part", "each line"])  # fmt: skip
def test_allergies_left_off_never_read_as_none_whatever_another_list_says(choices: CardChoices) -> None:
    none_known = note(Section.ALLERGIES, absence=Absence.NONE_KNOWN)
    card = emergency_card(PERSON, [PENICILLIN, LATEX], [none_known], choices=choices, now=NOW)
    group = card.group(CardPart.ALLERGIES)
    assert group is not None
    assert (group.lines, group.absences) == ((), ())
    assert [warning for warning, _ in group.warnings] == [ListWarning.LEFT_OFF]
    assert "ALLERGIES: Left off this card by the patient" in text_of(card).split("\n")
    assert "No known allergies" not in text_of(card)
    assert "No allergies recorded" not in text_of(card)


def test_nothing_left_off_says_nothing_of_a_choice() -> None:
    card = emergency_card(PERSON, [PENICILLIN], choices=CardChoices(original="Kitchen drawer"), now=NOW)
    assert not card.chosen
    assert CHOSEN_LINE not in text_of(card)


def test_a_part_left_off_that_the_record_says_nothing_of_leaves_nothing_off() -> None:
    card = emergency_card(PERSON, [], choices=CardChoices(parts=frozenset({CardPart.ALLERGIES})), now=NOW)
    assert not card.chosen
    assert "ALLERGIES: No allergies recorded here" in text_of(card).split("\n")


def test_a_part_left_off_that_others_may_lack_leaves_no_heading_behind_that_would_tell_of_it() -> None:
    plan = stored("Heart failure care plan", Section.PLANS)
    card = emergency_card(PERSON, [plan], choices=CardChoices(parts=frozenset({CardPart.PLANS})), now=NOW)
    assert card.group(CardPart.PLANS) is None
    assert CHOSEN_LINE in text_of(card)
    assert "care plan" not in text_of(card).lower()


def test_the_choice_holds_over_a_new_version_of_the_entry() -> None:
    newer = replace(LATEX, entry=replace(LATEX.entry, title="Latex gloves"), source=replace(FEED, seq=2))
    card = emergency_card(PERSON, [newer], choices=CardChoices(lines=keys_of(LATEX)), now=NOW)
    assert texts(card, CardPart.ALLERGIES) == []


def test_the_same_words_from_another_source_stay_on_the_card() -> None:
    other = stored("Latex", Section.ALLERGIES, source=replace(HOSPITAL, iss="https://river.example", feed="f2"))
    card = emergency_card(PERSON, [LATEX, other], choices=CardChoices(lines=keys_of(LATEX)), now=NOW)
    group = card.group(CardPart.ALLERGIES)
    assert group is not None
    assert [[said.name for said in line.said] for line in group.lines] == [["Riverside Hospital"]]


def test_entries_of_two_files_brought_in_are_not_taken_for_one_another() -> None:
    one, other = replace(SURGERY, file_hash="aa"), replace(SURGERY, file_hash="bb")
    assert entry_key(one, LATEX.entry) != entry_key(other, LATEX.entry)


def test_a_person_to_call_can_be_left_off_and_another_added() -> None:
    gwen = Contact("Gwen", "daughter", "07700 900252")
    choices = CardChoices(lines=frozenset({contact_key(gwen)}), contacts=(Contact("Iolo", "brother", "07700 900253"),))
    card = emergency_card(replace(PERSON, contacts=(gwen,)), [], choices=choices, now=NOW)
    group = card.group(CardPart.CONTACTS)
    assert group is not None
    (line,) = group.lines
    assert (line.text, line.phone, line.said[0].by_patient) == ("Iolo", "07700 900253", True)
    assert "CALL: Iolo - brother 07700 900253" in text_of(card)


def test_where_the_original_is_stands_with_the_wishes_in_own_words() -> None:
    form = stored("ReSPECT", Section.PLANS, code="1382601000000107")
    card = emergency_card(PERSON, [form], choices=CardChoices(original="Yellow folder by the phone"), now=NOW)
    group = card.group(CardPart.WISHES)
    assert group is not None
    assert [(line.text, line.detail, line.said[0].by_patient) for line in group.lines] == [
        ("ReSPECT form", "", False), ("Original of the ReSPECT form", "Yellow folder by the phone", True)
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["", " ", "a\nb", "a\u202eb", "a\x00b", "x" * 121])
def test_own_words_that_could_deceive_are_refused(words: str) -> None:
    with pytest.raises(TextRefused) as refused:
        own_line(words)
    assert refused.value.code == "plain-words-refused"
    assert words not in str(refused.value) or not words.strip()


def test_own_words_of_120_letters_are_kept_composed() -> None:
    assert own_line("e\u0301" * 120) == "é" * 120


@pytest.mark.parametrize("phone", ["07700 900252", "+44 7700 900252", "(0117) 496-0999", "999"])
def test_a_number_that_can_be_called_is_kept(phone: str) -> None:
    assert own_contact("Gwen", "", phone).phone == phone


@pytest.mark.parametrize("phone", ["", "12", "ask Gwen", "07700 900252;ext=1", "+", "1" * 30, "*31#0770"])
def test_a_number_that_cannot_be_called_is_refused(phone: str) -> None:
    with pytest.raises(TextRefused) as refused:
        own_contact("Gwen", "daughter", phone)
    assert refused.value.code == "plain-words-refused"


@pytest.mark.parametrize(("name", "who"), [("", "daughter"), ("x" * (MAX_NAME_CHARS + 1), ""), ("Gwen", "a\u202eb")])
def test_a_person_to_call_without_a_plain_name_is_refused(name: str, who: str) -> None:
    with pytest.raises(TextRefused):
        own_contact(name, who, "07700 900252")

"""What is on the emergency card, in which order, said by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.record.emergency import MAX_OWN_WORDS_CHARS, CardChoices, CardPart, EmergencyCard, emergency_card
from app.record.entry import Absence, Contact, Entry, Fact, ListWarning, Section, Standing, When
from app.record.source import Checked, StoredEntry
from crypto.errors import TextRefused
from tests.record.made_up import HOSPITAL, NOW, PERSON, SURGERY, note, stored


def texts(card: EmergencyCard, part: CardPart) -> list[str]:
    group = card.group(part)
    return [line.text for line in group.lines] if group else []


def test_medicines_that_matter_most_come_first_and_without_doses() -> None:
    entries = [stored("Paracetamol 500mg tablets"), stored("Hydrocortisone 1% cream"), stored("Apixaban 5mg tablets")]
    card = emergency_card(PERSON, entries, now=NOW)
    assert texts(card, CardPart.MEDICINES) == ["Apixaban", "Paracetamol", "Hydrocortisone cream"]


def test_what_is_past_in_error_superseded_taken_back_or_quarantined_is_left_out() -> None:
    entries = [
        stored("Past", standing=Standing.PAST),
        stored("Error", standing=Standing.ENTERED_IN_ERROR),
        stored("Old version", superseded=True),
        replace(stored("Taken back"), taken_back_at=NOW),
        stored("Stranger", source=replace(SURGERY, checked=Checked.QUARANTINED)),
    ]
    assert texts(emergency_card(PERSON, entries, now=NOW), CardPart.MEDICINES) == []


def test_a_medicine_whose_standing_is_unknown_is_on_the_card() -> None:
    card = emergency_card(PERSON, [stored("Warfarin", standing=Standing.UNKNOWN)], now=NOW)
    assert texts(card, CardPart.MEDICINES) == ["Warfarin"]


def test_the_same_medicine_from_two_sources_is_one_line_that_names_both() -> None:
    card = emergency_card(PERSON, [stored("Apixaban 5mg tablets"), stored("apixaban", source=HOSPITAL)], now=NOW)
    group = card.group(CardPart.MEDICINES)
    assert group is not None
    (line,) = group.lines
    assert [(said.name, said.on, said.checked) for said in line.said] == [
        ("Oak Lane Surgery", "2026-11-02", True), ("Riverside Hospital", "2026-11-03", True)
    ]  # fmt: skip


def test_a_cpr_decision_is_a_wish_and_another_plan_is_a_plan() -> None:
    entries = [
        stored("Heart failure care plan", Section.PLANS),
        stored("Not for attempted CPR", Section.PLANS, code="450476008"),
    ]
    card = emergency_card(PERSON, entries, now=NOW)
    assert texts(card, CardPart.WISHES) == ["Not for attempted CPR"]
    assert texts(card, CardPart.PLANS) == ["Heart failure care plan"]


def test_groups_stand_in_the_order_they_are_read() -> None:
    entries = [
        stored("Plan", Section.PLANS), stored("Asthma", Section.CONDITIONS), stored("Nuts", Section.ALLERGIES),
        stored("Not for CPR", Section.PLANS, code="450476008"), stored("Pacemaker", Section.DEVICES), stored("Aspirin"),
        stored("Large print", Section.NEEDS),
    ]  # fmt: skip
    card = emergency_card(PERSON, reversed(entries), now=NOW)
    assert [group.part.value for group in card.groups] == [
        "allergies", "wishes", "medicines", "conditions", "implants", "needs", "surgery", "plans"
    ]  # fmt: skip


def test_an_implanted_thing_is_an_implant_also_as_a_procedure() -> None:
    entries = [
        stored("Implantation of cardiac pacemaker", Section.PROCEDURES),
        stored("Extraction of cataract", Section.PROCEDURES),
    ]
    assert texts(emergency_card(PERSON, entries, now=NOW), CardPart.IMPLANTS) == ["Implantation of cardiac pacemaker"]


def test_silence_about_allergies_stays_silence() -> None:
    group = emergency_card(PERSON, [], now=NOW).group(CardPart.ALLERGIES)
    assert group is not None
    assert (group.lines, group.absences) == ((), ())


def test_none_known_is_said_by_who_said_it() -> None:
    card = emergency_card(PERSON, [], [note(Section.ALLERGIES, absence=Absence.NONE_KNOWN)], now=NOW)
    group = card.group(CardPart.ALLERGIES)
    assert group is not None
    assert [(absence, said.name) for absence, said in group.absences] == [(Absence.NONE_KNOWN, "Oak Lane Surgery")]


def test_warnings_of_lists_reach_the_card() -> None:
    card = emergency_card(PERSON, [], [note(Section.MEDICINES, warning=ListWarning.CONFIDENTIAL)], now=NOW)
    group = card.group(CardPart.MEDICINES)
    assert group is not None
    assert [warning for warning, _ in group.warnings] == [ListWarning.CONFIDENTIAL]


@pytest.mark.parametrize(("days", "shown"), [(294, ["Pregnant"]), (295, [])])
def test_a_pregnancy_is_on_the_card_until_it_must_be_over(days: int, shown: list[str]) -> None:
    day = (NOW - timedelta(days=days)).date().isoformat()
    entry = Entry(
        "Observation/p", 0, Section.PREGNANCY, "Observation", "Pregnant", when=When(day), standing=Standing.CURRENT
    )
    assert texts(emergency_card(PERSON, [StoredEntry(1, entry, SURGERY)], now=NOW), CardPart.PREGNANCY) == shown


def test_language_and_interpreter_are_needs() -> None:
    person = replace(PERSON, language="Welsh", interpreter_needed=True)
    assert texts(emergency_card(person, [], now=NOW), CardPart.NEEDS) == ["Interpreter needed", "Speaks Welsh"]


def test_people_to_call_have_their_number() -> None:
    person = replace(PERSON, contacts=(Contact("Gwen", "daughter", "07700 900252"),))
    brother = stored(
        "Iolo", Section.PEOPLE, resource_type="RelatedPerson",
        facts=(Fact("relationship", "brother"), Fact("phone", "07700 900253")),
    )  # fmt: skip
    group = emergency_card(person, [brother], now=NOW).group(CardPart.CONTACTS)
    assert group is not None
    assert [(line.text, line.detail, line.phone) for line in group.lines] == [
        ("Gwen", "daughter", "07700 900252"), ("Iolo", "brother", "07700 900253")
    ]  # fmt: skip


def test_own_words_are_marked_as_the_patients() -> None:
    card = emergency_card(PERSON, [], choices=CardChoices(own_words=("I am deaf in my left ear",)), now=NOW)
    group = card.group(CardPart.OWN_WORDS)
    assert group is not None
    (said,) = group.lines[0].said
    assert (said.by_patient, said.checked) == (True, False)


@pytest.mark.parametrize("words", ["", "a\nNHS number: 1", "a\u202eb", "a\x1bb", "x" * (MAX_OWN_WORDS_CHARS + 1)])
def test_own_words_that_could_deceive_are_refused(words: str) -> None:
    with pytest.raises(TextRefused) as refused:
        emergency_card(PERSON, [], choices=CardChoices(own_words=(words,)), now=NOW)
    assert refused.value.code == "plain-words-refused"


def test_the_decision_about_cpr_comes_before_the_form_it_stands_on() -> None:
    form = stored(
        "ReSPECT (Recommended Summary Plan …) form", Section.PLANS, code="1382601000000107", detail="In the kitchen"
    )
    decision = stored("Not for attempted CPR", Section.PLANS, code="450476008")
    group = emergency_card(PERSON, [form, decision], now=NOW).group(CardPart.WISHES)
    assert group is not None
    assert [(line.text, line.detail) for line in group.lines] == [
        ("Not for attempted CPR", ""), ("ReSPECT form", "In the kitchen")
    ]  # fmt: skip

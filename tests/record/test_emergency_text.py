"""The words of the emergency card's code."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.record.emergency import (
    BUDGETS,
    CardChoices,
    CardPart,
    Trimmed,
    emergency_card,
    plain_text,
    subject_of,
    whole_text,
)
from app.record.entry import Absence, ListWarning, Person, Section
from app.record.identity import is_plain, subject_parts
from app.record.reading import read_bundle
from app.record.source import StoredEntry
from crypto.errors import TextRefused, TooLarge
from tests.record.made_up import HOSPITAL, NOW, PERSON, SURGERY, note, stored

PATIENTS = Path(__file__).resolve().parents[2] / "sync" / "sandbox" / "patients"
ROOMY = 4_000


def lines(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.split("\n")[1:])


def test_a_card_reads_as_it_is_written() -> None:
    entries = [
        stored("Trimethoprim allergy", Section.ALLERGIES, detail="Anaphylaxis (severe)"),
        stored("Apixaban 5mg tablets", source=HOSPITAL),
    ]
    text = plain_text(emergency_card(PERSON, entries, now=NOW), ROOMY).text
    assert text == (
        "PATIENT PASSPORT EMERGENCY CARD\n"
        "Name: Siân Llŷr\n"
        "Born: 4 March 1959\n"
        "NHS number: 999 000 0018\n"
        "Card made: 23 November 2026\n"
        "ALLERGIES: Trimethoprim allergy - Anaphylaxis (severe)\n"
        "MEDICINES: Apixaban\n"
        "CONDITIONS: No conditions recorded here\n"
        "GP: Oak Lane Surgery\n"
        "Said by: Oak Lane Surgery; Riverside Hospital"
    )


@pytest.mark.parametrize(
    ("absence", "words"),
    [
        (Absence.NONE_KNOWN, "No known allergies (said by Oak Lane Surgery, 2026-11-02)"),
        (Absence.NOT_ASKED, "Not asked (said by Oak Lane Surgery, 2026-11-02)"),
        (Absence.WITHHELD, "Withheld (said by Oak Lane Surgery, 2026-11-02)"),
        (Absence.UNAVAILABLE, "Not available (said by Oak Lane Surgery, 2026-11-02)"),
        (None, "No allergies recorded here"),
    ],
)
def test_three_kinds_of_none_stay_three(absence: Absence | None, words: str) -> None:
    notes = [note(Section.ALLERGIES, absence=absence)] if absence else []
    text = plain_text(emergency_card(PERSON, [], notes, now=NOW), ROOMY).text
    assert lines(text)["ALLERGIES"] == words


def test_an_allergy_silences_none_known() -> None:
    card = emergency_card(
        PERSON, [stored("Nuts", Section.ALLERGIES)], [note(Section.ALLERGIES, absence=Absence.NONE_KNOWN)], now=NOW
    )
    assert lines(plain_text(card, ROOMY).text)["ALLERGIES"] == "Nuts"


def test_withheld_items_are_told() -> None:
    card = emergency_card(
        PERSON, [stored("Aspirin")], [note(Section.MEDICINES, warning=ListWarning.CONFIDENTIAL)], now=NOW
    )
    assert lines(plain_text(card, ROOMY).text)["MEDICINES"] == "Aspirin; some items withheld"


def test_what_does_not_fit_is_counted() -> None:
    names = ["Warfarin", *(f"Ordinary medicine number {number}" for number in range(8))]
    card = emergency_card(PERSON, [stored(name) for name in names], now=NOW)
    found = plain_text(card, 330)
    assert len(found.text.encode()) <= 330
    (trimmed,) = found.trimmed
    assert trimmed.part is CardPart.MEDICINES
    missing = trimmed.total - trimmed.shown
    assert trimmed.total == 9
    assert lines(found.text)["MEDICINES"].endswith(f"; {missing} of 9 medicines not shown")
    assert lines(found.text)["MEDICINES"].startswith("Warfarin; ")


def test_nothing_is_trimmed_where_there_is_room() -> None:
    card = emergency_card(PERSON, [stored(f"Medicine {number}") for number in range(9)], now=NOW)
    assert plain_text(card, ROOMY).trimmed == ()


def test_allergies_get_room_before_medicines() -> None:
    entries = [stored(f"Medicine with a long name {n}") for n in range(30)]
    entries += [stored(f"Allergy with a long name {n}", Section.ALLERGIES) for n in range(5)]
    found = plain_text(emergency_card(PERSON, entries, now=NOW), 500)
    assert [one.part for one in found.trimmed] == [CardPart.MEDICINES]


def test_a_part_with_no_room_at_all_is_counted_on_one_line() -> None:
    entries = [
        stored("An allergy with quite a long name", Section.ALLERGIES),
        stored("Asthma " * 20, Section.CONDITIONS),
    ]
    card = emergency_card(PERSON, entries, now=NOW)
    assert lines(plain_text(card, 260).text)["Not shown"] == "1 condition"


def test_who_said_it_gives_way_to_allergies() -> None:
    card = emergency_card(PERSON, [stored("Allergy " * 5, Section.ALLERGIES)], now=NOW)
    whole = plain_text(card, ROOMY).text
    cut = plain_text(card, len(whole.encode("utf-8")) - 1)
    assert cut.trimmed == ()
    assert "Said by" not in cut.text


def test_where_an_original_lies_gives_way_to_what_matters_most() -> None:
    form = stored("ReSPECT form", Section.PLANS, code="1382601000000107", detail="In the kitchen drawer")
    card = emergency_card(PERSON, [form], now=NOW)
    without = plain_text(card, ROOMY).text.split("\nSaid by")[0]
    assert "kitchen" in plain_text(card, len(without.encode("utf-8"))).text
    cut = plain_text(card, len(without.encode("utf-8")) - 1)
    assert lines(cut.text)["WISHES (copy, ask for the original)"] == "ReSPECT form"


def test_a_reaction_is_left_out_only_where_the_allergy_itself_would_be() -> None:
    card = emergency_card(PERSON, [stored("Nuts", Section.ALLERGIES, detail="Anaphylaxis")], now=NOW)
    whole = plain_text(card, ROOMY).text.split("\nSaid by")[0]
    size = len(whole.encode("utf-8"))
    assert lines(plain_text(card, size).text)["ALLERGIES"] == "Nuts - Anaphylaxis"
    assert lines(plain_text(card, size - 1).text)["ALLERGIES"] == "Nuts"


def test_where_not_even_the_counts_fit_the_card_is_refused() -> None:
    card = emergency_card(PERSON, [stored("Aspirin")], now=NOW)
    with pytest.raises(TooLarge) as refused:
        plain_text(card, 100)
    assert refused.value.code == "too-large"


@pytest.mark.parametrize("born", ["1959-03-04", "1959-03", "1959"])
def test_a_subject_is_read_back_exactly(born: str) -> None:
    person = replace(PERSON, birth_date=born, family=unicodedata.normalize("NFD", "Llŷr"), given=("Siân ", " Mair"))
    text = plain_text(emergency_card(person, [], now=NOW), ROOMY).text
    assert subject_of(text) == subject_parts(person)


@pytest.mark.parametrize(
    "broken",
    [
        {"birth_date": "4 March 1959"},
        {"birth_date": ""},
        {"birth_date": "1959-13-01"},
        {"nhs_number": ""},
        {"nhs_number": "999000001"},
        {"family": "", "given": ()},
    ],
)
def test_a_person_who_cannot_be_read_back_has_no_card_text(broken: dict[str, object]) -> None:
    card = emergency_card(replace(PERSON, **broken), [], now=NOW)  # type: ignore[arg-type]
    with pytest.raises(TextRefused):
        plain_text(card, ROOMY)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ({"nhs_number": ""}, "NHS number: not recorded here"),
        ({"birth_date": ""}, "Born: not recorded here"),
        ({"family": "", "given": ()}, "Name: not recorded here"),
    ],
)
def test_for_reading_such_a_person_has_a_whole_text_that_says_what_is_not_there(
    broken: dict[str, object], line: str
) -> None:
    names = [f"Medicine called {chr(97 + at) * 40}" for at in range(26)]
    card = emergency_card(replace(PERSON, **broken), [stored(name) for name in names], now=NOW)  # type: ignore[arg-type]
    found = whole_text(card)
    assert line in found.text.split("\n")
    assert found.trimmed == ()
    assert all(name in found.text for name in names)
    with pytest.raises(TextRefused):
        plain_text(card, ROOMY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("PATIENT PASSPORT EMERGENCY CARD", "EMERGENCY CARD"),
        ("Name: ", "Nome: "),
        ("4 March", "4 Marzo"),
        ("4 March", "04 March"),
        ("999 000 0018", "9990000018"),
        ("Born: ", "Aged: "),
    ],
)
def test_a_text_that_is_not_ours_names_nobody(old: str, new: str) -> None:
    text = plain_text(emergency_card(PERSON, [], now=NOW), ROOMY).text
    with pytest.raises(TextRefused) as refused:
        subject_of(text.replace(old, new))
    assert refused.value.code == "plain-words-refused"


def test_own_words_cannot_pass_for_a_name_line() -> None:
    card = emergency_card(PERSON, [], choices=CardChoices(own_words=("Name: Somebody Else",)), now=NOW)
    assert subject_of(plain_text(card, ROOMY).text) == subject_parts(PERSON)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=12), st.sampled_from(sorted(BUDGETS.values())))
def test_whatever_the_record_says_the_text_keeps_its_form(titles: list[str], budget: int) -> None:
    card = emergency_card(PERSON, [stored(title) for title in titles], now=NOW)
    text = plain_text(card, budget).text
    assert len(text.encode("utf-8")) <= budget
    assert unicodedata.is_normalized("NFC", text)
    assert all(is_plain(line) for line in text.split("\n"))
    assert ":" not in text.split("\n")[0]
    assert subject_of(text) == subject_parts(PERSON)


@pytest.mark.parametrize("code", sorted(BUDGETS))
@pytest.mark.parametrize("folder", ["amara-okafor", "sian-llyr", "noor-rahman"])
def test_every_made_up_patient_has_a_card_of_every_size(folder: str, code: str) -> None:
    found: list[StoredEntry] = []
    person: Person | None = None
    for name, source in (("gp.stu3.json", SURGERY), ("hospital.r4.json", HOSPITAL)):
        reading = read_bundle((PATIENTS / folder / name).read_bytes())
        person = person or reading.person
        found += [StoredEntry(0, entry, source) for entry in reading.entries]
    assert person is not None
    text = plain_text(emergency_card(person, found, now=NOW), BUDGETS[code])
    assert len(text.text.encode("utf-8")) <= BUDGETS[code]
    assert CardPart.ALLERGIES not in {one.part for one in text.trimmed}
    assert all(isinstance(one, Trimmed) and one.shown < one.total for one in text.trimmed)

"""What the patient says stays at its place, and what they hide is in nothing that looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.record.entry import Absence, ListWarning, NotDisplayed, Section, SectionNote, Standing, When
from app.record.own import Label, Own, OwnSection
from app.record.source import EntryFilters
from app.store.record import Store
from app.store.shelf import CountBy
from tests.store.made_up import KEY, NOW, bundle, entry, imported, reading, update

SAID = Own("I never took this", NOW, Label.MENTAL_HEALTH)
HIDDEN = Own(hidden=True)


@pytest.fixture
def store(tmp_path: Path, library: str) -> Iterator[Store]:
    store = Store.create(tmp_path / "record.db", KEY, now=NOW)
    yield store
    store.close()


def found(store: Store, title: str) -> int:
    return next(one.id for one in store.entries() if one.entry.title == title)


def test_what_was_said_of_an_entry_is_said_of_its_next_version(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Zopiclone 3.75 mg")), b"one", update(1))
    store.set_own(found(store, "Zopiclone 3.75 mg"), SAID)
    store.add_update(reading(entry("MedicationStatement/1", "Zopiclone 7.5 mg")), b"two", update(2))
    assert store.own(found(store, "Zopiclone 7.5 mg")) == SAID


def test_the_same_key_of_another_holder_is_another_place(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Zopiclone")), b"one", update(1))
    other = update(1, iss="https://hospital.example", issuer_name="Hospital")
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin")), b"two", other)
    store.set_own(found(store, "Zopiclone"), replace(SAID, hidden=True))
    assert store.own(found(store, "Aspirin")) == Own()


def test_a_key_that_is_a_position_holds_within_its_own_message_only(store: Store) -> None:
    first, second = update(1, file_hash="a" * 64), update(2, file_hash="b" * 64)
    store.add_update(reading(entry("#3", "Walking stick")), b"one", first)
    store.set_own(found(store, "Walking stick"), HIDDEN)
    store.add_update(reading(entry("#3", "Hearing aid")), b"two", second)
    assert [one.entry.title for one in store.entries()] == ["Hearing aid"]


def test_of_two_messages_of_one_file_each_is_its_own_place(store: Store) -> None:
    raw = bundle()
    pieces = [(reading(entry("#0", title)), raw, imported(raw)) for title in ("First", "Second")]
    store.add_imported(pieces)
    store.set_own(found(store, "Second"), HIDDEN)
    assert [one.entry.title for one in store.entries()] == ["First"]


def test_a_file_taken_out_and_brought_in_again_is_hidden_again_and_hides_nothing_else(store: Store) -> None:
    raw = bundle()
    piece = (reading(entry("Basic/1", "A letter")), raw, imported(raw))
    store.add_imported([piece])
    store.set_own(found(store, "A letter"), HIDDEN)
    (file,) = store.all_sources()
    assert store.remove_imported(file.source_id) == 0
    other = bundle({"resourceType": "Basic"})
    store.add_imported([(reading(entry("Basic/1", "Another")), other, imported(other))])
    assert [one.entry.title for one in store.entries()] == ["Another"]
    store.add_imported([piece])
    assert [one.entry.title for one in store.entries()] == ["Another"]


def test_nothing_said_leaves_no_row(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Zopiclone")), b"one", update(1))
    store.set_own(1, replace(SAID, hidden=True))
    store.set_own(1, Own())
    counts = store.counts()
    assert (counts["own"], counts["hidden_entry"]) == (0, 0)
    assert [one.entry.title for one in store.entries()] == ["Zopiclone"]


def test_the_guard_counts_what_the_patient_says_and_a_restore_would_not_lose_it_unasked(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Zopiclone")), b"one", update(1))
    before, held = store.age().counter, store.holdings()
    store.set_own(1, SAID)
    assert store.age().counter > before
    assert len(store.holdings() - held) == 1
    between = store.age().counter
    store.set_own_section(Section.RESULTS, OwnSection(Label.SEXUAL_HEALTH, hidden=True))
    assert store.age().counter > between


# ---- hidden -----------------------------------------------------------------------------------

MARKER = "Zzyzxine"
RAW = bundle()


def plain(store: Store) -> None:
    """A record without what will be hidden."""
    stays = (
        entry("MedicationStatement/1", "Aspirin 75 mg", when=When("2020-01-02"), standing=Standing.CURRENT),
        entry("Condition/1", "Zzyzxinoma", section=Section.CONDITIONS, when=When("2021")),
    )
    notes = (SectionNote(Section.RESULTS, warning=ListWarning.CONFIDENTIAL),)
    store.add_update(reading(*stays, notes=notes), b"stays", update(1, file_hash="1" * 64))


def more(store: Store) -> None:
    """What will be hidden: an entry with a version before it, one taken back, a file, another holder's, a section."""
    secret = entry("MedicationStatement/7", f"{MARKER} old", when=When("2022-02-02"), standing=Standing.PAST)
    gone = entry("MedicationStatement/8", f"{MARKER} gone", when=When("2022-02-03"))
    store.add_update(reading(secret, gone), b"two", update(2, file_hash="2" * 64))
    newer = entry("MedicationStatement/7", f"{MARKER} 5 mg", when=When("2023-02-02"), standing=Standing.PAST)
    taken = replace(reading(newer), taken_back=("MedicationStatement/8",))
    store.add_update(taken, b"three", update(3, file_hash="3" * 64))
    store.add_imported([(reading(entry("#0", f"{MARKER} letter")), RAW, imported(RAW, name=f"{MARKER}.pdf"))])
    clinic = update(1, iss="https://clinic.example", issuer_name=f"{MARKER} clinic", file_hash="4" * 64)
    said = (SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN),)
    broken = (NotDisplayed(1, "Basic", "no-mapper"),)
    visit = entry("Encounter/1", f"{MARKER} visit", section=Section.VISITS)
    store.add_update(reading(visit, notes=said, not_displayed=broken), b"clinic", clinic)
    family = entry("FamilyMemberHistory/1", f"{MARKER} in the family", section=Section.FAMILY)
    store.add_update(reading(family), b"five", update(4, file_hash="5" * 64))


def hide(store: Store) -> list[int]:
    ids = [one.id for one in store.entries() if one.entry.title.startswith(MARKER)]
    ids += [one.id for one in store.taken_back(Section.MEDICINES)]
    older = [one.id for number in ids for one in store.history(number)]
    for number in ids:
        if (one := store.entry(number)) is not None and one.entry.section is not Section.FAMILY:
            store.set_own(number, HIDDEN)
    store.set_own_section(Section.FAMILY, OwnSection(hidden=True))
    return sorted({*ids, *older})


def seen(store: Store) -> list[object]:
    """Everything there is to see, without numbers that grow with each message."""
    searches = ("zzyzx", MARKER, f"{MARKER}x", "zzyzxinomb", "letter", "clinic", "old", "aspirin", "2023", "family")
    answers = [store.search(text) for text in searches]
    sections = [None, *Section]
    filters = EntryFilters()
    return [
        [(one.section, one.count, one.taken_back, one.notes) for one in store.sections()],
        [[one.entry for one in store.entries(section)] for section in sections],
        [store.count(section) for section in sections],
        [store.count(section, replace(filters, since="1900")) for section in sections],
        [store.counted(by, section, filters) for by in CountBy for section in sections],
        [[one.entry for one in store.taken_back(section)] for section in Section],
        [([one.entry for one in found.entries], found.as_typed) for found in answers],
        [[one.entry for one in store.holding(["mg"], section, 10)] for section in Section],
        [one.entry for one in store.new_since(NOW.replace(year=2000))],
        store.count_new_since(NOW.replace(year=2000)),
        [(one.note, one.source.issuer_name) for one in store.notes()],
        [one.resource for one in store.not_displayed()],
        sorted({one.issuer_name for one in store.sources()}),
    ]


def test_a_record_with_hidden_entries_looks_like_one_without_them(store: Store) -> None:
    plain(store)
    without = seen(store)
    more(store)
    shown = seen(store)
    assert shown != without
    assert MARKER in str(store.entries()[0].entry.title) + "".join(one.issuer_name for one in store.sources())
    ids = hide(store)
    assert seen(store) == without
    assert [store.entry(number) for number in ids] == [None] * len(ids)
    assert [store.history(number) for number in ids] == [[]] * len(ids)
    assert store.person_source() is None or MARKER not in store.person_source().issuer_name


def test_what_is_hidden_is_shown_while_asked_for_and_then_no_more(store: Store) -> None:
    plain(store)
    without = seen(store)
    more(store)
    everything = seen(store)
    hide(store)
    store.show_hidden(True)
    assert seen(store) == everything
    assert store.without_hidden().count() == 2
    store.show_hidden(False)
    assert seen(store) == without


def test_a_later_version_of_a_hidden_entry_and_a_later_entry_of_a_hidden_section_are_hidden(store: Store) -> None:
    plain(store)
    more(store)
    hide(store)
    count = store.count()
    newest = entry("MedicationStatement/7", f"{MARKER} 10 mg")
    family = entry("FamilyMemberHistory/2", f"{MARKER} too", section=Section.FAMILY)
    store.add_update(reading(newest, family), b"six", update(5, file_hash="6" * 64))
    assert store.count() == count
    assert store.search(MARKER).entries == store.search("zzyzxinoma").entries


def test_a_typing_error_is_never_put_right_to_a_word_that_is_hidden(store: Store) -> None:
    store.add_update(reading(entry("A/1", "Sertraline"), entry("A/2", "Sertralone")), b"one", update(1))
    store.set_own(found(store, "Sertraline"), HIDDEN)
    answer = store.search("sertraline")
    assert ([one.entry.title for one in answer.entries], answer.as_typed) == (["Sertralone"], 0)


def test_typing_errors_are_put_right_to_a_hidden_word_only_while_hidden_entries_are_shown(store: Store) -> None:
    store.add_update(reading(entry("A/1", "Sertraline")), b"one", update(1))
    store.set_own(found(store, "Sertraline"), HIDDEN)
    answers = []
    for shown in (False, True, False):
        store.show_hidden(shown)
        answers.append([one.entry.title for one in store.search("sertralnie").entries])
    assert answers == [[], ["Sertraline"], []]

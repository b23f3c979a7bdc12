from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions import browsing
from app.actions.session import Passport, create_passport
from app.record.entry import ListWarning, NotDisplayed, Section, SectionNote
from app.store.home import PassportHome
from crypto.vault_header import FLOOR
from tests.store.made_up import FULL, NOW, PERSON, bundle, entry, imported, reading, update


@pytest.fixture
def passport(tmp_path: Path) -> Iterator[Passport]:
    passport, _ = create_passport(PassportHome(tmp_path), "correct horse battery staple", now=NOW, cost=FLOOR)
    yield passport
    passport.lock()


def test_home_of_an_empty_passport_is_empty(passport: Passport) -> None:
    assert browsing.home_summary(passport) == browsing.HomeSummary(None, (), (), 0, 0)


def test_home_says_who_what_from_whom_and_what_is_new(passport: Passport) -> None:
    passport.store.add_update(reading(FULL), b"1", update(1))
    before = browsing.note_look(passport, now=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)
    broken = NotDisplayed(3, "Basic", "no-mapper")
    second = reading(entry("M/1", "Aspirin"), not_displayed=(broken,))
    passport.store.add_update(second, b"2", update(2, received_at=later))
    passport.store.add_update(reading(entry("M/1", "Aspirin")), b"3", imported())
    since = browsing.note_look(passport, now=later)
    home = browsing.home_summary(passport, since=since)
    assert (before, since) == (None, NOW + timedelta(hours=1))
    assert home.person == PERSON
    assert [(each.section, each.count) for each in home.sections] == [(Section.MEDICINES, 2), (Section.RESULTS, 1)]
    assert [(source.issuer_name, source.seq) for source in home.sources] == [
        ("Oak Lane Surgery", 2),
        ("record.json", None),
    ]
    assert (home.new, home.not_displayed) == (1, 1)
    assert [stored.entry.title for stored in browsing.new_entries(passport, NOW + timedelta(hours=1))] == ["Aspirin"]


def test_a_section_is_read_page_by_page_with_its_notes(passport: Passport) -> None:
    note = SectionNote(Section.MEDICINES, warning=ListWarning.IN_TRANSIT)
    many = [entry(f"M/{number}", f"Medicine {number}") for number in range(51)]
    passport.store.add_update(reading(*many, FULL, notes=(note,)), b"1", update(1))
    first = browsing.section_page(passport, Section.MEDICINES)
    last = browsing.section_page(passport, Section.MEDICINES, offset=50)
    assert (len(first.entries), first.total, first.has_more) == (50, 51, True)
    assert (len(last.entries), last.total, last.has_more) == (1, 51, False)
    assert [said.note for said in first.notes] == [note]


def test_an_entry_is_shown_with_its_history_and_its_raw_source(passport: Passport) -> None:
    raw = bundle({"id": "a"}, {"id": "b", "value": "é"})
    passport.store.add_update(reading(FULL), raw, imported())
    view = browsing.entry_view(passport, 1)
    assert view is not None
    assert (view.stored.entry, view.history) == (FULL, (view.stored,))
    assert browsing.raw_source(passport, 1) == '{"id": "b", "value": "\\u00e9"}'
    assert browsing.entry_view(passport, 99) is None


def test_what_could_not_be_shown_can_be_read_raw(passport: Passport) -> None:
    broken = NotDisplayed(0, "Basic", "no-mapper")
    passport.store.add_update(reading(not_displayed=(broken,)), bundle({"resourceType": "Basic"}), imported())
    (item,) = browsing.not_displayed(passport)
    assert browsing.raw_not_displayed(passport, item) == '{"resourceType": "Basic"}'


def test_a_search_says_when_it_was_cut(passport: Passport) -> None:
    passport.store.add_update(reading(*(entry(f"M/{n}", "Aspirin") for n in range(51))), b"1", imported())
    page = browsing.search(passport, "aspirin")
    assert (len(page.entries), page.has_more) == (50, True)
    assert not browsing.search(passport, "nothing").has_more

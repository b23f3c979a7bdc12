from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.record.entry import Absence, ListWarning, NotDisplayed, Section, SectionNote, Standing, When
from app.record.source import Checked, EntryFilters
from app.store import received, resource_text
from app.store.ledger import StoredTrust
from app.store.record import Store
from crypto.entries import check, prove
from crypto.errors import MalformedToken, NoPassport, PassportExists, StoreUnavailable
from crypto.feed import FeedPosition
from crypto.keys import Issuer, SigningKey
from crypto.trust_metadata import Floors, TrustFiles
from crypto.update import write_update
from tests.store.made_up import FULL, KEY, NOW, PERSON, bundle, entry, imported, reading, update

pytestmark = pytest.mark.usefixtures("library")

ISS = "https://oak-lane-surgery.example"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "record.db", KEY, now=NOW)
    yield store
    store.close()


def titles(found: list) -> list[str]:
    return [stored.entry.title for stored in found]


# ---- in and out -----------------------------------------------------------------------------


def test_an_entry_comes_back_as_it_went_in(store: Store) -> None:
    source = update(1)
    store.add_update(reading(FULL), b"raw", source)
    (found,) = store.entries()
    assert found.entry == FULL
    assert found.source == replace(source, source_id=1)
    assert store.entry(found.id) == found
    assert not found.superseded


def test_it_is_there_after_closing_and_opening(store: Store, tmp_path: Path) -> None:
    store.add_update(reading(FULL), b"raw", imported())
    store.close()
    again = Store.open(tmp_path / "record.db", KEY, now=NOW)
    assert titles(again.entries()) == ["Potassium"]
    assert again.person() == PERSON
    again.close()


def test_a_store_is_never_made_over_another_nor_opened_where_there_is_none(store: Store, tmp_path: Path) -> None:
    with pytest.raises(PassportExists):
        Store.create(tmp_path / "record.db", KEY, now=NOW)
    with pytest.raises(NoPassport):
        Store.open(tmp_path / "other.db", KEY, now=NOW)
    assert not (tmp_path / "other.db").exists()


def test_only_the_owner_may_read_its_files(store: Store, tmp_path: Path) -> None:
    store.add_update(reading(FULL), b"raw", imported())
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes) == {"record.db", "record.db-wal", "record.db-shm"}
    assert set(modes.values()) == {0o600}


def test_a_message_is_stored_whole_or_not_at_all(store: Store) -> None:
    twice = NotDisplayed(4, "Basic", "no-mapper")
    position = FeedPosition(ISS, "feed", 1, "hash", "sub")
    with pytest.raises(Exception, match="UNIQUE"):
        store.add_update(reading(FULL, not_displayed=(twice, twice)), b"raw", update(1), position)
    assert store.sources() == []
    assert store.entries() == []
    assert store.search("potassium").entries == ()
    assert store.feeds() == []
    assert store.person() is None


def test_record_feed_and_trust_are_written_together(store: Store) -> None:
    position = FeedPosition(ISS, "feed", 1, "hash", "sub")
    files = TrustFiles(
        (b"r1", b"r2"), b"ts", b"sn", b"ta", dict.fromkeys(("issuers.json", "readers.json", "relays.json"), b"x")
    )
    trust = StoredTrust(files, Floors(root=2, timestamp=9, snapshot=5, targets=4))
    store.add_update(reading(FULL), b"raw", update(1), position, trust)
    assert store.feed_position(ISS) == position
    assert store.feeds() == [position]
    assert store.trust() == trust
    assert store.feed_position("https://other.example") is None


def test_the_words_of_an_unsigned_file_do_not_replace_checked_ones_about_the_person(store: Store) -> None:
    store.add_update(reading(person=replace(PERSON, phone="1")), b"a", imported())
    store.add_update(reading(person=replace(PERSON, phone="2")), b"b", update(1))
    store.add_update(reading(person=replace(PERSON, phone="3")), b"c", imported())
    assert store.person() == replace(PERSON, phone="2")


def test_the_word_signed_last_about_the_person_counts_whichever_came_first(store: Store, tmp_path: Path) -> None:
    surgery = (replace(PERSON, phone="1"), replace(update(1), signed_at=NOW))
    later = (replace(PERSON, phone="2"), replace(update(1, iss="https://a.example"), signed_at=NOW + timedelta(days=1)))
    same_moment = (replace(PERSON, phone="3"), replace(update(1, iss="https://z.example"), signed_at=NOW))
    for number, (order, counts) in enumerate(
        (((surgery, later), "2"), ((later, surgery), "2"), ((surgery, same_moment), "3"), ((same_moment, surgery), "3"))
    ):
        other = Store.create(tmp_path / f"{number}.db", KEY, now=NOW)
        for person, source in order:
            other.add_update(reading(person=person), b"raw", source)
        assert other.person() == replace(PERSON, phone=counts)
        other.close()


# ---- versions and sources -------------------------------------------------------------------


def test_a_later_update_supersedes_an_entry_of_its_own_feed_and_keeps_it_as_history(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin 75 mg")), b"1", update(1))
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin 150 mg")), b"2", update(2))
    (now,) = store.entries()
    assert titles([now]) == ["Aspirin 150 mg"]
    assert titles(store.search("aspirin").entries) == ["Aspirin 150 mg"]
    assert titles(store.history(now.id)) == ["Aspirin 150 mg", "Aspirin 75 mg"]
    assert [version.superseded for version in store.history(now.id)] == [False, True]
    assert store.sections()[0].count == 1


@pytest.mark.parametrize(
    "second",
    [update(1, iss="https://other.example"), imported(), update(2, checked=Checked.QUARANTINED)],
    ids=["another holder", "a file", "quarantined"],
)
def test_nobody_else_supersedes_an_entry(store: Store, second) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin 75 mg")), b"1", update(1))
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin 150 mg")), b"2", second)
    assert "Aspirin 75 mg" in titles(store.entries())


def test_a_key_that_is_a_position_supersedes_nothing(store: Store) -> None:
    store.add_update(reading(entry("#0", "Aspirin")), b"1", update(1))
    store.add_update(reading(entry("#0", "Bisoprolol")), b"2", update(2))
    assert sorted(titles(store.entries())) == ["Aspirin", "Bisoprolol"]
    assert titles(store.history(1)) == ["Aspirin"]


def test_what_a_holder_takes_back_leaves_every_list_and_stays_in_its_history(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin")), b"1", update(1))
    later = NOW + timedelta(days=2)
    deletion = replace(reading(), taken_back=("MedicationStatement/1",))
    store.add_update(deletion, b"2", update(2, signed_at=later, received_at=later))
    assert store.entries() == []
    assert store.count() == 0
    assert store.search("aspirin").entries == ()
    assert store.new_since(NOW - timedelta(days=9)) == []
    (gone,) = store.taken_back(Section.MEDICINES)
    assert (gone.entry.title, gone.taken_back_at, gone.live) == ("Aspirin", later, False)
    assert store.history(gone.id) == [gone]
    assert store.raw_message(gone.source.source_id) == b"1"
    assert [(one.section, one.count, one.taken_back) for one in store.sections()] == [(Section.MEDICINES, 0, 1)]


def test_an_entry_sent_again_in_error_takes_the_older_one_along(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin")), b"1", update(1))
    wrong = entry("MedicationStatement/1", "Aspirin", standing=Standing.ENTERED_IN_ERROR)
    store.add_update(replace(reading(wrong), taken_back=(wrong.key,)), b"2", update(2))
    assert store.entries() == []
    (gone,) = store.taken_back(Section.MEDICINES)
    assert [(one.superseded, one.taken_back_at) for one in store.history(gone.id)] == [(False, NOW), (True, None)]


def test_what_was_taken_back_and_comes_again_counts_again(store: Store) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin")), b"1", update(1))
    store.add_update(replace(reading(), taken_back=("MedicationStatement/1",)), b"2", update(2))
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin again")), b"3", update(3))
    (now,) = store.entries()
    assert titles(store.history(now.id)) == ["Aspirin again", "Aspirin"]
    assert store.history(now.id)[1].taken_back_at == NOW
    assert store.taken_back(Section.MEDICINES) == []


def test_a_second_entry_with_the_same_id_goes_with_the_first(store: Store) -> None:
    both = (entry("MedicationStatement/1", "Aspirin"), entry("MedicationStatement/1~2", "Aspirin", position=1))
    other = entry("MedicationStatement/12", "Bisoprolol", position=2)
    store.add_update(reading(*both, other), b"1", update(1))
    store.add_update(replace(reading(), taken_back=("MedicationStatement/1",)), b"2", update(2))
    assert titles(store.entries()) == ["Bisoprolol"]


@pytest.mark.parametrize(
    "second",
    [update(1, iss="https://other.example"), imported(), update(2, checked=Checked.QUARANTINED)],
    ids=["another holder", "a file", "quarantined"],
)
def test_nobody_else_takes_an_entry_back(store: Store, second) -> None:
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin")), b"1", update(1))
    store.add_update(replace(reading(), taken_back=("MedicationStatement/1",)), b"2", second)
    assert titles(store.entries()) == ["Aspirin"]


def test_nothing_known_is_not_said_any_more_once_something_unknown_was_taken_back(store: Store) -> None:
    none = SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN)
    store.add_update(reading(entry("MedicationStatement/1", "Aspirin"), notes=(none,)), b"1", update(1))
    store.add_update(replace(reading(), taken_back=("MedicationStatement/1",)), b"2", update(2))
    assert [one.note for one in store.notes()] == [none]
    store.add_update(replace(reading(), taken_back=("AllergyIntolerance/none",)), b"3", update(3))
    assert store.notes() == []


def test_what_is_quarantined_is_kept_and_shown_nowhere(store: Store) -> None:
    warning = SectionNote(Section.RESULTS, warning=ListWarning.CONFIDENTIAL)
    source = update(1, checked=Checked.QUARANTINED)
    source_id = store.add_update(reading(FULL, notes=(warning,)), b"raw bytes", source)
    assert store.entries() == store.sections() == list(store.search("potassium").entries) == []
    assert store.person() is None
    assert store.new_since(NOW - timedelta(days=1)) == []
    assert store.raw_message(source_id) == b"raw bytes"
    assert [found.checked for found in store.sources()] == [Checked.QUARANTINED]


# ---- sections, pages, filters ---------------------------------------------------------------


def test_sections_come_in_the_order_of_home_with_counts_and_notes(store: Store) -> None:
    absence = SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN)
    many = [entry(f"MedicationStatement/{n}", f"Medicine {n}") for n in range(3)]
    store.add_update(reading(*many, FULL, notes=(absence,)), b"1", update(1))
    found = [(each.section, each.count, [n.note for n in each.notes]) for each in store.sections()]
    assert found == [(Section.MEDICINES, 3, []), (Section.RESULTS, 1, []), (Section.ALLERGIES, 0, [absence])]
    assert store.sections()[2].notes[0].source.issuer_name == "Oak Lane Surgery"


def test_nothing_known_gives_way_to_what_the_same_feed_brings_later(store: Store) -> None:
    absence = SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN)
    store.add_update(reading(notes=(absence,)), b"1", update(1))
    store.add_update(reading(entry("AllergyIntolerance/1", "Penicillin", section=Section.ALLERGIES)), b"2", update(2))
    assert store.notes() == []


def test_nothing_known_stands_beside_what_another_source_says(store: Store) -> None:
    absence = SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN)
    store.add_update(reading(notes=(absence,)), b"1", update(1))
    store.add_update(
        reading(entry("AllergyIntolerance/1", "Penicillin", section=Section.ALLERGIES)),
        b"2",
        update(1, iss="https://other.example"),
    )
    assert [note.note for note in store.notes()] == [absence]


def test_a_warning_stays_until_the_feed_says_something_newer_of_that_section(store: Store) -> None:
    withheld = SectionNote(Section.MEDICINES, warning=ListWarning.CONFIDENTIAL)
    in_transit = SectionNote(Section.MEDICINES, warning=ListWarning.IN_TRANSIT)
    store.add_update(reading(notes=(withheld,)), b"1", update(1))
    store.add_update(reading(FULL), b"2", update(2))
    assert [note.note for note in store.notes()] == [withheld]
    store.add_update(reading(notes=(in_transit,)), b"3", update(3))
    assert [note.note for note in store.notes()] == [in_transit]


def test_pages_are_fifty_long_newest_first_with_undated_entries_last(store: Store) -> None:
    dated = [
        entry(f"Observation/{n}", f"Result {n}", section=Section.RESULTS, when=When(f"20{n:02d}-01-01"))
        for n in range(10, 70)
    ]
    undated = entry("Observation/x", "Undated", section=Section.RESULTS)
    store.add_update(reading(undated, *dated), b"1", imported())
    first, second = store.entries(Section.RESULTS), store.entries(Section.RESULTS, 50)
    assert titles(first)[:2] == ["Result 69", "Result 68"]
    assert (len(first), len(second)) == (50, 11)
    assert titles(second)[-1] == "Undated"
    assert store.count(Section.RESULTS) == 61
    assert len(store.entries(limit=-1)) == 61


def test_filters_narrow_a_section(store: Store) -> None:
    old = entry("A/1", "Old", when=When("2019"), standing=Standing.PAST)
    new = entry("A/2", "New", when=When("2021-05-06"), standing=Standing.CURRENT)
    store.add_update(reading(old, new), b"1", update(1))
    other = store.add_update(reading(entry("A/3", "Other")), b"2", imported())

    def kept(**filters) -> list[str]:
        chosen = EntryFilters(**filters)
        found = titles(store.entries(Section.MEDICINES, filters=chosen))
        assert store.count(Section.MEDICINES, chosen) == len(found)
        return found

    assert kept(iss=ISS) == ["New", "Old"]
    assert kept(source_id=other) == ["Other"]
    assert kept(standing=Standing.PAST) == ["Old"]
    assert kept(since="2020") == ["New"]
    assert kept(since="2019", until="2019") == ["Old"]
    assert kept(since="2021", until="2021") == ["New"]


def test_what_came_after_a_moment_is_new(store: Store) -> None:
    store.add_update(reading(entry("A/1", "Before")), b"1", imported(at=NOW))
    store.add_update(reading(entry("A/2", "After")), b"2", imported(at=NOW + timedelta(seconds=1)))
    assert titles(store.new_since(NOW)) == ["After"]
    assert store.count_new_since(NOW) == 1


def test_what_could_not_be_displayed_is_kept_with_its_source(store: Store) -> None:
    raw = bundle({"resourceType": "Basic"}, {"resourceType": "Observation", "id": "1"})
    source_id = store.add_update(reading(FULL, not_displayed=(NotDisplayed(0, "Basic", "no-mapper"),)), raw, imported())
    (found,) = store.not_displayed()
    assert found.resource == NotDisplayed(0, "Basic", "no-mapper")
    assert json.loads(store.raw_at(source_id, 0)) == {"resourceType": "Basic"}


# ---- search ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["potassium", "POTAS", "serum level", "khan", "1000731000000107", "2024", "haemolysed", "oak lane", "pot (4.60)"],
)
def test_an_entry_is_found_by_what_stands_in_it(store: Store, typed: str) -> None:
    store.add_update(reading(FULL, entry("A/1", "Aspirin")), b"1", imported())
    assert titles(store.search(typed).entries) == ["Potassium"]


@pytest.mark.parametrize(("typed", "title"), [("penisilin", "Penisilín"), ("ŵyth", "Wyth"), ("cafe\u0301", "Café")])
def test_accents_do_not_matter_either_way(store: Store, typed: str, title: str) -> None:
    store.add_update(reading(entry("A/1", title)), b"1", imported())
    assert titles(store.search(typed).entries) == [title]


@pytest.mark.parametrize("typed", ["", "  ", "*", '"', "-", "()", "aspirin nothing"])
def test_nothing_is_found_for_nothing_or_for_a_word_that_is_missing(store: Store, typed: str) -> None:
    store.add_update(reading(entry("A/1", "Aspirin")), b"1", imported())
    assert store.search(typed).entries == ()


@pytest.mark.parametrize(
    "typed", ['aspirin"', "aspirin*", "aspirin AND", "title:aspirin", "NEAR(aspirin", "co-aspirin"]
)
def test_typed_text_is_never_read_as_query_language(store: Store, typed: str) -> None:
    store.add_update(reading(entry("A/1", "Aspirin and title near co")), b"1", imported())
    assert titles(store.search(typed).entries) == ["Aspirin and title near co"]


def test_a_word_in_the_title_comes_before_one_in_the_text(store: Store) -> None:
    in_text = entry("A/1", "Letter", detail="about aspirin", when=When("2026"))
    in_title = entry("A/2", "Aspirin", when=When("2001"))
    other = [entry(f"B/{n}", f"Something {n}") for n in range(20)]
    store.add_update(reading(in_text, in_title, *other), b"1", imported())
    assert titles(store.search("aspirin").entries) == ["Aspirin", "Letter"]
    assert titles(store.search("aspirin", limit=1).entries) == ["Aspirin"]


def test_of_entries_found_alike_the_newest_comes_first_and_a_page_holds_those_of_the_title_before_others(
    store: Store,
) -> None:
    titled = [entry(f"A/{n}", "Blood pressure", when=When(f"20{n:02}")) for n in (3, 21, 8)]
    told = [entry(f"B/{n}", "Visit", detail="blood, pressure", when=When(f"20{n:02}")) for n in (24, 1, 19)]
    undated = entry("A/0", "Pressure of the blood")
    store.add_update(reading(*titled, *told, undated), b"1", imported())
    order = ["2021", "2008", "2003", None, "2024", "2019", "2001"]
    for limit in range(1, 9):
        found = store.search("blood press", limit)
        assert [each.entry.when and each.entry.when.text for each in found] == order[:limit]


def test_counts_are_of_what_the_pages_list(store: Store) -> None:
    wrong = entry("A/1", "Asthma", section=Section.CONDITIONS, standing=Standing.ENTERED_IN_ERROR)
    store.add_update(reading(entry("A/1", "Asthma", section=Section.CONDITIONS), entry("A/2", "One")), b"1", update(1))
    store.add_update(replace(reading(wrong, entry("A/2", "Two")), taken_back=("A/1",)), b"2", update(2))
    store.add_update(reading(entry("A/3", "Aside"), FULL), b"3", update(3, checked=Checked.QUARANTINED))
    store.add_update(reading(entry("A/4", "Three")), b"4", imported())
    assert {each.section: each.count for each in store.sections()} == {Section.CONDITIONS: 0, Section.MEDICINES: 2}
    for section in (None, *Section):
        assert store.count(section) == len(store.entries(section))
    assert store.count() == 2


# ---- as it came -----------------------------------------------------------------------------


def test_a_resource_comes_back_exactly_as_it_stood(store: Store) -> None:
    raw = (
        b'{"resourceType":"Bundle","entry":[ {"resource":{"a":1.10}},{"x":0},'
        b' {"resource": {"b" : 4.600e0,"c":"\\u00e9"} }]}'
    )
    store.add_update(reading(FULL), raw, imported())
    assert store.raw_message(1) == raw
    assert store.raw_resource(1) == b'{"b" : 4.600e0,"c":"\\u00e9"}'


def test_an_update_gives_all_that_a_proof_of_one_entry_needs(store: Store) -> None:
    """The entry at position 1 is leaf 2: the Bundle's second element holds no resource."""
    key = SigningKey.generate()
    fhir = b'{"resourceType":"Bundle","entry":[{"resource":{"id":"0"}},{"request":{}},{"resource":{"id":"1"}}]}'
    raw = write_update(
        fhir, fhir_version="4.0.1", iss=ISS, sub="sub", feed="feed", seq=1, prev=None, nbf=NOW, key=key
    ).encode()
    store.add_update(reading(FULL), raw, update(1))
    assert store.raw_message(1) == raw
    kept = received.signed_update(store.raw_message(1))
    assert kept.bundle == fhir
    leaves = resource_text.leaves(kept.resources)
    assert leaves == (0, 2)
    leaf = leaves[FULL.position]
    assert kept.resources[leaf] == b'{"id":"1"}' == store.raw_resource(1)

    class OneIssuer:
        def key(self, iss, kid, signed_at):
            return Issuer(iss, "Oak Lane Surgery", "A99999", "gp"), key.public

        def key_by_ods(self, ods, kid8, signed_at):
            raise AssertionError

    proven = check(prove(kept.resources, kept.seed, kept.root_jws, [leaf]), OneIssuer(), now=NOW)
    assert [text for _, text in proven.resources] == [b'{"id":"1"}']


def test_a_file_is_no_update(store: Store) -> None:
    store.add_update(reading(entry("A/1", "Aspirin")), bundle({"id": "1"}), imported())
    with pytest.raises(MalformedToken):
        received.signed_update(store.raw_message(1))


# ---- nothing readable on the disk -----------------------------------------------------------


def test_a_marker_is_in_no_file_while_open_or_closed(store: Store, tmp_path: Path) -> None:
    marker = "PLANTEDMARKER"
    planted = replace(FULL, title=marker, detail=marker, author=marker)
    store.add_update(
        reading(planted, person=replace(PERSON, family=marker)), bundle({"note": marker}), imported(name=marker)
    )
    store.set_setting("note", marker)
    assert titles(store.search(marker).entries) == [marker]
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(files["record.db-wal"]) > 4096
    store.close()
    files |= {path.name + " closed": path.read_bytes() for path in tmp_path.iterdir()}
    for name, data in files.items():
        assert marker.encode() not in data, name
        assert marker.lower().encode() not in data, name
        assert b"CREATE TABLE" not in data, name


def test_a_closed_store_refuses(store: Store) -> None:
    store.close()
    with pytest.raises(StoreUnavailable):
        store.entries()

"""A store written by any earlier schema opens, and everything in it is there (tests/stores)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.record.entry import Section
from app.store.record import Store
from app.store.schema import MIGRATIONS
from tests.store.made_up import FULL, KEY, NOW, PERSON, reading, update
from tests.stores.make import FOLDER, GRANT, ISS, LINE, OWN, OWN_SECTION, POSITION, TRUST

pytestmark = pytest.mark.usefixtures("library")

PAST = range(1, len(MIGRATIONS))
WITHOUT_OWN = [step.name for step in MIGRATIONS].index("own words, labels and hiding")


@pytest.fixture(params=PAST)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A copy of the store of one past schema, opened by today's code."""
    path = tmp_path / "record.db"
    shutil.copy(FOLDER / f"schema-{request.param}.db", path)
    store = Store.open(path, KEY, now=NOW)
    yield store
    store.close()


def titles(store: Store, section: Section) -> list[str]:
    return [one.entry.title for one in store.entries(section)]


def test_there_is_a_store_of_every_schema_but_todays() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.db")) == [f"schema-{number}.db" for number in PAST]


def test_entries_their_history_and_their_words_are_there(store: Store) -> None:
    (aspirin,) = store.entries(Section.MEDICINES)
    assert [one.entry.title for one in store.history(aspirin.id)] == ["Aspirin 150 mg", "Aspirin 75 mg"]
    assert [one.entry.title for one in store.search("aspirin").entries] == ["Aspirin 150 mg"]
    (potassium,) = store.entries(Section.RESULTS)
    assert potassium.entry == FULL
    assert titles(store, Section.CONDITIONS) == ["Gout"]
    assert titles(store, Section.DEVICES) == ["Walking stick"]


def test_what_was_entered_in_error_is_taken_back(store: Store) -> None:
    (gone,) = store.taken_back(Section.CONDITIONS)
    assert (gone.entry.title, gone.taken_back_at) == ("Asthma", NOW)


def test_messages_are_there_as_they_came(store: Store) -> None:
    assert [store.raw_message(number) for number in (1, 2)] == [b"first update", b"second update"]
    assert len(store.notes()) == 2
    assert [one.resource.reason for one in store.not_displayed()] == ["no-mapper"]


def test_feeds_trust_access_settings_and_secrets_are_there(store: Store) -> None:
    assert store.person() == PERSON
    assert store.feed_position(ISS) == POSITION
    assert store.trust() == TRUST
    assert store.grants() == [GRANT]
    assert store.access_log() == [LINE]
    assert store.setting("login.person") == "sian-llyr"
    assert store.secret("device.key") == bytes(range(32))


@pytest.mark.parametrize("store", [number for number in PAST if number > WITHOUT_OWN], indirect=True)
def test_what_the_patient_said_and_hid_is_there(store: Store) -> None:
    (aspirin,) = store.entries(Section.MEDICINES)
    assert store.own(aspirin.id) == OWN
    assert store.own_section(Section.DEVICES) == OWN_SECTION
    assert titles(store, Section.CONDITIONS) == ["Gout"]
    store.show_hidden(True)
    assert {(one.entry.title, one.hidden) for one in store.entries(Section.CONDITIONS)} == {
        ("Gout", False),
        ("Low mood", True),
    }


def test_a_later_update_takes_back_what_an_older_schema_stored(store: Store) -> None:
    deletion = replace(reading(), taken_back=("Condition/9",))
    store.add_update(deletion, b"third update", update(3))
    assert titles(store, Section.CONDITIONS) == []
    assert {one.entry.title for one in store.taken_back(Section.CONDITIONS)} == {"Gout", "Asthma"}

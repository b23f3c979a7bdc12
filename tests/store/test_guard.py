from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store.record import Store
from crypto.errors import OlderCopyOpened, StoreUnavailable
from crypto.feed import FeedPosition
from tests.store.made_up import KEY, NOW, entry, reading, update
from tests.stores.make import GRANT, ISS, LINE, POSITION, TRUST


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "record.db", KEY, now=NOW)
    yield store
    store.close()


CHANGES: dict[str, Callable[[Store], object]] = {
    "message": lambda store: store.add_update(reading(entry("A/1", "A")), b"first", update(1)),
    "feed": lambda store: store.set_feed_position(POSITION),
    "trust": lambda store: store.set_trust(TRUST),
    "access": lambda store: store.add_grant(GRANT),
    "log": lambda store: store.log(LINE),
    "setting": lambda store: store.set_setting("a", "b"),
    "secret": lambda store: store.set_secret("a", b"b"),
    "outbox": lambda store: store.queue("end-link", "g", NOW),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_that_matters_raises_the_count_and_renews_the_head(
    store: Store, change: Callable[[Store], object]
) -> None:
    before = store.age()
    change(store)
    assert store.age().counter > before.counter
    assert store.age().head != before.head


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_store_that_is_held_still_refuses_every_change_and_keeps_nothing_of_it(
    store: Store, change: Callable[[Store], object]
) -> None:
    before = store.age()
    store.hold_still()
    store.hold_still()
    assert store.still
    with pytest.raises(OlderCopyOpened) as refused:
        change(store)
    assert refused.value.code == "older-copy-opened"
    store.let_write()
    assert not store.still
    assert store.age() == before
    change(store)
    assert store.age().counter > before.counter


def test_sqlite_itself_refuses_what_slips_past(store: Store) -> None:
    store.hold_still()
    with pytest.raises(StoreUnavailable, match="readonly"):
        store._driver.rows("INSERT INTO setting VALUES('a','b') RETURNING name")
    assert store.setting("a") is None


def test_a_store_that_is_held_still_reads_and_closes(store: Store) -> None:
    store.set_setting("a", "b")
    store.hold_still()
    assert store.setting("a") == "b"
    assert store.search("anything").entries == ()
    store.close()
    with pytest.raises(StoreUnavailable):
        store.setting("a")


def test_a_change_that_is_rolled_back_raises_nothing(store: Store) -> None:
    before = store.age()

    def change_and_fail() -> None:
        with store.together():
            store.set_setting("a", "b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert store.age() == before


def test_the_head_is_of_where_the_feeds_stand_too(store: Store) -> None:
    store.set_feed_position(POSITION)
    head = store.age().head
    store._driver.run("DROP TRIGGER guard_feed_UPDATE")
    store.set_feed_position(FeedPosition(ISS, POSITION.feed, 3, "hash-3", POSITION.sub))
    assert store.age().head != head


def test_an_older_copy_stays_one_until_it_is_renewed(store: Store, tmp_path: Path) -> None:
    store.note_older()
    store.set_setting("a", "b")
    store.close()
    again = Store.open(tmp_path / "record.db", KEY, now=NOW)
    assert again.age().older
    again.renew(100)
    assert (again.age().older, again.age().counter) == (False, 101)
    again.renew(3)
    assert again.age().counter == 102
    again.close()


def test_that_a_keystore_was_told_is_noted_once_and_is_no_change(store: Store) -> None:
    before = store.age()
    assert not before.told
    store.note_told()
    assert store.age().told
    assert (store.age().counter, store.age().head) == (before.counter, before.head)

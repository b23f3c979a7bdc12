from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.store.ledger import ACTIVE, ENDED, AccessRow, GrantRow, StoredTrust
from app.store.record import Store
from crypto.feed import FeedPosition
from crypto.trust_metadata import Floors, TrustFiles
from tests.store.made_up import KEY, NOW

pytestmark = pytest.mark.usefixtures("library")

GRANT = GrantRow("g1", "link", '{"label":"x"}', ACTIVE, NOW, NOW + timedelta(hours=1))
FILES = TrustFiles((b"r1",), b"ts", b"sn", b"ta", dict.fromkeys(("issuers.json", "readers.json", "relays.json"), b"x"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "record.db", KEY, now=NOW)
    yield store
    store.close()


def test_access_is_kept_newest_first_and_ended_once(store: Store) -> None:
    later = replace(GRANT, id="g2", created=NOW + timedelta(minutes=1))
    store.add_grant(GRANT)
    store.add_grant(later)
    store.end_grant("g1", NOW + timedelta(minutes=5))
    store.end_grant("g1", NOW + timedelta(minutes=9))
    assert store.grants() == [later, replace(GRANT, state=ENDED, ended_at=NOW + timedelta(minutes=5))]


def test_the_access_log_is_kept_newest_first_and_by_grant(store: Store) -> None:
    first = AccessRow(NOW, "opened", "someone who gave the name Dr Khan", "", ("medicines", "allergies"), "g1")
    second = AccessRow(NOW + timedelta(seconds=1), "ended", "you", grant_id="g2")
    store.log(first)
    store.log(second)
    assert store.access_log() == [second, first]
    assert store.access_log("g1") == [first]


def test_floors_of_trust_never_fall(store: Store) -> None:
    store.set_trust(StoredTrust(FILES, Floors(root=3, timestamp=9, snapshot=5, targets=4)))
    store.set_trust(StoredTrust(FILES, Floors(root=1, timestamp=10, snapshot=5, targets=4)))
    assert store.floors() == Floors(root=3, timestamp=10, snapshot=5, targets=4)


def test_before_the_first_trust_there_is_none(store: Store) -> None:
    assert store.trust() is None
    assert store.floors() == Floors()


def test_a_feeds_position_is_replaced(store: Store) -> None:
    position = FeedPosition("https://a.example", "feed", 1, "h1", "sub")
    store.set_feed_position(position)
    store.set_feed_position(replace(position, seq=2, head="h2"))
    assert store.feeds() == [replace(position, seq=2, head="h2")]


def test_settings_and_secrets_are_set_replaced_and_apart(store: Store) -> None:
    assert (store.setting("a"), store.secret("a")) == (None, None)
    store.set_setting("a", "1")
    store.set_setting("a", "2")
    store.set_secret("a", b"\x00\xff")
    assert (store.setting("a"), store.secret("a")) == ("2", b"\x00\xff")

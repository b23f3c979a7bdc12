from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.store.outgoing import LAPSED, SENT, OutgoingRow
from app.store.record import Store
from tests.store.made_up import KEY, NOW

pytestmark = pytest.mark.usefixtures("library")

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "record.db", KEY, now=NOW)
    yield store
    store.close()


def test_what_waits_comes_oldest_first_and_survives_closing(store: Store, tmp_path: Path) -> None:
    for about in ("b", "a", "c"):
        store.queue("end-link", about, NOW)
    store.close()
    again = Store.open(tmp_path / "record.db", KEY, now=NOW)
    assert again.outgoing() == [OutgoingRow(n, "end-link", about, NOW) for n, about in enumerate(("b", "a", "c"), 1)]
    again.close()


def test_what_waits_already_is_not_added_again_and_keeps_its_time(store: Store) -> None:
    store.queue("end-link", "a", NOW)
    store.queue("end-link", "a", LATER)
    assert [row.created for row in store.outgoing()] == [NOW]


@pytest.mark.parametrize("state", [SENT, LAPSED])
def test_a_row_is_settled_once_and_waits_no_more(store: Store, state: str) -> None:
    store.queue("end-link", "a", NOW)
    assert store.settle(1, state, LATER)
    assert not store.settle(1, state, LATER)
    assert store.outgoing() == []


def test_the_same_act_again_after_it_was_sent_is_a_new_row_with_a_new_number(store: Store) -> None:
    store.queue("end-link", "a", NOW)
    store.settle(1, SENT, NOW)
    store.queue("end-link", "a", LATER)
    assert [row.number for row in store.outgoing()] == [2]


def test_what_is_written_together_is_not_written_by_half(store: Store) -> None:
    def broken_off() -> None:
        with store.together():
            store.queue("end-link", "a", NOW)
            raise KeyError("broken off")

    with pytest.raises(KeyError):
        broken_off()
    assert store.outgoing() == []

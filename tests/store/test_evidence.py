"""What is kept and not believed: forks as evidence, messages kept aside, and how much of either."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.record.source import Checked, SourceInfo
from app.store.evidence import MAX_ASIDE, MAX_FORKS
from app.store.record import Store
from crypto.encoding import b64url_encode
from crypto.errors import ForkEvidence
from tests.store.made_up import FULL, KEY, NOW, reading, update

pytestmark = pytest.mark.usefixtures("library")

ISS = "https://oak-lane-surgery.example"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "record.db", KEY, now=NOW)
    yield store
    store.close()


def fork(about: str = "b", *, known: str | None = None, iss: str = ISS) -> ForkEvidence:
    return ForkEvidence(iss, known, ("head text", "update text"), about)


def aside(raw: bytes) -> tuple[SourceInfo, bytes]:
    digest = hashlib.sha256(raw).hexdigest()
    return update(1, checked=Checked.QUARANTINED, signed_at=None, trust_version=None, file_hash=digest), raw


def test_a_fork_comes_back_as_it_was_met_with_the_update_it_contradicts(store: Store) -> None:
    digest = hashlib.sha256(b"known text")
    store.add_update(reading(FULL), b"known text", update(1, file_hash=digest.hexdigest()))
    name = b64url_encode(digest.digest())
    assert store.keep_fork(fork(known=name), now=NOW)
    [found] = store.forks()
    assert (found.iss, found.found_at, found.known_hash, found.known) == (ISS, NOW, name, b"known text")
    assert found.signed == (b"head text", b"update text")
    assert "text" not in repr(found)


def test_a_fork_before_the_first_update_contradicts_none(store: Store) -> None:
    store.keep_fork(fork(), now=NOW)
    [found] = store.forks()
    assert (found.known_hash, found.known) == (None, None)


def test_the_same_contradiction_is_kept_once_as_it_was_first_met(store: Store) -> None:
    assert store.keep_fork(fork(), now=NOW)
    assert not store.keep_fork(fork(), now=NOW + timedelta(days=1))
    assert store.keep_fork(fork("c"), now=NOW)
    assert store.keep_fork(fork(iss="https://other.example"), now=NOW)
    assert [one.found_at for one in store.forks()] == [NOW, NOW, NOW]


def test_a_holder_cannot_fill_the_disk_with_forks(store: Store) -> None:
    kept = [store.keep_fork(fork(str(number)), now=NOW) for number in range(MAX_FORKS + 1)]
    assert kept == [True] * MAX_FORKS + [False]


def test_a_message_kept_aside_is_counted_and_has_no_entries(store: Store) -> None:
    assert store.keep_aside([aside(b"one"), aside(b"two"), aside(b"one")]) == 2
    assert (store.aside(), store.aside(ISS), store.aside("https://other.example")) == (2, 2, 0)
    assert (store.count(), store.sections(), store.person()) == (0, [], None)


def test_what_is_believed_is_not_kept_aside(store: Store) -> None:
    with pytest.raises(ValueError, match="not believed"):
        store.keep_aside([(update(1), b"one")])
    assert store.sources() == []


def test_a_message_that_is_believed_later_is_no_longer_aside(store: Store) -> None:
    store.keep_aside([aside(b"one"), aside(b"two")])
    store.add_update(reading(FULL), b"one", update(1, file_hash=hashlib.sha256(b"one").hexdigest()))
    assert store.aside() == 1
    assert store.keep_aside([aside(b"one")]) == 0


def test_a_holder_cannot_fill_the_disk_with_what_is_kept_aside(store: Store) -> None:
    assert store.keep_aside([aside(b"%d" % number) for number in range(MAX_ASIDE + 1)]) == MAX_ASIDE

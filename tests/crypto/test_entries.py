"""Entry proofs (D1): a few resources, each checkable against the holder's signature over all."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from crypto import entries
from crypto.encoding import b64url_encode
from crypto.entries import EntryProofs
from crypto.errors import EntryProofWrong, MalformedToken
from crypto.keys import SigningKey
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases, vector_trust

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SEED = bytes(range(32))


@pytest.mark.parametrize("case", cases("entry_proofs"), ids=names)
def test_a_reader_takes_proofs_as_the_vector_says(case: Case) -> None:
    judge(case, lambda: entries.check(EntryProofs.from_object(case.given["proofs"]), vector_trust(), now=case.now))


def test_proven_entries_say_whose_which_update_and_the_exact_bytes() -> None:
    [case] = [case for case in cases("entry_proofs") if case.name == "three of seven"]
    proven = entries.check(EntryProofs.from_object(case.given["proofs"]), vector_trust(), now=case.now)
    assert (proven.issuer.name, proven.feed, proven.seq) == ("Oak Lane Surgery", "feed-1", 3)
    assert proven.signed_at == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert proven.resources[1] == (4, b'{"resourceType":"Observation","id":"4","valueString":"made up 4"}')
    assert [index for index, _ in proven.resources] == [1, 4, 6]


def test_a_leaf_is_the_hash_of_zero_salt_and_bytes() -> None:
    salt = hmac.new(SEED, b"\x00\x00\x00\x01", "sha256").digest()
    expected = hashlib.sha256(b"\x00" + salt + b'{"b":2}').digest()
    assert entries.commit([b'{"a":1}', b'{"b":2}'], SEED).leaves[1] == expected


def test_the_same_resource_twice_has_two_different_leaves() -> None:
    leaves = entries.commit([b"{}", b"{}"], SEED).leaves
    assert leaves[0] != leaves[1]


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedToken, match="32 bytes, found 31"):
        entries.commit([b"{}"], SEED[:31])


def test_proofs_hold_nothing_of_the_entries_left_out() -> None:
    resources = [b'{"id":"%d","note":"marker-%d"}' % (at, at) for at in range(9)]
    key = SigningKey.generate()
    commitment = entries.commit(resources, SEED)
    root = entries.sign_root(commitment, key, iss="https://a.example", feed="f", seq=1, iat=NOW)
    text = str(entries.prove(resources, SEED, root, [2]).to_object())
    assert "marker-2" in text
    assert text.count("marker-") == 1
    assert b64url_encode(SEED) not in text


@pytest.mark.parametrize("lone", ["\ud800", "a\udfff"])
def test_half_a_surrogate_pair_in_a_resource_is_refused(lone: str) -> None:
    [case] = [case for case in cases("entry_proofs") if case.name == "three of seven"]
    entry = {"i": 0, "salt": "", "resource": lone}
    with pytest.raises(EntryProofWrong, match="UTF-8") as refusal:
        EntryProofs.from_object(case.given["proofs"] | {"entries": [entry]})
    assert refusal.value.code == "entry-proof-wrong"

"""A feed's head: how far it goes, until when, and every way it can be wrong."""

from __future__ import annotations

import pytest

from crypto import json_text, jws, update
from crypto.errors import (
    HeadTooOld,
    IssuerUnknown,
    MalformedToken,
    NotYetValid,
    Tampered,
    TooLarge,
    UpdateForked,
    UpdateReplayed,
    WrongPatient,
)
from crypto.update import HEAD_TYP, token_hash
from tests.crypto.feed_simulator import SECOND, Holder, closed, head_refusal, one_bit_off, opened, trust
from tests.crypto.trust_simulator import NOW, OTHER_ISS


def test_a_head_is_refused_from_the_second_it_expires(holder: Holder) -> None:
    head = holder.head(exp=NOW + 10 * SECOND)
    assert closed(holder, now=NOW + 9 * SECOND).head(head).seq == 1
    refused = head_refusal(closed(holder, now=NOW + 10 * SECOND), head)
    assert isinstance(refused, HeadTooOld)
    assert "expected exp after 2026-05-04T12:00:10+00:00, found 2026-05-04T12:00:10+00:00" in str(refused)


def test_a_head_from_the_future_is_refused_past_the_tolerance(holder: Holder) -> None:
    assert closed(holder).head(holder.head(iat=NOW + 120 * SECOND)).seq == 1
    assert isinstance(head_refusal(closed(holder), holder.head(iat=NOW + 121 * SECOND)), NotYetValid)


def test_a_head_one_bit_off_is_refused(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder), one_bit_off(holder.head(), 2)), Tampered)


def test_a_head_for_another_patient_is_refused(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder), holder.head(sub="pairwise-2")), WrongPatient)


def test_a_head_of_another_issuer_is_refused(holder: Holder) -> None:
    other = Holder(iss=OTHER_ISS, tokens=["x"])
    assert isinstance(head_refusal(closed(holder), other.head()), IssuerUnknown)
    assert isinstance(head_refusal(closed(holder, keys=trust(holder, other)), other.head()), IssuerUnknown)


def test_a_head_that_goes_back_is_refused(holder: Holder) -> None:
    old = holder.head()
    holder.append()
    refused = head_refusal(closed(holder, seq=2), old)
    assert isinstance(refused, UpdateReplayed)
    assert str(refused) == "update-replayed: head: expected update 2 or later, found 1"


def test_a_head_with_another_hash_for_the_known_update_is_a_fork(holder: Holder) -> None:
    head = holder.head(head=token_hash("another"))
    refused = head_refusal(closed(holder, seq=1), head)
    assert isinstance(refused, UpdateForked)
    assert refused.evidence.signed == (head,)


def test_a_head_of_another_feed_is_a_fork(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder, seq=1), holder.head(feed="feed-2", seq=9)), UpdateForked)


def test_a_head_over_its_ceiling_is_refused(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder), holder.head(feed="f" * update.MAX_HEAD_BYTES)), TooLarge)


def test_a_head_without_an_issuer_is_refused(holder: Holder) -> None:
    claims = dict(jws.read_unverified(holder.head()).claims)
    del claims["iss"]
    token = jws.sign(json_text.dump(claims), holder.key, typ=HEAD_TYP, deflate=False)
    assert isinstance(head_refusal(closed(holder), token), MalformedToken)


def test_a_feed_takes_one_head(holder: Holder) -> None:
    with pytest.raises(RuntimeError):
        opened(holder).head(holder.head())

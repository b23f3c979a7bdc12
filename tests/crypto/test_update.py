"""An update's own bytes, claims, times and commitment: each wrong one is refused and leaves the feed as it was."""

from __future__ import annotations

from typing import Any

import pytest

from crypto import entries, jws
from crypto.bundle import resources_in
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import EntryProofWrong, Expired, MalformedToken, NotYetValid, Tampered, TooLarge
from crypto.instants import to_numeric_date
from tests.crypto.feed_simulator import (
    BUNDLE,
    SECOND,
    Holder,
    closed,
    head_refusal,
    one_bit_off,
    opened,
    refusal,
    resigned,
)
from tests.crypto.trust_simulator import ISS, NOW

# ---- bytes ----------------------------------------------------------------------------------


def test_a_signature_one_bit_off_is_refused(holder: Holder) -> None:
    refused = refusal(opened(holder), one_bit_off(holder.tokens[0], 2))
    assert isinstance(refused, Tampered)


def test_a_payload_one_bit_off_is_refused(holder: Holder) -> None:
    assert isinstance(refusal(opened(holder), one_bit_off(holder.tokens[0], 1)), Tampered | MalformedToken)


def test_a_payload_under_another_updates_signature_is_refused(holder: Holder) -> None:
    head, payload, _ = holder.tokens[0].split(".")
    signature = holder.write(bundle=b'{"entry":[]}').split(".")[2]
    assert isinstance(refusal(opened(holder), f"{head}.{payload}.{signature}"), Tampered)


def test_an_update_over_the_ceiling_is_refused_before_it_is_read(holder: Holder) -> None:
    assert isinstance(refusal(opened(holder), "." * (jws.MAX_TOKEN_BYTES + 1)), TooLarge)


def test_a_head_is_no_update_and_an_update_no_head(holder: Holder) -> None:
    assert isinstance(refusal(opened(holder), holder.head()), MalformedToken)
    update_as_head = jws.sign(jws.read_unverified(holder.head()).payload, holder.key, deflate=True)
    assert isinstance(head_refusal(closed(holder), update_as_head), MalformedToken)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("sub", None),
        ("jti", ""),
        ("feed", 7),
        ("seq", 0),
        ("seq", True),
        ("seq", "1"),
        ("prev", "short"),
        ("nbf", "today"),
        ("entries", []),
        ("vc", {"type": ["https://smarthealth.cards#covid19"]}),
    ],
)
def test_a_claim_in_another_form_is_refused(holder: Holder, claim: str, value: object) -> None:
    token = resigned(holder.tokens[0], holder.key, lambda claims: claims.update({claim: value}))
    assert isinstance(refusal(opened(holder), token), MalformedToken)


# ---- time -----------------------------------------------------------------------------------


def test_an_update_from_the_future_is_refused_past_the_tolerance(holder: Holder) -> None:
    holder.tokens.clear()
    token = holder.append(nbf=NOW + 120 * SECOND)
    assert opened(holder).update(token).seq == 1
    holder.tokens.clear()
    token = holder.append(nbf=NOW + 121 * SECOND)
    assert isinstance(refusal(opened(holder), token), NotYetValid)


def test_an_update_is_refused_from_the_second_it_expires(holder: Holder) -> None:
    exp = to_numeric_date(NOW + 10 * SECOND)
    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, lambda claims: claims.update({"exp": exp}))
    assert isinstance(refusal(opened(holder, now=NOW + 10 * SECOND), token), Expired)
    assert opened(holder, now=NOW + 9 * SECOND).update(token).seq == 1


# ---- the entries' commitment ----------------------------------------------------------------


def test_a_commitment_to_other_resources_is_refused(holder: Holder) -> None:
    def other_seed(claims: dict[str, Any]) -> None:
        claims["entries"]["seed"] = b64url_encode(bytes(entries.SEED_BYTES))

    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, other_seed)
    refused = refusal(opened(holder), token)
    assert isinstance(refused, EntryProofWrong)
    assert str(refused) == "entry-proof-wrong: entries root: expected the tree of these 3 resources"


@pytest.mark.parametrize(("feed", "seq"), [("feed-2", 1), ("feed-1", 2)])
def test_a_commitment_for_another_place_is_refused(holder: Holder, feed: str, seq: int) -> None:
    def moved(claims: dict[str, Any]) -> None:
        seed = b64url_decode(claims["entries"]["seed"])
        commitment = entries.commit(resources_in(BUNDLE), seed)
        claims["entries"]["root"] = entries.sign_root(commitment, holder.key, iss=ISS, feed=feed, seq=seq, iat=NOW)

    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, moved)
    refused = refusal(opened(holder), token)
    assert str(refused) == "entry-proof-wrong: entries root: expected this issuer, feed and number"


def test_a_commitment_signed_by_another_key_is_refused(holder: Holder) -> None:
    def forged(claims: dict[str, Any]) -> None:
        claims["entries"]["root"] = one_bit_off(claims["entries"]["root"], 2)

    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, forged)
    assert isinstance(refusal(opened(holder), token), Tampered)

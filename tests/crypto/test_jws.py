"""Compact JWS. The card's refusals are vectors in test_card.py; here what is common to every JWS."""

from __future__ import annotations

import json

import pytest

from crypto import jws
from crypto.encoding import b64url_decode, b64url_encode, deflate
from crypto.errors import KeyUnknown, MalformedToken, TooLarge
from crypto.keys import SigningKey

KEY = SigningKey.generate()


def test_a_signed_payload_comes_back_byte_for_byte() -> None:
    payload = b'{"iss":"https://a.example", "x": 1.50}'
    unverified = jws.read_unverified(jws.sign(payload, KEY, deflate=True))
    assert jws.verify(unverified, KEY.public) == payload
    assert (unverified.issuer, unverified.kid, unverified.deflated) == ("https://a.example", KEY.public.kid, True)


def test_a_cards_header_is_the_one_of_the_specification() -> None:
    head = jws.sign(b"{}", KEY, deflate=True).split(".")[0]
    assert b64url_decode(head) == b'{"zip":"DEF","alg":"ES256","kid":"%s"}' % KEY.public.kid.encode()


def test_a_typed_object_is_verified_under_its_own_typ_alone() -> None:
    unverified = jws.read_unverified(jws.sign(b'{"n":1}', KEY, typ="pp-head+jws", deflate=False))
    assert jws.verify(unverified, KEY.public, typ="pp-head+jws") == b'{"n":1}'
    for other in (None, "pp-root+jws"):
        with pytest.raises(MalformedToken, match="typ") as refusal:
            jws.verify(unverified, KEY.public, typ=other)
        assert refusal.value.code == "malformed-token"


def test_a_card_is_not_taken_for_a_typed_object() -> None:
    with pytest.raises(MalformedToken, match="typ"):
        jws.verify(jws.read_unverified(jws.sign(b"{}", KEY, deflate=True)), KEY.public, typ="pp-root+jws")


def test_the_key_must_be_the_one_the_header_names() -> None:
    with pytest.raises(KeyUnknown):
        jws.verify(jws.read_unverified(jws.sign(b"{}", KEY, deflate=True)), SigningKey.generate().public)


def test_a_payload_over_its_bound_is_refused_before_it_is_whole() -> None:
    token = jws.sign(json.dumps({"a": "x" * 100_000}).encode(), KEY, deflate=True)
    assert len(token) < 1000
    with pytest.raises(TooLarge, match="99999") as refusal:
        jws.read_unverified(token, max_inflated_bytes=99_999)
    assert refusal.value.code == "too-large"


def test_a_token_over_16_mib_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(TooLarge, match="16777216 bytes, found 16777217"):
        jws.read_unverified("." * (16 * 1024 * 1024 + 1))


def test_a_header_over_its_bound_is_refused() -> None:
    head = b64url_encode(json.dumps({"alg": "ES256", "kid": "k", "zip": "DEF", "x5c": "x" * 4096}).encode())
    with pytest.raises(TooLarge, match="header"):
        jws.read_unverified(f"{head}.{b64url_encode(deflate(b'{}'))}.{'A' * 86}")


@pytest.mark.parametrize("token", ["", "..", "a.b", "e30.e30." + "A" * 86, "é.é.é"])
def test_other_text_is_no_jws(token: str) -> None:
    with pytest.raises(MalformedToken):
        jws.read_unverified(token)

"""SMART Health Cards: the card's rules, codes, files, and bytes handed on as signed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crypto import card
from crypto.errors import MalformedToken, NotACode, NotJson, PassportError, TooLarge
from crypto.keys import SigningKey
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases, trust, vector_trust

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ISS = "https://oak-lane-surgery.example"
ENTRIES = b'[{"resource":{"id":"a", "value": 1.50}},{"fullUrl":"x"},{"resource":{"n":"\xc3\xa2"}}]'
BUNDLE = b'{"resourceType":"Bundle","entry":' + ENTRIES + b"}"


@pytest.mark.parametrize("case", cases("cards"), ids=names)
def test_a_reader_takes_a_card_as_the_vector_says(case: Case) -> None:
    given = case.given
    judge(
        case,
        lambda: card.open_card(given["token"], vector_trust(), now=case.now, withdrawals=given.get("withdrawals")),
    )


def test_the_bundle_comes_out_byte_for_byte_as_it_went_in() -> None:
    key = SigningKey.generate()
    issuer = {"iss": ISS, "name": "Oak", "ods": "Z99001", "kind": "gp", "keys": [{"jwk": key.public.to_jwk()}]}
    token = card.make_card(BUNDLE, key, iss=ISS, nbf=NOW, exp=None, fhir_version="3.0.1", claims={"feed": "f"})
    opened = card.open_card(token, trust([issuer]), now=NOW)
    assert opened.bundle_bytes == BUNDLE
    assert (opened.fhir_version, opened.kid, opened.issued_at, opened.expires) == ("3.0.1", key.public.kid, NOW, None)
    assert (opened.issuer.name, opened.payload["feed"]) == ("Oak", "f")


def test_resources_are_exact_slices_and_keep_their_place_in_the_bundle() -> None:
    assert card.resources_of(BUNDLE) == (b'{"id":"a", "value": 1.50}', b"", b'{"n":"\xc3\xa2"}')


def test_a_card_goes_through_its_digits_and_back() -> None:
    token = card.make_card(BUNDLE, SigningKey.generate(), iss=ISS, nbf=NOW)
    digits = card.to_numeric(token)
    assert digits[5:].isdigit()
    assert len(digits) == 5 + 2 * len(token)
    assert card.from_numeric(digits) == token


def test_the_digits_are_those_of_the_specification() -> None:
    assert card.to_numeric("eyJ") == "shc:/567629"


@pytest.mark.parametrize(
    ("text", "refusal", "message"),
    [
        ("shc:/1/3/5676", NotACode, "one of several"),
        ("https://x.example", NotACode, "shc:/"),
        ("shc:/567", MalformedToken, "pairs"),
        ("shc:/56a6", MalformedToken, "pairs"),
        ("shc:/5678", MalformedToken, "up to 77"),
        ("shc:/5676\n", MalformedToken, "pairs"),
        ("shc:/٥٦", MalformedToken, "pairs"),
        ("shc:/", MalformedToken, "pairs"),
        ("shc:/" + "56" * 1196, TooLarge, "2390"),
    ],
)
def test_other_digits_are_refused(text: str, refusal: type[PassportError], message: str) -> None:
    with pytest.raises(refusal, match=message):
        card.from_numeric(text)


def test_a_card_of_1196_characters_is_not_put_in_a_code() -> None:
    assert card.to_numeric("e" * 1195)
    with pytest.raises(TooLarge, match="1195"):
        card.to_numeric("e" * 1196)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"[]", NotJson),
        (b"\xef\xbb\xbf{}", NotJson),
        (b"{}", MalformedToken),
        (b'{"verifiableCredential":[]}', MalformedToken),
        (b'{"verifiableCredential":"a.b.c"}', MalformedToken),
        (b'{"verifiableCredential":[1]}', MalformedToken),
    ],
)
def test_a_file_without_cards_is_refused(data: bytes, refusal: type[PassportError]) -> None:
    with pytest.raises(refusal):
        card.from_file(data)


def test_a_file_gives_its_cards_in_order() -> None:
    assert card.from_file(b'{"verifiableCredential":["a.b.c","d.e.f"]}') == ["a.b.c", "d.e.f"]

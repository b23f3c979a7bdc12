"""The published SMART Health Cards examples and their published mistakes, taken as their authors say.

Cards: HL7/smart-health-cards-and-links (examples) and smart-on-fhir/health-cards-dev-tools (testdata).
Every file of the kinds named here has its line: a file more or fewer is a failed test.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crypto import card, jwe, jws, shlink
from crypto.errors import PassportError
from crypto.keys import Issuer, VerifyingKey
from crypto.trust import TrustList
from tests.vectors.read import trust

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
EXAMPLES, MISTAKES, ISSUER = (VECTORS / name for name in ("shc-hl7-ig", "shc-devtools-testdata", "shc-issuer"))

pytestmark = [pytest.mark.outside, pytest.mark.usefixtures("vectors")]

ISS = "https://spec.smarthealth.cards/examples/issuer"
KID = "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s"
BEFORE_03_ENDS = datetime(2025, 5, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, tzinfo=UTC)

EXAMPLE_CARDS = {"00": "ok", "01": "ok", "02": "ok", "03": "expired"}

NUMERIC = {
    "example-00-f-qr-code-numeric-value-0": "ok",
    "example-01-f-qr-code-numeric-value-0": "ok",
    "example-02-f-qr-code-numeric-value-0": "not-a-code",
    "example-02-f-qr-code-numeric-value-1": "not-a-code",
    "example-02-f-qr-code-numeric-value-2": "not-a-code",
    "example-03-f-qr-code-numeric-value-0": "ok",
    "test-example-00-f-qr-code-numeric-value-0-number-too-big": "malformed-token",
    "test-example-00-f-qr-code-numeric-value-0-trailing_chars": "not-a-code",
    **{
        f"test-example-00-f-qr-code-numeric-value-{chunk}-qr_chunk_too_small": "not-a-code"
        for chunk in (0, 1, 3, 5, 8, 11, 13, 14, 15)
    },
    "test-example-1195-byte-qrnumeric": "ok",
}
"""Several codes for one card were given up in 2022: ours reads single ones (crypto/FORMATS.md)."""

BAD_JWS = {
    "test-example-00-d-jws-bad-fhir-metadata": "ok",
    "test-example-00-d-jws-der-signature": "malformed-token",
    "test-example-00-d-jws-der-signature-s-neg": "malformed-token",
    "test-example-00-d-jws-issuer-kid-mismatch": "key-not-the-issuers",
    "test-example-00-d-jws-issuer-not-valid-with-smart-key": "issuer-unknown",
    "test-example-00-d-jws-jws_too_long": "malformed-token",
    "test-example-00-d-jws-no_jws_header_zip": "malformed-token",
    "test-example-00-d-jws-wrong_jws_header_kid": "key-not-the-issuers",
    "jws-crl-duplicate-rid": "issuer-unknown",
    "jws-crl-invalid-method": "issuer-unknown",
    "jws-crl-too-long-rid": "issuer-unknown",
    "jws-crl-version-mismatch": "issuer-unknown",
}
"""bad-fhir-metadata is rightly signed: leaving Resource.meta out is asked of issuers, so a reader believes it."""

CARD_FILES = {
    "example-00-e-file.smart-health-card": ["ok"],
    "example-01-e-file.smart-health-card": ["ok"],
    "example-02-e-file.smart-health-card": ["ok"],
    "example-03-e-file.smart-health-card": ["expired"],
    "test-example-00-e-file-bad_jwks.smart-health-card": ["issuer-unknown"],
    "test-example-00-e-file-invalid_issuer_url.smart-health-card": ["issuer-unknown"],
    "test-example-00-e-file-invalid_issuer_url_http.smart-health-card": ["malformed-token"],
    "test-example-00-e-file-jws_too_long.smart-health-card": ["malformed-token"],
    "test-example-00-e-file-multi-jws-issues.smart-health-card": ["malformed-token", "ok"],
    "test-example-00-e-file-no_deflate.smart-health-card": ["malformed-token"],
}

KEY_FILES = {
    "valid_key": "ok",
    "valid_keys": "ok",
    "wrong_curve_key": "malformed-token",
    "wrong_kid_key": "malformed-token",
}


def published() -> TrustList:
    keys = json.loads((ISSUER / "jwks.json").read_text(encoding="utf-8"))["keys"]
    listed = {"iss": ISS, "name": "Example issuer", "ods": "", "kind": "gp"}
    return trust([listed | {"keys": [{"jwk": key} for key in keys]}])


def withdrawals() -> card.Withdrawals:
    return {KID: json.loads((ISSUER / f"crl-{KID}.json").read_text(encoding="utf-8"))}


def code_of(token: str, now: datetime = NOW) -> str:
    try:
        card.open_card(token, published(), now=now, withdrawals=withdrawals())
    except PassportError as refusal:
        return refusal.code
    return "ok"


def found(folders: list[Path], pattern: str) -> dict[str, Path]:
    return {path.name.removesuffix(".txt"): path for folder in folders for path in folder.rglob(pattern)}


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize(("number", "code"), EXAMPLE_CARDS.items())
def test_a_published_card_is_taken_as_the_specification_says(number: str, code: str) -> None:
    assert code_of(text_of(EXAMPLES / f"example-{number}-d-jws.txt")) == code


@pytest.mark.parametrize("number", EXAMPLE_CARDS)
def test_a_published_card_holds_the_published_payload_and_bundle(number: str) -> None:
    opened = card.open_card(text_of(EXAMPLES / f"example-{number}-d-jws.txt"), published(), now=BEFORE_03_ENDS)
    minified = (EXAMPLES / f"example-{number}-c-jws-payload-minified.json").read_bytes()
    assert opened.payload == json.loads(minified)
    assert opened.bundle_bytes == card.bundle_of(minified)
    resources = [entry["resource"] for entry in json.loads(opened.bundle_bytes)["entry"]]
    assert [json.loads(resource) for resource in card.resources_of(opened.bundle_bytes)] == resources
    assert opened.issuer == Issuer(ISS, "Example issuer", "", "gp")


def test_every_published_code_is_read_or_refused_as_it_should_be() -> None:
    files = found([EXAMPLES, MISTAKES], "*numeric*.txt")
    assert {name: numeric_code(text_of(path)) for name, path in files.items()} == NUMERIC
    assert len(NUMERIC) == 18


def numeric_code(text: str) -> str:
    try:
        jws.read_unverified(card.from_numeric(text))
    except PassportError as refusal:
        return refusal.code
    return "ok"


@pytest.mark.parametrize("number", ["00", "01", "03"])
def test_a_published_code_is_its_card(number: str) -> None:
    token = text_of(EXAMPLES / f"example-{number}-d-jws.txt")
    digits = text_of(EXAMPLES / f"example-{number}-f-qr-code-numeric-value-0.txt")
    assert card.from_numeric(digits) == token
    assert card.to_numeric(token) == digits


def test_every_published_bad_card_is_refused_for_its_own_reason() -> None:
    files = found([MISTAKES], "*jws-*.txt") | found([MISTAKES / "badcrl"], "*.txt")
    assert {name: code_of(text_of(path)) for name, path in files.items()} == BAD_JWS
    assert len(BAD_JWS) == 12


def test_the_published_card_that_is_too_long_is_not_put_in_one_code() -> None:
    token = text_of(MISTAKES / "test-example-00-d-jws-jws_too_long.txt")
    with pytest.raises(PassportError) as refusal:
        card.to_numeric(token)
    assert refusal.value.code == "too-large"


def test_every_published_card_file_gives_its_cards() -> None:
    files = found([EXAMPLES, MISTAKES], "*.smart-health-card")
    codes = {name: [code_of(token) for token in card.from_file(path.read_bytes())] for name, path in files.items()}
    assert codes == CARD_FILES
    assert len(CARD_FILES) == 10


@pytest.mark.parametrize(("name", "code"), KEY_FILES.items())
def test_a_published_key_is_taken_or_refused(name: str, code: str) -> None:
    keys = json.loads((MISTAKES / f"{name}.json").read_text(encoding="utf-8-sig"))["keys"]
    assert keys
    assert {code_of_key(key) for key in keys} == {code}


def code_of_key(jwk: dict[str, Any]) -> str:
    try:
        return "ok" if VerifyingKey.from_jwk(jwk).kid == jwk["kid"] else "another kid"
    except PassportError as refusal:
        return refusal.code


def test_the_published_link_is_parsed_and_its_file_opened_with_its_key_alone() -> None:
    link = shlink.parse(text_of(EXAMPLES / "IPS_IG-bundle-01-shl.txt").strip())
    token = text_of(EXAMPLES / "IPS_IG-bundle-01-enc.txt").strip()
    assert json.loads(jwe.decrypt(token, link.key).plaintext) == json.loads(
        (EXAMPLES / "IPS_IG-bundle-01.json").read_bytes()
    )
    with pytest.raises(PassportError) as refusal:
        jwe.decrypt(token, bytes(32))
    assert refusal.value.code == "tampered"

"""Files of a link: sealed, opened, refused."""

from __future__ import annotations

import json

import pytest

from crypto import jwe
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import MalformedToken, PassportError, Tampered, TooLarge

KEY = bytes(range(32))
TOKEN = jwe.encrypt(b'{"resourceType":"Bundle"}', KEY, content_type="application/fhir+json")


def with_header(**changes: object) -> str:
    parts = TOKEN.split(".")
    header = json.loads(b64url_decode(parts[0])) | changes
    return ".".join([b64url_encode(json.dumps(header).encode()), *parts[1:]])


def with_part(at: int, data: bytes) -> str:
    parts = TOKEN.split(".")
    return ".".join([*parts[:at], b64url_encode(data), *parts[at + 1 :]])


def test_a_file_comes_back_with_its_type() -> None:
    opened = jwe.decrypt(TOKEN, KEY)
    assert opened == jwe.Decrypted("application/fhir+json", b'{"resourceType":"Bundle"}')
    assert "Bundle" not in repr(opened)


def test_the_same_file_is_sealed_differently_each_time() -> None:
    one, other = (jwe.encrypt(b"{}", KEY, content_type="x").split(".") for _ in range(2))
    assert one[0] == other[0]
    assert one[2] != other[2]
    assert one[3] != other[3]


@pytest.mark.parametrize("at", [2, 3, 4])
def test_one_changed_bit_is_refused(at: int) -> None:
    data = bytearray(b64url_decode(TOKEN.split(".")[at]))
    data[0] ^= 1
    with pytest.raises(Tampered) as refusal:
        jwe.decrypt(with_part(at, bytes(data)), KEY)
    assert refusal.value.code == "tampered"


def test_another_key_is_refused() -> None:
    with pytest.raises(Tampered):
        jwe.decrypt(TOKEN, bytes(32))


def test_the_type_is_under_the_tag() -> None:
    with pytest.raises(Tampered):
        jwe.decrypt(with_header(cty="application/smart-health-card"), KEY)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (with_header(alg="A256KW"), "dir with A256GCM"),
        (with_header(enc="A128GCM"), "dir with A256GCM"),
        (with_header(zip="GZ"), "zip"),
        (with_header(crit=["exp"]), "crit"),
        (with_header(cty=1), "cty"),
        (with_part(1, b"key"), "empty key"),
        (with_part(2, bytes(16)), "found 16 and 16"),
        (with_part(4, bytes(12)), "found 12 and 12"),
        (TOKEN + ".", "found 6"),
        (TOKEN + "=", "base64url"),
    ],
)
def test_another_form_is_refused(token: str, message: str) -> None:
    with pytest.raises(MalformedToken, match=message) as refusal:
        jwe.decrypt(token, KEY)
    assert refusal.value.code == "malformed-token"


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedToken, match="32 bytes"):
        jwe.decrypt(TOKEN, bytes(length))


def test_a_file_that_inflates_over_its_bound_is_refused() -> None:
    bomb = jwe.encrypt(bytes(1_000_000), KEY, content_type="x")
    refusal: type[PassportError] = TooLarge
    with pytest.raises(refusal, match="at most 1000 bytes"):
        jwe.decrypt(bomb, KEY, max_plaintext_bytes=1000)

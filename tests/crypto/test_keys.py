"""Keys: their names, their forms, and that they do not show themselves."""

from __future__ import annotations

import hashlib

import pytest

from crypto.errors import MalformedToken, Tampered
from crypto.keys import SigningKey, VerifyingKey

JWK = {
    "kty": "EC",
    "kid": "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s",
    "use": "sig",
    "alg": "ES256",
    "crv": "P-256",
    "x": "11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw",
    "y": "eZXwxvO1hvCY0KucrPfKo7yAyMT6Ajc3N7OkAB6VYy8",
}
"""The key of the published health-card examples."""


def test_kid_is_the_thumbprint_of_the_published_key() -> None:
    key = VerifyingKey.from_jwk(JWK)
    assert key.kid == JWK["kid"]
    assert key.to_jwk() == JWK


def test_kid8_is_the_start_of_the_hash_of_the_compressed_point() -> None:
    key = VerifyingKey.from_jwk(JWK)
    assert key.kid8 == hashlib.sha256(key.compressed).digest()[:8]
    assert VerifyingKey.from_compressed(key.compressed) == key


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kty": "RSA"}, "kty"),
        ({"crv": "P-384"}, "crv"),
        ({"use": "enc"}, "use"),
        ({"alg": "ES384"}, "alg"),
        ({"kid": "x"}, "thumbprint"),
        ({"x": JWK["y"]}, "point"),
        ({"x": "A" * 42}, "32 bytes, found 31"),
        ({"y": 7}, "expected text"),
        ({"d": JWK["x"]}, "private"),
    ],
)
def test_another_jwk_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedToken, match=message) as refusal:
        VerifyingKey.from_jwk(JWK | change)
    assert refusal.value.code == "malformed-token"


@pytest.mark.parametrize("missing", ["kty", "use", "alg", "crv", "x", "y"])
def test_a_jwk_without_a_member_is_refused(missing: str) -> None:
    with pytest.raises(MalformedToken, match=missing):
        VerifyingKey.from_jwk({name: value for name, value in JWK.items() if name != missing})


def test_a_signature_fits_its_bytes_and_its_key_alone() -> None:
    key = SigningKey.generate()
    signature = key.sign(b"record")
    assert len(signature) == 64
    key.public.verify(signature, b"record")
    changed = bytes([*signature[:-1], signature[-1] ^ 1])
    for other, data, made in (
        (key.public, b"recorD", signature),
        (SigningKey.generate().public, b"record", signature),
        (key.public, b"record", changed),
        (key.public, b"record", bytes(64)),
        (key.public, b"record", signature + b"\0"),
    ):
        with pytest.raises(Tampered) as refusal:
            other.verify(made, data)
        assert refusal.value.code == "tampered"


def test_a_private_key_comes_back_from_its_bytes() -> None:
    key = SigningKey.generate()
    assert SigningKey.from_bytes(key.to_bytes()).public == key.public


@pytest.mark.parametrize("data", [b"", bytes(32), b"\xff" * 32, bytes(31) + b"\1\1"])
def test_other_bytes_are_no_private_key(data: bytes) -> None:
    with pytest.raises(MalformedToken, match="private key"):
        SigningKey.from_bytes(data)


@pytest.mark.parametrize("data", [b"", bytes(33), b"\x02" + b"\xff" * 32, b"\x04" + bytes(64)])
def test_other_bytes_are_no_public_key(data: bytes) -> None:
    with pytest.raises(MalformedToken, match="public key"):
        VerifyingKey.from_compressed(data)


def test_a_private_key_does_not_show_itself() -> None:
    key = SigningKey.generate()
    shown = repr(key) + str(key)
    assert key.to_bytes().hex() not in shown
    assert str(int.from_bytes(key.to_bytes(), "big")) not in shown
    assert not hasattr(key, "__dict__")

"""COSE_Sign1 and canonical CBOR: one form, everything under the signature."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor, cose
from crypto.errors import KeyUnknown, MalformedToken, PassportError, Tampered, TooLarge
from crypto.keys import SigningKey

KEY = SigningKey.generate()


def sign1(**changes: object) -> bytes:
    """A COSE_Sign1 with parts of any kind."""
    protected = cbor.dump({1: -7, 16: "pp-test"})
    parts = {"protected": protected, "unprotected": {}, "payload": b"x", "signature": bytes(64)} | changes
    return cbor.dump(cbor2.CBORTag(18, list(parts.values())))


def test_a_payload_comes_back_embedded_and_detached() -> None:
    inside = cose.sign(b"x", KEY, typ="pp-test", name_key=True)
    beside = cose.sign(b"x", KEY, typ="pp-test", detached=True)
    assert cose.verify(cose.read_unverified(inside), KEY.public, typ="pp-test") == b"x"
    assert cose.verify(cose.read_unverified(beside), KEY.public, typ="pp-test", payload=b"x") == b"x"


def test_the_bytes_begin_as_the_format_says() -> None:
    made = cose.sign(b"x", KEY, typ="pp-test", detached=True)
    assert made.hex().startswith("d2844c" + "a201261067" + b"pp-test".hex() + "a0f65840")


@pytest.mark.parametrize(("typ", "payload"), [("pp-other", None), ("pp-test", b"x")])
def test_another_typ_or_a_second_payload_is_refused(typ: str, payload: bytes | None) -> None:
    made = cose.read_unverified(cose.sign(b"x", KEY, typ="pp-test"))
    with pytest.raises(MalformedToken):
        cose.verify(made, KEY.public, typ=typ, payload=payload)


def test_other_detached_bytes_are_refused() -> None:
    made = cose.read_unverified(cose.sign(b"x", KEY, typ="pp-test", detached=True))
    with pytest.raises(Tampered) as refusal:
        cose.verify(made, KEY.public, typ="pp-test", payload=b"y")
    assert refusal.value.code == "tampered"


def test_a_named_key_must_be_the_one_given() -> None:
    made = cose.read_unverified(cose.sign(b"x", KEY, typ="pp-test", name_key=True))
    with pytest.raises(KeyUnknown):
        cose.verify(made, SigningKey.generate().public, typ="pp-test")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sign1(unprotected={4: b"kid"}), "unprotected"),
        (sign1(signature=bytes(63)), "64 bytes"),
        (sign1(signature="x"), "64 bytes"),
        (sign1(payload="text"), "byte strings"),
        (sign1(protected=cbor.dump({1: -8})), "ES256"),
        (sign1(protected=b""), "profile"),
        (sign1(protected=cbor.dump([1])), "ES256"),
        (cbor.dump([b"", {}, None, bytes(64)]), "tag 18"),
        (cbor.dump(cbor2.CBORTag(18, [b""])), "four parts"),
    ],
)
def test_another_form_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedToken, match=message) as refusal:
        cose.read_unverified(data)
    assert refusal.value.code == "malformed-token"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("trailing byte", "0000"),
        ("indefinite array", "9f00ff"),
        ("long form", "1800"),
        ("the same key twice", "a201000101"),
        ("keys out of order", "a202000100"),
        ("a float", "f93c00"),
        ("a boolean", "f5"),
        ("undefined", "f7"),
        ("a date tag", "c074323031332d30332d32315432303a30343a30305a"),
        ("a regular expression tag", "d823612e"),
        ("a bignum", "c2420100"),
        ("another COSE tag", "d18440a0f640"),
        ("cut off", "82"),
        ("nothing", ""),
    ],
)
def test_cbor_outside_the_profile_is_refused(name: str, data: str) -> None:
    with pytest.raises(MalformedToken, match="cbor"):
        cbor.load(bytes.fromhex(data))


def test_cbor_over_its_bound_is_refused() -> None:
    with pytest.raises(TooLarge, match="65536"):
        cbor.load(bytes(65_537))


def test_deeply_nested_cbor_is_refused() -> None:
    with pytest.raises(MalformedToken):
        cbor.load(b"\x81" * 60_000 + b"\x00")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        value = cbor.load(data)
    except PassportError:
        return
    assert cbor.dump(value) == data

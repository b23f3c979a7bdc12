"""Text and bytes: one text for each byte string, and inflating that stops."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import encoding
from crypto.errors import MalformedToken, TooLarge


@given(st.binary(max_size=70))
def test_bytes_come_back_through_each_text_form(data: bytes) -> None:
    assert encoding.b64url_decode(encoding.b64url_encode(data)) == data
    assert encoding.base45_decode(encoding.base45_encode(data)) == data
    assert encoding.inflate(encoding.deflate(data), 70) == data


@given(st.text(alphabet=encoding.BASE45_ALPHABET, max_size=12))
def test_base45_has_one_text_for_each_byte_string(text: str) -> None:
    try:
        data = encoding.base45_decode(text)
    except MalformedToken:
        return
    assert encoding.base45_encode(data) == text


@given(st.text(alphabet="AQgwx_-9", max_size=9))
def test_base64url_has_one_text_for_each_byte_string(text: str) -> None:
    try:
        data = encoding.b64url_decode(text)
    except MalformedToken:
        return
    assert encoding.b64url_encode(data) == text


@pytest.mark.parametrize(("data", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581")])
def test_base45_is_that_of_rfc_9285(data: bytes, text: str) -> None:
    assert encoding.base45_encode(data) == text
    assert encoding.base45_decode(text) == data


@pytest.mark.parametrize("text", ["GGW", ":::", "::", "A", "bb8", "BB8\n", "BB8é"])
def test_other_base45_is_refused(text: str) -> None:
    with pytest.raises(MalformedToken, match="base45") as refusal:
        encoding.base45_decode(text)
    assert refusal.value.code == "malformed-token"


@pytest.mark.parametrize("text", ["AA==", "AB", "AAB", "A", "A+/A", "AA A", "AA\n", "ÀAAA"])
def test_other_base64url_is_refused(text: str) -> None:
    with pytest.raises(MalformedToken, match="base64url"):
        encoding.b64url_decode(text)


def test_inflating_stops_at_its_bound() -> None:
    bomb = encoding.deflate(bytes(10_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(TooLarge, match="at most 65536 bytes") as refusal:
        encoding.inflate(bomb, 65_536)
    assert refusal.value.code == "too-large"


def test_inflating_gives_exactly_its_bound() -> None:
    assert len(encoding.inflate(encoding.deflate(bytes(1000)), 1000)) == 1000
    with pytest.raises(TooLarge):
        encoding.inflate(encoding.deflate(bytes(1001)), 1000)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (encoding.deflate(b"abc")[:-1], "cut off"),
        (encoding.deflate(b"abc") + b"x", "1 bytes after"),
        (b"\xff\xff", "raw DEFLATE"),
        (zlib.compress(b"abc"), "raw DEFLATE"),
        (b"", "cut off"),
    ],
)
def test_other_streams_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedToken, match=message):
        encoding.inflate(data, 1000)

"""The text of a link's code."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crypto import shlink
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import MalformedToken, NotACode, TooLarge

KEY = b64url_encode(bytes(range(32)))
URL = "https://relay.example/m/abc"


def text(**changes: object) -> str:
    members = {"url": URL, "key": KEY} | changes
    return "shlink:/" + b64url_encode(json.dumps(members).encode())


def test_a_link_comes_back_from_its_code() -> None:
    link = shlink.Link(URL, bytes(range(32)), datetime(2026, 11, 23, 13, tzinfo=UTC), "LP", "Siân’s record")
    assert shlink.parse(shlink.make(link)) == link
    assert shlink.parse(shlink.make(link, viewer="https://viewer.example/#")) == link
    assert link.needs_passcode


def test_the_code_is_minified_json_without_empty_members() -> None:
    made = shlink.make(shlink.Link(URL, bytes(range(32))))
    assert b64url_decode(made.removeprefix("shlink:/")) == f'{{"url":"{URL}","key":"{KEY}"}}'.encode()


def test_members_a_reader_does_not_know_are_left_aside() -> None:
    assert shlink.parse(text(extension={"x": 1}, _x=2, v=1)).url == URL


def test_a_link_hides_its_key() -> None:
    assert KEY not in repr(shlink.parse(text()))
    assert repr(bytes(range(32))) not in repr(shlink.parse(text()))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "http://relay.example/m"}, "https"),
        ({"url": "ftp://127.0.0.1/m"}, "https"),
        ({"url": "https://relay.example/" + "x" * 107}, "128 characters, found 129"),
        ({"url": "https://you@relay.example/m"}, "no user"),
        ({"url": "https://[x/"}, "address"),
        ({"url": None}, "url"),
        ({"key": "A" * 42}, "32 bytes, found 31"),
        ({"key": KEY + "="}, "base64url"),
        ({"flag": "PL"}, "alphabetical"),
        ({"flag": "PP"}, "alphabetical"),
        ({"flag": "p"}, "capital"),
        ({"flag": "PU"}, "U without P"),
        ({"label": "x" * 81}, "80"),
        ({"label": 1}, "label"),
        ({"exp": "soon"}, "exp"),
        ({"exp": 1795436000000}, "exp"),
        ({"v": 2}, "expected 1"),
    ],
)
def test_a_link_that_breaks_a_rule_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedToken, match=message) as refusal:
        shlink.parse(text(**changes))
    assert refusal.value.code == "malformed-token"


def test_http_is_let_pass_to_this_machine_alone() -> None:
    assert shlink.parse(text(url="http://127.0.0.1:8080/m/x")).url.startswith("http:")


@pytest.mark.parametrize("scanned", ["https://x.example/", "shlink:abc", "SHLINK:/abc", "", "x shlink:/abc"])
def test_other_text_is_no_link(scanned: str) -> None:
    with pytest.raises(NotACode) as refusal:
        shlink.parse(scanned)
    assert refusal.value.code == "not-a-code"


@pytest.mark.parametrize("scanned", ["shlink:/", "shlink:/e30", "shlink:/" + b64url_encode(b"[]"), text() + " "])
def test_a_link_without_its_members_is_refused(scanned: str) -> None:
    with pytest.raises(MalformedToken):
        shlink.parse(scanned)


def test_a_text_longer_than_a_code_holds_is_refused() -> None:
    with pytest.raises(TooLarge, match="4296"):
        shlink.parse("shlink:/" + "A" * 4289)

"""Strict JSON, and where values stand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import json_text
from crypto.errors import NotJson

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a":1,"a":1}', "once"),
        (b'{"b":{"a":1,"a":2}}', "once"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a":NaN}', "finite"),
        (b'{"a":-Infinity}', "finite"),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":"\\ud800"}', "well-formed"),
        (b"{} x", "well-formed"),
        (b"{'a':1}", "well-formed"),
        (b'{"a":"\n"}', "well-formed"),
        (b"", "well-formed"),
        (b"[]", "found list"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "well-formed"),
        (b'{"a":' + b"9" * 5000 + b"}", "well-formed"),
    ],
)
def test_what_strict_json_leaves_open_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NotJson, match=message) as refusal:
        json_text.parse_object(data)
    assert refusal.value.code == "not-json"


APART = ("vc", "entry", None, "resource")


@given(st.lists(st.fixed_dictionaries({"u": VALUES}, optional={"resource": VALUES}), max_size=4), st.booleans())
def test_null_stands_for_what_is_read_apart(elements: list[dict[str, object]], ascii_only: bool) -> None:
    data = json.dumps({"x": 1, "vc": {"entry": elements, "y": 0}}, ensure_ascii=ascii_only).encode()
    whole = json_text.parse_object(data)
    for element in whole["vc"]["entry"]:
        element |= {"resource": None} if "resource" in element else {}
    assert json_text.parse_object(data, apart=APART) == whole


@pytest.mark.parametrize(
    "entry",
    [
        '[{"resource":{"a":{"b":1,"b":1}}}]',
        '[{"resource":1,"resource":2}]',
        '[{"resource":1}],"entry":[]',
        '[{"resource":NaN}]',
        '[{"resource":["\\ud800"]}]',
        '[{"resource":{"a":1,}}]',
        '[{"resource":1}{"resource":2}]',
        '[{"resource":1},]',
        '[{"resource":1}',
    ],
)
def test_what_is_read_apart_is_refused_in_the_same_words(entry: str) -> None:
    data = b'{"vc":{"entry":%s}}' % entry.encode()
    with pytest.raises(NotJson) as whole:
        json_text.parse_object(data)
    with pytest.raises(NotJson) as apart:
        json_text.parse_object(data, apart=APART)
    assert apart.value.args == whole.value.args


def test_what_is_not_there_cannot_be_read_apart() -> None:
    for data in (b'{"vc":{}}', b'{"vc":[1]}', b'{"vc":{"entry":[1,{"resource":2}]}}'):
        assert json_text.parse_object(data, apart=APART) == json.loads(data)


def test_an_escaped_surrogate_pair_is_text() -> None:
    assert json_text.parse_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


@given(st.lists(st.fixed_dictionaries({"resource": VALUES}), max_size=4), st.sampled_from([None, 1, "\t"]))
def test_each_slice_is_the_value_at_its_path(elements: list[dict[str, object]], indent: int | str | None) -> None:
    text = json.dumps({"x": [1, {"entry": 2}], "vc": {"entry": elements}, "y": 0}, indent=indent)
    spans = json_text.member_spans(text, ("vc", "entry", None, "resource"))
    assert [json.loads(text[span.start : span.end]) for span in spans] == [e["resource"] for e in elements]


def test_numbers_and_spacing_stay_as_they_came() -> None:
    text = '{ "a" : [ {"v":1.50 , "u":"\\u00e2"} , {"w":0}, {"v":2E0} ] }'
    spans = json_text.member_spans(text, ("a", None, "v"))
    assert [text[start:end] for start, end in spans] == ["1.50", "2E0"]


def test_a_member_that_is_not_there_has_no_place() -> None:
    assert json_text.member_spans('{"a":{}}', ("a", "b")) == []
    assert json_text.member_start('{"a":{}}', ("a", "b")) is None
    assert json_text.member_places('{"a":[{"b":1},{}]}', ("a", None, "b")).places == [(11, 12), None]


def test_a_member_begins_where_it_stands_and_what_follows_is_not_read() -> None:
    assert json_text.member_start(' { "a" : {"b" : 7 ??', ("a", "b")) == 16


def test_all_places_are_found_in_one_value_read_to_its_end() -> None:
    text = '[0, {"a":[{"b":1, "b":2}, {"c":3}], "z":4} ]'
    found = json_text.member_places(text, ("a", None, "b"), 4)
    assert [None if place is None else text[place.start : place.end] for place in found.places] == ["1", None]
    assert text[4 : found.end] == '{"a":[{"b":1, "b":2}, {"c":3}], "z":4}'
    with pytest.raises(NotJson):
        json_text.member_places('{"a":[], "z":}', ("a", None, "b"))


@pytest.mark.parametrize(
    "text", ['{"a":1}', '{"a":{"x":1,}}', '{"a":{"x" 1}}', '{"a":{"x":1', '{"a":{"x":1 "y":2}}', ""]
)
def test_a_step_that_meets_another_kind_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        json_text.member_spans(text, ("a", "y"))

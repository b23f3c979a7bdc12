from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.record.bundle import load, unwrap
from app.store import received, resource_text
from crypto.errors import StoreDamaged

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "vectors"
LETTERS = "eyJhIjoxfQ"


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (f"{LETTERS}.{LETTERS}.{LETTERS}".encode(), received.FORM_JWS),
        (b"..", received.FORM_JWS),
        (f"{LETTERS}.{LETTERS}.{LETTERS}\n".encode(), received.FORM_ZLIB),
        (f"{LETTERS}=.{LETTERS}.{LETTERS}".encode(), received.FORM_ZLIB),
        (f"{LETTERS[:-1]}R.{LETTERS}.{LETTERS}".encode(), received.FORM_ZLIB),
        (b"\xff.\xff.\xff", received.FORM_ZLIB),
        (b'{"a":"b.c.d"}', received.FORM_ZLIB),
        (b"", received.FORM_ZLIB),
    ],
)
def test_a_message_comes_back_byte_for_byte(raw: bytes, form: str) -> None:
    found, kept = received.pack(raw)
    assert found == form
    assert received.unpack(found, kept) == raw


def test_a_kept_message_that_is_broken_is_refused() -> None:
    with pytest.raises(StoreDamaged):
        received.unpack(received.FORM_ZLIB, b"not zlib")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"resourceType":"Patient" , "id":"1"}', ['{"resourceType":"Patient" , "id":"1"}']),
        ('{"resourceType":"Bundle"}', []),
        (
            '{"resourceType":"Bundle","entry":[{"resource":null},7,{},{"resource":"x"},{"resource":{"a":1}}]}',
            ['"x"', '{"a":1}'],
        ),
        ('{"resourceType":"Bundle","entry":{}}', []),
        (
            (
                '{"resourceType":"Parameters","parameter":[{"part":[{"resource":{"b":2}}]},'
                '{"resource":{"resourceType":"Bundle","entry":[{"resource":{"a":1}}]}}]}'
            ),
            ['{"a":1}', '{"b":2}'],
        ),
        (
            (
                '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","entry":[{"resource":{"a":1}}]}},'
                '{"resource":{"b":2}}]}'
            ),
            ['{"resourceType":"Bundle","entry":[{"resource":{"a":1}}]}', '{"b":2}', '{"a":1}'],
        ),
    ],
)
def test_resources_stand_where_the_record_numbers_them(text: str, expected: list[str]) -> None:
    for encoded in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert list(resource_text.of_file(encoded)) == expected
        places = range(len(expected) + 1)
        assert [resource_text.one_of_file(encoded, place) for place in places] == [*expected, None]
    assert [json.loads(each, parse_int=str) for each in expected] == list(unwrap(load(text.encode())).resources)


def test_a_resource_in_a_bundle_inside_the_bundle_stands_in_the_outer_element() -> None:
    nested = b'{"resourceType":"Bundle","entry":[{"resource":{"a":1}},{"resource":{"b":2}}]}'
    assert resource_text.leaves([b"{}", b"", nested, b"null", b"{}"]) == (0, 2, 4, 2, 2)


@pytest.mark.outside
@pytest.mark.skipif(not VECTORS.is_dir(), reason="third-party vectors are not beside the project")
@pytest.mark.parametrize("folder", ["gpconnect", "uk-ps-ig-draft", "ips-viewer-samples", "nhs-pfp", "nhs-imms"])
def test_every_resource_of_real_files_is_found_where_the_record_numbers_it(folder: str) -> None:
    compared = 0
    for path in sorted((VECTORS / folder).rglob("*.json")):
        data = path.read_bytes()
        document = load(data)
        if not isinstance(document, dict) or "resourceType" not in document:
            continue
        texts = resource_text.of_file(data)
        assert [json.loads(each, parse_float=str, parse_int=str) for each in texts] == list(unwrap(document).resources)
        compared += len(texts)
    assert compared

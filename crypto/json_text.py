"""Strict JSON objects (RFC 8259), and where each value stands in the text.

Owns the refusals json.loads does not make: a byte order mark, a name given twice, NaN and Infinity,
half of a surrogate pair. `member_spans` gives exact slices, so resource i of an update is signed,
kept and shown as the bytes it came in: numbers and spacing are never written again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crypto.errors import NotJson

_SPACE: Final = re.compile(r"[ \t\n\r]*", re.ASCII)
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class Span(NamedTuple):
    """Where one JSON value stands: text[start:end], in characters."""

    start: int
    end: int


def parse_object(data: bytes) -> dict[str, Any]:
    """The object in UTF-8 `data`; raises NotJson for anything else and for what strict JSON leaves open."""
    text = decode_utf8(data)
    try:
        value = _DECODER.decode(text)
        if _SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except NotJson:
        raise
    except (ValueError, RecursionError):
        raise NotJson("expected one well-formed JSON value") from None
    if not isinstance(value, dict):
        raise NotJson(f"expected an object, found {type(value).__name__}")
    return value


def dump(value: Mapping[str, object] | Sequence[object]) -> bytes:
    """Minified JSON of an object or array of our own making, in UTF-8, members in the order given."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")


def dump_with(value: Mapping[str, object], texts: Mapping[str, bytes]) -> bytes:
    """Minified JSON of an object that is not empty, and after its own the members `texts`: JSON taken as it is."""
    added = b"".join(b',"' + name.encode("ascii") + b'":' + text for name, text in texts.items())
    return dump(value).removesuffix(b"}") + added + b"}"


def decode_utf8(data: bytes) -> str:
    """`data` as text; raises NotJson for a byte order mark or bytes that are not UTF-8."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotJson("expected no byte order mark")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"expected UTF-8, found another byte at {error.start}") from None


def member_spans(text: str, path: tuple[str | None, ...]) -> list[Span]:
    """Where the values at `path` stand in `text`: a name goes into an object, None into every element of an array.

    An element without the next name is left out. Values on the way are skipped by the C scanner; a
    name given twice is parse_object's to refuse. Raises NotJson when a step does not meet the kind it
    asks for, or the text is not JSON as far as it was read.
    """
    return _guarded(text, _skip_space(text, 0), path)


def member_span(text: str, of: Span, name: str) -> Span | None:
    """Where the member `name` of the object at `of` stands; None where it has none. Raises NotJson as above."""
    found = _guarded(text, of.start, (name,))
    return found[0] if found else None


def _guarded(text: str, start: int, path: tuple[str | None, ...]) -> list[Span]:
    try:
        return _spans(text, start, path)
    except (ValueError, IndexError, RecursionError):
        raise NotJson("expected JSON with the asked members") from None


def _spans(text: str, start: int, path: tuple[str | None, ...]) -> list[Span]:
    if not path:
        return [Span(start, _value_end(text, start))]
    step, rest = path[0], path[1:]
    if step is None:
        return [span for at in _elements(text, start) for span in _spans(text, at, rest)]
    at = _member(text, start, step)
    return [] if at is None else _spans(text, at, rest)


def _member(text: str, start: int, name: str) -> int | None:
    if text[start] != "{":
        raise NotJson("expected an object on the way to a member")
    at = _skip_space(text, start + 1)
    while text[at] != "}":
        key, at = _KEYS.raw_decode(text, at)
        at = _skip_space(text, at)
        _expect(text, at, ":")
        at = _skip_space(text, at + 1)
        if key == name:
            return at
        at = _after_value(text, at, "}")
    return None


def _elements(text: str, start: int) -> Iterator[int]:
    if text[start] != "[":
        raise NotJson("expected an array on the way to its elements")
    at = _skip_space(text, start + 1)
    while text[at] != "]":
        yield at
        at = _after_value(text, at, "]")


def _after_value(text: str, at: int, closing: str) -> int:
    """Past the value at `at` and its comma; at `closing` when the value was the last."""
    at = _skip_space(text, _value_end(text, at))
    if text[at] == closing:
        return at
    _expect(text, at, ",")
    at = _skip_space(text, at + 1)
    if text[at] == closing:
        raise NotJson("expected a value after a comma")
    return at


def _value_end(text: str, start: int) -> int:
    return int(_KEYS.raw_decode(text, start)[1])


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()


def _expect(text: str, at: int, character: str) -> None:
    if text[at] != character:
        raise NotJson(f"expected {character!r}")


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("expected each name once in an object")
    return members


def _no_constant(_name: str) -> Any:
    raise NotJson("expected a finite number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique_members, parse_constant=_no_constant)
_KEYS: Final = json.JSONDecoder(parse_constant=_no_constant)

"""Strict JSON objects (RFC 8259), and where each value stands in the text.

Owns the refusals json.loads does not make: a byte order mark, a name given twice, NaN and Infinity,
half of a surrogate pair. `member_spans` gives exact slices, so resource i of an update is signed,
kept and shown as the bytes it came in: numbers and spacing are never written again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crypto.errors import NotJson

_SPACE: Final = re.compile(r"[ \t\n\r]*", re.ASCII)
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class Span(NamedTuple):
    """Where one JSON value stands: text[start:end], in characters."""

    start: int
    end: int


Path = tuple[str | None, ...]
"""The way to values: a name goes into an object, None into every element of an array."""


_ValueEnd = Callable[[str, int], int]
"""Reads the value at a place and gives its end."""


class Places(NamedTuple):
    """Where values stand, None for each that is not there, and where the value they are in ends."""

    places: list[Span | None]
    end: int


def parse_object(data: bytes, *, apart: Path = ()) -> dict[str, Any]:
    """The object in UTF-8 `data`; raises NotJson for anything else and for what strict JSON leaves open.

    The values at `apart` are read as strictly as the rest but let go one by one: null stands for each.
    """
    text = decode_utf8(data)
    if apart:
        text = _without(text, apart)
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


def _without(text: str, path: Path) -> str:
    """`text` with null for each value at `path`, all of them found strict; as it is where any is not, or none is there.

    So what is wrong with a value, or on the way to it, is refused in the words it has when all is read at once.
    """
    try:
        places = _places(text, path, _strict_value_end)
    except NotJson:
        return text
    ends = [0, *(place.end for place in places)]
    starts = [*(place.start for place in places), len(text)]
    return "null".join(text[end:start] for end, start in zip(ends, starts, strict=True))


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


def member_spans(text: str, path: Path) -> list[Span]:
    """Where the values at `path` stand in `text`.

    An element without the next name is left out. Values on the way are skipped by the C scanner; of a name
    given twice the first counts, as refusing it is parse_object's. Raises NotJson when a step does not meet
    the kind it asks for, or the text is not JSON as far as it was read.
    """
    return _places(text, path, _value_end)


def _places(text: str, path: Path, value_end: _ValueEnd) -> list[Span]:
    arrays_from = path.index(None) if None in path else len(path)
    start = member_start(text, path[:arrays_from])
    if start is None:
        return []
    return [place for place in _walked(text, path[arrays_from:], start, value_end).places if place is not None]


def member_start(text: str, path: Path) -> int | None:
    """Where the value at `path`, names only, begins; None where it is not there. Raises NotJson as above."""
    at: int | None = _skip_space(text, 0)
    try:
        for name in path:
            at = None if at is None else _member(text, at, name)
    except (ValueError, IndexError, RecursionError):
        raise _no_way() from None
    return at


def member_places(text: str, path: Path, start: int = 0) -> Places:
    """Where the values at `path` below the value at `start` stand, all of that value read once.

    An element without the next name has None as its place. Raises NotJson as above.
    """
    return _walked(text, path, start, _value_end)


def _walked(text: str, path: Path, start: int, value_end: _ValueEnd) -> Places:
    found: list[Span | None] = []
    try:
        return Places(found, _walk(text, _skip_space(text, start), path, found, value_end))
    except (ValueError, IndexError, RecursionError):
        raise _no_way() from None


def _no_way() -> NotJson:
    return NotJson("expected JSON with the asked members")


def _member(text: str, start: int, name: str | None) -> int | None:
    """Where the first member `name` of the object at `start` begins; what follows it is not read."""
    at = _first(text, start, "{")
    while text[at] != "}":
        key, at = _key(text, at)
        if key == name:
            return at
        at = _after_value(text, _value_end(text, at), "}")
    return None


def _walk(text: str, start: int, path: Path, found: list[Span | None], value_end: _ValueEnd) -> int:
    """Put what stands at `path` below the value at `start` into `found`; gives that value's end."""
    if not path:
        end = value_end(text, start)
        found.append(Span(start, end))
        return end
    name, rest = path[0], path[1:]
    if name is not None:
        return _walk_object(text, start, name, rest, found, value_end)
    at = _first(text, start, "[")
    while text[at] != "]":
        at = _after_value(text, _walk(text, at, rest, found, value_end), "]")
    return at + 1


def _walk_object(text: str, start: int, name: str, rest: Path, found: list[Span | None], value_end: _ValueEnd) -> int:
    at, looking = _first(text, start, "{"), True
    while text[at] != "}":
        key, at = _key(text, at)
        if looking and key == name:
            looking = False
            end = _walk(text, at, rest, found, value_end)
        else:
            end = _value_end(text, at)
        at = _after_value(text, end, "}")
    if looking:
        found.append(None)
    return at + 1


def _first(text: str, start: int, opening: str) -> int:
    """What stands first in the object or array at `start`."""
    if text[start] != opening:
        kind = "an object on the way to a member" if opening == "{" else "an array on the way to its elements"
        raise NotJson(f"expected {kind}")
    return _skip_space(text, start + 1)


def _key(text: str, at: int) -> tuple[object, int]:
    """The name at `at`, and where its value begins."""
    key, at = _KEYS.raw_decode(text, at)
    at = _skip_space(text, at)
    _expect(text, at, ":")
    return key, _skip_space(text, at + 1)


def _after_value(text: str, end: int, closing: str) -> int:
    """Past the comma behind a value that ends at `end`; at `closing` when the value was the last."""
    at = _skip_space(text, end)
    if text[at] == closing:
        return at
    _expect(text, at, ",")
    at = _skip_space(text, at + 1)
    if text[at] == closing:
        raise NotJson("expected a value after a comma")
    return at


def _value_end(text: str, start: int) -> int:
    return int(_KEYS.raw_decode(text, start)[1])


def _strict_value_end(text: str, start: int) -> int:
    """As `_value_end`, for a value that `parse_object` would take. Raises ValueError (NotJson among them) otherwise."""
    value, end = _DECODER.raw_decode(text, start)
    if _SURROGATE_ESCAPE.search(text, start, end):
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return int(end)


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

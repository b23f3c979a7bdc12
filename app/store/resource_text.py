"""The exact text of each resource in a FHIR file, numbered as app/record/bundle.py numbers them.

Owns slices, never meaning: outermost resources first, in order; those of Bundles inside Bundles
after them; an entry without a resource is left out. A number or space is never written again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from crypto import json_text
from crypto.errors import NotJson


def of_file(data: bytes) -> tuple[str, ...]:
    """The resources of a Bundle, of a Parameters that carries one, or the one resource the file is."""
    return of_document(_document(data))


def one_of_file(data: bytes, position: int) -> str | None:
    """The same as `of_file(data)[position]`, None beyond its end; what stands behind it is not looked at."""
    text = _document(data)
    found = next(islice(_outermost(text), position, None), None)
    return found if found is not None else next(iter(of_document(text)[position:]), None)


def of_document(text: str) -> tuple[str, ...]:
    """As `of_file`, for text that is one JSON object."""
    return tuple(text for text, _ in _with_nested(list(_outermost(text))))


def _document(data: bytes) -> str:
    return data.decode(json.detect_encoding(data), "surrogatepass").strip(" \t\r\n")


def _outermost(text: str) -> Iterator[str]:
    """The resources that stand in no Bundle inside the Bundle, one by one."""
    kind = _kind(text)
    if kind == "Bundle":
        yield from _in_bundle(text)
    elif kind == "Parameters":
        yield from _in_parameters(text)
    else:
        yield text


def leaves(resources: Sequence[bytes]) -> tuple[int, ...]:
    """For each position, the element of Bundle.entry it stands in (what a signed tree counts).

    `resources` is one for each element, empty where it has none. What stands in a Bundle inside the
    Bundle stands in the element of the outer one.
    """
    present = [index for index, text in enumerate(resources) if text not in (b"", b"null")]
    texts = [resources[index].decode("utf-8") for index in present]
    return tuple(present[outermost] for _, outermost in _with_nested(texts))


def _with_nested(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Each resource with the number of the outermost one it stands in, in the order of their positions."""
    found = [(text, number) for number, text in enumerate(texts)]
    waiting = [each for each in found if _kind(each[0]) == "Bundle"]
    for bundle, number in waiting:
        inside = [(text, number) for text in _in_bundle(bundle)]
        found += inside
        waiting += [each for each in inside if _kind(each[0]) == "Bundle"]
    return found


def _in_bundle(bundle: str) -> Iterator[str]:
    return (resource for entry in _elements(bundle, "entry") for resource in _resource(entry))


def _in_parameters(parameters: str) -> list[str]:
    found: list[str] = []
    waiting = _elements(parameters, "parameter")
    for parameter in waiting:
        waiting += _elements(parameter, "part")
        for resource in _resource(parameter):
            found += _in_bundle(resource) if _kind(resource) == "Bundle" else [resource]
    return found


def _resource(holder: str) -> list[str]:
    return [each for each in _slices(holder, ("resource",)) if each != "null"]


def _elements(holder: str, name: str) -> list[str]:
    """The objects in an array member; none where the member is missing or of another kind."""
    try:
        return [each for each in _slices(holder, (name, None)) if each.startswith("{")]
    except NotJson:
        return []


def _kind(text: str) -> object:
    if not text.startswith("{"):
        return None
    named = _slices(text, ("resourceType",))
    return json.loads(named[0]) if named else None


def _slices(text: str, path: tuple[str | None, ...]) -> list[str]:
    return [text[span.start : span.end] for span in json_text.member_spans(text, path)]

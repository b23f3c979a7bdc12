"""A FHIR Bundle inside the payload of a health card: put in as it is, and sliced out again byte for byte.

Owns where the Bundle and its resources stand in the signed text, for cards (card.py) and updates
(update.py), which say what a wrong form means to them. What the Bundle holds is app/record's.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, overload

from crypto import json_text

HEALTH_CARD_TYPE: Final = "https://smarthealth.cards#health-card"
EMERGENCY_TYPE: Final = "https://patient-passport.example#emergency-summary"
"""Our own name for a card that holds an emergency summary, beside HEALTH_CARD_TYPE."""


_BUNDLE_PATH: Final = ("vc", "credentialSubject", "fhirBundle")
_RESOURCE_PATH: Final = ("entry", None, "resource")
_STEP: Final = 65_536
RESOURCES_PATH: Final = (*_BUNDLE_PATH, *_RESOURCE_PATH)


def write_payload(
    claims: Mapping[str, object], bundle: bytes, *, fhir_version: str, types: Sequence[str] = ()
) -> bytes:
    """The payload with `claims` (at least one) and, in `vc`, the JSON text `bundle` as it is.

    `types` stand beside the health-card type.
    """
    subject = json_text.dump_with({"fhirVersion": fhir_version}, {"fhirBundle": bundle})
    credential = json_text.dump_with({"type": [HEALTH_CARD_TYPE, *types]}, {"credentialSubject": subject})
    return json_text.dump_with(claims, {"vc": credential})


def bundle_in(payload: bytes) -> bytes | None:
    """The fhirBundle exactly as it stands, None where there is none; raises NotJson when no object leads to it."""
    text = json_text.decode_utf8(payload)
    spans = json_text.member_spans(text, _BUNDLE_PATH)
    return text[spans[0].start : spans[0].end].encode("utf-8") if spans else None


class Slices(Sequence[bytes]):
    """Exact parts of a payload, each cut out when it is asked for: beside the payload they take no room."""

    __slots__ = ("_bounds", "_payload")

    def __init__(self, payload: bytes, text: str, places: Iterable[json_text.Span | None]) -> None:
        """`places` stand in `text`, the payload decoded, one after the other; None is an empty part."""
        self._payload = payload
        self._bounds = array("Q")
        at = end = 0
        plain = text.isascii()
        for place in places:
            if place is None:
                start = end
            elif plain:
                start, end = place
            else:
                start = end + _size(text, at, place.start)
                at, end = place.end, start + _size(text, place.start, place.end)
            self._bounds.extend((start, end))

    def __len__(self) -> int:
        return len(self._bounds) // 2

    def __iter__(self) -> Iterator[bytes]:
        bounds = iter(self._bounds)
        return (self._payload[start:end] for start, end in zip(bounds, bounds, strict=True))

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[bytes, ...]: ...

    def __getitem__(self, index: int | slice) -> bytes | tuple[bytes, ...]:
        if isinstance(index, slice):
            return tuple(self[at] for at in range(len(self))[index])
        at = range(len(self))[index]
        return self._payload[self._bounds[2 * at] : self._bounds[2 * at + 1]]


def _size(text: str, start: int, end: int) -> int:
    """How many bytes of UTF-8 a part of `text` is, without a second copy of a large one."""
    steps = range(start, end, _STEP)
    return sum(len(text[at : min(at + _STEP, end)].encode("utf-8")) for at in steps)


def bundle_and_resources_in(payload: bytes) -> tuple[Slices, Slices] | None:
    """What `bundle_in`, as one part, and `resources_in` give, the Bundle read once; None where it is no object.

    Raises NotJson as they do.
    """
    text = json_text.decode_utf8(payload)
    start = json_text.member_start(text, _BUNDLE_PATH)
    if start is None or text[start] != "{":
        return None
    found = json_text.member_places(text, _RESOURCE_PATH, start)
    whole = json_text.Span(start, found.end)
    return Slices(payload, text, [whole]), Slices(payload, text, found.places)


def resources_in(bundle: bytes) -> tuple[bytes, ...]:
    """Each element's resource in Bundle.entry exactly as it stands, b"" for an element without one.

    The position in the result is the index of D1's entry proofs. Raises NotJson for no such Bundle.
    """
    text = json_text.decode_utf8(bundle)
    return _slices(text, json_text.member_places(text, _RESOURCE_PATH).places)


def _slices(text: str, places: Sequence[json_text.Span | None]) -> tuple[bytes, ...]:
    return tuple(b"" if place is None else text[place.start : place.end].encode("utf-8") for place in places)

"""A FHIR Bundle inside the payload of a health card: put in as it is, and sliced out again byte for byte.

Owns where the Bundle and its resources stand in the signed text, for cards (card.py) and updates
(update.py), which say what a wrong form means to them. What the Bundle holds is app/record's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from crypto import json_text

HEALTH_CARD_TYPE: Final = "https://smarthealth.cards#health-card"

_BUNDLE_PATH: Final = ("vc", "credentialSubject", "fhirBundle")
_RESOURCE_PATH: Final = ("entry", None, "resource")


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


def bundle_and_resources_in(payload: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    """What `bundle_in` and `resources_in` give, the Bundle read once; None where no object is the fhirBundle.

    Raises NotJson as they do.
    """
    text = json_text.decode_utf8(payload)
    start = json_text.member_start(text, _BUNDLE_PATH)
    if start is None or text[start] != "{":
        return None
    found = json_text.member_places(text, _RESOURCE_PATH, start)
    return text[start : found.end].encode("utf-8"), _slices(text, found.places)


def resources_in(bundle: bytes) -> tuple[bytes, ...]:
    """Each element's resource in Bundle.entry exactly as it stands, b"" for an element without one.

    The position in the result is the index of D1's entry proofs. Raises NotJson for no such Bundle.
    """
    text = json_text.decode_utf8(bundle)
    return _slices(text, json_text.member_places(text, _RESOURCE_PATH).places)


def _slices(text: str, places: Sequence[json_text.Span | None]) -> tuple[bytes, ...]:
    return tuple(b"" if place is None else text[place.start : place.end].encode("utf-8") for place in places)

"""A marker to plant in a made-up record, and the search for it in every file below a folder.

Owns the forms a text takes on a disk by accident: as it is, decomposed, folded for search, escaped for JSON or
an address, two bytes to a character, base64 at each of its three offsets.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

MARKER = "Quvŷzeth"
"""A word in no language, with a letter that each form writes differently."""

ALLERGY = f"{MARKER} nut"


def bundle() -> bytes:
    """A made-up R4 record with the marker as family name, in an allergy's text, in notes and as a test's comment."""
    person = {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990005001"}],
        "name": [{"use": "official", "family": MARKER, "given": ["Tegwen"]}],
        "birthDate": "1981-07-09",
    }
    allergy = {
        "resourceType": "AllergyIntolerance",
        "code": {"text": ALLERGY},
        "note": [{"text": f"Carries a {MARKER} pen"}],
        "recordedDate": "2024-03-01",
    }
    test = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}],
        "code": {"text": "Serum potassium level"},
        "effectiveDateTime": "2025-02-03T09:30:00+00:00",
        "valueQuantity": {"value": 4.6, "unit": "mmol/L"},
        "note": [{"text": f"Comment: {MARKER}, repeat in a week"}],
    }
    letter = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": "Clinic letter"},
        "description": f"Seen in the {MARKER} clinic",
        "date": "2025-05-06T10:00:00+01:00",
        "content": [{"attachment": {"contentType": "text/plain", "data": _text(f"Dear {MARKER}")}}],
    }
    resources = [person, *({**one, **_of(one)} for one in (allergy, test, letter))]
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, ensure_ascii=False).encode()


_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def _of(resource: dict[str, Any]) -> dict[str, Any]:
    whose = "patient" if resource["resourceType"] == "AllergyIntolerance" else "subject"
    return {"id": resource["resourceType"].lower(), whose: {"reference": "Patient/patient"}}


def _text(words: str) -> str:
    return base64.b64encode(words.encode()).decode("ascii")


def forms(marker: str) -> dict[str, bytes]:
    """The bytes to look for, by name. All but base64 are in small letters, as what is searched must be."""
    decomposed = unicodedata.normalize("NFD", marker)
    folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    found = {
        "UTF-8": marker.encode(),
        "UTF-8, capitals": marker.upper().encode(),
        "UTF-8, decomposed": decomposed.encode(),
        "folded": folded.encode(),
        "UTF-16LE": marker.encode("utf-16-le"),
        "UTF-16BE": marker.encode("utf-16-be"),
        "UTF-16LE, folded": folded.encode("utf-16-le"),
        "percent": quote(marker).encode(),
        "JSON": json.dumps(marker).strip('"').encode(),
    }
    found = {name: data.lower() for name, data in found.items()}
    for name, data in (("UTF-8", marker.encode()), ("UTF-16LE", marker.encode("utf-16-le"))):
        found |= {f"base64 of {name}, {offset}": _base64(data, offset) for offset in range(3)}
    return found


def _base64(data: bytes, offset: int) -> bytes:
    """The characters that stand for `data` alone when `offset` bytes come before it in its group of three."""
    whole = base64.b64encode(bytes(offset) + data)
    return whole[(0, 2, 3)[offset] : (offset + len(data)) * 8 // 6]


def found_below(folder: Path, marker: str = MARKER) -> list[str]:
    """Where the marker stands below `folder`, as "path: form": in names of files and in what is in them."""
    wanted = forms(marker)
    return sorted(
        f"{path.relative_to(folder)}: {form}" for path in folder.rglob("*") for form in _found_in(path, wanted)
    )


def _found_in(path: Path, wanted: dict[str, bytes]) -> Iterator[str]:
    content = path.name.encode()
    if path.is_file() and not path.is_symlink():
        try:
            content += b"\n" + path.read_bytes()
        except FileNotFoundError:
            return  # a running browser's own short-lived file: the search after it has closed is the one that counts
    small, url_safe = content.lower(), content.replace(b"-", b"+").replace(b"_", b"/")
    for form, data in wanted.items():
        if data in (url_safe if form.startswith("base64") else small):
            yield form

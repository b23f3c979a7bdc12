"""How an entry's facts, codings and quantity are kept beside its columns: JSON, deflated from a known beginning.

Owns that beginning: the text of every such JSON that is the same in all records, then what the entry's own title,
detail and date make likely. What the columns say is so not said again: about a fifth of the JSON is left. What the JSON
means is rows.py.

A released dictionary is never edited: a better one is the next number.
"""

from __future__ import annotations

import zlib
from typing import Final

from crypto.errors import StoreDamaged

_FIRST: Final = 1
"""The number before the deflated bytes: which dictionary they need."""

_LEVEL: Final = 6
_WINDOW_BITS: Final = -11
"""Raw deflate, 2 KiB of window: the dictionary with the entry's own part, and little memory to set up each time."""

_MEMORY: Final = 2

_DICTIONARY: Final = "".join(
    (
        '"https://dmd.nhs.uk"["http://loinc.org"["http://hl7.org/fhir/sid/icd-10"["http://read.info/readv2"',
        '["http://read.info/ctv3"["http://unitsofmeasure.org"["author","["place","["reason","["site","["route","',
        '["method","["quantity","["expires","["lot","["note","["part","["reaction","["severity","["criticality","',
        '["tests","[[["kind","AMB"],["status","finished"]],[],null]',
        '"],["status","active"],["status","resolved"],["status","stopped"],["onset","],["recorded","]],[],null]',
        '[[["status","active"],["onset","[[["status","resolved"],["onset","',
        '"],["status","current"]],[],null]',
        '[[["dose","],["status","active"]],[["http://snomed.info/sct","',
        '"],["status","completed"]],[["http://snomed.info/sct","',
        '%","kg","cm","mmHg","g/L","mL/min","umol/L","mmol/L","10*9/L","","",""]]',
        ' to "],["panel","',
        '"],["status","final"],["category","vital-signs"]],[["http://snomed.info/sct","',
        '"],["status","final"],["category","laboratory"]],[["http://snomed.info/sct","',
    )
)
_OWN_CHARACTERS: Final = 150
"""Of a long title or detail only the beginning is likely to be said again, and the window is small."""


def fold(text: str, title: str, detail: str, at: str) -> bytes:
    """The bytes to keep for `text`; empty for none."""
    if not text:
        return b""
    folder = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zdict=_beginning(title, detail, at))
    return bytes((_FIRST,)) + folder.compress(text.encode("utf-8", "surrogatepass")) + folder.flush()


def unfold(kept: bytes | str, title: str, detail: str, at: str) -> str:
    """The text `fold` was given, or the text itself as stores had it before; raises StoreDamaged."""
    if isinstance(kept, str):
        return kept
    if not kept:
        return ""
    if kept[0] != _FIRST:
        raise StoreDamaged(f"facts: expected dictionary {_FIRST}, found {kept[0]}")
    try:
        unfolder = zlib.decompressobj(_WINDOW_BITS, zdict=_beginning(title, detail, at))
        return unfolder.decompress(kept[1:]).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError) as error:
        raise StoreDamaged("facts: expected deflated text") from error


def _beginning(title: str, detail: str, at: str) -> bytes:
    """What comes last is cheapest to point at."""
    title, detail = title[:_OWN_CHARACTERS], detail[:_OWN_CHARACTERS]
    value, _, unit = detail.partition(" ")
    own = f'","{at[:10]}"],["{value}","{unit}","","",""]]","{title}"]],null],'
    own += f'["{value}","{unit}","[[["result","{detail}"],["range","'
    return (_DICTIONARY + own).encode("utf-8", "surrogatepass")

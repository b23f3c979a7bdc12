"""Which characters the shipped fonts have: what they have not cannot stand in a tagged PDF (PDF/UA-1, 7.21.8).

Owns reading that from the fonts' own tables (OpenType 1.9, `cmap`, formats 4 and 12) and putting a mark in the place
of the rest. Invisible marks of direction stay: they are what keeps two scripts on one line apart.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from app.ui.assets import assets_dir

MARK: Final = "\ufffd"
"""What stands for a character that cannot be shown: it is in Noto Sans."""

_PLAIN_SPACES: Final = frozenset("\t\n\r\u00a0\u202f\u2009 ")


class Shown:
    """Text as it can be set; `marked` once something could not be."""

    __slots__ = ("_known", "marked")

    def __init__(self) -> None:
        self._known = covered()
        self.marked = False

    def __call__(self, text: str) -> str:
        """`text` with a mark for each character that no font has; controls and private signs are left out."""
        if text.isascii() and text.isprintable():
            return text
        return "".join(self._one(char) for char in unicodedata.normalize("NFC", text))

    def _one(self, char: str) -> str:
        if char in _PLAIN_SPACES:
            return " "
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            return char if char in "\u200c\u200d" else ""
        if ord(char) in self._known:
            return char
        self.marked = True
        return MARK


@cache
def covered() -> frozenset[int]:
    """Every code point that one of the fonts in the assets has a glyph for."""
    found: set[int] = set()
    for path in sorted((assets_dir() / "fonts").glob("*.ttf")):
        found |= _of(path)
    return frozenset(found)


def _of(path: Path) -> set[int]:
    data = path.read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    at = next(
        struct.unpack_from(">I", data, 12 + 16 * number + 8)[0]
        for number in range(tables)
        if data[12 + 16 * number : 16 + 16 * number] == b"cmap"
    )
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", data, at + 2)[0]):
        start = at + struct.unpack_from(">I", data, at + 4 + 8 * number + 4)[0]
        kind = struct.unpack_from(">H", data, start)[0]
        if kind == 4:
            found |= _segments(data, start)
        elif kind == 12:
            found |= _groups(data, start)
    return found


def _segments(data: bytes, start: int) -> set[int]:
    """Format 4: segments of the basic plane; glyph 0 is none."""
    count = struct.unpack_from(">H", data, start + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, start + 14)
    at = start + 16 + 2 * count
    starts = struct.unpack_from(f">{count}H", data, at)
    deltas = struct.unpack_from(f">{count}H", data, at + 2 * count)
    offsets = struct.unpack_from(f">{count}H", data, at + 4 * count)
    found: set[int] = set()
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for point in range(first, min(last, 0xFFFE) + 1):
            glyph = point
            if offsets[number]:
                place = at + 4 * count + 2 * number + offsets[number] + 2 * (point - first)
                glyph = struct.unpack_from(">H", data, place)[0]
                if glyph == 0:
                    continue
            if (glyph + deltas[number]) % 0x10000:
                found.add(point)
    return found


def _groups(data: bytes, start: int) -> set[int]:
    """Format 12: groups of any plane."""
    found: set[int] = set()
    for number in range(struct.unpack_from(">I", data, start + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", data, start + 16 + 12 * number)
        found.update(point for point in range(first, last + 1) if glyph + point - first)
    return found

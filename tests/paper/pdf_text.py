"""The text of a PDF in the order it is drawn, and what stands outside its page: enough of PDF for our own sheets.

Reads what typst writes: whole objects, Flate streams, two-byte glyph numbers with a ToUnicode table for each font.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

OBJECT = re.compile(rb"(?<!\d)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_PLAIN = rb"\\.|[^\\()]"
INSIDE = rb"(?:%b|\((?:%b|\((?:%b)*\))*\))*" % (_PLAIN, _PLAIN, _PLAIN)
"""What stands in a string: brackets that come in pairs need no escape (two deep is as far as it goes here)."""

STRINGS = rb"<[0-9A-Fa-f]*>|\(" + INSIDE + rb"\)"
SHOWN = re.compile(
    rb"/(\w+) [\d.]+ Tf|\[((?:" + STRINGS + rb"|[-\d.\s])*)\] ?TJ|(" + STRINGS + rb") ?Tj",
    re.DOTALL,
)
STRING = re.compile(rb"<([0-9A-Fa-f]*)>|\((" + INSIDE + rb")\)", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True, slots=True)
class Pdf:
    """`text` as drawn; `about` is every byte that is no drawing: titles, outline, structure, metadata."""

    pages: int
    text: str
    about: bytes


def read_pdf(data: bytes) -> Pdf:
    objects = {int(number): body for number, body in OBJECT.findall(data)}
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    contents = [int(found) for page in pages for found in re.findall(rb"/Contents (\d+) 0 R", page)]
    about = b"\n".join(_inflated(body) for number, body in objects.items() if number not in contents)
    text = "".join(_drawn(_inflated(objects[number]), _fonts(objects)) for number in contents)
    return Pdf(len(pages), text, about)


def _inflated(body: bytes) -> bytes:
    head, mark, rest = body.partition(b"\nstream\n")
    stream = rest.rpartition(b"\nendstream")[0]
    return head + b"\n" + (zlib.decompress(stream) if b"/FlateDecode" in head else stream) if mark else body


def _fonts(objects: dict[int, bytes]) -> dict[bytes, dict[int, str]]:
    """Font name in the resources → glyph number → text."""
    named = {name: int(to) for body in objects.values() for part in re.findall(rb"/Font<<(.*?)>>", body)
             for name, to in re.findall(rb"/(\w+) (\d+) 0 R", part)}  # fmt: skip
    tables = {}
    for name, number in named.items():
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
        assert to_unicode is not None, "a font without a ToUnicode table cannot be read aloud"
        pairs = re.findall(
            rb"^<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>$", _inflated(objects[int(to_unicode[1])]), re.MULTILINE
        )
        tables[name] = {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}
    return tables


def _drawn(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    """Each run of text, one on a line."""
    lines, font = [], {}
    for name, several, one in SHOWN.findall(content):
        if name:
            font = fonts[name]
            continue
        raw = b"".join(bytes.fromhex(h.decode()) if h else _unescaped(s) for h, s in STRING.findall(several or one))
        lines.append("".join(font[int.from_bytes(raw[i : i + 2])] for i in range(0, len(raw), 2)))
    return "\n".join(lines)


def _unescaped(raw: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        seen = found[1]
        return bytes([int(seen, 8)]) if seen.isdigit() else ESCAPES.get(seen, seen)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, raw, flags=re.DOTALL)

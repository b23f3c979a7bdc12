"""Text into QR codes as PNG bytes, or as SVG for paper: plain words, links and health cards (D6, D11).

Owns the choice of library, mode and level for each kind of text, and the rules of the picture:
integer pixels per module, a quiet zone of 4 modules, black on white, never inverted.
What the text says, and whether it may be shown, is decided before it comes here.

Two libraries, because each has a fault the other has not: `qrcode` writes no ECI mark, so zbar
garbles accented names from it; `segno` does not split a card's prefix from its digits by itself.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

import qrcode
import segno
from PIL import Image
from qrcode import constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import QRData

from crypto.errors import NotACode, TooLarge
from crypto.plain_words import PREFIX

QUIET_ZONE_MODULES = 4
"""ISO/IEC 18004 section 9.1."""
DEFAULT_MODULE_PIXELS = 8
"""A version 20 code becomes 840 pixels: sharp on a phone screen, and shown smaller only by whole steps."""
CARD_PREFIX = "shc:/"
MAX_CARD_VERSION = 22
"""SMART Health Cards: one code, at most version 22 (40 × 40 mm)."""


class Level(StrEnum):
    """Error correction: L for screens, M for paper and links (SMART Health Links asks for M)."""

    L = "L"
    M = "M"


_QRCODE_LEVEL = {Level.L: constants.ERROR_CORRECT_L, Level.M: constants.ERROR_CORRECT_M}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A code as a PNG. `version` is 1–40; `modules` is the side without the quiet zone (17 + 4 × version)."""

    png: bytes = field(repr=False)
    version: int
    level: Level
    modules: int


def draw_words(text: str, *, level: Level = Level.L, module_pixels: int = DEFAULT_MODULE_PIXELS) -> Drawing:
    """Draw plain words (UTF-8 with an ECI mark, so accents survive every decoder). Raises TooLarge over version 40.

    The trailer line is a segment of its own: base45 in alphanumeric mode takes 5.5 bits a character, not 8.
    """
    return _drawing(_words(text, level), level, module_pixels)


def svg_words(text: str, level: Level = Level.M) -> str:
    """The same code as `draw_words` as an SVG picture, 8 pixels for each module. Raises TooLarge over version 40."""
    return _svg(_words(text, level))


def draw_link(uri: str, *, module_pixels: int = DEFAULT_MODULE_PIXELS) -> Drawing:
    """Draw a SMART Health Link at level M. Raises NotACode if it is not ASCII, TooLarge over version 40."""
    return draw_ascii(uri, level=Level.M, module_pixels=module_pixels)


def draw_ascii(text: str, *, level: Level, module_pixels: int = DEFAULT_MODULE_PIXELS) -> Drawing:
    """Draw ASCII (base45 goes into alphanumeric mode). Raises NotACode if it is not ASCII, TooLarge over version 40."""
    if not text.isascii():
        raise NotACode("expected ASCII, found other characters: draw them with draw_words")
    return _drawing(_matrix([QRData(text)], level), level, module_pixels)


def draw_ascii_svg(text: str, *, level: Level = Level.M) -> str:
    """Draw ASCII as an SVG picture for paper, one unit for each module, with its quiet zone.

    Raises NotACode if it is not ASCII, TooLarge over version 40.
    """
    if not text.isascii():
        raise NotACode("expected ASCII, found other characters: draw them with draw_words")
    return _svg(_matrix([QRData(text)], level))


def draw_card(numeric: str, *, module_pixels: int = DEFAULT_MODULE_PIXELS) -> Drawing:
    """Draw a SMART Health Card, `shc:/` + digits, in its two segments at level L.

    Raises NotACode if it is not that, TooLarge over version 22: such a card is a file, not a code.
    """
    return _drawing(_card(numeric), Level.L, module_pixels)


def svg_card(numeric: str) -> str:
    """The same code as `draw_card` as an SVG picture, 8 pixels for each module. Raises as `draw_card` does."""
    return _svg(_card(numeric))


def _words(text: str, level: Level) -> list[list[bool]]:
    above, mark, trailer = text.rpartition(f"\n{PREFIX}")
    parts = [f"{above}\n", f"{PREFIX}{trailer}"] if mark else [text]
    try:
        # segno takes a list of segments; its stub does not say so
        code = segno.make_qr(parts, error=level.value, encoding="utf-8", eci=True, boost_error=False)  # type: ignore[arg-type]
    except segno.DataOverflowError as error:
        raise TooLarge(f"expected text that fits a version 40-{level} code, found {len(text)} characters") from error
    return _cells(code)


def _card(numeric: str) -> list[list[bool]]:
    digits = numeric.removeprefix(CARD_PREFIX)
    if digits == numeric or not (digits.isascii() and digits.isdigit()):
        raise NotACode("expected shc:/ and digits")
    # each takes the tightest mode: bytes, numeric
    matrix = _matrix([QRData(CARD_PREFIX), QRData(digits)], Level.L)
    version = _version(matrix)
    if version > MAX_CARD_VERSION:
        raise TooLarge(f"expected a card of version {MAX_CARD_VERSION} at most, found {version}")
    return matrix


def _matrix(segments: list[QRData], level: Level) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=_QRCODE_LEVEL[level], border=0)
    for segment in segments:
        code.add_data(segment, optimize=0)
    try:
        version = code.best_fit()
    except (DataOverflowError, ValueError) as error:  # ValueError: "Invalid version (was 41 …)"
        raise TooLarge(f"expected text that fits a version 40-{level} code") from error
    try:
        code.make(fit=False)
    except ValueError:  # qrcode 8.2 fails on long runs of zero data (python-qrcode issues 330 and 423)
        return _matrix_by_segno(segments, level, version)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]


def _matrix_by_segno(segments: list[QRData], level: Level, version: int) -> list[list[bool]]:
    parts = [segment.data.decode("ascii") for segment in segments]
    # segno takes a list of segments; its stub does not say so
    code = segno.make_qr(parts, error=level.value, version=version, boost_error=False)  # type: ignore[arg-type]
    return _cells(code)


def _cells(code: segno.QRCode) -> list[list[bool]]:
    return [[bool(cell) for cell in row] for row in code.matrix]


def _version(matrix: list[list[bool]]) -> int:
    return (len(matrix) - 17) // 4


def _svg(matrix: list[list[bool]]) -> str:
    side = len(matrix) + 2 * QUIET_ZONE_MODULES
    pixels = side * DEFAULT_MODULE_PIXELS
    runs = "".join(_runs(row, y + QUIET_ZONE_MODULES) for y, row in enumerate(matrix))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" viewBox="0 0 {side} {side}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000" d="{runs}"/></svg>'
    )


def _runs(row: list[bool], y: int) -> str:
    """The dark runs of a row as closed parts of one path, so that no seam shows between them."""
    path, x = "", QUIET_ZONE_MODULES
    for dark, cells in groupby(row):
        width = len(list(cells))
        path += f"M{x} {y}h{width}v1h-{width}z" if dark else ""
        x += width
    return path


def _drawing(matrix: list[list[bool]], level: Level, module_pixels: int) -> Drawing:
    side = len(matrix)
    cells = bytes(0 if dark else 255 for row in matrix for dark in row)
    framed = Image.new("L", (side + 2 * QUIET_ZONE_MODULES,) * 2, 255)
    framed.paste(Image.frombytes("L", (side, side), cells), (QUIET_ZONE_MODULES, QUIET_ZONE_MODULES))
    pixels = framed.width * module_pixels
    out = io.BytesIO()
    framed.resize((pixels, pixels), Image.Resampling.NEAREST).convert("1").save(out, "PNG", optimize=True)
    return Drawing(png=out.getvalue(), version=_version(matrix), level=level, modules=side)

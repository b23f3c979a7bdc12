"""Frames of a moving code into pictures: one version, one level and one mask for the whole run (D10, D11).

Owns the sizes a moving code comes in, the choice of library, and that a picture is small and quick: one pixel for
each module with the quiet zone around it, which the screen enlarges by whole pixels (app/ui/codes.py). What a frame
says is crypto/frames.py.

zxing-cpp's writer draws where it has a wheel, segno elsewhere. Not qrcode: version 8.2 fails on runs of zero data
(python-qrcode issues 330 and 423), which a payload's last block has.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from enum import IntEnum
from functools import cache

import segno
from PIL import Image

from app.qr.draw import QUIET_ZONE_MODULES, Drawing, Level
from crypto.errors import NotACode
from crypto.frames import PREFIX, symbol_room

MASK = 2
"""A fixed one decodes as well as the best one and is drawn three to four times as fast."""

ALPHANUMERIC_L = {15: 758, 20: 1249, 25: 1853}
"""Characters of a code at level L in alphanumeric mode, by version (ISO/IEC 18004 table 7)."""

Cells = Image.Image
"""A code without its quiet zone: one pixel for each module, 0 dark and 255 light."""


class FrameSize(IntEnum):
    """The version of every frame: a larger one carries more, a smaller one has bigger modules."""

    LARGEST = 25
    MIDDLE = 20
    SMALLEST = 15

    @property
    def symbol_bytes(self) -> int:
        """What one frame carries."""
        return symbol_room(ALPHANUMERIC_L[self.value])

    @property
    def modules(self) -> int:
        """The side without the quiet zone."""
        return 17 + 4 * self.value


def draw_frame(text: str, size: FrameSize) -> Drawing:
    """Draw the text of one frame at level L; raises NotACode for a text that is no frame of this size."""
    if not text.startswith(PREFIX) or len(text) != ALPHANUMERIC_L[size]:
        raise NotACode(f"expected {PREFIX} and {ALPHANUMERIC_L[size]} characters in all, found {len(text)}")
    cells = writer()(text, size)
    framed = Image.new("L", (size.modules + 2 * QUIET_ZONE_MODULES,) * 2, 255)
    framed.paste(cells, (QUIET_ZONE_MODULES, QUIET_ZONE_MODULES))
    out = io.BytesIO()
    framed.convert("1", dither=Image.Dither.NONE).save(out, "PNG", compress_level=1)
    return Drawing(png=out.getvalue(), version=size.value, level=Level.L, modules=size.modules)


@cache
def writer() -> Callable[[str, FrameSize], Cells]:
    """What draws on this machine: zxing-cpp, else segno."""
    try:
        return zxing_writer()
    except ImportError:
        return segno_writer()


def zxing_writer() -> Callable[[str, FrameSize], Cells]:
    """zxing-cpp's writer. Raises ImportError where it has no wheel.

    It packs a row of figures tighter, and takes a smaller version then (the zeros that fill up the last part): such
    a frame is drawn by segno, so that a run keeps its size.
    """
    import zxingcpp

    otherwise = segno_writer()

    def write(text: str, size: FrameSize) -> Cells:
        options = f"ecLevel={Level.L},dataMask={MASK}"
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, options=options)
        picture = memoryview(code.to_image(scale=1, add_quiet_zones=False))  # type: ignore[arg-type]  # one byte a module
        if picture.shape != (size.modules, size.modules):
            return otherwise(text, size)
        return Image.frombytes("L", (size.modules, size.modules), picture.tobytes())

    return write


def segno_writer() -> Callable[[str, FrameSize], Cells]:
    """segno, with the same options."""

    def write(text: str, size: FrameSize) -> Cells:
        code = segno.make_qr(text, error=Level.L.value, version=size.value, mask=MASK, boost_error=False)
        cells = bytes(0 if dark else 255 for row in code.matrix for dark in row)
        return Image.frombytes("L", (size.modules, size.modules), cells)

    return write

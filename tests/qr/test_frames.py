"""Frames of a moving code as pictures: always the same size and mask, and read back by every decoder."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from app.qr import frames, scan
from app.qr.draw import QUIET_ZONE_MODULES
from app.qr.frames import FrameSize, draw_frame, segno_writer, zxing_writer
from crypto.errors import NotACode
from crypto.frames import Sender

SIZES = pytest.mark.parametrize("size", list(FrameSize))


def sender(size: FrameSize, payload: bytes | None = None) -> Sender:
    return Sender(random.Random(1).randbytes(6000) if payload is None else payload, size.symbol_bytes)


def enlarged(png: bytes, pixels: int) -> Image.Image:
    small = Image.open(io.BytesIO(png)).convert("L")
    return small.resize((small.width * pixels,) * 2, Image.Resampling.NEAREST)


@SIZES
@pytest.mark.parametrize("decoder", [scan.zxing_decoder, scan.zbar_decoder])
def test_a_frame_is_read_back_as_it_was_sent(size: FrameSize, decoder: object) -> None:
    text = sender(size).frame(99)
    assert callable(decoder)
    assert decoder()(enlarged(draw_frame(text, size).png, 4)) == [text]


@SIZES
def test_every_frame_of_a_run_has_one_size(size: FrameSize) -> None:
    for text in (sender(size).frame(0), sender(size).frame(500), sender(size, b"").frame(0)):
        drawing = draw_frame(text, size)
        picture = Image.open(io.BytesIO(drawing.png))
        assert (drawing.version, drawing.modules) == (size.value, size.modules)
        assert picture.size == (size.modules + 2 * QUIET_ZONE_MODULES,) * 2


@SIZES
@pytest.mark.parametrize("payload", [None, bytes(6000)], ids=["random", "zeros"])
def test_both_writers_draw_the_very_same_code(size: FrameSize, payload: bytes | None) -> None:
    for number in (0, 1, 77):
        text = sender(size, payload).frame(number)
        assert zxing_writer()(text, size).tobytes() == segno_writer()(text, size).tobytes()


def test_without_zxing_the_other_writer_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError("no wheel")

    text, size = sender(FrameSize.SMALLEST).frame(3), FrameSize.SMALLEST
    usual = draw_frame(text, size).png
    monkeypatch.setattr(frames, "zxing_writer", missing)
    frames.writer.cache_clear()
    try:
        assert draw_frame(text, size).png == usual
    finally:
        frames.writer.cache_clear()


@SIZES
def test_a_picture_is_black_on_white_with_its_quiet_zone(size: FrameSize) -> None:
    picture = Image.open(io.BytesIO(draw_frame(sender(size).frame(0), size).png)).convert("L")
    assert {value for _, value in picture.getcolors() or []} == {0, 255}
    inner = picture.crop((QUIET_ZONE_MODULES,) * 2 + (QUIET_ZONE_MODULES + size.modules,) * 2)
    framed = Image.new("L", picture.size, 255)
    framed.paste(inner, (QUIET_ZONE_MODULES,) * 2)
    assert framed.tobytes() == picture.tobytes()
    assert inner.getpixel((0, 0)) == 0


@SIZES
@pytest.mark.parametrize("more", [-1, 1])
def test_a_frame_of_another_size_is_refused(size: FrameSize, more: int) -> None:
    text = Sender(bytes(6000), size.symbol_bytes + more).frame(0)
    with pytest.raises(NotACode, match=f"expected PPF1: and {frames.ALPHANUMERIC_L[size]} characters"):
        draw_frame(text, size)


def test_only_frames_are_drawn() -> None:
    with pytest.raises(NotACode):
        draw_frame("A" * 1853, FrameSize.LARGEST)


def test_the_sizes_carry_what_the_formats_say() -> None:
    assert {size.value: size.symbol_bytes for size in FrameSize} == {25: 1216, 20: 813, 15: 486}

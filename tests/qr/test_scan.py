"""Pictures are read within bounds, hard ones by the rescue step, and nothing else gets through."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Callable, Iterator

import pytest
import qrcode
import segno
import zxingcpp
from PIL import Image, ImageFilter

from app.qr import scan, zbar
from app.qr.draw import Level, draw_ascii, draw_link
from crypto.errors import PictureUnreadable, TooLarge, Unavailable

TEXT = "shlink:/" + "eyJ1cmwiOiJodHRwczovL3JlbGF5LmV4YW1wbGUvIn0" * 4


def as_file(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def drawn() -> Image.Image:
    return Image.open(io.BytesIO(draw_link(TEXT).png))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_a_picture_of_each_common_kind_is_read(kind: str) -> None:
    assert scan.read_image(as_file(drawn().convert("RGB"), kind)) == [TEXT]


def test_a_picture_without_a_code_gives_no_text() -> None:
    assert scan.read_image(as_file(Image.new("RGB", (300, 300), (90, 120, 140)))) == []


def test_a_code_on_a_see_through_background_is_read() -> None:
    dark = drawn().convert("L").point(lambda value: 255 - value)
    see_through = Image.new("LA", dark.size, (0, 0))
    see_through.putalpha(dark)
    assert scan.read_image(as_file(see_through)) == [TEXT]


def test_a_turned_and_inverted_code_in_a_photograph_is_read() -> None:
    turned = drawn().convert("L").rotate(90, expand=True).point(lambda value: 255 - value)
    assert scan.read_image(as_file(turned)) == [TEXT]


def test_two_codes_in_one_picture_are_both_read() -> None:
    other = Image.open(io.BytesIO(draw_ascii("PP1:AB", level=Level.L).png))
    both = Image.new("L", (drawn().width + other.width + 40, drawn().height), 255)
    both.paste(drawn(), (0, 0))
    both.paste(other, (drawn().width + 40, 0))
    assert sorted(scan.read_image(as_file(both))) == ["PP1:AB", TEXT]


def small_and_blurred() -> Image.Image:
    code = draw_link(TEXT, module_pixels=12)
    picture = Image.open(io.BytesIO(code.png)).convert("L")
    side = int((code.modules + 8) * 2.35)
    frame = Image.new("L", (640, 480), 120)
    frame.paste(picture.resize((side, side), Image.Resampling.BOX), (60, 41))
    return frame.rotate(7, fillcolor=120, resample=Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1.3))


def test_the_rescue_step_reads_a_small_blurred_code_that_the_fast_pass_does_not() -> None:
    frame = small_and_blurred()
    assert scan._zxing(zxingcpp, frame, thorough=False) == []
    assert scan.read_image(as_file(frame)) == [TEXT]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(PictureUnreadable, match="picture-unreadable: expected one of PNG"):
        scan.read_image(data)


def test_a_picture_cut_short_is_refused() -> None:
    with pytest.raises(PictureUnreadable):
        scan.read_image(as_file(drawn().convert("RGB"), "BMP")[:4000])


def test_a_picture_over_the_byte_bound_is_refused_unopened() -> None:
    with pytest.raises(TooLarge, match="25165825"):
        scan.read_image(bytes(scan.MAX_PICTURE_BYTES + 1))


def png_header(side: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize("side", [7072, 30_000])
def test_a_picture_over_the_pixel_bound_is_refused_from_its_header(side: int) -> None:
    bomb = png_header(side) + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(TooLarge, match="50000000 pixels"):
        scan.read_image(bomb)


def test_a_text_over_4296_characters_is_refused() -> None:
    digits = draw_ascii("1" * 4297, level=Level.L)
    with pytest.raises(TooLarge, match="4296 characters in a code, found 4297"):
        scan.read_image(digits.png)
    longest = draw_ascii("A" * 4296, level=Level.L, module_pixels=4)
    assert scan.read_image(longest.png) == ["A" * 4296]


@pytest.fixture
def fresh_decoder() -> Iterator[None]:
    scan.decoder.cache_clear()
    yield
    scan.decoder.cache_clear()


@pytest.mark.usefixtures("fresh_decoder")
def test_pyzbar_reads_where_zxing_cpp_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    assert scan.read_image(as_file(drawn())) == [TEXT]


@pytest.mark.usefixtures("fresh_decoder")
def test_without_any_decoder_the_refusal_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    monkeypatch.setitem(sys.modules, "pyzbar", None)
    with pytest.raises(Unavailable, match="found neither"):
        scan.read_image(as_file(drawn()))


# ---- codes of other makers: words as they are, or none ------------------------------------------

ACCENTED = "Siân Gwenllïan\nAllergy: penicilín"


def unmarked(text: str) -> Image.Image:
    """UTF-8 without a mark of its alphabet, as most programs draw it."""
    code = qrcode.QRCode(border=4)
    code.add_data(text.encode("utf-8"))
    return code.make_image().get_image().convert("L")


def in_alphabet(text: str, encoding: str, *, marked: bool) -> Image.Image:
    out = io.BytesIO()
    segno.make_qr(text, encoding=encoding, eci=marked).save(out, kind="png", scale=4, border=4)
    return Image.open(out).convert("L")


@pytest.mark.parametrize("text", [ACCENTED, "Łukasz Żółć", "王小明 A", "प्रिया शर्मा", "สมชาย", "فاطمة", "கவிதா"])
def test_words_in_unmarked_utf_8_are_read_exactly_by_both(text: str) -> None:
    assert scan.zxing_decoder()(unmarked(text)) == [text]
    assert scan.zbar_decoder()(unmarked(text)) == [text]


def test_what_zbar_itself_makes_of_unmarked_utf_8_is_other_words() -> None:
    from pyzbar import pyzbar

    (found,) = pyzbar.decode(unmarked(ACCENTED))
    assert ACCENTED.encode() not in found.data


@pytest.mark.parametrize("decoder", [scan.zxing_decoder, scan.zbar_decoder])
@pytest.mark.parametrize(
    ("encoding", "marked"),
    [
        *[("utf-8", True), ("utf-8", False), ("iso-8859-1", True), ("iso-8859-1", False), ("cp1252", True)],
        *[("iso-8859-15", True), ("utf-16-be", True)],
    ],
)
def test_the_same_words_in_another_alphabet_are_read_exactly_or_not_at_all(
    encoding: str, marked: bool, decoder: Callable[[], scan.Decoder]
) -> None:
    found = decoder()(in_alphabet(ACCENTED, encoding, marked=marked))
    assert found == [ACCENTED] or (found == [] and decoder is scan.zbar_decoder)


def test_zbar_refuses_latin_1_instead_of_guessing() -> None:
    assert scan.zbar_decoder()(in_alphabet(ACCENTED, "iso-8859-1", marked=False)) == []


def test_a_libzbar_too_old_to_leave_bytes_as_they_are_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyzbar import wrapper

    configure = wrapper.zbar_image_scanner_set_config

    def before_0_23_1(scanner: object, kind: int, setting: int, value: int) -> int:
        return 1 if setting == zbar.BINARY else configure(scanner, kind, setting, value)

    monkeypatch.setattr(wrapper, "zbar_image_scanner_set_config", before_0_23_1)
    with pytest.raises(ImportError, match=r"0\.23\.1"):
        scan.zbar_decoder()

"""Pictures into the texts of the codes in them (D11).

Owns the order of the decoders and the bounds on what is decoded. zxing-cpp reads first: fast, then
once more on the sharpened and doubled picture, then with every option on. zbar reads where
zxing-cpp has no wheel (phones). What the text means is for app.reader and the screens.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from types import ModuleType

from PIL import Image, ImageFilter, UnidentifiedImageError

from app.qr.zbar import Reader, raw_reader
from crypto.errors import PictureUnreadable, TooLarge, Unavailable

MAX_PICTURE_BYTES = 24 * 1024 * 1024
"""A 50-megapixel phone photograph as JPEG stays under this."""
MAX_PICTURE_PIXELS = 50_000_000
"""Checked from the header, before a pixel is decoded."""
MAX_DOUBLED_PIXELS = 1920 * 1200
"""Larger pictures are not doubled: a camera frame is at most 1080p, and a photograph has pixels enough."""
MAX_TEXT_CHARACTERS = 4296
"""What a version 40-L code holds in alphanumeric mode; nothing we or the standards draw is longer."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")

Decoder = Callable[[Image.Image], list[str]]


def read_image(data: bytes) -> list[str]:
    """Texts of the QR codes in a picture file, in the order found; empty if it shows none.

    Raises PictureUnreadable if the bytes are no picture, TooLarge for a picture or a text over its bound,
    Unavailable if this machine has no decoder.
    """
    texts = decoder()(_grey(data))
    longest = max((len(text) for text in texts), default=0)
    if longest > MAX_TEXT_CHARACTERS:
        raise TooLarge(f"expected at most {MAX_TEXT_CHARACTERS} characters in a code, found {longest}")
    return texts


@cache
def decoder() -> Decoder:
    """The decoder of this machine: zxing-cpp, else pyzbar. Raises Unavailable where neither is installed."""
    try:
        return zxing_decoder()
    except ImportError:
        pass
    try:
        return zbar_decoder()
    except ImportError as error:
        raise Unavailable("expected zxing-cpp or pyzbar with its library, found neither") from error


def zxing_decoder() -> Decoder:
    """zxing-cpp with the rescue step. Raises ImportError where it has no wheel."""
    import zxingcpp

    def decode(grey: Image.Image) -> list[str]:
        return (
            _zxing(zxingcpp, grey, thorough=False)
            or _zxing(zxingcpp, _sharpened(grey), thorough=False)
            or _zxing(zxingcpp, grey, thorough=True)
        )

    return decode


def zbar_decoder() -> Decoder:
    """zbar through pyzbar, with the rescue step. Raises ImportError where either is missing, or zbar too old."""
    read = raw_reader()

    def decode(grey: Image.Image) -> list[str]:
        return _zbar(read, grey) or _zbar(read, _sharpened(grey))

    return decode


def _grey(data: bytes) -> Image.Image:
    if len(data) > MAX_PICTURE_BYTES:
        raise TooLarge(f"expected a picture of at most {MAX_PICTURE_BYTES} bytes, found {len(data)}")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PICTURE_PIXELS:
                raise TooLarge(f"expected at most {MAX_PICTURE_PIXELS} pixels, found {picture.width}×{picture.height}")
            return _on_white(picture)
    except Image.DecompressionBombError as error:
        raise TooLarge(f"expected at most {MAX_PICTURE_PIXELS} pixels, found far more") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureUnreadable(f"expected one of {', '.join(FORMATS)}, found none of them") from error


def _on_white(picture: Image.Image) -> Image.Image:
    """Grey, with what is see-through as white: a screenshot of a code often has no background."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("L")
    layered = picture.convert("LA")
    white = Image.new("L", picture.size, 255)
    white.paste(layered.getchannel("L"), mask=layered.getchannel("A"))
    return white


def _sharpened(grey: Image.Image) -> Image.Image:
    """Unsharp mask, then doubled: reads codes down to about 2.5 camera pixels per module instead of 3."""
    if grey.width * grey.height > MAX_DOUBLED_PIXELS:
        return grey
    sharp = grey.filter(ImageFilter.UnsharpMask(radius=1.2, percent=150, threshold=0))
    return sharp.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)


def _zxing(zxingcpp: ModuleType, grey: Image.Image, *, thorough: bool) -> list[str]:
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormat.QRCode,
        try_rotate=thorough,
        try_invert=thorough,
        try_downscale=thorough,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [code.text for code in found if code.text]


def _zbar(read: Reader, grey: Image.Image) -> list[str]:
    """Only what is UTF-8 without doubt: words in another alphabet are not guessed at."""
    texts = []
    for data in read(grey):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if text and "\0" not in text:  # UTF-16, which zbar does not convert
            texts.append(text)
    return texts

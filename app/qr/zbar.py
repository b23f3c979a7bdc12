"""The bytes of QR codes by zbar, as they stand in the code.

Why not `pyzbar.decode`: zbar turns bytes without a mark of their alphabet into what it guesses, and takes "Siân" in
UTF-8 for Japanese or Chinese (mchehab/zbar issues 55 and 284); pyzbar has no switch for that. With zbar's own switch
for binary data an unmarked code is left as it is, and a marked one still becomes UTF-8. Stands on pyzbar's wrapper,
which finds the library on each platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ctypes import string_at
from types import ModuleType

from PIL import Image

BINARY = 4
"""ZBAR_CFG_BINARY, since zbar 0.23.1."""
GREY = 0x30303859
"""The fourcc Y800: one byte for each pixel."""
EVERY_KIND = 0

Reader = Callable[[Image.Image], list[bytes]]


def raw_reader() -> Reader:
    """Reads the bytes of each QR code in a grey picture.

    Raises ImportError where pyzbar or libzbar is missing, or libzbar is too old to leave bytes as they are.
    """
    from pyzbar import wrapper

    if not _set_up(wrapper, scanner := wrapper.zbar_image_scanner_create()):
        wrapper.zbar_image_scanner_destroy(scanner)
        raise ImportError("expected libzbar 0.23.1 or newer")
    wrapper.zbar_image_scanner_destroy(scanner)

    def read(grey: Image.Image) -> list[bytes]:
        scanner, image = wrapper.zbar_image_scanner_create(), wrapper.zbar_image_create()
        try:
            _set_up(wrapper, scanner)
            pixels = grey.tobytes()
            wrapper.zbar_image_set_format(image, GREY)
            wrapper.zbar_image_set_size(image, *grey.size)
            wrapper.zbar_image_set_data(image, pixels, len(pixels), None)
            wrapper.zbar_scan_image(scanner, image)
            return list(_found(wrapper, image))
        finally:
            wrapper.zbar_image_destroy(image)
            wrapper.zbar_image_scanner_destroy(scanner)

    return read


def _set_up(wrapper: ModuleType, scanner: object) -> bool:
    """QR codes only, and their bytes as they are; whether this libzbar knows all of that."""
    configure, enable = wrapper.zbar_image_scanner_set_config, wrapper.ZBarConfig.CFG_ENABLE
    code = wrapper.ZBarSymbol.QRCODE
    answers = [configure(scanner, EVERY_KIND, enable, 0), configure(scanner, code, enable, 1)]
    return not any([*answers, configure(scanner, code, BINARY, 1)])


def _found(wrapper: ModuleType, image: object) -> Iterator[bytes]:
    symbol = wrapper.zbar_image_first_symbol(image)
    while symbol:
        yield string_at(wrapper.zbar_symbol_get_data(symbol), wrapper.zbar_symbol_get_data_length(symbol))
        symbol = wrapper.zbar_symbol_next(symbol)

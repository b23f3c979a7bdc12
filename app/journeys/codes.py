"""A picture a person picked, as the text of the code in it where it shows one."""

from __future__ import annotations

from app.qr.scan import read_image
from app.record.file_forms import media_type
from crypto.errors import PictureUnreadable

CODES = ("shc:/", "shlink:/")


def code_or_file(data: bytes) -> bytes:
    """The text of a health card's or link's code in a picture; every other file, and every other picture, as it is.

    Raises TooLarge for a picture too large to look at.
    """
    kind = media_type(data)
    if kind is None or not kind.startswith("image/"):
        return data
    try:
        texts = read_image(data)
    except PictureUnreadable:
        return data
    return next((text.encode("utf-8") for text in texts if any(start in text for start in CODES)), data)

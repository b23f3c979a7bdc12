"""What the relay is sent, as objects: the only place where its bytes become values.

Owns the form of requests and their caps; what they do is link.py. Nothing read here is ever logged
or sent back: a refusal says only that the form was wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from crypto.errors import Unreadable
from crypto.tickets import TICKET_CHARACTERS

MAX_OPEN_REQUEST_BYTES: Final = 4 * 1024
MAX_LINK_REQUEST_BYTES: Final = 24 * 1024 * 1024  # a whole record (5 MB inflated, 0.5 MB sealed) many times over
MAX_FILES: Final = 8
MAX_JWE_CHARACTERS: Final = 16 * 1024 * 1024
MAX_LIFE_DAYS: Final = 366
FLAGS: Final = ("", "L", "P", "U", "LP", "LU")  # alphabetical; U never with P (SMART Health Links STU1)

_COMPACT_JWE: Final = re.compile(r"[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{22}", re.ASCII)
_TICKET: Final = re.compile(rf"[A-Za-z0-9_-]{{{TICKET_CHARACTERS}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A manifest request (SMART Health Links: recipient required)."""

    recipient: Annotated[str, Field(min_length=1, max_length=1000, repr=False)]
    passcode: Annotated[str | None, Field(max_length=200, repr=False)] = None
    embeddedLengthMax: Annotated[int | None, Field(ge=0)] = None  # noqa: N815 - the specification's name


@dataclass(frozen=True, slots=True)
class FileToKeep:
    """One sealed file as its owner hands it over."""

    contentType: Annotated[str, Field(min_length=3, max_length=100, pattern=r"^[\x21-\x7e ]+$")]  # noqa: N815
    jwe: Annotated[str, Field(max_length=MAX_JWE_CHARACTERS)] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LinkToKeep:
    """What an owner puts: sealed files, an end (seconds since 1970), flags, and a passcode where flag P says so."""

    files: Annotated[tuple[FileToKeep, ...], Field(min_length=1, max_length=MAX_FILES)]
    exp: int
    flag: str = ""
    passcode: Annotated[str | None, Field(min_length=4, max_length=200, repr=False)] = field(default=None, repr=False)


_OPEN = TypeAdapter(OpenRequest)
_LINK = TypeAdapter(LinkToKeep)


def read_open_request(body: bytes) -> OpenRequest:
    """A manifest request; raises Unreadable."""
    try:
        return _OPEN.validate_json(body)
    except ValidationError:  # its text holds what was sent
        raise Unreadable("expected a manifest request with a recipient") from None


def read_link(body: bytes) -> LinkToKeep:
    """A link to keep; raises Unreadable, also when a file is not a compact JWE with a direct key.

    The last check keeps the relay blind against a mistake of its own client: plain text is refused.
    """
    try:
        link = _LINK.validate_json(body)
    except ValidationError:
        raise Unreadable("expected files, exp, flag and passcode") from None
    if link.flag not in FLAGS or ("P" in link.flag) is not (link.passcode is not None):
        raise Unreadable("expected known flags, and a passcode exactly with P")
    if "U" in link.flag and len(link.files) != 1:
        raise Unreadable("expected one file with flag U")
    if not all(_COMPACT_JWE.fullmatch(file.jwe) for file in link.files):
        raise Unreadable("expected sealed files")
    return link


def is_ticket(text: str) -> bool:
    """Whether `text` has the form of an id, a token or a ticket."""
    return _TICKET.fullmatch(text) is not None

"""SMART Health Link addresses (HL7 SMART Health Cards and Links STU1): `shlink:/` and what it carries.

Owns reading and writing the code's text, strictly. Asking the server behind `url` is sync/links.py;
that the label and the time are the ones the patient signed is link_share.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from crypto import json_text, members
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import MalformedToken, NotACode, NotJson, TooLarge
from crypto.instants import from_numeric_date, to_numeric_date

SCHEME: Final = "shlink:/"
MAX_URL_CHARACTERS: Final = 128
MAX_LABEL_CHARACTERS: Final = 80
MAX_TEXT_CHARACTERS: Final = 4296
KEY_BYTES: Final = 32
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""Where http is let pass: a stand-in on the same machine."""

_VIEWER: Final = re.compile(r"https?://[^\s#]+#(?=shlink:/)", re.ASCII)
_FLAGS: Final = re.compile(r"[A-Z]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the code says it. `exp` None: no end stated. Flags: L long-term, P passcode, U one file."""

    url: str
    key: bytes = field(repr=False)
    exp: datetime | None = None
    flag: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        _require_url(self.url)
        if len(self.key) != KEY_BYTES:
            raise MalformedToken(f"shlink key: expected {KEY_BYTES} bytes, found {len(self.key)}")
        if len(self.label) > MAX_LABEL_CHARACTERS:
            raise MalformedToken(f"shlink label: expected at most {MAX_LABEL_CHARACTERS} characters")
        if _FLAGS.fullmatch(self.flag) is None or list(self.flag) != sorted(set(self.flag)):
            raise MalformedToken("shlink flag: expected capital letters in alphabetical order")
        if {"P", "U"} <= set(self.flag):
            raise MalformedToken("shlink flag: expected U without P")

    @property
    def needs_passcode(self) -> bool:
        """Whether the server asks for a passcode."""
        return "P" in self.flag


def make(link: Link, *, viewer: str = "") -> str:
    """The text of a link's code; `viewer` is an address that ends in "#" for phones without an app, or nothing."""
    said: dict[str, object] = {"url": link.url, "flag": link.flag, "key": b64url_encode(link.key)}
    if link.exp is not None:
        said["exp"] = to_numeric_date(link.exp)
    if link.label:
        said["label"] = link.label
    kept = {name: value for name, value in said.items() if value != ""}
    return viewer + SCHEME + b64url_encode(json_text.dump(kept))


def parse(text: str) -> Link:
    """The link in a scanned text, with or without a viewer's address before it.

    Raises NotACode when it is no link, MalformedToken when it breaks a rule of one, TooLarge. Members
    it does not know are left aside, as the specification asks.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TooLarge(f"shlink: expected at most {MAX_TEXT_CHARACTERS} characters, found {len(text)}")
    bare = _VIEWER.sub("", text, count=1) if _VIEWER.match(text) else text
    if not bare.startswith(SCHEME):
        raise NotACode(f"expected a text beginning {SCHEME}")
    try:
        said = {"flag": "", "label": ""} | json_text.parse_object(b64url_decode(bare.removeprefix(SCHEME)))
    except NotJson as error:
        raise MalformedToken(f"shlink: {error.args[0]}") from error
    if said.get("v", 1) != 1:
        raise MalformedToken("shlink v: expected 1")
    exp = from_numeric_date(said["exp"], name="shlink exp") if "exp" in said else None
    url, key, flag, label = (members.text(said, name) for name in ("url", "key", "flag", "label"))
    return Link(url, b64url_decode(key), exp, flag, label)


def _require_url(url: str) -> None:
    if len(url) > MAX_URL_CHARACTERS:
        raise MalformedToken(f"shlink url: expected at most {MAX_URL_CHARACTERS} characters, found {len(url)}")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise MalformedToken("shlink url: expected an address") from error
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)):
        raise MalformedToken("shlink url: expected an https address")
    if "@" in parts.netloc:
        raise MalformedToken("shlink url: expected no user in the address")

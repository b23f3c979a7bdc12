"""What a scanned, pasted or opened text is: a link, health cards, plain words, or nothing of ours.

Owns only the telling apart, by prefix and alphabet, before anything is decoded. Judging is judge.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.qr.scan import MAX_TEXT_CHARACTERS
from crypto import card
from crypto.errors import NotACode, TooLarge

MAX_FILE_CHARACTERS = 16 * 1024 * 1024
"""A `.smart-health-card` file or a pasted JWS; the bound of a received update (design, limits)."""

LINK = re.compile(r"(?:https://[\x21-\x7e]{1,512}#)?shlink:/[A-Za-z0-9_-]+", re.ASCII)
NUMERIC_CARD = "shc:/"
JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
WORDS_TRAILER = re.compile(r"(?:^|[\r\n])PP1:")


@dataclass(frozen=True, slots=True)
class LinkText:
    """A SMART Health Link, with or without a viewer's address before it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardText:
    """SMART Health Cards as compact JWS: one from a code or text, one or more from a file."""

    cards: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WordsText:
    """Plain words with a PP1 trailer, exactly as decoded: the signature is over them."""

    text: str = field(repr=False)


Recognised = LinkText | CardText | WordsText


def recognise(text: str) -> Recognised:
    """Tell what a text is. Spaces around it are put aside, but not around plain words: base45 has a space.

    Raises NotACode for what is none of the three, TooLarge over the bound of its kind, MalformedToken
    for digits or a file that only look like a card.
    """
    if len(text) > MAX_FILE_CHARACTERS:
        raise TooLarge(f"expected at most {MAX_FILE_CHARACTERS} characters, found {len(text)}")
    bare = text.strip()
    if bare.startswith("{"):
        return CardText(tuple(card.from_file(bare.encode("utf-8"))))
    if JWS.fullmatch(bare):
        return CardText((bare,))
    return _short(text, bare)


def _short(text: str, bare: str) -> Recognised:
    if len(bare) > MAX_TEXT_CHARACTERS:
        raise TooLarge(f"expected at most {MAX_TEXT_CHARACTERS} characters, found {len(bare)}")
    if LINK.fullmatch(bare):
        return LinkText(bare)
    if bare.startswith(NUMERIC_CARD):
        return CardText((card.from_numeric(bare),))
    if WORDS_TRAILER.search(text):
        return WordsText(text.strip("\r\n"))
    raise NotACode("expected a link, a health card or signed words, found none of them")

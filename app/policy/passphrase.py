"""How strong a passphrase is: a plain estimate, on the side of saying weak.

Owns the grades and the floor below which no passport is made. The estimate counts what a guesser
would have to get right: whole words from a list of everyday ones, or characters of the kinds used,
with repeats and runs counted once. It knows no dictionary of leaked passphrases and says so by
asking for length. Its words for people are in the catalogue under the grade and reason.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from crypto.errors import PassphraseTooWeak

MIN_CHARACTERS = 12
MIN_WORDS = 4
MIN_WORD_LETTERS = 3

FAIR_BITS = 30
"""Three everyday words, the National Cyber Security Centre's advice, reach it: enough against whoever
finds the device, not against somebody with a hall of machines."""
STRONG_BITS = 55
"""Five everyday words: at 0.2 s a guess (Argon2id of the vault) out of reach of that hall too."""

_BITS_OF_A_WORD = 11.0
"""One of 2,048 everyday words."""
_BITS_OF_A_SYMBOL_IN_WORDS = 3.0
_BITS_OF_A_LETTER_IN_WORDS = 2.6
"""Letters alone are read as language, which is far easier to guess than letters drawn at random."""
_WORDS_TO_COUNT = 3
_SPLIT = re.compile(r"[\s\-_.,;:]+")
_KEYBOARD = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890")
_FIRST_GUESSES = re.compile(r"passw[o0]rd|letmein|qwerty|iloveyou|welcome|admin")


class Grade(StrEnum):
    """What the estimate says; WEAK is refused."""

    WEAK = "weak"
    FAIR = "fair"
    STRONG = "strong"


class Reason(StrEnum):
    """Why a passphrase is weak, as one thing to do about it."""

    TOO_SHORT = "too-short"
    REPEATS = "repeats"
    FIRST_GUESS = "first-guess"


@dataclass(frozen=True, slots=True)
class Strength:
    """An estimate in bits, its grade, and why where it is weak."""

    bits: int
    grade: Grade
    reason: Reason | None = None


def grade_passphrase(passphrase: str) -> Strength:
    """Estimate a passphrase as typed; spaces at its ends and capitals add nothing."""
    text = unicodedata.normalize("NFC", passphrase).strip()
    words = [word for word in _SPLIT.split(text) if len(word) >= MIN_WORD_LETTERS]
    counted_as_words = _bits_as_words(words, text) if len(words) >= _WORDS_TO_COUNT else math.inf
    bits = int(min(_bits_as_characters(text), counted_as_words))
    if len(text) < MIN_CHARACTERS and len(set(words)) < MIN_WORDS:
        return Strength(bits, Grade.WEAK, Reason.TOO_SHORT)
    if bits < FAIR_BITS:
        guessed = _FIRST_GUESSES.search(text.casefold()) is not None
        return Strength(bits, Grade.WEAK, Reason.FIRST_GUESS if guessed else Reason.REPEATS)
    return Strength(bits, Grade.STRONG if bits >= STRONG_BITS else Grade.FAIR)


def require_strong_enough(passphrase: str) -> None:
    """Raise PassphraseTooWeak for a passphrase graded weak."""
    strength = grade_passphrase(passphrase)
    if strength.grade is Grade.WEAK:
        raise PassphraseTooWeak(f"expected at least {FAIR_BITS} bits, found {strength.bits} ({strength.reason})")


def _bits_as_words(words: list[str], text: str) -> float:
    distinct = {word.casefold() for word in words}
    symbols = len({character for character in text if not character.isalpha() and not character.isspace()})
    return len(distinct) * _BITS_OF_A_WORD + symbols * _BITS_OF_A_SYMBOL_IN_WORDS


def _bits_as_characters(text: str) -> float:
    counted = _FIRST_GUESSES.sub("*", text.casefold())
    kept = [now for before, now in zip(" " + counted, counted, strict=False) if not _follows(before, now)]
    distinct = len(set(kept))
    return min(len(kept) * _bits_of_a_character(text), distinct * 2 * math.log2(max(distinct, 2)))


def _bits_of_a_character(text: str) -> float:
    if all(character.isalpha() or character.isspace() for character in text):
        return _BITS_OF_A_LETTER_IN_WORDS
    digits, others = any(c.isdigit() for c in text), any(not c.isalnum() for c in text)
    return math.log2(26 + (10 if digits else 0) + (33 if others else 0))


def _follows(before: str, character: str) -> bool:
    """The same again, or the next one on the keyboard or in the alphabet, either way round."""
    if before == character:
        return True
    return any(before + character in row or character + before in row for row in _KEYBOARD)

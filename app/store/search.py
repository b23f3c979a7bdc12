"""What a person typed, as questions to the full-text index: as typed, and as it may have been meant.

Owns the query language: every word must be there, each may be only begun, accents and capitals do not matter (the
index folds them). A phrase people use stands for what records write as well (record/everyday_words.py); a word that
begins nothing in this record is taken for the words nearest to it. Nothing typed is ever read as FTS5 syntax.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.record.everyday_words import EVERYDAY, LONGEST_PHRASE

MAX_WORDS: Final = 12

ONE_ERROR_FROM, TWO_ERRORS_FROM = 4, 8
"""Letters a word must have for one wrong, missing, doubled or swapped letter to be forgiven, and for two."""

NEAREST: Final = 6
"""How many words of the record a mistyped one may stand for."""

_WORD: Final = re.compile(r"[^\W_]+")

SHORT: Final = 3
"""Abbreviations ("MI", "TIA", "ALT") begin too many other words to be taken for the beginning of one."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row; of the last one a beginning is enough where `begun`."""

    words: tuple[str, ...]
    begun: bool = True

    def __str__(self) -> str:
        return f'"{" ".join(self.words)}"' + "*" * self.begun


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the index: `meant` holds, for each thing asked, the phrases that answer it."""

    meant: tuple[tuple[Phrase, ...], ...]

    @property
    def expressions(self) -> tuple[str, str]:
        """As FTS5, the better answers first: everything in the title; then everything, not all of it in the title."""
        every = " AND ".join("(" + " OR ".join(str(one) for one in each) + ")" for each in self.meant)
        titled = f"{{title}} : ({every})"
        return titled, f"({every}) NOT ({titled})"


class Vocabulary:
    """The words of one record: whether any begins so, and which are near. `terms` are as the index folded them.

    Of the terms only those that `stands` says stand in the record are ever given.
    """

    __slots__ = ("_begins", "_known", "_stands", "_terms")

    def __init__(
        self, begins: Callable[[str], bool], stands: Callable[[str], bool], terms: Callable[[], Sequence[str]]
    ) -> None:
        self._begins, self._stands, self._terms = begins, stands, terms
        self._known: list[str] | None = None  # asked for once, and only where a word is mistyped

    def begins(self, word: str) -> bool:
        """Whether a word of the record begins with this one."""
        return self._begins(word)

    def near(self, word: str) -> list[str]:
        """Words of the record, and everyday ones, that differ by a typing error or two, nearest first."""
        errors = 0 if len(word) < ONE_ERROR_FROM else 1 if len(word) < TWO_ERRORS_FROM else 2
        if not errors:
            return []
        found: dict[str, float] = {}
        if self._known is None:
            self._known = sorted({*self._terms(), *EVERYDAY_WORDS})
        words = self._known
        for wholes in (words, [one[: len(word)] for one in words]):
            near = process.extract(word, wholes, scorer=OSA.distance, score_cutoff=errors, limit=None)
            for _, distance, at in near:
                found[words[at]] = min(distance, found.get(words[at], distance))
        nearest = sorted(found, key=lambda one: (found[one], one[0] != word[0], one))
        return list(islice((one for one in nearest if one in EVERYDAY_WORDS or self._stands(one)), NEAREST))


EVERYDAY_WORDS: Final = frozenset(word for phrase in EVERYDAY for word in phrase)


def typed(text: str) -> Question | None:
    """The question as it was typed; None where there is no word in it.

    Every word in the title; then every word, but not all of them in the title. It splits as the index's tokenizer
    does: at everything that is neither letter nor digit.
    """
    words = _words(text)
    return Question(tuple((Phrase((word,)),) for word in words)) if words else None


def holding(phrases: Iterable[str]) -> Question | None:
    """The question for whole phrases, any of which answers it; None where none of them has a word."""
    said = [tuple(_words(one)) for one in phrases]
    wanted = tuple(Phrase(words, begun=False) for words in said if words)
    return Question((wanted,)) if wanted else None


def meant(text: str, vocabulary: Vocabulary) -> Question | None:
    """What else it may have meant; None where that is nothing more than what was typed."""
    words = [_near_or_itself(word, vocabulary) for word in _words(text)]
    question = Question(tuple(_grouped(words)))
    return None if question == typed(text) or not words else question


def _near_or_itself(word: str, vocabulary: Vocabulary) -> list[str]:
    if vocabulary.begins(word) or _everyday((word,)):
        return [word]
    return vocabulary.near(word) or [word]


def _grouped(words: Sequence[Sequence[str]]) -> Iterator[tuple[Phrase, ...]]:
    """The longest everyday phrase at each place, else the word and what it may have been."""
    at = 0
    while at < len(words):
        length, phrases = _phrase_at(words[at : at + LONGEST_PHRASE])
        yield phrases
        at += length


def _phrase_at(words: Sequence[Sequence[str]]) -> tuple[int, tuple[Phrase, ...]]:
    for length in range(len(words), 1, -1):
        for said in product(*words[:length]):
            if stands_for := _everyday(said):
                return length, (Phrase(said), *stands_for)
    singles = [(Phrase((one,)), *_everyday((one,))) for one in words[0]]
    return 1, tuple(dict.fromkeys(phrase for each in singles for phrase in each))


def _everyday(phrase: tuple[str, ...]) -> tuple[Phrase, ...]:
    """What records write for a phrase people use; the plural of its last word means the same."""
    singular = (*phrase[:-1], phrase[-1].removesuffix("s"))
    written = EVERYDAY.get(phrase) or EVERYDAY.get(singular, ())
    return tuple(Phrase(words, begun=len(words[-1]) > SHORT) for words in written)


def _words(text: str) -> list[str]:
    return list(_folded(_WORD.findall(unicodedata.normalize("NFC", text))[:MAX_WORDS]))


def _folded(words: Iterable[str]) -> Iterator[str]:
    """As the index's tokenizer folds them (unicode61, remove_diacritics 2)."""
    for word in words:
        bare = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
        yield unicodedata.normalize("NFC", bare) or word

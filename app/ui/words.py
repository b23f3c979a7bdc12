"""The text catalogue: every word a person reads, by key and language.

Owns reading the gettext catalogues in assets/words (one .po file for each language, the key as
msgid, the text as msgstr, plurals as msgstr[n]), falling back to English for each missing key, and
writing dates, times and NHS numbers the way SCREENS.md asks. It is free of flet: the command line
speaks with the same words. Which sentence belongs to a refusal is say.py.
"""

from __future__ import annotations

import ast
import gettext
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from app.ui.assets import assets_dir

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
FALLBACK = "en"
FIRST_STRONG_ISOLATE, LEFT_TO_RIGHT_ISOLATE, POP_ISOLATE = "\u2068", "\u2066", "\u2069"
DATED_FACTS: Final = frozenset({"started", "ended", "onset", "recorded", "last-issued", "expires", "until", "visit"})
SAID_BY_STANDING: Final = frozenset({"active", "completed", "final", "current", "finished", "resolved"})
"""Codes of a status that the standing of an entry says in words."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's texts: key → forms (one form, or one for each plural of the language)."""

    language: str
    texts: Mapping[str, tuple[str, ...]]
    plural_forms: str


class CatalogueError(ValueError):
    """A catalogue file breaks the small part of the .po form that is used here."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, with English behind it. Call it with a key to get the text."""

    language: str
    catalogue: Catalogue = field(repr=False)
    fallback: Catalogue = field(repr=False)

    @property
    def rtl(self) -> bool:
        """Whether the language is written from right to left."""
        return self.language in RIGHT_TO_LEFT

    def directed(self, text: str, *, left_to_right: bool = False) -> str:
        """Text as it must stand in a right-to-left language: each line isolated, so that an English name, a
        number read aloud or a code keeps its own order (Unicode UAX #9: FSI or LRI … PDI).
        """
        if not self.rtl:
            return text
        opener = LEFT_TO_RIGHT_ISOLATE if left_to_right else FIRST_STRONG_ISOLATE
        return "\n".join(f"{opener}{line}{POP_ISOLATE}" for line in text.split("\n"))

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with `{name}` places filled from `values`; raises KeyError for an unknown key."""
        return _fill(self._forms(key)[1][0], self._placed(values))

    def count(self, key: str, number: int, **values: object) -> str:
        """The plural form of a key for `number`, which also fills `{n}`; raises KeyError for an unknown key."""
        catalogue, forms = self._forms(key)
        form = _plural_index(catalogue.plural_forms, number)
        return _fill(forms[min(form, len(forms) - 1)], self._placed({"n": f"{number:,}", **values}))

    def has(self, key: str) -> bool:
        """Whether a key exists in this language or in English."""
        return key in self.catalogue.texts or key in self.fallback.texts

    def date(self, when: date) -> str:
        """A date as people write it: 23 November 2026."""
        return self("date.full", day=when.day, month=self(f"date.month.{when.month}"), year=when.year)

    def time(self, when: datetime) -> str:
        """A time of day as people write it, in the zone of `when`: 3:12pm."""
        half = self("date.am" if when.hour < 12 else "date.pm")
        return self("date.time", hour=(when.hour % 12) or 12, minute=f"{when.minute:02d}", half=half)

    def moment(self, when: datetime) -> str:
        """Date and time of day: 23 November 2026 at 3:12pm."""
        return self("date.moment", date=self.date(when), time=self.time(when))

    def partial_date(self, text: str) -> str:
        """A FHIR date with the precision it came with; text that is not one is shown as it came."""
        found = re.match(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T|$)", text)
        if found is None:
            return text
        year, month, day = found.groups()
        if month is None:
            return year
        if not 1 <= int(month) <= 12:
            return text
        name = self(f"date.month.{int(month)}")
        if day is None:
            return self("date.month-year", month=name, year=year)
        return self("date.full", day=int(day), month=name, year=year)

    def _placed(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """Values as they stand within a sentence: in a right-to-left one an English name, a telephone number or
        "4.6 mmol/L" is isolated, so that it keeps its order and does not turn the sentence around.
        """
        if not self.rtl:
            return values
        return {name: _isolated(value) if isinstance(value, str) else value for name, value in values.items()}

    def _forms(self, key: str) -> tuple[Catalogue, tuple[str, ...]]:
        for catalogue in (self.catalogue, self.fallback):
            if (forms := catalogue.texts.get(key)) is not None and forms[0]:
                return catalogue, forms
        raise KeyError(key)


def load_words(language: str = FALLBACK, folder: Path | None = None) -> Words:
    """The words of a language from `folder` (assets/words by default), English behind them.

    A language without a catalogue is English. Raises CatalogueError for a file that breaks the form.
    """
    home = folder or assets_dir() / "words"
    english = read_catalogue(home / f"{FALLBACK}.po")
    path = home / f"{language}.po"
    if language == FALLBACK or not path.is_file():
        return Words(FALLBACK, english, english)
    return Words(language, read_catalogue(path), english)


def languages(folder: Path | None = None) -> list[str]:
    """The language codes that have a catalogue, English first."""
    home = folder or assets_dir() / "words"
    return sorted((p.stem for p in home.glob("*.po")), key=lambda code: (code != FALLBACK, code))


def read_catalogue(path: Path) -> Catalogue:
    """Read one .po file; raises CatalogueError naming the line that breaks the form."""
    texts: dict[str, tuple[str, ...]] = {}
    header = ""
    for number, entry in _po_entries(path.read_text(encoding="utf-8")):
        key, forms = entry
        if key == "":
            header = forms[0]
        elif key in texts:
            raise CatalogueError(f"{path.name}:{number}: {key} stands twice")
        else:
            texts[key] = forms
    rule = re.search(r"plural=([^;]+);", header)
    return Catalogue(path.stem, texts, rule.group(1) if rule else "(n != 1)")


def nhs_number(digits: str) -> str:
    """An NHS number as people read it: 999 123 4567; anything else as it came."""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if re.fullmatch(r"\d{10}", digits) else digits


def fact_value(words: Words, name: str, value: str) -> str:
    """A fact's value: dates as people write them, our own codes and those of a status as words, all else as it came."""
    if words.has(own := f"fact.{name}.{value}"):
        return words(own)
    if name in DATED_FACTS:
        return words.partial_date(value)
    return value.replace("-", " ") if name == "status" else value


def _fill(text: str, values: Mapping[str, object]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda place: str(values[place.group(1)]), text)


def _isolated(value: str) -> str:
    """Bare figures take part in the sentence (hour:minute); so do words that are right-to-left themselves."""
    if re.fullmatch(r"[\d,]*", value):
        return value
    bare = re.sub(f"{LEFT_TO_RIGHT_ISOLATE}.*?{POP_ISOLATE}", "", value)
    strong = next((kind for kind in map(unicodedata.bidirectional, bare) if kind in ("L", "R", "AL")), "L")
    return f"{LEFT_TO_RIGHT_ISOLATE}{value}{POP_ISOLATE}" if strong == "L" else value


def _plural_index(rule: str, number: int) -> int:
    return gettext.c2py(rule)(number)


def _po_entries(text: str) -> list[tuple[int, tuple[str, tuple[str, ...]]]]:
    """Entries as (line, (msgid, msgstr forms)). msgid_plural is read past: the key is the msgid."""
    entries: list[tuple[int, tuple[str, tuple[str, ...]]]] = []
    for number, keyword, piece in _po_statements(text):
        if keyword == "msgid":
            entries.append((number, (piece, ())))
        elif keyword.startswith("msgstr") and entries:
            start, (key, forms) = entries[-1]
            entries[-1] = (start, (key, (*forms, piece)))
    return entries


def _po_statements(text: str) -> list[tuple[int, str, str]]:
    """Statements as (line, keyword, text), the quoted lines that follow one joined to it."""
    statements: list[tuple[int, str, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        found = re.fullmatch(r'(?:(msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?(".*")', line)
        if found is None or (found.group(1) is None and not statements):
            raise CatalogueError(f"line {number}: expected msgid, msgstr or a quoted text")
        piece = str(ast.literal_eval(found.group(2)))
        if found.group(1) is None:
            start, keyword, before = statements[-1]
            statements[-1] = (start, keyword, before + piece)
        else:
            statements.append((number, found.group(1), piece))
    return statements

"""Is this record about the same person? All three of number, birth date and name must match.

Owns the wrong-patient rule (hazards H1 and H12) and the form in which a person is named in text
that is signed. Names are compared without accents and case, because sources differ in both;
nothing else is forgiven, and what is missing does not match.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from app.record.entry import Person
from crypto.errors import WrongPatient

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_HIDDEN = frozenset({"Cf", "Co", "Cs"})
_JOINERS = frozenset("\u200c\u200d")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class SubjectParts:
    """Who an attestation speaks of: number without spaces, ISO birth date, name as `display_name` in one form."""

    nhs_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    name: str = field(repr=False)


def subject_parts(person: Person) -> SubjectParts:
    """A person as an attestation and a plain-words text name them."""
    return SubjectParts(person.nhs_number.replace(" ", ""), person.birth_date, clean(person.display_name))


def same_person(a: Person, b: Person) -> None:
    """Raise WrongPatient unless number, birth date, family name and first given name are the same."""
    number_a, number_b = a.nhs_number.replace(" ", ""), b.nhs_number.replace(" ", "")
    checks = (
        ("nhs_number", number_a, number_b),
        ("birth_date", a.birth_date, b.birth_date),
        ("family", _folded(a.family), _folded(b.family)),
        ("given", _folded(a.given[0] if a.given else ""), _folded(b.given[0] if b.given else "")),
    )
    different = [name for name, one, other in checks if not one or one != other]
    if different:
        raise WrongPatient(f"expected the same person, found another in: {', '.join(different)}")


def clean(words: str) -> str:
    """Words from a record on one line: NFC, controls and invisible characters gone, spaces single.

    The two joiners stay: names in Persian and many Indic scripts are written with them.
    """
    kept = "".join(" " if unicodedata.category(char) in _BREAKS else char for char in words if not _is_hidden(char))
    return _SPACE.sub(" ", unicodedata.normalize("NFC", kept)).strip()


def is_plain(words: str) -> bool:
    """Whether words hold no line break, control, bidirectional or other invisible character."""
    return not any(_is_hidden(char) or unicodedata.category(char) in _BREAKS for char in words)


def _is_hidden(char: str) -> bool:
    return char not in _JOINERS and unicodedata.category(char) in _HIDDEN


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return _SPACE.sub(" ", letters.replace("’", "'").replace("-", " ")).strip().casefold()

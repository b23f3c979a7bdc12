"""The shapes of an emergency card: groups in the order a paramedic reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.record.entry import Absence, ListWarning, Person


class CardPart(StrEnum):
    """The groups of a card, in the order they are told. The value is a key of the text catalogue."""

    ALLERGIES = "allergies"
    WISHES = "wishes"
    MEDICINES = "medicines"
    CONDITIONS = "conditions"
    IMPLANTS = "implants"
    NEEDS = "needs"
    PREGNANCY = "pregnancy"
    OWN_WORDS = "own-words"
    CONTACTS = "contacts"
    SURGERY = "surgery"
    PLANS = "plans"


@dataclass(frozen=True, slots=True)
class Said:
    """Who said a line, on which day (YYYY-MM-DD), and whether their signature was checked."""

    name: str
    on: str
    checked: bool
    by_patient: bool = False


@dataclass(frozen=True, slots=True)
class CardLine:
    """One line. `first` marks what matters most in its group; the same words from two sources are one line.

    `keys` name what it was made of, so that a choice about it holds; empty for what is not of the record.
    """

    text: str = field(repr=False)
    detail: str = field(default="", repr=False)
    said: tuple[Said, ...] = ()
    first: bool = False
    phone: str = field(default="", repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CardGroup:
    """The lines of one part, why it is empty where a source said so, and warnings that came with it.

    Where the patient left lines of it off, one warning says so, and nothing says that there is none.
    """

    part: CardPart
    lines: tuple[CardLine, ...]
    absences: tuple[tuple[Absence, Said], ...] = ()
    warnings: tuple[tuple[ListWarning, Said], ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencyCard:
    """A card as of a moment. Allergies, medicines and conditions are always among the groups, others with lines only.

    `chosen` where the patient left off anything that would stand on it.
    """

    person: Person = field(repr=False)
    as_of: datetime
    groups: tuple[CardGroup, ...] = field(repr=False)
    chosen: bool = False

    def group(self, part: CardPart) -> CardGroup | None:
        """The group of a part, or None where the card has none."""
        return next((group for group in self.groups if group.part is part), None)

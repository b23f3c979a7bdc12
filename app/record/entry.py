"""The shapes a record is shown in: entries in sections, each with where it came from.

Owns the vocabulary shared by the parser, the store, the screens, the reader and the command
line. It decides nothing: reading FHIR (R4 and STU3 alike) is reading.py and its mappers, checking
is crypto.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Section(StrEnum):
    """Where an entry is shown, in the order of the home screen. The value is stored and printed."""

    MEDICINES = "medicines"
    APPOINTMENTS = "appointments"
    RESULTS = "results"
    VACCINATIONS = "vaccinations"
    CONDITIONS = "conditions"
    ALLERGIES = "allergies"
    DOCUMENTS = "documents"
    PLANS = "plans"
    MEASUREMENTS = "measurements"
    PROCEDURES = "procedures"
    VISITS = "visits"
    DEVICES = "devices"
    NEEDS = "needs"
    PREGNANCY = "pregnancy"
    FAMILY = "family"
    SOCIAL = "social"
    PEOPLE = "people"
    OTHER = "other"


class Standing(StrEnum):
    """How an entry stands today, as its source said it."""

    CURRENT = "current"
    PAST = "past"
    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class Absence(StrEnum):
    """Three different facts that must never be turned into one another (SCREENS.md)."""

    NONE_KNOWN = "none-known"
    NOT_ASKED = "not-asked"
    WITHHELD = "withheld"
    UNAVAILABLE = "unavailable"


class ListWarning(StrEnum):
    """Warnings that come with the data and reach the screen (GP Connect list warnings).

    LEFT_OFF is the patient's own: part of this was left off the emergency card. No source can say it.
    """

    CONFIDENTIAL = "confidential-items"
    IN_TRANSIT = "data-in-transit"
    AWAITING_FILING = "data-awaiting-filing"
    LEFT_OFF = "left-off"


@dataclass(frozen=True, slots=True)
class When:
    """A date with the precision it came with: "2019", "2019-03", "2019-03-04" or a FHIR dateTime."""

    text: str

    @property
    def sort_key(self) -> str:
        """Sorts as text, newest last; a bare year sorts before its months."""
        return self.text


@dataclass(frozen=True, slots=True)
class Coding:
    """A FHIR Coding, as received."""

    system: str
    code: str
    display: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of an entry's summary list. `name` is a key of the text catalogue below "fact."."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number exactly as received (decimals kept as text) with its unit and the laboratory's own range."""

    value: str = field(repr=False)
    unit: str
    low: str = ""
    high: str = ""
    comparator: str = ""
    interpretation: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing shown to a person. It is made from one FHIR resource (others may be merged into it).

    `key` is stable over updates from the same source: resource type + "/" + resource id, or
    "#" + position where there is no id; a second resource with the same id in one Bundle gets
    "~2" behind it. `position` counts the Bundle's resources in order (bundle.py).
    """

    key: str
    position: int
    section: Section
    resource_type: str
    title: str = field(repr=False)
    detail: str = field(default="", repr=False)
    when: When | None = None
    standing: Standing = Standing.UNKNOWN
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    codings: tuple[Coding, ...] = field(default=(), repr=False)
    quantity: Quantity | None = field(default=None, repr=False)
    organisation: str = field(default="", repr=False)
    author: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NotDisplayed:
    """A resource that could not be shown, counted and kept raw. `reason` is a key below "not-displayed."."""

    position: int
    resource_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class SectionNote:
    """What a list said about itself: a warning, or why it is empty."""

    section: Section
    warning: ListWarning | None = None
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call, as the Patient resource names them."""

    name: str = field(repr=False)
    relationship: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Who a record is about. All three of number, birth date and name must match (wrong-patient rule)."""

    nhs_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    family: str = field(repr=False)
    given: tuple[str, ...] = field(repr=False)
    gender: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    language: str = field(default="", repr=False)
    interpreter_needed: bool = False
    gp_surgery: str = field(default="", repr=False)
    position: int = 0
    contacts: tuple[Contact, ...] = field(default=(), repr=False)

    @property
    def display_name(self) -> str:
        """Given names then family name, as received."""
        return " ".join((*self.given, self.family)).strip()

    def age(self, on: date) -> int | None:
        """Whole years on a day, or None where the birth date has no day."""
        try:
            born = date.fromisoformat(self.birth_date)
        except ValueError:
            return None
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read out of one Bundle. Every resource of the input is in exactly one of three places:
    an entry's `position`, `merged` (its position → the position it was merged into, or -1 for the
    Bundle's own frame: Patient, Composition, List …), or `not_displayed`.

    `taken_back` are the keys of entries its source no longer stands by: asked to be deleted, or
    entered in error, shown here or not.
    """

    fhir_version: str
    person: Person | None = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    merged: dict[int, int]
    not_displayed: tuple[NotDisplayed, ...]
    notes: tuple[SectionNote, ...]
    resources: int
    taken_back: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Entries by section, in section order, empty sections left out."""
        found: dict[str, int] = {}
        for section in Section:
            number = sum(1 for entry in self.entries if entry.section is section)
            if number:
                found[section.value] = number
        return found

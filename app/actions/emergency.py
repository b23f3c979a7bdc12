"""The emergency card as it is shown: made from the store while unlocked, kept outside it only if switched on (D6).

Owns the form of the locked card and when it is written anew. Which lines and their order is
app/record/emergency.py, the signature crypto/plain_words.py, the file app/store/home.py. Without a
keystore of the operating system the locked card lies readable on the disk: the switch says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError

from app.actions.session import Passport
from app.actions.vouching import attestation_of
from app.record.emergency import BUDGETS, CardGroup, CardLine, EmergencyCard, PlainText, emergency_card, plain_text
from app.record.entry import Section
from app.record.source import StoredEntry
from app.store.home import PassportHome
from crypto import plain_words
from crypto.errors import StoreDamaged

VERSION: Final = 1
_ON_CARD: Final = (
    Section.ALLERGIES,
    Section.PLANS,
    Section.MEDICINES,
    Section.CONDITIONS,
    Section.DEVICES,
    Section.PROCEDURES,
    Section.NEEDS,
    Section.PREGNANCY,
    Section.PEOPLE,
)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line; `said_by` names who said it, on which day; `own_words` when only the patient vouches for it."""

    text: str = field(repr=False)
    said_by: tuple[str, ...] = ()
    when: str = ""
    own_words: bool = False
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A part of the card; `absences` and `warnings` as (what the list said, who said it)."""

    part: str
    lines: tuple[ShownLine, ...] = field(repr=False)
    absences: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownCard:
    """The card and its code's text. `code` is None where no record service vouches for this device yet.

    `left_out` is (part, lines left out of the code, lines in all). What is on the screen is whole.
    """

    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    nhs_number: str = field(repr=False)
    groups: tuple[ShownGroup, ...] = field(repr=False)
    text: str = field(repr=False)
    code: str | None = field(repr=False)
    left_out: tuple[tuple[str, int, int], ...]
    made_at: datetime
    v: int = VERSION


_FORM: Final = TypeAdapter(ShownCard)


def shown_card(passport: Passport, *, now: datetime) -> ShownCard | None:
    """The card out of everything stored; None before there is a record.

    Raises TextRefused or TooLarge where the person's own lines cannot stand in a code.
    """
    person = passport.store.person()
    if person is None:
        return None
    store = passport.store
    card = emergency_card(person, _entries(passport), store.notes(), person_source=store.person_source(), now=now)
    words = _words(card)
    wire = attestation_of(passport)
    return ShownCard(
        name=person.display_name,
        birth_date=person.birth_date,
        nhs_number=person.nhs_number,
        groups=tuple(_group(group) for group in card.groups),
        text=words.text,
        code=None if wire is None else plain_words.seal(words.text, passport.device_key, wire, now=now),
        left_out=tuple((one.part.value, one.total - one.shown, one.total) for one in words.trimmed),
        made_at=now,
    )


def show_while_locked(passport: Passport, on: bool, *, now: datetime) -> None:
    """Keep the card outside the vault, readable by whoever holds the device, or take it away again."""
    card = shown_card(passport, now=now) if on else None
    if card is None:
        passport.home.remove_locked_card()
    else:
        passport.home.write_locked_card(_FORM.dump_json(card))


def is_shown_while_locked(home: PassportHome) -> bool:
    """Whether the card may be seen without the passphrase."""
    return home.read_locked_card() is not None


def renew_locked_card(passport: Passport, *, now: datetime) -> None:
    """Write the locked card anew after the record changed, where it is switched on."""
    if is_shown_while_locked(passport.home):
        show_while_locked(passport, True, now=now)


def locked_card(home: PassportHome) -> ShownCard | None:
    """The card that may be seen without the passphrase; None where it is off. Raises StoreDamaged."""
    kept = home.read_locked_card()
    if kept is None:
        return None
    try:
        card = _FORM.validate_json(kept)
    except ValidationError:
        raise StoreDamaged("locked card: expected its form") from None
    if card.v != VERSION:
        raise StoreDamaged(f"locked card: expected version {VERSION}, found {card.v}")
    return card


def _entries(passport: Passport) -> list[StoredEntry]:
    store = passport.store
    return [stored for section in _ON_CARD for stored in store.entries(section, 0, store.count(section))]


def _words(card: EmergencyCard) -> PlainText:
    """A light code where the card fits whole, a full one where it does not (design, D6)."""
    light = plain_text(card, BUDGETS["V20-L"])
    return plain_text(card, BUDGETS["V25-L"]) if light.trimmed else light


def _group(group: CardGroup) -> ShownGroup:
    return ShownGroup(
        group.part.value,
        tuple(_line(line) for line in group.lines),
        tuple((absence.value, said.name) for absence, said in group.absences),
        tuple((warning.value, said.name) for warning, said in group.warnings),
    )


def _line(line: CardLine) -> ShownLine:
    return ShownLine(
        text=f"{line.text}: {line.detail}" if line.detail else line.text,
        said_by=tuple(dict.fromkeys(said.name for said in line.said if said.name)),
        when=max((said.on for said in line.said), default=""),
        own_words=any(said.by_patient for said in line.said),
        phone=line.phone,
    )

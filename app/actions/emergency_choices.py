"""What the patient chooses for their emergency card, and that they looked at it: changing both.

Owns what may be chosen, and that the card shown while locked follows each choice. What a choice does to a card is
app/record/emergency.py's, the form it is kept in kept_choices.py's, when to look again app/policy/looking_again.py's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from app.actions import emergency, guarding
from app.actions.kept_choices import choices, keep_choices
from app.actions.session import Passport
from app.policy.looking_again import Why, why_look_again
from app.record.emergency import CardLine, CardPart, EmergencyCard
from app.record.emergency_choices import (
    MAX_OWN_CONTACTS,
    MAX_OWN_LINES,
    CardChoices,
    own_contact,
    own_line,
)
from app.store.instant import from_text, to_text
from crypto.errors import CardContactRefused, CardWordsRefused, TextRefused
from crypto.plain_words import PREFIX

_LOOKED: Final = "emergency.looked"
"""When the patient last looked at the card, a space, and the hash of what belonged on it then."""


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """A line that may stand on the card, by the keys of what it was made of, and whether it does."""

    line: CardLine = field(repr=False)
    on: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """Everything the record has for a card: part by part whether it is on, and its lines; and what was added."""

    parts: tuple[tuple[CardPart, bool, tuple[OfferedLine, ...]], ...]
    choices: CardChoices


def offered(passport: Passport, *, now: datetime) -> Offered:
    """What can be chosen. Parts the record says nothing of are not among them."""
    chosen = choices(passport)
    card = emergency.recorded_card(passport, now=now)
    groups = () if card is None else card.groups
    parts = tuple(
        (group.part, group.part not in chosen.parts, tuple(_offered(line, chosen) for line in group.lines))
        for group in groups
        if group.lines
    )
    return Offered(parts, chosen)


def put_part(passport: Passport, part: CardPart, on: bool, *, now: datetime) -> None:
    """Put a part on the card, or leave it off. Raises OlderCopyOpened."""
    before = choices(passport)
    parts = before.parts - {part} if on else before.parts | {part}
    _keep(passport, replace(before, parts=parts), now=now)


def put_line(passport: Passport, keys: Iterable[str], on: bool, *, now: datetime) -> None:
    """Put a line on the card, or leave it off, by the keys it was offered with. Raises OlderCopyOpened."""
    before = choices(passport)
    lines = before.lines - set(keys) if on else before.lines | set(keys)
    _keep(passport, replace(before, lines=lines), now=now)


def add_words(passport: Passport, words: str, *, now: datetime) -> None:
    """Add a line of the patient's own. Raises CardWordsRefused, OlderCopyOpened."""
    before = choices(passport)
    said = _own_line(words)
    if said not in before.own_words:
        if len(before.own_words) >= MAX_OWN_LINES:
            raise CardWordsRefused(f"expected at most {MAX_OWN_LINES} lines of own words, found one more")
        _keep(passport, replace(before, own_words=(*before.own_words, said)), now=now)


def remove_words(passport: Passport, number: int, *, now: datetime) -> None:
    """Take the line with this number, from 0, off again; none of that number changes nothing."""
    before = choices(passport)
    left = tuple(one for at, one in enumerate(before.own_words) if at != number)
    _keep(passport, replace(before, own_words=left), now=now)


def add_contact(passport: Passport, name: str, relationship: str, phone: str, *, now: datetime) -> None:
    """Add somebody to call. Raises CardContactRefused, OlderCopyOpened."""
    before = choices(passport)
    try:
        contact = own_contact(name, relationship, phone)
        _require_no_trailer(contact.name, contact.relationship)
    except TextRefused as error:
        raise CardContactRefused(error.args[0]) from error
    if contact not in before.contacts:
        if len(before.contacts) >= MAX_OWN_CONTACTS:
            raise CardContactRefused(f"expected at most {MAX_OWN_CONTACTS} people to call, found one more")
        _keep(passport, replace(before, contacts=(*before.contacts, contact)), now=now)


def remove_contact(passport: Passport, number: int, *, now: datetime) -> None:
    """Take the contact with this number, from 0, off again; none of that number changes nothing."""
    before = choices(passport)
    left = tuple(one for at, one in enumerate(before.contacts) if at != number)
    _keep(passport, replace(before, contacts=left), now=now)


def say_where_original_is(passport: Passport, words: str, *, now: datetime) -> None:
    """Say where the original of the ReSPECT form is; empty takes it off. Raises CardWordsRefused, OlderCopyOpened."""
    where = _own_line(words) if words.strip() else ""
    _keep(passport, replace(choices(passport), original=where), now=now)


# ---- looking again --------------------------------------------------------------------------


def note_looked(passport: Passport, *, now: datetime) -> None:
    """The patient has looked at the card as it is now. Raises OlderCopyOpened."""
    card = emergency.recorded_card(passport, now=now)
    if card is not None:
        passport.store.set_setting(_LOOKED, f"{to_text(now)} {_hash(card)}")
        guarding.mirror(passport)


def why_look(passport: Passport, *, now: datetime) -> Why | None:
    """Why the patient should look at the card again; None where they need not, or there is no record."""
    card = emergency.recorded_card(passport, now=now)
    if card is None:
        return None
    at, _, was = (passport.store.setting(_LOOKED) or "").partition(" ")
    return why_look_again(from_text(at) if at else None, changed=was != _hash(card), now=now)


def _hash(card: EmergencyCard) -> str:
    """Of every line the record has for the card, whatever was chosen; who said it and in which order is no change."""
    lines = sorted([group.part.value, one.text, one.detail, one.phone] for group in card.groups for one in group.lines)
    absent = sorted([group.part.value, absence.value] for group in card.groups for absence, _ in group.absences)
    return hashlib.sha256(json.dumps([lines, absent]).encode("utf-8", "surrogatepass")).hexdigest()


# ---- steps ----------------------------------------------------------------------------------


def _offered(line: CardLine, chosen: CardChoices) -> OfferedLine:
    return OfferedLine(line, not chosen.lines.issuperset(line.keys))


def _own_line(words: str) -> str:
    try:
        said = own_line(words)
        _require_no_trailer(said)
    except TextRefused as error:
        raise CardWordsRefused(error.args[0]) from error
    return said


def _require_no_trailer(*said: str) -> None:
    """What passes for a code's last line would take the code from the card."""
    if any(PREFIX.casefold() in one.casefold() for one in said):
        raise TextRefused("expected own words that are no code's last line")


def _keep(passport: Passport, chosen: CardChoices, *, now: datetime) -> None:
    keep_choices(passport, chosen)
    guarding.mirror(passport)
    emergency.renew_locked_card(passport, now=now)

"""Making the emergency card from the store while unlocked, and keeping it outside only if switched on (D6).

Owns when a card has a code and when the locked card is written anew. Which lines and their order is
app/record/emergency.py, the signature crypto/plain_words.py, how it is kept outside keeping_card.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from app.actions.keeping_card import choices_of, keep_card, note_choices, shut_card, take_card_away
from app.actions.kept_choices import choices
from app.actions.locked_card import ShownCard, ShownGroup, ShownLine, is_shown_while_locked
from app.actions.session import Passport
from app.actions.vouching import attestation_of
from app.policy.locked_choices import LockedChoices
from app.record.emergency import (
    BUDGETS,
    CardGroup,
    CardLine,
    EmergencyCard,
    PlainText,
    emergency_card,
    plain_text,
    unsigned_text,
    whole_text,
    without_wishes,
)
from app.record.emergency_choices import CardChoices
from app.record.entry import ListWarning, Section
from app.record.source import StoredEntry
from app.store.shelf import Shelf
from crypto import plain_words
from crypto.errors import CardKeyUnavailable, TextRefused, TooLarge

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
_CHOSEN: Final = ShownGroup("chosen", (), warnings=((ListWarning.LEFT_OFF.value, ""),))
"""Stands above the parts where the patient left something off, so that the card never looks complete."""


def shown_card(passport: Passport, *, now: datetime, hide_wishes: bool = False) -> ShownCard | None:
    """The card as the patient chose it, out of everything stored; None before there is a record.

    Its code is None where it would not be signed: no record service vouches for this device yet, or the person cannot
    be told in one (no NHS number, say). Then its text is what an unsigned code holds. What the patient hid is never on
    it, also while it is shown: the card outlives that.
    """
    card = _card(passport, choices(passport), now=now)
    if card is None:
        return None
    if hide_wishes:
        card = without_wishes(card)
    person, (words, code) = card.person, _words_and_code(passport, card, now=now)
    return ShownCard(
        name=person.display_name,
        birth_date=person.birth_date,
        nhs_number=person.nhs_number,
        groups=(*((_CHOSEN,) if card.chosen else ()), *(_group(group) for group in card.groups)),
        text=words.text,
        code=code,
        left_out=tuple((one.part.value, one.total - one.shown, one.total) for one in words.trimmed),
        made_at=now,
    )


def recorded_card(passport: Passport, *, now: datetime) -> EmergencyCard | None:
    """The card as the record alone would have it, before anything was chosen; None before there is a record."""
    return _card(passport, CardChoices(), now=now)


def show_while_locked(passport: Passport, on: bool, *, now: datetime) -> None:
    """Keep the card outside the vault, as the patient chose it, or take it away again. Raises CardKeyUnavailable."""
    wanted = choices_of(passport)
    card = shown_card(passport, now=now, hide_wishes=wanted.hide_wishes) if on else None
    if card is None:
        take_card_away(passport)
    else:
        keep_card(passport, card, wanted)


def choose_while_locked(passport: Passport, wanted: LockedChoices, *, now: datetime) -> None:
    """Take other choices about the card shown while locked; one that is kept is made anew by them at once.

    Raises OlderCopyOpened.
    """
    note_choices(passport, wanted)
    renew_locked_card(passport, now=now)


def renew_locked_card(passport: Passport, *, now: datetime) -> None:
    """Write the locked card anew after the record changed, where it is switched on.

    What it was before is not left there: where it cannot be sealed again now, it cannot be seen until it can.
    """
    if not is_shown_while_locked(passport.home):
        return
    try:
        show_while_locked(passport, True, now=now)
    except CardKeyUnavailable:
        shut_card(passport, choices_of(passport))


def _card(passport: Passport, chosen: CardChoices, *, now: datetime) -> EmergencyCard | None:
    person = passport.store.person()
    if person is None:
        return None
    store, shelf = passport.store, passport.store.without_hidden()
    told_by = store.person_source()
    source = told_by if told_by in shelf.sources() else None
    entries = _entries(shelf)
    seen = {stored.id for stored in entries}
    unseen = [stored for stored in _entries(store.with_hidden()) if stored.id not in seen]
    return emergency_card(person, entries, shelf.notes(), unseen, choices=chosen, person_source=source, now=now)


def _entries(shelf: Shelf) -> list[StoredEntry]:
    return [stored for section in _ON_CARD for stored in shelf.entries(section, 0, shelf.count(section))]


def _words_and_code(passport: Passport, card: EmergencyCard, *, now: datetime) -> tuple[PlainText, str | None]:
    """A card is never withheld because its code cannot be signed: whoever needs it is better served without."""
    try:
        words = _words(card, plain_text)
        wire = attestation_of(passport)
        return words, None if wire is None else plain_words.seal(words.text, passport.device_key, wire, now=now)
    except (TextRefused, TooLarge):
        return _unsigned(card), None


def _unsigned(card: EmergencyCard) -> PlainText:
    """What any phone can still show; the whole card as text alone where not even the person fits a code."""
    try:
        return _words(card, unsigned_text)
    except TooLarge:
        return whole_text(card)


def _words(card: EmergencyCard, text: Callable[[EmergencyCard, int], PlainText]) -> PlainText:
    """A light code where the card fits whole, a full one where it does not (design, D6)."""
    light = text(card, BUDGETS["V20-L"])
    return text(card, BUDGETS["V25-L"]) if light.trimmed else light


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

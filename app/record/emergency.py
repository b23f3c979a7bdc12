"""The emergency card: what a paramedic sees, in order, each line with who said it and when.

Owns what is on the card and its order (allergies, wishes, what matters most first); the words of its
code are emergency_text.py's. It decides nothing medical, leaves off only what the patient chose to and
says so, and never turns "nothing recorded" or "left off" into "none known". Entries of quarantined
sources are left out: nobody vouches for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from app.record.codes import RESPECT_FORM, WISHES
from app.record.emergency_card import CardGroup, CardLine, CardPart, EmergencyCard, Said
from app.record.emergency_choices import (
    INTERPRETER_KEY,
    LANGUAGE_KEY,
    MAX_OWN_WORDS_CHARS,
    SURGERY_KEY,
    CardChoices,
    contact_key,
    entry_key,
    own_contact,
    own_line,
)
from app.record.emergency_text import BUDGETS, PlainText, Trimmed, plain_text, subject_of, unsigned_text, whole_text
from app.record.entry import Entry, ListWarning, Person, Section, Standing
from app.record.identity import clean
from app.record.medicines import plain_name
from app.record.priorities import condition_comes_first, is_implant, medicine_comes_first
from app.record.source import Checked, SourceInfo, StoredEntry, StoredNote

__all__ = [
    "BUDGETS",
    "MAX_OWN_WORDS_CHARS",
    "CardChoices",
    "CardGroup",
    "CardLine",
    "CardPart",
    "EmergencyCard",
    "PlainText",
    "Said",
    "Trimmed",
    "emergency_card",
    "own_words_line",
    "plain_text",
    "subject_of",
    "unsigned_text",
    "whole_text",
    "without_wishes",
]

PREGNANCY_DAYS = timedelta(days=294)
"""A pregnancy recorded longer ago than this is over."""

NOTHING_CHOSEN = CardChoices()
RESPECT_NAME = "ReSPECT form"
WISHES_HIDDEN = "not on this card, the patient's choice"
_WISH_NAMES = {
    **dict.fromkeys(RESPECT_FORM, RESPECT_NAME),
    "450476008": "Not for attempted CPR",
    "450475007": "For attempted CPR",
}
"""The names crews know them by; their full titles would take a quarter of a code."""

_TODAY = (Standing.CURRENT, Standing.UNKNOWN)
_NOT_PREGNANT = "60001007"
_PART_OF_SECTION = (
    (Section.ALLERGIES, CardPart.ALLERGIES),
    (Section.MEDICINES, CardPart.MEDICINES),
    (Section.CONDITIONS, CardPart.CONDITIONS),
)
_ALWAYS = frozenset({CardPart.ALLERGIES, CardPart.MEDICINES, CardPart.CONDITIONS})


def emergency_card(
    person: Person,
    entries: Iterable[StoredEntry],
    notes: Iterable[StoredNote] = (),
    unseen: Iterable[StoredEntry] = (),
    *,
    choices: CardChoices = NOTHING_CHOSEN,
    person_source: SourceInfo | None = None,
    now: datetime,
) -> EmergencyCard:
    """The card of a person out of everything stored, whatever its order or source, as the patient chose it.

    `unseen` is what the patient hid: nothing of it is on the card, but an allergy, medicine or condition among it
    counts as left off, so that nobody reads that there is none. `person_source` is who told of the person (language,
    contacts, surgery), None where nobody is named.
    Raises TextRefused where what the patient added may not stand on a card (`own_line`, `own_contact`).
    """
    recorded = _recorded(person, entries, person_source, now)
    kept = {part: _kept(part, lines, choices) for part, lines in recorded.items()}
    hidden = (part for part, lines in _recorded(person, unseen, None, now).items() if lines and part in _ALWAYS)
    short = frozenset(part for part, lines in kept.items() if len(lines) < len(recorded[part])).union(hidden)
    for part, added in _added(choices, now).items():
        kept[part] += added
    groups = [_group(part, found, list(notes_of)) for part, found, notes_of in _with_notes(kept, list(notes))]
    told = tuple(_told_short(group, now) if group.part in short & _ALWAYS else group for group in groups)
    shown = tuple(group for group in told if group.lines or group.part in _ALWAYS)
    return EmergencyCard(person, now, shown, bool(short))


def own_words_line(words: str, *, now: datetime) -> CardLine:
    """A line in the patient's own words. Raises TextRefused for what could hide or turn other lines."""
    return CardLine(own_line(words), said=(_by_patient(now),))


def _by_patient(now: datetime) -> Said:
    return Said("", now.date().isoformat(), checked=False, by_patient=True)


def _recorded(
    person: Person, entries: Iterable[StoredEntry], person_source: SourceInfo | None, now: datetime
) -> dict[CardPart, list[CardLine]]:
    """What the record says, part by part, before anything is chosen."""
    lines: dict[CardPart, list[CardLine]] = {part: [] for part in CardPart}
    for stored in entries:
        if not stored.live or stored.entry.standing not in _TODAY:
            continue
        part = _part(stored.entry, now)
        if part is not None:
            key = entry_key(stored.source, stored.entry)
            lines[part].append(replace(_line(part, stored.entry, said_by(stored.source)), keys=(key,)))
    told = () if person_source is None else (said_by(person_source),)
    lines[CardPart.NEEDS] = [*_language(person, told), *lines[CardPart.NEEDS]]
    lines[CardPart.CONTACTS] = [*_contacts(person, told), *lines[CardPart.CONTACTS]]
    if surgery := clean(person.gp_surgery):
        lines[CardPart.SURGERY] = [CardLine(surgery, said=told, keys=(SURGERY_KEY,))]
    return lines


def _kept(part: CardPart, lines: list[CardLine], choices: CardChoices) -> list[CardLine]:
    """What the patient did not leave off; words that another source says too stay until those are left off as well."""
    return [] if part in choices.parts else [line for line in lines if not choices.lines.issuperset(line.keys)]


def _added(choices: CardChoices, now: datetime) -> dict[CardPart, list[CardLine]]:
    said = (_by_patient(now),)
    contacts = [own_contact(one.name, one.relationship, one.phone) for one in choices.contacts]
    original = [own_line(choices.original)] if choices.original else []
    return {
        CardPart.OWN_WORDS: [own_words_line(words, now=now) for words in choices.own_words],
        CardPart.CONTACTS: [CardLine(one.name, one.relationship, said, phone=one.phone) for one in contacts],
        CardPart.WISHES: [CardLine(f"Original of the {RESPECT_NAME}", where, said) for where in original],
    }


def _told_short(group: CardGroup, now: datetime) -> CardGroup:
    """A part of which something was left off says so; that there is none would be read of all of it."""
    warning = (ListWarning.LEFT_OFF, _by_patient(now))
    return replace(group, absences=(), warnings=(*group.warnings, warning))


def without_wishes(card: EmergencyCard) -> EmergencyCard:
    """The card with one line in the place of its wishes that says so, whether there are any or not."""
    hidden = CardGroup(CardPart.WISHES, (CardLine(WISHES_HIDDEN),))
    groups = {group.part: group for group in card.groups} | {CardPart.WISHES: hidden}
    return replace(card, groups=tuple(groups[part] for part in CardPart if part in groups))


def said_by(source: SourceInfo) -> Said:
    """Who said what came from a source, and on which day it was signed or, unsigned, received."""
    day = (source.signed_at or source.received_at).date().isoformat()
    return Said(clean(source.issuer_name), day, checked=source.checked is Checked.CHECKED)


def _part(entry: Entry, now: datetime) -> CardPart | None:
    section = entry.section
    if section is Section.PLANS:
        return CardPart.WISHES if {coding.code for coding in entry.codings} & WISHES else CardPart.PLANS
    if section is Section.DEVICES or (section is Section.PROCEDURES and is_implant(entry.title)):
        return CardPart.IMPLANTS
    if section is Section.NEEDS:
        return CardPart.NEEDS
    if section is Section.PREGNANCY:
        return CardPart.PREGNANCY if _is_pregnant(entry, now) else None
    if entry.resource_type == "RelatedPerson":
        return CardPart.CONTACTS
    return next((part for whole, part in _PART_OF_SECTION if whole is section), None)


def _is_pregnant(entry: Entry, now: datetime) -> bool:
    if _NOT_PREGNANT in {coding.code for coding in entry.codings} or "not pregnant" in entry.detail.lower():
        return False
    return entry.when is not None and entry.when.text[:10] >= (now - PREGNANCY_DAYS).date().isoformat()


def _line(part: CardPart, entry: Entry, said: Said) -> CardLine:
    title, detail = clean(entry.title), clean(entry.detail)
    facts = {fact.name: clean(fact.value) for fact in entry.facts}
    if part is CardPart.MEDICINES:
        held = " (on hold)" if facts.get("status") == "on-hold" else ""
        return CardLine(plain_name(title) + held, said=(said,), first=medicine_comes_first(title))
    if part is CardPart.CONTACTS:
        return CardLine(title, facts.get("relationship", ""), (said,), phone=facts.get("phone", ""))
    if part is CardPart.ALLERGIES:
        return CardLine(title, detail, (said,), first=facts.get("criticality") == "high")
    if part is CardPart.CONDITIONS:
        return CardLine(title, "", (said,), first=condition_comes_first(title))
    if part is CardPart.WISHES:
        named = next((_WISH_NAMES[coding.code] for coding in entry.codings if coding.code in _WISH_NAMES), title)
        stored_at = f"original: {where}" if (where := facts.get("stored-at", "")) else ""
        both = ", ".join(one for one in (detail, stored_at) if one and one not in (title, named))
        return CardLine(named, both, (said,), first=named != RESPECT_NAME)
    if part is CardPart.PLANS:
        return CardLine(title, clean(entry.organisation), (said,))
    return CardLine(title, detail if part is CardPart.PREGNANCY and detail != title else "", (said,))


def _language(person: Person, told: tuple[Said, ...]) -> list[CardLine]:
    found = []
    language = clean(person.language)
    if language and not language.lower().startswith("en"):
        found.append(CardLine(f"Speaks {language}", said=told, keys=(LANGUAGE_KEY,)))
    if person.interpreter_needed:
        found.append(CardLine("Interpreter needed", said=told, first=True, keys=(INTERPRETER_KEY,)))
    return found


def _contacts(person: Person, told: tuple[Said, ...]) -> list[CardLine]:
    return [
        CardLine(clean(one.name), clean(one.relationship), told, phone=clean(one.phone), keys=(contact_key(one),))
        for one in person.contacts
    ]


def _with_notes(
    lines: dict[CardPart, list[CardLine]], notes: list[StoredNote]
) -> Iterable[tuple[CardPart, list[CardLine], Iterable[StoredNote]]]:
    trusted = [note for note in notes if note.source.checked is not Checked.QUARANTINED]
    section_of = {part: section for section, part in _PART_OF_SECTION}
    for part, found in lines.items():
        yield part, found, (note for note in trusted if note.note.section is section_of.get(part))


def _group(part: CardPart, lines: list[CardLine], notes: list[StoredNote]) -> CardGroup:
    absences = [(one.note.absence, said_by(one.source)) for one in notes if one.note.absence is not None]
    warnings = [(one.note.warning, said_by(one.source)) for one in notes if one.note.warning is not None]
    joined = _joined(lines)
    ordered = sorted(joined, key=lambda line: not line.first)
    return CardGroup(part, tuple(ordered), tuple(dict.fromkeys(absences)), tuple(dict.fromkeys(warnings)))


def _joined(lines: list[CardLine]) -> list[CardLine]:
    """The same words from several sources as one line that names them all."""
    found: dict[tuple[str, str, str], CardLine] = {}
    for line in lines:
        key = (line.text.casefold(), line.detail.casefold(), line.phone)
        before = found.get(key)
        said = tuple(dict.fromkeys((*(before.said if before else ()), *line.said)))
        first = line.first or (before is not None and before.first)
        keys = (*(before.keys if before else ()), *line.keys)
        found[key] = CardLine((before or line).text, line.detail, said, first, line.phone, keys)
    return list(found.values())

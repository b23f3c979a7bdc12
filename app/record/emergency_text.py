"""The words of the emergency card's code: plain text that any phone shows, cut to a size by priority.

    PATIENT PASSPORT EMERGENCY CARD
    Name: <name>
    Born: <4 March 1959>
    NHS number: <999 000 0018>
    Card made: <23 November 2026>
    Chosen by the patient: more may be in the record          (where something was left off)
    ALLERGIES: <line>; <line>
    …
    Not shown: <all 7 conditions>; <1 care plan>
    Said by: <who>; <who>

Owns this form and reading the person back out of it; signing it is crypto/plain_words.py. No colon
in the first line, because phones take "word:" for a web address; NFC; no doses; one line for each
part, most important first. What does not fit is counted where it would stand ("2 of 9 medicines not
shown"), so a cut list never looks complete; parts with no room at all share one line. Who said it,
then where an original lies, give way to what matters most, reactions to allergies last of all.
The words are English: they are meant for any reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from app.record.emergency_card import CardGroup, CardLine, CardPart, EmergencyCard
from app.record.entry import Absence, ListWarning
from app.record.identity import SubjectParts, subject_parts
from crypto.errors import TextRefused, TooLarge

HEADLINE = "PATIENT PASSPORT EMERGENCY CARD"

BUDGETS: Mapping[str, int] = MappingProxyType({"V20-M": 412, "V20-L": 604, "V25-M": 742, "V25-L": 1018})
"""UTF-8 bytes of text that fit in a code beside its signature line (design, D6)."""

MAX_VERSION = 25
"""The largest code a card is drawn as: a phone still reads it off another one's screen."""

_NOT_RECORDED = "not recorded here"
_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")  # fmt: skip

_HEADS: Mapping[CardPart, tuple[str, str, str]] = MappingProxyType(
    {
        CardPart.ALLERGIES: ("ALLERGIES", "allergies", "allergy"),
        CardPart.WISHES: ("WISHES (copy, ask for the original)", "wishes", "wish"),
        CardPart.MEDICINES: ("MEDICINES", "medicines", "medicine"),
        CardPart.CONDITIONS: ("CONDITIONS", "conditions", "condition"),
        CardPart.IMPLANTS: ("IMPLANTS", "implants", "implant"),
        CardPart.NEEDS: ("NEEDS", "needs", "need"),
        CardPart.PREGNANCY: ("PREGNANCY", "notes on pregnancy", "note on pregnancy"),
        CardPart.OWN_WORDS: ("IN MY OWN WORDS", "lines in my own words", "line in my own words"),
        CardPart.CONTACTS: ("CALL", "contacts", "contact"),
        CardPart.SURGERY: ("GP", "GP surgeries", "GP surgery"),
        CardPart.PLANS: ("CARE PLANS", "care plans", "care plan"),
    }
)
"""How a part is headed, and what several of it and one of it are called."""

_NONE_RECORDED: Mapping[CardPart, str] = MappingProxyType(
    {
        CardPart.ALLERGIES: "No allergies recorded here",
        CardPart.MEDICINES: "No medicines recorded here",
        CardPart.CONDITIONS: "No conditions recorded here",
    }
)
_ABSENCES: Mapping[Absence, str] = MappingProxyType(
    {
        Absence.NONE_KNOWN: "No known {what}",
        Absence.NOT_ASKED: "Not asked",
        Absence.WITHHELD: "Withheld",
        Absence.UNAVAILABLE: "Not available",
    }
)
_WARNINGS: Mapping[ListWarning, str] = MappingProxyType(
    {
        ListWarning.CONFIDENTIAL: "some items withheld",
        ListWarning.IN_TRANSIT: "some items still on their way",
        ListWarning.AWAITING_FILING: "some items not yet filed",
        ListWarning.LEFT_OFF: "more left off by the patient",
    }
)
_CHOSEN = "Chosen by the patient: more may be in the record"
_LEFT_OFF = "Left off this card by the patient"

_RANK: Mapping[CardPart, tuple[int, int]] = MappingProxyType(
    {
        CardPart.ALLERGIES: (0, 0),
        CardPart.WISHES: (1, 1),
        CardPart.MEDICINES: (2, 9),
        CardPart.CONDITIONS: (3, 10),
        CardPart.IMPLANTS: (4, 4),
        CardPart.CONTACTS: (5, 12),
        CardPart.NEEDS: (6, 6),
        CardPart.PREGNANCY: (7, 7),
        CardPart.OWN_WORDS: (8, 8),
        CardPart.SURGERY: (11, 11),
        CardPart.PLANS: (13, 13),
    }
)
"""Who gets room first: (what matters most of the part, the rest of it)."""

_MUST_FIT = frozenset({CardPart.ALLERGIES, CardPart.WISHES})

_SUBJECT = re.compile(r"Name: (?P<name>.+)\nBorn: (?P<born>.+)\nNHS number: (?P<number>\d{3} \d{3} \d{4})(?:\n|\Z)")
_BORN = re.compile(r"(?:(?:(?P<day>[1-9]\d?) )?(?P<month>[A-Z][a-z]+) )?(?P<year>\d{4})")


@dataclass(frozen=True, slots=True)
class _Form:
    """What a text tells beside the lines themselves."""

    names_sources: bool
    tells_details: bool
    tells_reactions: bool = True


_FORMS = (_Form(True, True), _Form(False, True), _Form(False, False))
"""Tried in this order until what matters most fits."""

_BARE = _Form(False, False, False)
"""The last resort: an allergy without its reaction is better than one that is only counted."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A part that did not fit whole: `shown` of `total` lines are in the text."""

    part: CardPart
    shown: int
    total: int


@dataclass(frozen=True, slots=True)
class PlainText:
    """The text, and what it had no room for."""

    text: str = field(repr=False)
    trimmed: tuple[Trimmed, ...]


def plain_text(card: EmergencyCard, budget_bytes: int) -> PlainText:
    """The card as text of at most `budget_bytes` bytes of UTF-8, filled by priority.

    Raises TextRefused where the person has no name, full NHS number or birth date to be read back
    from the text, TooLarge where not even the person and the counts fit.
    """
    if subject_of(_render(card, _nothing(card), _BARE)) != subject_parts(card.person):
        raise TextRefused("expected a name and a birth date as YYYY-MM-DD, YYYY-MM or YYYY, found others")
    return unsigned_text(card, budget_bytes)


def unsigned_text(card: EmergencyCard, budget_bytes: int) -> PlainText:
    """The same of a person who cannot be told in a signed text; raises TooLarge."""
    found: PlainText | None = None
    for form in _FORMS:
        found = _fitted(card, budget_bytes, form) or found
        if found is not None and _holds_what_matters_most(card, found):
            return found
    if found is None or any(one.part is CardPart.ALLERGIES for one in found.trimmed):
        found = _fitted(card, budget_bytes, _BARE)
    if found is None:
        needed = _size(card, _nothing(card), _BARE)
        raise TooLarge(f"expected room for {needed} bytes of person and counts, found {budget_bytes}")
    return found


def whole_text(card: EmergencyCard) -> PlainText:
    """Every line of the card as text to be read, not to be signed: where it cannot stand in a code.

    What the person has not is said to be not recorded, never left to be guessed.
    """
    return PlainText(_render(card, {group.part: len(group.lines) for group in card.groups}, _FORMS[0]), ())


def _fitted(card: EmergencyCard, budget_bytes: int, form: _Form) -> PlainText | None:
    """Lines given room one by one, a part closed at the first that does not fit; None where nothing fits.

    A part whose next line does not fit is tried whole before it is closed: a whole part needs no count.
    """
    totals = {group.part: len(group.lines) for group in card.groups}
    shown = totals if _size(card, totals, form) <= budget_bytes else _nothing(card)
    if _size(card, shown, form) > budget_bytes:
        return None
    full: set[CardPart] = set()
    for part in _by_rank(card):
        if part in full or shown[part] == totals[part]:
            continue
        for number in (shown[part] + 1, totals[part]):
            attempt = shown | {part: number}
            if _size(card, attempt, form) <= budget_bytes:
                shown = attempt
                break
        else:
            full.add(part)
    trimmed = (Trimmed(part, shown[part], total) for part, total in totals.items())
    return PlainText(_render(card, shown, form), tuple(one for one in trimmed if one.shown < one.total))


def _holds_what_matters_most(card: EmergencyCard, found: PlainText) -> bool:
    """Whether every allergy and wish, and every line marked to come first, is in the text."""
    shown = {one.part: one.shown for one in found.trimmed}
    for group in card.groups:
        matter = len(group.lines) if group.part in _MUST_FIT else sum(line.first for line in group.lines)
        if shown.get(group.part, matter) < matter:
            return False
    return True


def _nothing(card: EmergencyCard) -> dict[CardPart, int]:
    return dict.fromkeys((group.part for group in card.groups), 0)


def subject_of(text: str) -> SubjectParts:
    """Who a card's text is about, exactly as subject_parts names them; what an attestation must equal.

    Raises TextRefused where the lines are not the ones plain_text writes.
    """
    lines = text.split("\n", 1)
    found = _SUBJECT.match(lines[1]) if len(lines) == 2 and lines[0] == HEADLINE else None
    if found is None:
        raise TextRefused("expected headline, name, birth date and NHS number lines, found others")
    return SubjectParts(found["number"].replace(" ", ""), _iso_date(found["born"]), found["name"])


def _by_rank(card: EmergencyCard) -> list[CardPart]:
    """Parts in the order their lines are given room, once for each line."""
    ranked = []
    for group in card.groups:
        most, rest = _RANK[group.part]
        for number, line in enumerate(group.lines):
            ranked.append((most if line.first or (number == 0 and not group.lines[0].first) else rest, group.part))
    return [part for _, part in sorted(ranked, key=lambda item: item[0])]


def _size(card: EmergencyCard, shown: Mapping[CardPart, int], form: _Form) -> int:
    return len(_render(card, shown, form).encode("utf-8"))


def _render(card: EmergencyCard, shown: Mapping[CardPart, int], form: _Form) -> str:
    subject = subject_parts(card.person)
    number = subject.nhs_number
    lines = [
        HEADLINE,
        f"Name: {subject.name or _NOT_RECORDED}",
        f"Born: {_words_date(subject.birth_date) or _NOT_RECORDED}",
        f"NHS number: {f'{number[:3]} {number[3:6]} {number[6:]}' if number else _NOT_RECORDED}",
        f"Card made: {_words_date(card.as_of.date().isoformat())}",
    ]
    lines += [_CHOSEN] if card.chosen else []
    told = (group for group in card.groups if shown[group.part] or not group.lines)
    lines += [_group_line(group, shown[group.part], form) for group in told]
    absent = [group for group in card.groups if group.lines and not shown[group.part]]
    if absent:
        lines.append(f"Not shown: {'; '.join(_counted(group) for group in absent)}")
    if form.names_sources and (sources := _sources(card, shown)):
        lines.append(f"Said by: {'; '.join(sources)}")
    return "\n".join(lines)


def _group_line(group: CardGroup, shown: int, form: _Form) -> str:
    head, what, _ = _HEADS[group.part]
    tells_details = form.tells_reactions if group.part is CardPart.ALLERGIES else form.tells_details
    total = len(group.lines)
    said = [_line(line, tells_details) for line in group.lines[:shown]]
    if not total:
        said = [_absence(group, what)]
    elif shown < total:
        said.append(f"{total - shown} of {total} {what} not shown")
    return f"{head}: {'; '.join((*said, *_warned(group)))}"


def _counted(group: CardGroup) -> str:
    """A part there was no room for at all, with the warnings that came with it."""
    total = len(group.lines)
    _, many, one = _HEADS[group.part]
    return ", ".join((f"all {total} {many}" if total > 1 else f"1 {one}", *_warned(group)))


def _warned(group: CardGroup) -> list[str]:
    """A part of which nothing is left already says by whom it was left off."""
    told = (warning for warning, _ in group.warnings if group.lines or warning is not ListWarning.LEFT_OFF)
    return list(dict.fromkeys(_WARNINGS[warning] for warning in told))


def _absence(group: CardGroup, what: str) -> str:
    """What sources said about there being none; nothing recorded, and nothing left on, are told as just that."""
    if any(warning is ListWarning.LEFT_OFF for warning, _ in group.warnings):
        return _LEFT_OFF
    if not group.absences:
        return _NONE_RECORDED[group.part]
    told = ((_ABSENCES[absence].format(what=what), said) for absence, said in group.absences)
    return "; ".join(dict.fromkeys(f"{words} (said by {said.name}, {said.on})" for words, said in told))


def _line(line: CardLine, tells_details: bool) -> str:
    detail = f" - {line.detail}" if line.detail and tells_details else ""
    phone = f" {line.phone}" if line.phone else ""
    return f"{line.text}{detail}{phone}"


def _sources(card: EmergencyCard, shown: Mapping[CardPart, int]) -> list[str]:
    names: dict[str, None] = {}
    for group in card.groups:
        for line in group.lines[: shown[group.part]]:
            for said in line.said:
                names.setdefault("the patient" if said.by_patient else said.name)
    return [name for name in names if name]


def _words_date(iso: str) -> str:
    """ "1959-03-04" as "4 March 1959"; a date without day or month keeps that precision."""
    parts = iso.split("-")
    try:
        day = date.fromisoformat("-".join((*parts, "01", "01")[:3]))
    except ValueError:
        return iso
    words = (str(day.day), _MONTHS[day.month - 1], f"{day.year:04}")
    return " ".join(words[3 - len(parts) :])


def _iso_date(words: str) -> str:
    found = _BORN.fullmatch(words)
    if found is None or (found["month"] is not None and found["month"] not in _MONTHS):
        raise TextRefused("expected a birth date such as 4 March 1959, found other words")
    if found["month"] is None:
        return found["year"]
    month = f"{_MONTHS.index(found['month']) + 1:02}"
    return f"{found['year']}-{month}-{int(found['day']):02}" if found["day"] else f"{found['year']}-{month}"

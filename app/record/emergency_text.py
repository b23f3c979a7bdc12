"""The words of the emergency card's code: plain text that any phone shows, cut to a size by priority.

    PATIENT PASSPORT EMERGENCY CARD
    Name: <name>
    Born: <4 March 1959>
    NHS number: <999 000 0018>
    Card made: <23 November 2026>
    ALLERGIES: <line>; <line>
    …
    Said by: <who>; <who>

Owns this form and reading the person back out of it; signing it is crypto/plain_words.py. No colon
in the first line, because phones take "word:" for a web address; NFC; no doses; one line for each
part, most important first. What does not fit is counted in its own line ("2 of 9 medicines not
shown"), so a cut list never looks complete. The words are English: they are meant for any reader.
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

_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")  # fmt: skip

_HEADS: Mapping[CardPart, tuple[str, str]] = MappingProxyType(
    {
        CardPart.ALLERGIES: ("ALLERGIES", "allergies"),
        CardPart.WISHES: ("WISHES (copy, ask for the original)", "wishes"),
        CardPart.MEDICINES: ("MEDICINES", "medicines"),
        CardPart.CONDITIONS: ("CONDITIONS", "conditions"),
        CardPart.IMPLANTS: ("IMPLANTS AND DEVICES", "implants and devices"),
        CardPart.NEEDS: ("NEEDS", "needs"),
        CardPart.PREGNANCY: ("PREGNANCY", "pregnancy notes"),
        CardPart.OWN_WORDS: ("IN MY OWN WORDS", "lines in my own words"),
        CardPart.CONTACTS: ("CALL", "people to call"),
        CardPart.SURGERY: ("GP", "GP surgeries"),
        CardPart.PLANS: ("CARE PLANS", "care plans"),
    }
)
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
    }
)
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

_SUBJECT = re.compile(r"Name: (?P<name>.+)\nBorn: (?P<born>.+)\nNHS number: (?P<number>\d{3} \d{3} \d{4})(?:\n|\Z)")
_BORN = re.compile(r"(?:(?:(?P<day>[1-9]\d?) )?(?P<month>[A-Z][a-z]+) )?(?P<year>\d{4})")


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
    shown = dict.fromkeys((group.part for group in card.groups), 0)
    if subject_of(_render(card, shown, False)) != subject_parts(card.person):
        raise TextRefused("expected a birth date as YYYY-MM-DD, YYYY-MM or YYYY, found another form")
    names_sources = True
    if _size(card, shown, names_sources) > budget_bytes:
        names_sources = False
        if (needed := _size(card, shown, names_sources)) > budget_bytes:
            raise TooLarge(f"expected room for {needed} bytes of person and counts, found {budget_bytes}")
    full: set[CardPart] = set()
    for part in _by_rank(card):
        if part in full:
            continue
        attempt = shown | {part: shown[part] + 1}
        if _size(card, attempt, names_sources) <= budget_bytes:
            shown = attempt
        else:
            full.add(part)
    trimmed = (Trimmed(group.part, shown[group.part], len(group.lines)) for group in card.groups)
    return PlainText(_render(card, shown, names_sources), tuple(one for one in trimmed if one.shown < one.total))


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


def _size(card: EmergencyCard, shown: Mapping[CardPart, int], names_sources: bool) -> int:
    return len(_render(card, shown, names_sources).encode("utf-8"))


def _render(card: EmergencyCard, shown: Mapping[CardPart, int], names_sources: bool) -> str:
    subject = subject_parts(card.person)
    number = subject.nhs_number
    lines = [
        HEADLINE,
        f"Name: {subject.name}",
        f"Born: {_words_date(subject.birth_date)}",
        f"NHS number: {number[:3]} {number[3:6]} {number[6:]}",
        f"Card made: {_words_date(card.as_of.date().isoformat())}",
    ]
    lines += [_group_line(group, shown[group.part]) for group in card.groups]
    if names_sources and (sources := _sources(card, shown)):
        lines.append(f"Said by: {'; '.join(sources)}")
    return "\n".join(lines)


def _group_line(group: CardGroup, shown: int) -> str:
    head, what = _HEADS[group.part]
    total = len(group.lines)
    said = [_line(line) for line in group.lines[:shown]]
    if not total:
        said = [_absence(group, what)]
    elif shown < total:
        said.append(f"{total - shown} of {total} {what} not shown")
    said += dict.fromkeys(_WARNINGS[warning] for warning, _ in group.warnings)
    return f"{head}: {'; '.join(said)}"


def _absence(group: CardGroup, what: str) -> str:
    """What sources said about there being none; nothing recorded is told as just that."""
    if not group.absences:
        return _NONE_RECORDED[group.part]
    told = ((_ABSENCES[absence].format(what=what), said) for absence, said in group.absences)
    return "; ".join(dict.fromkeys(f"{words} (said by {said.name}, {said.on})" for words, said in told))


def _line(line: CardLine) -> str:
    detail = f" - {line.detail}" if line.detail else ""
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

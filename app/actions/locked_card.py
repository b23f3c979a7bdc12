"""The emergency card as it is shown, and reading the one kept outside the vault while locked.

Owns the shapes of a card and its form (FORMATS.md, "Card shown while locked"). Leaves what lies around it in the file
to locked_form.py, making a card and switching it on to emergency.py and keeping_card.py, the file to app/store/home.py.
A locked card must be on the screen before a passphrase is typed: nothing of network, trust, store or
screens is imported here, and what unseals only where something is sealed. The file is not believed: its form is
checked to the last member, and a damaged one is refused without a word of its content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.actions.locked_form import FIRST_VERSION, Outside, context_of, read_outside
from app.policy.locked_choices import LockedChoices
from app.store.home import PassportHome
from app.store.instant import from_text, to_text
from crypto import json_text, members
from crypto.errors import (
    CardKeyUnavailable,
    HeaderUnreadable,
    KeystoreUnavailable,
    MalformedToken,
    NoPassport,
    NotJson,
    StoreDamaged,
    Tampered,
)
from crypto.vault_header import read_header


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
    """The card and its code's text. `code` is None where it cannot have one: emergency.py says when.

    `left_out` is (part, lines left out of the code, lines in all). What is on the screen is whole, but where the
    patient chose codes only: then `groups` and `text` are empty.
    """

    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    nhs_number: str = field(repr=False)
    groups: tuple[ShownGroup, ...] = field(repr=False)
    text: str = field(repr=False)
    code: str | None = field(repr=False)
    left_out: tuple[tuple[str, int, int], ...]
    made_at: datetime


def is_shown_while_locked(home: PassportHome) -> bool:
    """Whether the card may be seen without the passphrase."""
    return home.read_locked_card() is not None


def choices_while_locked(home: PassportHome) -> LockedChoices:
    """What was chosen of the card that may be seen; none of it where there is no card, or its file is damaged."""
    try:
        outside = kept_outside(home)
    except StoreDamaged:
        return LockedChoices()
    return LockedChoices() if outside is None else outside.choices


def locked_card(home: PassportHome) -> ShownCard | None:
    """The card that may be seen without the passphrase; None where it is off.

    Raises StoreDamaged, CardKeyUnavailable where it is sealed and this device does not give the key to it. Blocks.
    """
    outside = kept_outside(home)
    if outside is None:
        return None
    try:
        inside = outside.card if outside.sealed is None else json_text.parse_object(_unsealed(home, outside))
        return _card(inside, whole_code=outside.version == FIRST_VERSION)
    except (NotJson, MalformedToken) as error:
        raise StoreDamaged(f"locked card: {error.args[0]}") from None


def kept_outside(home: PassportHome) -> Outside | None:
    """The file as it lies there, nothing unsealed; None where the card is off. Raises StoreDamaged."""
    kept = home.read_locked_card()
    if kept is None:
        return None
    try:
        return read_outside(kept)
    except (NotJson, MalformedToken) as error:
        raise StoreDamaged(f"locked card: {error.args[0]}") from None


def _unsealed(home: PassportHome, outside: Outside) -> bytes:
    """The vault is the one of this folder: what was sealed for another's does not open here."""
    from app.actions.kept_here import card_entry  # these load what only a sealed card needs
    from crypto.device_seal import unseal

    try:
        vault_id = read_header(home.read_header()).vault_id
        key = home.keystore.read(card_entry(vault_id))
    except (KeystoreUnavailable, NoPassport, HeaderUnreadable) as error:
        raise CardKeyUnavailable("card key: expected an answer, found a refusal") from error
    if key is None:
        raise CardKeyUnavailable("card key: expected one, found none")
    try:
        return unseal(key, context_of(outside, vault_id), outside.sealed or b"")
    except Tampered as error:
        raise CardKeyUnavailable("card key: expected the one the card was sealed with, found another") from error


# ---- the card's form ------------------------------------------------------------------------


def to_bytes(card: ShownCard) -> bytes:
    """The card as one JSON object, as small as it goes: nothing that is empty, and its text once."""
    of: dict[str, object] = {
        "name": card.name,
        "birth_date": card.birth_date,
        "nhs_number": card.nhs_number,
        "groups": [_group_members(group) for group in card.groups],
        "text": card.text,
        "tail": None if card.code is None else card.code.removeprefix(card.text),
        "left_out": [list(one) for one in card.left_out],
        "made_at": to_text(card.made_at),
    }
    return json_text.dump(of)


def _group_members(group: ShownGroup) -> dict[str, object]:
    lines = [_line_members(line) for line in group.lines]
    of = {"part": group.part, "lines": lines, "absences": group.absences, "warnings": group.warnings}
    return {name: value for name, value in of.items() if value}


def _line_members(line: ShownLine) -> dict[str, object]:
    of = {"said_by": line.said_by, "when": line.when, "own_words": line.own_words, "phone": line.phone}
    return {"text": line.text} | {name: value for name, value in of.items() if value}


def _card(of: Mapping[str, Any], *, whole_code: bool) -> ShownCard:
    """`whole_code`: the first version kept the code with its text before it."""
    text = members.text(of, "text")
    name = "code" if whole_code else "tail"
    code = None if name in of and of[name] is None else members.text(of, name)
    return ShownCard(
        name=members.text(of, "name"),
        birth_date=members.text(of, "birth_date"),
        nhs_number=members.text(of, "nhs_number"),
        groups=tuple(_group(members.object_in(one, "group")) for one in members.array(of, "groups")),
        text=text,
        code=code if whole_code or code is None else text + code,
        left_out=tuple(_left_out(one) for one in members.array(of, "left_out")),
        made_at=_instant(members.text(of, "made_at")),
    )


def _group(of: Mapping[str, Any]) -> ShownGroup:
    lines = members.array(of, "lines") if "lines" in of else []
    return ShownGroup(
        part=members.text(of, "part"),
        lines=tuple(_line(members.object_in(one, "line")) for one in lines),
        absences=_said(of, "absences"),
        warnings=_said(of, "warnings"),
    )


def _line(of: Mapping[str, Any]) -> ShownLine:
    return ShownLine(
        text=members.text(of, "text"),
        said_by=tuple(members.texts(of, "said_by")) if "said_by" in of else (),
        when=members.text(of, "when") if "when" in of else "",
        own_words=members.flag(of, "own_words") if "own_words" in of else False,
        phone=members.text(of, "phone") if "phone" in of else "",
    )


def _said(of: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    listed = members.array(of, name) if name in of else []
    pairs = [members.texts({name: pair}, name) for pair in listed]
    if any(len(pair) != 2 for pair in pairs):
        raise MalformedToken(f"{name}: expected what was said and by whom")
    return tuple((what, who) for what, who in pairs)


def _left_out(value: object) -> tuple[str, int, int]:
    match value:
        case [str() as part, int() as left, int() as total]:
            return part, left, total
    raise MalformedToken("left_out: expected a part and two numbers")


def _instant(text: str) -> datetime:
    try:
        at = from_text(text)
    except ValueError:
        raise MalformedToken("made_at: expected a time") from None
    if at.tzinfo is None:
        raise MalformedToken("made_at: expected a time with its zone")
    return at

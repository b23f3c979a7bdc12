"""The emergency card as it is shown, the form it is kept in outside the vault, and reading it while locked.

Owns that form. Leaves making a card and switching it on to emergency.py, the file to app/store/home.py.
A locked card must be on the screen before a passphrase is typed: nothing of network, trust, store or
screens is imported here. Without a keystore of the operating system the file lies readable on the disk,
so its form is checked to the last member, and a damaged one is refused without a word of its content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from app.store.home import PassportHome
from app.store.instant import from_text, to_text
from crypto import json_text, members
from crypto.errors import MalformedToken, NotJson, StoreDamaged

VERSION: Final = 1


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


def to_bytes(card: ShownCard) -> bytes:
    """The card as it is kept: one JSON object, members named as above."""
    return json_text.dump(asdict(card) | {"made_at": to_text(card.made_at)})


def is_shown_while_locked(home: PassportHome) -> bool:
    """Whether the card may be seen without the passphrase."""
    return home.read_locked_card() is not None


def locked_card(home: PassportHome) -> ShownCard | None:
    """The card that may be seen without the passphrase; None where it is off. Raises StoreDamaged."""
    kept = home.read_locked_card()
    if kept is None:
        return None
    try:
        found = json_text.parse_object(kept)
        version = members.ordinal(found, "v")
        if version != VERSION:
            raise StoreDamaged(f"locked card: expected version {VERSION}, found {version}")
        return _card(found)
    except (NotJson, MalformedToken) as error:
        raise StoreDamaged(f"locked card: {error.args[0]}") from None


def _card(of: Mapping[str, Any]) -> ShownCard:
    return ShownCard(
        name=members.text(of, "name"),
        birth_date=members.text(of, "birth_date"),
        nhs_number=members.text(of, "nhs_number"),
        groups=tuple(_group(members.object_in(one, "group")) for one in members.array(of, "groups")),
        text=members.text(of, "text"),
        code=None if "code" in of and of["code"] is None else members.text(of, "code"),
        left_out=tuple(_left_out(one) for one in members.array(of, "left_out")),
        made_at=_instant(members.text(of, "made_at")),
    )


def _group(of: Mapping[str, Any]) -> ShownGroup:
    return ShownGroup(
        part=members.text(of, "part"),
        lines=tuple(_line(members.object_in(one, "line")) for one in members.array(of, "lines")),
        absences=_said(of, "absences"),
        warnings=_said(of, "warnings"),
    )


def _line(of: Mapping[str, Any]) -> ShownLine:
    return ShownLine(
        text=members.text(of, "text"),
        said_by=tuple(members.texts(of, "said_by")),
        when=members.text(of, "when"),
        own_words=members.flag(of, "own_words"),
        phone=members.text(of, "phone"),
    )


def _said(of: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    pairs = [members.texts({name: pair}, name) for pair in members.array(of, name)]
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

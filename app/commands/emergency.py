"""`emergency`: the emergency card, its codes as text, and the code in force as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.clock import system_now
from app.commands.answer import Add, Answer
from app.commands.arguments import add_vault_command, unlocked
from app.commands.saving import require_free, save_file
from crypto.errors import NotHere, TooLarge

if TYPE_CHECKING:
    from app.actions.locked_card import ShownCard
    from app.actions.session import Passport
    from app.qr.draw import Level

FORMS = ("words", "contact")


def add_to(add: Add) -> None:
    """`emergency`: it opens one passport."""
    added = add_vault_command(add, "emergency", "print the emergency card and its codes, or draw its code", _emergency)
    added.add_argument("--form", choices=FORMS, default="words", help="what to draw: plain words, or a contact card")
    added.add_argument("--png", type=Path, metavar="FILE", help="draw the code as a picture for a screen")
    added.add_argument("--svg", type=Path, metavar="FILE", help="draw the code as a picture for paper")
    added.add_argument("--force", action="store_true", help="also over a file that is there")


def _emergency(arguments: argparse.Namespace) -> Answer:
    from app.actions.emergency import shown_card

    for path in (arguments.png, arguments.svg):
        if path is not None:
            require_free(path, force=arguments.force)
    with unlocked(arguments) as passport:
        card = shown_card(passport, now=system_now())
        if card is None:
            raise NotHere("card: expected a record to make it of, found none")
        members = {"card": _card(card), "plain_words": _plain_words(card), "health_card": _health_card(passport)}
    text = _contact(card) if arguments.form == "contact" else card.code or card.text
    return Answer(members | {"drawn": _drawn(text, arguments)}, card.text.split("\n"))


def _card(card: ShownCard) -> dict[str, Any]:
    groups = [
        {
            "part": group.part,
            "lines": [
                {
                    "text": line.text,
                    "said_by": line.said_by,
                    "when": line.when,
                    "own_words": line.own_words,
                    "phone": line.phone,
                }
                for line in group.lines
            ],
            "absences": [{"absence": absence, "said_by": who} for absence, who in group.absences],
            "warnings": [{"warning": warning, "said_by": who} for warning, who in group.warnings],
        }
        for group in card.groups
    ]
    return {
        "name": card.name,
        "birth_date": card.birth_date,
        "nhs_number": card.nhs_number,
        "made_at": card.made_at.isoformat(),
        "groups": groups,
    }


def _plain_words(card: ShownCard) -> dict[str, Any] | None:
    """`signed` false where the text has no last line that a reader could check; None where it fits no code."""
    from app.qr.draw import draw_words
    from app.record.emergency_text import MAX_VERSION

    text = card.code or card.text
    try:
        version = draw_words(text).version
    except TooLarge:
        return None
    if version > MAX_VERSION:
        return None
    return {
        "text": text,
        "version": version,
        "signed": card.code is not None,
        "trimmed": [{"part": part, "left_out": left, "of": total} for part, left, total in card.left_out],
    }


def _health_card(passport: Passport) -> dict[str, Any] | None:
    """The emergency summary its record holder signed, as a code; None where this passport keeps none."""
    return None


def _contact(card: ShownCard) -> str:
    from app.record.emergency_contact import contact_card

    return contact_card(card.name, card.birth_date, card.text)


def _drawn(text: str, arguments: argparse.Namespace) -> list[str]:
    """The pictures that were asked for, each saved; raises TooLarge where no phone would read them well."""
    from app.qr.draw import draw_words, svg_words

    drawn: list[tuple[Path, bytes]] = []
    if arguments.png is not None:
        _require_readable(text)
        drawn.append((arguments.png, draw_words(text).png))
    if arguments.svg is not None:
        drawn.append((arguments.svg, svg_words(text, _level_for_paper(text)).encode("utf-8")))
    for path, data in drawn:
        save_file(path, data, force=arguments.force)
    return [str(path) for path, _ in drawn]


def _require_readable(text: str) -> None:
    from app.qr.draw import draw_words
    from app.record.emergency_text import MAX_VERSION

    version = draw_words(text).version
    if version > MAX_VERSION:
        raise TooLarge(f"expected a code of version {MAX_VERSION} at most, found {version}")


def _level_for_paper(text: str) -> Level:
    """Paper gets creased, so level M; a full card keeps its size and has level L."""
    from app.qr.draw import Level, draw_words
    from app.record.emergency_text import MAX_VERSION

    _require_readable(text)
    return Level.M if draw_words(text, level=Level.M).version <= MAX_VERSION else Level.L

"""What the patient chose for their emergency card, as it is kept in the sealed store: one JSON object.

Owns that form alone; changing it is emergency_choices.py's.
"""

from __future__ import annotations

import json
from typing import Final

from app.actions.session import Passport
from app.record.emergency import CardPart
from app.record.emergency_choices import CardChoices
from app.record.entry import Contact

_CHOICES: Final = "emergency.choices"


def choices(passport: Passport) -> CardChoices:
    """What was chosen; nothing before the first choice."""
    kept = passport.store.setting(_CHOICES)
    if kept is None:
        return CardChoices()
    found = json.loads(kept)
    return CardChoices(
        parts=frozenset(CardPart(part) for part in found["parts"]),
        lines=frozenset(found["lines"]),
        own_words=tuple(found["own_words"]),
        contacts=tuple(Contact(*one) for one in found["contacts"]),
        original=found["original"],
    )


def keep_choices(passport: Passport, chosen: CardChoices) -> None:
    """Keep what was chosen, in the place of what was. Raises OlderCopyOpened."""
    form = {
        "parts": sorted(chosen.parts),
        "lines": sorted(chosen.lines),
        "own_words": chosen.own_words,
        "contacts": [[one.name, one.relationship, one.phone] for one in chosen.contacts],
        "original": chosen.original,
    }
    passport.store.set_setting(_CHOICES, json.dumps(form, ensure_ascii=False))

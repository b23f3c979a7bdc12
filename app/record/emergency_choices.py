"""What the patient chose for their emergency card: what is left off, their own words, people to call, the original.

Owns the shape and what may be written there. Laying it over a record is emergency.py's, keeping it
app/actions/emergency_choices.py's. Who the card is about can never be left off.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from app.record.emergency_card import CardPart
from app.record.entry import Contact, Entry
from app.record.identity import is_plain
from app.record.source import SourceInfo
from crypto.errors import TextRefused

MAX_OWN_WORDS_CHARS = 120
MAX_OWN_LINES = 6
MAX_OWN_CONTACTS = 5
MAX_NAME_CHARS = 60

LANGUAGE_KEY = "patient|language"
INTERPRETER_KEY = "patient|interpreter"
SURGERY_KEY = "patient|surgery"

_PHONE = re.compile(r"\+?\(?[0-9][0-9 ()\-]{1,22}[0-9]")


@dataclass(frozen=True, slots=True)
class CardChoices:
    """`parts` and `lines` (by the key of what each was made of) are left off; the rest is added.

    `original` is where the patient keeps the original of their ReSPECT form, empty where they did not say.
    """

    parts: frozenset[CardPart] = frozenset()
    lines: frozenset[str] = field(default=frozenset(), repr=False)
    own_words: tuple[str, ...] = field(default=(), repr=False)
    contacts: tuple[Contact, ...] = field(default=(), repr=False)
    original: str = field(default="", repr=False)


def entry_key(source: SourceInfo, entry: Entry) -> str:
    """What names an entry over all updates of its feed; in a file brought in, over nothing but that file."""
    return f"{source.iss}|{source.feed}|{entry.key}" if source.feed else f"{source.file_hash}|{entry.key}"


def contact_key(contact: Contact) -> str:
    """What names somebody to call whom the record names; it gives them no id."""
    return f"patient|contact|{contact.name.casefold()}"


def own_line(words: str, most: int = MAX_OWN_WORDS_CHARS) -> str:
    """Words of the patient's own, as they stand on a card.

    Raises TextRefused for what is empty, longer than `most`, or could hide or turn other lines.
    """
    said = unicodedata.normalize("NFC", words.strip())
    if not said or len(said) > most:
        raise TextRefused(f"expected 1 to {most} characters of own words, found {len(said)}")
    if not is_plain(said):
        raise TextRefused("expected own words on one line without control or bidirectional characters")
    return said


def own_contact(name: str, relationship: str, phone: str) -> Contact:
    """Somebody to call, with a number that can be called. Raises TextRefused as `own_line`, and for no such number."""
    called = phone.strip()
    if not number_to_dial(called):
        raise TextRefused("expected a phone number of digits, spaces, brackets and hyphens")
    said = own_line(relationship, MAX_NAME_CHARS) if relationship.strip() else ""
    return Contact(own_line(name, MAX_NAME_CHARS), said, called)


def number_to_dial(phone: str) -> str:
    """The digits a telephone needs, with a leading plus kept; empty where the words are no one number to be sure of."""
    if not _PHONE.fullmatch(phone):
        return ""
    plus = "+" if phone.startswith("+") else ""
    return plus + re.sub(r"\D", "", phone.replace("(0)", "") if plus else phone)

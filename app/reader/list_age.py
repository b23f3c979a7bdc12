"""How old the reader's list of organisations is, in one line. Never red: no list is no fault of the patient's.

Owns only the line; the rules of age are crypto/trust.py (D2).
"""

from __future__ import annotations

import flet as ft

from app.reader.verdict import ListAge
from app.ui import parts
from app.ui.look import Look
from app.ui.words import Words


def list_words(words: Words, trust_list: ListAge | None, days_past: int) -> str:
    """The age of a list in words; `days_past` counts whole days since it was current."""
    if trust_list is None:
        return words("reader.list.none")
    if not trust_list.aged:
        return words("reader.list.current", version=trust_list.version)
    return words.count("reader.list.aged", days_past, version=trust_list.version)


def list_line(look: Look, trust_list: ListAge | None, days_past: int) -> ft.Control:
    """The same as a line of a screen, spoken when it changes."""
    return parts.told(parts.body(look, list_words(look.words, trust_list, days_past)), identifier="list-age")

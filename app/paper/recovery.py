"""The recovery sheet: the twelve words on paper, as text and as a code, with what a finder and a keeper must know.

Owns what stands on it: no name, no number and nothing of a record. The words themselves come from
crypto/words.py; they are in the sheet alone, never in its file name or in what the PDF says about itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.paper.sheet import Sheet, set_sheet
from app.qr.draw import Level, draw_ascii_svg
from app.ui.words import Words

TEMPLATE = "recovery.typ"
FILE_NAME = "patient-passport-recovery-sheet.pdf"
ADVICE = ("for", "who", "lost")
LINES = ("whose", "backup")


def recovery_sheet(words: Sequence[str], *, made_on: date, words_in: Words) -> Sheet:
    """One A4 page with the recovery words, in the language of `words_in`.

    Raises PaperUnavailable where this device cannot set it, NotACode for words that are not ASCII.
    """
    w = words_in
    data = {
        "language": w.language,
        "rtl": w.rtl,
        "brand": w("brand.name"),
        "title": w("paper.recovery.title"),
        "lead": w("paper.recovery.lead"),
        "made": w("paper.recovery.made", date=w.date(made_on)),
        "made_on": [made_on.year, made_on.month, made_on.day],
        "words_title": w("paper.recovery.words"),
        "words": list(words),
        "code": draw_ascii_svg(" ".join(words), level=Level.M),
        "code_title": w("paper.recovery.code.title"),
        "code_text": w("paper.recovery.code.text"),
        "advice": [[w(f"paper.recovery.{part}.title"), w(f"paper.recovery.{part}.text")] for part in ADVICE],
        "lines": [w(f"paper.recovery.{line}") for line in LINES],
        "us": w("paper.recovery.us.note"),
    }
    return set_sheet(TEMPLATE, data, file_name=FILE_NAME, made_on=made_on)

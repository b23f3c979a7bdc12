"""The letter that asks a record holder to correct an entry: Article 16 of the UK GDPR, in the patient's words.

Owns what stands on it. The entry stands there as it was shown, the reason as the patient wrote it; both go in as data.
Who it goes to and what is noted about it is the journey's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from app.paper.sheet import Sheet, set_sheet
from app.ui.words import Words, nhs_number

TEMPLATE = "letter.typ"
FILE_NAME = "patient-passport-letter.pdf"


@dataclass(frozen=True, slots=True)
class Correction:
    """Who asks whom for what. `rows` is the entry as it is shown: name and value. `to` may be empty."""

    to: str = field(repr=False)
    name: str = field(repr=False)
    born: str = field(repr=False)
    nhs_number: str = field(repr=False)
    title: str = field(repr=False)
    rows: Sequence[tuple[str, str]] = field(repr=False)
    wrong: str = field(repr=False)


def correction_letter(asked: Correction, *, made_on: date, words_in: Words) -> Sheet:
    """The letter in the language of `words_in`; raises PaperUnavailable where this device cannot set it."""
    w = words_in
    number = nhs_number(asked.nhs_number) if asked.nhs_number else w("letter.no-number")
    data = {
        "language": w.language,
        "rtl": w.rtl,
        "brand": w("brand.name"),
        "title": w("letter.title"),
        "made_on": [made_on.year, made_on.month, made_on.day],
        "date": w.date(made_on),
        "to": w("letter.to", name=asked.to or w("letter.to.holder")),
        "lead": w("letter.lead"),
        "me_title": w("letter.me"),
        "me": [[w("letter.name"), asked.name], [w("letter.born"), asked.born], [w("letter.number"), number]],
        "entry_title": w("letter.entry"),
        "entry": [[w("letter.entry.title"), asked.title], *([name, value] for name, value in asked.rows)],
        "wrong_title": w("letter.wrong"),
        "wrong": asked.wrong,
        "please": [w("letter.correct.text"), w("letter.answer.text"), w("letter.disagree.text")],
        "sign": w("letter.sign"),
        "made": w("letter.made.note"),
    }
    return set_sheet(TEMPLATE, data, file_name=FILE_NAME, made_on=made_on)

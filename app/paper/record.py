"""The record on paper: every chosen section with its entries, each with its date and who said it, for people to read.

Owns what stands on it and in which order: what was taken back and what could not be shown close it. Nothing is
judged, and only what the line above says already is not said again. Which entries go out is app/actions/exporting.py.
Record text is data: the typesetter never reads it as markup, and a character that none of the shipped fonts has
stands as a mark that is explained on the first page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.paper.coverage import MARK, Shown
from app.paper.sheet import Sheet, set_sheet
from app.record.entry import Entry, Person, Section, Standing
from app.record.identity import clean
from app.record.source import Aside, Checked, SourceInfo, SourceKind, StoredEntry, StoredNote
from app.ui.words import SAID_BY_STANDING, Words, fact_value, nhs_number

TEMPLATE: Final = "record.typ"
PAGE, PAGES = "⟦p⟧", "⟦n⟧"
"""Where the template puts the number of the page and how many there are."""

LONG: Final = 1_200
"""Characters from which an entry may run over the end of a page."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed: live entries and what lists said, of `sections`; `whole` where that is all of the record."""

    person: Person = field(repr=False)
    sections: Sequence[Section]
    whole: bool
    entries: Sequence[StoredEntry] = field(repr=False)
    notes: Sequence[StoredNote] = field(repr=False)
    aside: Aside = field(default=Aside(), repr=False)


def record_sheet(printed: Printed, *, made_on: date, file_name: str, words_in: Words) -> Sheet:
    """The record as a tagged PDF (PDF/UA-1) in the language of `words_in`; no pictures of its pages.

    Raises PaperUnavailable where this device cannot set it.
    """
    w, shown = words_in, Shown()
    sections = [_section(printed, section, w, shown) for section in printed.sections]
    closing = [*_taken_back(printed.aside, w, shown), *_not_displayed(printed.aside, w, shown)]
    facts, whose = _facts(printed, w, shown), _whose(printed.person, w, shown)
    data: Mapping[str, object] = {
        "language": w.language,
        "rtl": w.rtl,
        "brand": w("brand.name"),
        "title": w("paper.record.title"),
        "lead": w("paper.record.lead"),
        "made": w("paper.record.made", date=w.date(made_on)),
        "made_on": [made_on.year, made_on.month, made_on.day],
        "page": w("paper.record.page", page=PAGE, pages=PAGES),
        "mark_page": PAGE,
        "mark_pages": PAGES,
        "whose": whose,
        "facts": facts,
        "sections": [one for one in sections if one["entries"] or one["said"] or one["warnings"]] + closing,
        "notes": [w("paper.record.marks.text", mark=MARK)] if shown.marked else [],
    }
    return set_sheet(TEMPLATE, data, file_name=file_name, made_on=made_on, pictures=False)


def _facts(printed: Printed, w: Words, shown: Shown) -> list[list[str]]:
    person = printed.person
    found = [(w("paper.record.name"), _own(w, shown(person.display_name)))]
    if person.birth_date:
        found.append((w("paper.record.born"), w.partial_date(shown(person.birth_date))))
    if person.nhs_number:
        found.append((w("paper.record.number"), _own(w, shown(nhs_number(person.nhs_number)))))
    named = w("list.and").join(w(f"section.{one.value}") for one in printed.sections)
    found.append((w("paper.record.chosen"), w("paper.record.all") if printed.whole else named))
    return [list(one) for one in found]


def _whose(person: Person, w: Words, shown: Shown) -> str:
    """Name, birth date and number, on every page: a page may be read by itself."""
    parts = (person.display_name, w.partial_date(person.birth_date), nhs_number(person.nhs_number))
    return " · ".join(_own(w, shown(one)) for one in parts if one)


def _section(printed: Printed, section: Section, w: Words, shown: Shown) -> dict[str, list[object] | str]:
    entries = [one for one in printed.entries if one.entry.section is section]
    notes = [one for one in printed.notes if one.note.section is section]
    warnings = [w(f"warning.{one.note.warning.value}") for one in notes if one.note.warning is not None]
    said: list[object] = list(dict.fromkeys(_absences(notes, w, shown)))
    if not entries and not said:
        said = [w("section.nothing")]
    return {
        "title": w(f"section.{section.value}"),
        "warnings": list(dict.fromkeys(warnings)),
        "said": said,
        "entries": [_entry(one, w, shown) for one in entries],
    }


def _taken_back(aside: Aside, w: Words, shown: Shown) -> list[dict[str, list[object] | str]]:
    """What its source does not stand by any more: struck through, without what it said."""
    if not aside.total:
        return []
    said: list[object] = [w("paper.record.taken-back.text"), w.count("section.taken-back.count", aside.total)]
    if aside.total > len(aside.taken_back):
        said.append(w("paper.record.taken-back.newest.text"))
    entries: list[object] = [_gone(one, w, shown) for one in aside.taken_back]
    return [{"title": w("paper.record.taken-back"), "warnings": [], "said": said, "entries": entries}]


def _gone(stored: StoredEntry, w: Words, shown: Shown) -> dict[str, object]:
    entry, name = stored.entry, shown(stored.source.issuer_name)
    when = w.partial_date(shown(entry.when.text)) if entry.when else w("paper.record.undated")
    back = "" if stored.taken_back_at is None else w.date(stored.taken_back_at.astimezone().date())
    by = w("entry.taken-back", name=name, when=back) if back else _source(stored.source, w, shown)
    told = " · ".join((w(f"section.{entry.section.value}"), when, by))
    return {"title": _own(w, shown(entry.title)), "lines": [], "from": told, "gone": True, "long": False}


def _not_displayed(aside: Aside, w: Words, shown: Shown) -> list[dict[str, list[object] | str]]:
    """How many resources of each source stand on no line here."""
    counts = Counter(one.source.issuer_name for one in aside.not_displayed)
    if not counts:
        return []
    lines = [f"{_own(w, shown(name))}: {w.count('import.not-displayed', number)}" for name, number in counts.items()]
    said: list[object] = [*lines, w("paper.record.not-displayed.text")]
    return [{"title": w("paper.record.not-displayed"), "warnings": [], "said": said, "entries": []}]


def _absences(notes: Sequence[StoredNote], w: Words, shown: Shown) -> list[str]:
    """Each source's own word, also beside what another source has."""
    found = []
    for one in notes:
        if one.note.absence is not None:
            own = f"absence.{one.note.absence.value}.{one.note.section.value}"
            key = own if w.has(own) else f"absence.{one.note.absence.value}"
            found.append(w(key, name=shown(one.source.issuer_name)))
    return found


def _entry(stored: StoredEntry, w: Words, shown: Shown) -> dict[str, object]:
    entry = stored.entry
    told = _told(entry, w, shown)
    lines = [line for line in (_measured(entry, w, shown), " · ".join(told)) if line]
    when = w.partial_date(shown(entry.when.text)) if entry.when else w("paper.record.undated")
    by = " · ".join(_own(w, shown(one)) for one in (entry.author, entry.organisation) if one)
    standing = w(f"standing.{entry.standing.value}") if entry.standing is not Standing.UNKNOWN else ""
    return {
        "title": _own(w, shown(entry.title)),
        "lines": lines,
        "from": " · ".join(one for one in (when, standing, by, _source(stored.source, w, shown)) if one),
        "gone": entry.standing is Standing.ENTERED_IN_ERROR,
        "long": sum(map(len, lines)) > LONG,
    }


def _measured(entry: Entry, w: Words, shown: Shown) -> str:
    """The value first, then the laboratory's own range, as the app says it."""
    one = entry.quantity
    if one is None:
        return _own(w, shown(entry.detail))
    value = shown(f"{one.comparator}{one.value} {one.unit}".strip())
    low, high = shown(one.low), shown(one.high)
    if low and high:
        return w("result.range", value=value, low=low, high=high)
    if high:
        return w("result.range-high", value=value, high=high)
    return w("result.range-low", value=value, low=low) if low else w("result.no-range", value=value)


def _told(entry: Entry, w: Words, shown: Shown) -> list[str]:
    said = []
    for fact in entry.facts:
        if (fact.name == "status" and fact.value in SAID_BY_STANDING) or fact.value in (entry.detail, entry.title):
            continue
        if entry.quantity is not None and fact.name in ("range", "result"):
            continue
        said.append(f"{w(f'fact.{fact.name}')}: {_own(w, fact_value(w, fact.name, shown(fact.value)))}")
    return said


def _source(source: SourceInfo, w: Words, shown: Shown) -> str:
    unsigned = "source.not-signed.link" if source.kind is SourceKind.LINK else "source.not-signed"
    key = "source.checked" if source.checked is Checked.CHECKED else unsigned
    return w(key, name=shown(source.issuer_name))


def _own(w: Words, words: str) -> str:
    """Words of a record on one line, standing in the sentence in their own direction."""
    return w.directed(clean(words))

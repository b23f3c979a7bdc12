"""From what is stored to what screens show: sources, rows, sections. Pure.

Owns the translation only, so that screens never see the store's shapes and the store no screen's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from app.actions.browsing import HomeSummary, SectionPage
from app.record.entry import Absence, ListWarning, Section
from app.record.source import Checked, SectionCount, SourceInfo, SourceKind, StoredEntry, StoredNote
from app.screens import source as screen
from app.screens.entry import Version
from app.screens.entry_list import Row
from app.screens.home import NewFrom, SectionCard
from app.screens.section_list import Group, absence_words
from app.ui.words import Words

_CHECKED = {
    Checked.CHECKED: screen.Checked.CHECKED,
    Checked.NOT_SIGNED: screen.Checked.NOT_SIGNED,
    Checked.QUARANTINED: screen.Checked.ASIDE,
}
_BROUGHT_IN = {SourceKind.IMPORT: screen.Kind.IMPORT, SourceKind.LINK: screen.Kind.LINK}
Kinds = dict[str, str]
"""The kind of each record holder by its iss: "gp" or "hospital"."""


def source(info: SourceInfo, kinds: Kinds, zone: tzinfo, *, key_given_up_at: datetime | None = None) -> screen.Source:
    """Where something came from, as a screen says it."""
    holder = screen.Kind(kinds.get(info.iss, screen.Kind.SERVICE.value))
    return screen.Source(
        name=info.issuer_name,
        kind=_BROUGHT_IN.get(info.kind, holder),
        checked=_CHECKED[info.checked],
        received_at=info.received_at.astimezone(zone),
        signed_at=None if info.signed_at is None else info.signed_at.astimezone(zone),
        checked_at=None if info.trust_version is None else info.received_at.astimezone(zone),
        list_version=info.trust_version,
        key_given_up_at=None if key_given_up_at is None else key_given_up_at.astimezone(zone),
    )


def row(stored: StoredEntry, kinds: Kinds, zone: tzinfo) -> Row:
    """An entry in a list that names its source."""
    return Row(stored.id, stored.entry, source(stored.source, kinds, zone), stored.hidden)


def version(stored: StoredEntry, zone: tzinfo) -> Version:
    """One version of an entry, as the entry's history lists it."""
    at, gone = stored.source.signed_at or stored.source.received_at, stored.taken_back_at
    return Version(
        entry_id=stored.id,
        entry=stored.entry,
        name=stored.source.issuer_name,
        at=at.astimezone(zone),
        replaced=stored.superseded,
        taken_back_at=None if gone is None else gone.astimezone(zone),
    )


def section_cards(sections: Iterable[SectionCount], words: Words) -> tuple[SectionCard, ...]:
    """Every section in the order of Home, those nobody spoke of with nothing in them."""
    counted = {one.section: one for one in sections}
    return tuple(
        SectionCard(
            section,
            counted[section].count if section in counted else 0,
            _said(counted[section], words) if section in counted else (),
        )
        for section in Section
    )


def _said(section: SectionCount, words: Words) -> tuple[str, ...]:
    warnings = [words(f"warning.{note.note.warning.value}") for note in section.notes if note.note.warning is not None]
    absences = [
        absence_words(words, section.section, note.note.absence, note.source.issuer_name)
        for note in section.notes
        if note.note.absence is not None and not section.count
    ]
    gone = [words.count("section.taken-back.count", section.taken_back)] if section.taken_back else []
    return tuple(dict.fromkeys((*warnings, *absences, *gone)))


def new_from(entries: Sequence[StoredEntry]) -> tuple[NewFrom, ...]:
    """How many came from whom."""
    counts: dict[str, int] = {}
    for stored in entries:
        counts[stored.source.issuer_name] = counts.get(stored.source.issuer_name, 0) + 1
    return tuple(NewFrom(name, count) for name, count in counts.items())


def updated(summary: HomeSummary, kinds: Kinds) -> tuple[SourceInfo, ...]:
    """The newest update of each record holder, GP surgery first; files a person brought in are no update."""
    updates = (one for one in summary.sources if one.kind is SourceKind.UPDATE)
    return tuple(sorted(updates, key=lambda one: (kinds.get(one.iss, ""), one.issuer_name)))


def groups(page: SectionPage, kinds: Kinds, zone: tzinfo) -> tuple[Group, ...]:
    """A page's entries by where they came from, GP surgery first, each with what its list said."""
    rows: dict[str, list[Row]] = {}
    infos: dict[str, SourceInfo] = {}
    notes: dict[str, list[StoredNote]] = {}
    for stored in page.entries:
        name = _name(stored.source)
        infos.setdefault(name, stored.source)
        rows.setdefault(name, []).append(Row(stored.id, stored.entry, hidden=stored.hidden))
    for note in page.notes:
        name = _name(note.source)
        infos.setdefault(name, note.source)
        notes.setdefault(name, []).append(note)
    found = [_group(source(infos[name], kinds, zone), rows.get(name, []), notes.get(name, [])) for name in infos]
    order = list(screen.Kind)
    return tuple(sorted(found, key=lambda group: order.index(group.source.kind)))


def _name(info: SourceInfo) -> str:
    return f"{info.iss}|{info.issuer_name}|{info.checked}"


def _group(shown: screen.Source, rows: list[Row], notes: list[StoredNote]) -> Group:
    warnings: list[ListWarning] = [note.note.warning for note in notes if note.note.warning is not None]
    absences: list[Absence] = [note.note.absence for note in notes if note.note.absence is not None]
    absence = absences[0] if absences and not rows else None
    return Group(shown, tuple(rows), tuple(dict.fromkeys(warnings)), absence)

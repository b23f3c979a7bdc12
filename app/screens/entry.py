"""One entry: its facts, who signed it and when it was checked, its versions, and the source as it was received.

Owns their order. The values are shown as the source supplied them; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import flet as ft

from app.record.entry import Entry, Quantity, Standing
from app.record.own import Label, Own
from app.screens.entry_list import STANDING_COLOURS, dated, hidden_tag
from app.screens.places import Moves, bar
from app.screens.source import Source, rows, source_tag
from app.ui import parts
from app.ui.look import Look
from app.ui.words import SAID_BY_STANDING, Words, fact_value


@dataclass(frozen=True, slots=True)
class Version:
    """The entry as one message had it; `at` is when that was signed, else received, in the zone to be shown."""

    entry_id: int
    entry: Entry = field(repr=False)
    name: str
    at: datetime
    replaced: bool = False
    taken_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A file that came inside the entry: what it is called, and its words where it is plain text."""

    title: str = field(repr=False)
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EntryState:
    """An entry with its source; `versions` are all from its source, newest first, this one among them.

    `raw` is the source text once it was asked for. `results` counts the results over time it is one of.
    """

    entry_id: int
    entry: Entry = field(repr=False)
    source: Source
    versions: tuple[Version, ...] = ()
    on_emergency_card: bool = False
    raw: str | None = field(default=None, repr=False)
    results: int = 0
    own: Own = field(default_factory=Own)
    """What the patient says about it; times in the zone to be shown."""
    letters: tuple[Letter, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class EntryEvents:
    """What a person can do here."""

    moves: Moves
    show_raw: Callable[[int], object]
    hide_raw: Callable[[int], object]
    open_version: Callable[[int], object]
    open_trend: Callable[[int], object]
    write_note: Callable[[int], object]
    this_is_wrong: Callable[[int], object]
    take_question_off: Callable[[int], object]
    mark: Callable[[int], object]
    save_letter: Callable[[int, int], object]
    back: Callable[[], object]


def view(state: EntryState, events: EntryEvents, look: Look) -> ft.View:
    """The entry."""
    w, entry = look.words, state.entry
    controls: list[ft.Control] = [ft.Row(_tags(look, state), wrap=True, spacing=8, run_spacing=8)]
    if (gone := _own(state)) is not None and gone.taken_back_at is not None:
        controls.append(parts.callout(look, taken_back(w, gone), [w("entry.taken-back.text")]))
    if entry.quantity is not None:
        controls.append(parts.body(look, quantity_sentence(w, entry.quantity), bold=True))
    elif entry.detail:
        controls.append(parts.body(look, entry.detail))
    if state.results > 1:
        controls.append(
            parts.card_link(
                look,
                w("trend.title"),
                lambda: events.open_trend(state.entry_id),
                identifier="trend",
                note=w.count("trend.count", state.results),
                icon=ft.Icons.SHOW_CHART,
            )
        )
    facts = fact_rows(w, entry)
    if facts:
        controls.append(parts.card(look, [parts.summary(look, facts)]))
    controls += [_letter(look, state, number, events) for number in range(len(state.letters))]
    if state.on_emergency_card:
        controls.append(parts.inset(look, [parts.body(look, w("entry.on-emergency-card"))]))
    controls += [
        parts.heading(look, w("entry.where-from")),
        parts.card(look, [parts.summary(look, rows(w, state.source))]),
        *_own_words(look, state, events),
        *_history(look, state, events),
        *_raw(look, state, events),
    ]
    places = bar(look, events.moves, "home")
    return parts.frame(
        look, entry.title, controls, name=f"entry-{state.entry_id}", back=events.back, places=places
    )  # fmt: skip


def _letter(look: Look, state: EntryState, number: int, events: EntryEvents) -> ft.Control:
    """A letter or picture inside the entry: its words where it is text, and a way to keep a copy."""
    w, letter = look.words, state.letters[number]
    shown: list[ft.Control] = [parts.heading(look, letter.title or w("entry.letter"))]
    if letter.words:
        shown.append(parts.body(look, letter.words))
    shown.append(parts.small(look, w("entry.letter.text")))
    save = parts.quiet(
        look,
        w("entry.letter.save"),
        lambda: events.save_letter(state.entry_id, number),
        identifier=f"letter-save-{number}",
    )
    return parts.card(look, [*shown, ft.Row([save], wrap=True)])


def _tags(look: Look, state: EntryState) -> list[ft.Control]:
    tags = [source_tag(look, state.source)]
    if (standing := state.entry.standing) in STANDING_COLOURS:
        tags.insert(0, parts.tag(look, look.words(f"standing.{standing.value}"), STANDING_COLOURS[standing]))
    if (own := _own(state)) is not None and own.replaced:
        tags.append(parts.tag(look, look.words("entry.replaced"), "yellow"))
    said = state.own
    if said.label is not Label.GENERAL:
        tags.append(parts.tag(look, look.words(f"label.{said.label.value}"), "grey", icon=ft.Icons.LABEL_OUTLINE))
    if said.hidden:
        tags.append(hidden_tag(look))
    return tags


def _own_words(look: Look, state: EntryState, events: EntryEvents) -> list[ft.Control]:
    """The patient's side, set apart from what the source says."""
    w, said, number = look.words, state.own, state.entry_id
    found: list[ft.Control] = [parts.heading(look, w("own.heading"))]
    if said.note:
        words = [parts.small(look, w("own.note.title")), parts.body(look, isolated(said.note))]
        found.append(parts.told(parts.inset(look, words), identifier="own-note"))
    write = w("own.note.change" if said.note else "own.note.add")
    buttons = [parts.secondary(look, write, lambda: events.write_note(number), identifier="note-write")]
    if said.questioned_at is not None:
        asked = parts.body(look, w("own.wrong.asked.text", date=w.date(said.questioned_at)))
        found.append(parts.told(parts.inset(look, [asked]), identifier="questioned"))
        off = w("own.wrong.take-off")
        buttons.append(parts.quiet(look, off, lambda: events.take_question_off(number), identifier="question-off"))
    wrong, mark = w("own.wrong.title"), w("own.mark.title")
    buttons.append(parts.secondary(look, wrong, lambda: events.this_is_wrong(number), identifier="wrong"))
    buttons.append(parts.quiet(look, mark, lambda: events.mark(number), identifier="mark"))
    return [*found, ft.Row(buttons, wrap=True, spacing=16, run_spacing=8)]


def isolated(text: str) -> str:
    """Words of a person's own, each line by itself, so that none of them turns what stands around it (UAX #9)."""
    return "\n".join(f"\u2068{line}\u2069" for line in text.split("\n"))


def _own(state: EntryState) -> Version | None:
    return next((one for one in state.versions if one.entry_id == state.entry_id), None)


def taken_back(words: Words, version: Version) -> str:
    """Who took it back, and when."""
    when = "" if version.taken_back_at is None else words.moment(version.taken_back_at)
    return words("entry.taken-back", name=version.name, when=when)


def _history(look: Look, state: EntryState, events: EntryEvents) -> list[ft.Control]:
    """Nothing where there is one version; else each, the one shown as plain words and the others to be opened."""
    if len(state.versions) < 2:
        return []
    return [
        parts.heading(look, look.words("entry.history")),
        *(_version(look, one, one.entry_id == state.entry_id, events) for one in state.versions),
    ]


def _version(look: Look, version: Version, own: bool, events: EntryEvents) -> ft.Control:
    w, lines = look.words, [line for line in (version.entry.detail,) if line]
    lines.append(w("entry.version", name=version.name, when=w.moment(version.at)))
    if version.taken_back_at is not None:
        lines.append(taken_back(w, version))
    if version.replaced:
        lines.append(w("entry.replaced"))
    if own:
        lines.append(w("entry.version.shown"))
        shown = [parts.body(look, version.entry.title, bold=True), *(parts.small(look, line) for line in lines)]
        return parts.card(look, shown)
    return parts.card_link(
        look,
        version.entry.title,
        lambda: events.open_version(version.entry_id),
        identifier=f"version-{version.entry_id}",
        note="\n".join(lines),
    )


def fact_rows(words: Words, entry: Entry) -> list[tuple[str, str]]:
    """The summary rows: section, date, standing, the facts in the source's order, who and where."""
    found = [(words("fact.section"), words(f"section.{entry.section.value}"))]
    if date := dated(words, entry):
        found.append((words("fact.date"), date))
    if entry.standing is not Standing.UNKNOWN:
        found.append((words("fact.standing"), words(f"standing.{entry.standing.value}")))
    found += [
        (fact_name(words, fact.name), fact_value(words, fact.name, fact.value))
        for fact in entry.facts
        if fact.name != "status" or fact.value not in SAID_BY_STANDING
    ]
    if entry.author:
        found.append((words("fact.author"), entry.author))
    if entry.organisation:
        found.append((words("fact.organisation"), entry.organisation))
    return found


def fact_name(words: Words, name: str) -> str:
    """A fact's name in words; one that is not in the catalogue is shown as it came."""
    key = f"fact.{name}"
    return words(key) if words.has(key) else name.replace("-", " ").capitalize()


def quantity_sentence(words: Words, quantity: Quantity) -> str:
    """The value first, then the laboratory's own range: never a judgement of ours."""
    value = f"{quantity.comparator}{quantity.value} {quantity.unit}".strip()
    if quantity.low and quantity.high:
        return words("result.range", value=value, low=quantity.low, high=quantity.high)
    if quantity.high:
        return words("result.range-high", value=value, high=quantity.high)
    if quantity.low:
        return words("result.range-low", value=value, low=quantity.low)
    return words("result.no-range", value=value)


def _raw(look: Look, state: EntryState, events: EntryEvents) -> list[ft.Control]:
    w = look.words
    if state.raw is None:
        show = parts.quiet(look, w("entry.raw.show"), lambda: events.show_raw(state.entry_id), identifier="raw-show")
        return [ft.Row([show], wrap=True)]
    hide = parts.quiet(look, w("entry.raw.hide"), lambda: events.hide_raw(state.entry_id), identifier="raw-hide")
    return [ft.Row([hide], wrap=True), parts.heading(look, w("entry.raw.title")), parts.raw(look, state.raw)]

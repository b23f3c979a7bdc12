"""Home: who, the emergency card, each section with its count, what is new, and how old it all is.

Owns the order of the cards (SCREENS.md 3). Counting and dating is done elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import flet as ft

from app.record.entry import Section
from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look

ALWAYS = (
    Section.MEDICINES,
    Section.APPOINTMENTS,
    Section.RESULTS,
    Section.VACCINATIONS,
    Section.CONDITIONS,
    Section.ALLERGIES,
    Section.DOCUMENTS,
)
"""Shown even with nothing in them; the other sections only where there is something, or something was said."""

ICONS = {
    Section.MEDICINES: ft.Icons.MEDICATION_OUTLINED,
    Section.APPOINTMENTS: ft.Icons.EVENT_OUTLINED,
    Section.RESULTS: ft.Icons.SCIENCE_OUTLINED,
    Section.VACCINATIONS: ft.Icons.VACCINES_OUTLINED,
    Section.CONDITIONS: ft.Icons.FAVORITE_BORDER,
    Section.ALLERGIES: ft.Icons.WARNING_AMBER,
    Section.DOCUMENTS: ft.Icons.DESCRIPTION_OUTLINED,
}


@dataclass(frozen=True, slots=True)
class SectionCard:
    """A section with the number of entries in it; `said` is what its lists say (no known allergies, withheld)."""

    section: Section
    count: int
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFrom:
    """How many entries came from whom since last time."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class LastBackup:
    """Whole days since the last backup, None where there is none; `problem` a sentence where the newest try failed."""

    days: int | None = None
    problem: str = ""

    @property
    def calls(self) -> bool:
        """Whether there is something to be done about it: then it stands above the record."""
        return self.days is None or bool(self.problem)


@dataclass(frozen=True, slots=True)
class CardOpened:
    """How often the emergency card was opened while locked, the newest times of it, and how many notes were spoiled."""

    count: int
    times: tuple[datetime, ...] = ()
    spoiled: int = 0


@dataclass(frozen=True, slots=True)
class HomeState:
    """What Home shows. Times are in the zone to be shown; `aside` updates came from nobody on the list.

    `words_kept` False until the person showed once that the recovery words were kept; `older` where what lies on
    this device is older than it was; `look_again` a key below "emergency.look.", empty where there is no need.
    """

    name: str = field(repr=False)
    age: int | None
    sections: tuple[SectionCard, ...]
    new: tuple[NewFrom, ...] = ()
    updated_at: datetime | None = None
    updated_from: tuple[str, ...] = ()
    offline: bool = False
    can_update: bool = False
    made_up: bool = False
    aside: int = 0
    backup: LastBackup | None = None
    words_kept: bool = True
    older: bool = False
    look_again: str = ""
    card_opened: CardOpened | None = None


@dataclass(frozen=True, slots=True)
class HomeEvents:
    """What a person can do on Home."""

    moves: Moves
    emergency: Callable[[], object]
    open_section: Callable[[Section], object]
    search: Callable[[], object]
    timeline: Callable[[], object]
    give_access: Callable[[], object]
    update: Callable[[], object]
    import_file: Callable[[], object]
    link: Callable[[], object]
    backup: Callable[[], object]
    new_words: Callable[[], object]
    older: Callable[[], object]
    card_opened_seen: Callable[[], object]


def view(state: HomeState, events: HomeEvents, look: Look) -> ft.View:
    """The home screen."""
    w = look.words
    care = _care(look, state, events)
    calls = not state.words_kept or (state.backup is not None and state.backup.calls)
    controls = [
        *_top(look, state, events),
        *(care if calls else ()),
        parts.heading(look, w("home.record")),
        *(_section(look, card, events) for card in state.sections if card.count or card.said or card.section in ALWAYS),
        parts.heading(look, w("home.do")),
        *_tasks(look, state, events),
        *(() if calls else care),
        _updated(look, state),
    ]
    if state.aside:
        controls.append(parts.marked("aside", parts.small(look, w.count("home.aside", state.aside))))
    return parts.frame(look, state.name, controls, name="home", places=bar(look, events.moves, "home"))


def _top(look: Look, state: HomeState, events: HomeEvents) -> list[ft.Control]:
    """Who this is, what is out of the ordinary, and what is new."""
    w = look.words
    top: list[ft.Control] = []
    if state.age is not None:
        top.append(parts.body(look, w.count("home.age", state.age)))
    if state.made_up:
        top.append(ft.Row([parts.tag(look, w("home.made-up"), "blue")], wrap=True))
    top.append(parts.emergency_strip(look, w("emergency.title"), events.emergency, identifier="emergency"))
    if state.look_again:
        label = w("emergency.look.title" if state.look_again == "never" else "emergency.look.again")
        note = w(f"emergency.look.{state.look_again}.text")
        icon = ft.Icons.VISIBILITY_OUTLINED
        top.append(parts.card_link(look, label, events.emergency, identifier="look-again", note=note, icon=icon))
    if state.card_opened is not None:
        top += _card_opened(look, state.card_opened, events)
    if state.offline:  # what comes and goes by itself stands below: it must not move the strip under a finger
        top.append(parts.offline_chip(look))
    if state.older:
        top.append(parts.callout(look, w("older.title"), [w("home.older.text")]))
        top.append(parts.secondary(look, w("home.older.more"), events.older, identifier="older"))
    if state.new:
        top.append(_new(look, state.new))
    return top


def _card_opened(look: Look, opened: CardOpened, events: HomeEvents) -> list[ft.Control]:
    """Until the patient says that it was seen."""
    w = look.words
    lines = [w.count("home.card-opened.text", opened.count)] if opened.count else []
    lines += [w.moment(at) for at in opened.times]
    if left := opened.count - len(opened.times):
        lines.append(w.count("home.card-opened.more.text", left))
    if opened.spoiled:
        lines.append(w.count("home.card-opened.spoiled.text", opened.spoiled))
    notice = parts.callout(look, w("home.card-opened.title"), lines)
    seen = parts.secondary(look, w("home.card-opened.seen"), events.card_opened_seen, identifier="card-opened-seen")
    return [parts.marked("card-opened", notice), seen]


def _new(look: Look, new: tuple[NewFrom, ...]) -> ft.Control:
    lines = [parts.body(look, look.words.count("home.new", one.count, name=one.name)) for one in new]
    return parts.marked("new", parts.inset(look, lines))


def _section(look: Look, card: SectionCard, events: HomeEvents) -> ft.Control:
    count = look.words.count("home.count", card.count) if card.count else look.words("home.none")
    return parts.card_link(
        look,
        look.words(f"section.{card.section.value}"),
        lambda: events.open_section(card.section),
        identifier=f"section-{card.section.value}",
        note="\n".join(card.said if card.said and not card.count else (count, *card.said)),
        icon=ICONS.get(card.section, ft.Icons.FOLDER_OUTLINED),
    )


def _tasks(look: Look, state: HomeState, events: HomeEvents) -> list[ft.Control]:
    w = look.words
    tasks = [
        parts.card_link(
            look, w("home.give-access"), events.give_access, identifier="give-access", icon=ft.Icons.QR_CODE_2
        ),
        parts.card_link(look, w("home.search"), events.search, identifier="search", icon=ft.Icons.SEARCH),
        parts.card_link(look, w("timeline.title"), events.timeline, identifier="timeline", icon=ft.Icons.TIMELINE),
    ]
    if state.can_update:
        tasks.append(parts.card_link(look, w("home.update"), events.update, identifier="update", icon=ft.Icons.REFRESH))
    tasks.append(
        parts.card_link(
            look, w("home.import"), events.import_file, identifier="import", icon=ft.Icons.FILE_OPEN_OUTLINED
        )
    )
    tasks.append(parts.card_link(look, w("bring.title"), events.link, identifier="link", icon=ft.Icons.LINK))
    return tasks


def _care(look: Look, state: HomeState, events: HomeEvents) -> list[ft.Control]:
    """What keeps a lost phone from being a lost record."""
    w = look.words
    care: list[ft.Control] = []
    if not state.words_kept:
        label, note = w("home.words"), w("home.words.note")
        care.append(
            parts.card_link(look, label, events.new_words, identifier="words", note=note, icon=ft.Icons.LIST_ALT)
        )
    if state.backup is not None:
        label, note = w("backup.title"), _last_backup(look, state.backup)
        icon = ft.Icons.BACKUP_OUTLINED
        care.append(parts.card_link(look, label, events.backup, identifier="backup", note=note, icon=icon))
    return care


def _last_backup(look: Look, backup: LastBackup) -> str:
    w = look.words
    if backup.problem:
        return w("home.backup.problem", why=backup.problem)
    if backup.days is None:
        return w("home.backup.none")
    return w("home.backup.today") if backup.days == 0 else w.count("home.backup.days", backup.days)


def _updated(look: Look, state: HomeState) -> ft.Control:
    w = look.words
    if state.updated_at is None:
        return parts.small(look, w("home.never-updated"))
    names = w("list.and").join(state.updated_from) if state.updated_from else w("home.nobody")
    return parts.marked("updated", parts.small(look, w("home.updated", when=w.moment(state.updated_at), names=names)))

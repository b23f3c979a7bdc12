"""The verdict, whom to ask about, what was given access to, and the steps behind it.

Owns the order: the verdict first, then "check name and date of birth", then the granted sections only,
each line with who stands behind it. What may be shown was decided by judge.py and share.py; when it is
cleared is desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import flet as ft

from app.reader.lines_list import section_controls, unlisted_notes
from app.reader.list_age import list_words
from app.reader.steps_list import steps_card
from app.reader.verdict import Kind, Verdict
from app.record.entry import Person, Section
from app.ui import parts, theme
from app.ui.look import Look
from app.ui.words import Words, nhs_number

COLOURS = {
    Kind.CHECKED: "green",
    Kind.CHECKED_COULD_NOT_ASK: "yellow",
    Kind.SAID_BY_PASSPORT: "blue",
    Kind.CANNOT_CHECK: "yellow",
    Kind.ENDED_OR_EXPIRED: "grey",
    Kind.NOT_GENUINE: "red",
}
ICONS = {
    Kind.CHECKED: ft.Icons.VERIFIED_OUTLINED,
    Kind.CHECKED_COULD_NOT_ASK: ft.Icons.HISTORY,
    Kind.SAID_BY_PASSPORT: ft.Icons.RECORD_VOICE_OVER_OUTLINED,
    Kind.CANNOT_CHECK: ft.Icons.HELP_OUTLINE,
    Kind.ENDED_OR_EXPIRED: ft.Icons.TIMER_OFF_OUTLINED,
    Kind.NOT_GENUINE: ft.Icons.GPP_BAD_OUTLINED,
}

FIRST = (Section.ALLERGIES, Section.MEDICINES, Section.CONDITIONS)
READING_ORDER = (*FIRST, *(section for section in Section if section not in FIRST))
"""What whoever treats somebody must know first; then the order of the patient's own home screen."""


@dataclass(frozen=True, slots=True)
class VerdictState:
    """A verdict on the screen. `clears_at` is in the zone to be shown; `again` when its relay can be asked again."""

    verdict: Verdict
    days_past: int = 0
    clears_at: datetime | None = None
    again: bool = False
    steps_shown: bool = False


@dataclass(frozen=True, slots=True)
class VerdictEvents:
    """What a professional can do here. `show_steps` gets whether the steps are to be shown."""

    again: Callable[[], object]
    show_steps: Callable[[bool], object]
    close: Callable[[], object]


def view(state: VerdictState, events: VerdictEvents, look: Look) -> ft.View:
    """The verdict and what it lets be shown."""
    w, verdict = look.words, state.verdict
    controls: list[ft.Control] = [_banner(look, state)]
    if verdict.person is not None:
        controls.append(_ask_patient(look, verdict.person))
    controls += _content(look, verdict)
    if state.clears_at is not None:
        controls.append(parts.small(look, w("reader.verdict.clears", time=w.time(state.clears_at))))
    controls += _actions(look, state, events)
    controls += _steps(look, state, events)
    heading = w("reader.verdict.title")
    return parts.frame(look, heading, controls, name="reader-verdict", back=events.close, brand=w("reader.brand"))


def _banner(look: Look, state: VerdictState) -> ft.Control:
    w, verdict = look.words, state.verdict
    pair = look.tokens.tags[COLOURS[verdict.kind]]
    icon = ft.Icon(ICONS[verdict.kind], size=40, color=pair.text)
    title = parts.heading(look, w(f"verdict.{verdict.kind.value}"), color=pair.text)
    lines = [w(f"verdict.{verdict.kind.value}.text"), *_reasons(w, state)]
    texts: list[ft.Control] = [parts.body(look, line, color=pair.text) for line in lines]
    title.expand = True
    box = ft.Container(
        ft.Column([ft.Row([icon, title], spacing=16), *texts], spacing=8),
        bgcolor=pair.back,
        border=ft.Border.all(2, pair.text),
        border_radius=theme.RADIUS,
        padding=16,
    )
    return parts.told(box, identifier=f"verdict-{verdict.kind.value}")


def _reasons(words: Words, state: VerdictState) -> list[str]:
    verdict = state.verdict
    if verdict.code:
        own = f"verdict.why.{verdict.code}"
        return [words(own if words.has(own) else f"error.{verdict.code}")]
    if verdict.trust_list is not None and verdict.trust_list.aged:
        return [list_words(words, verdict.trust_list, state.days_past)]
    return []


def _ask_patient(look: Look, person: Person) -> ft.Control:
    w = look.words
    rows = [
        (w("reader.person.name"), person.display_name),
        (w("reader.person.born"), w.partial_date(person.birth_date)),
        (w("reader.person.number"), nhs_number(person.nhs_number)),
    ]
    told = parts.summary(look, [(name, value) for name, value in rows if value])
    return parts.marked("patient", parts.card(look, [parts.heading(look, w("reader.person.ask")), told]))


def _content(look: Look, verdict: Verdict) -> list[ft.Control]:
    w = look.words
    controls: list[ft.Control] = []
    if verdict.words:
        controls.append(parts.heading(look, w("reader.words.title")))
        said = [parts.body(look, line) for line in verdict.words.split("\n") if line]
        controls.append(parts.marked("words", parts.card(look, said)))
    controls += unlisted_notes(look, verdict)
    for section in READING_ORDER:
        controls += section_controls(look, section, verdict)
    if verdict.not_displayed:
        controls.append(parts.body(look, w.count("reader.not-displayed", verdict.not_displayed)))
    return controls


def _actions(look: Look, state: VerdictState, events: VerdictEvents) -> list[ft.Control]:
    w = look.words
    close = parts.primary(look, w("reader.verdict.close"), events.close, identifier="close")
    again = parts.secondary(look, w("reader.verdict.again"), events.again, identifier="again")
    return [again, close] if state.again else [close]


def _steps(look: Look, state: VerdictState, events: VerdictEvents) -> list[ft.Control]:
    w = look.words
    key = "reader.steps.hide" if state.steps_shown else "reader.steps.show"
    toggle = parts.quiet(look, w(key), lambda: events.show_steps(not state.steps_shown), identifier="steps-toggle")
    row: ft.Control = ft.Row([toggle], wrap=True)
    if not state.steps_shown:
        return [row]
    age = parts.small(look, list_words(w, state.verdict.trust_list, state.days_past))
    return [row, steps_card(look, state.verdict.steps), age]

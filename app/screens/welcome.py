"""First run: what this is and is not, a passphrase, the recovery words, and adding a record.

Owns the four first screens. What is typed stays in the form until it is handed over; nothing here
decides whether a passphrase is strong enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.policy.passphrase import Grade, Strength
from app.ui import parts
from app.ui.look import Look
from app.ui.typed import use_typed


@dataclass(frozen=True, slots=True)
class WelcomeState:
    """Nothing is here yet."""


@dataclass(frozen=True, slots=True)
class PassphraseState:
    """Choosing a passphrase; `problem` is a sentence, or empty."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class RecoveryState:
    """The twelve recovery words, shown once."""

    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AddRecordState:
    """Ways to add a record; each is shown only where it exists."""

    can_connect: bool
    can_try: bool
    can_skip: bool = True


@dataclass(frozen=True, slots=True)
class WelcomeEvents:
    """What a person can do on these screens. `make` gets the passphrase."""

    begin: Callable[[], object]
    strength: Callable[[str], Strength]
    make: Callable[[str], object]
    written_down: Callable[[], object]
    connect: Callable[[], object]
    import_file: Callable[[], object]
    try_made_up: Callable[[], object]
    later: Callable[[], object]
    back: Callable[[], object]


def welcome(_state: WelcomeState, events: WelcomeEvents, look: Look) -> ft.View:
    """What this is, what it is not, and one button."""
    w = look.words
    is_lines = [_point(look, w(f"welcome.is.{n}"), ft.Icons.CHECK) for n in (1, 2, 3, 4)]
    is_not = [w("welcome.not.nhs"), w("welcome.not.emergency")]
    controls = [
        parts.body(look, w("welcome.lead")),
        parts.card(look, is_lines),
        parts.callout(look, w("welcome.not.title"), is_not),
        parts.primary(look, w("welcome.begin"), events.begin, identifier="begin"),
    ]
    return parts.frame(look, w("welcome.title"), controls, name="welcome")


def _point(look: Look, words: str, icon: ft.IconData) -> ft.Control:
    return ft.Row(
        [
            ft.Icon(icon, color=look.tokens.tags["green"].text, size=look.icon()),
            ft.Container(parts.body(look, words), expand=True),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=12,
    )


def passphrase(state: PassphraseState, events: WelcomeEvents, look: Look) -> ft.View:
    """Choosing a passphrase, with its strength said as it is typed."""
    w = look.words
    controls: list[ft.Control] = [parts.error_summary(look, state.problem)] if state.problem else []
    controls += [parts.body(look, w("passphrase.lead")), PassphraseForm(look, events)]
    return parts.frame(look, w("passphrase.title"), controls, name="passphrase", back=events.back)


@ft.component
def PassphraseForm(look: Look, events: WelcomeEvents) -> ft.Control:  # noqa: N802 - a Flet component
    """Two fields; what is typed lives here only."""
    w = look.words
    typed = use_typed()
    again = use_typed()
    wrong, set_wrong = ft.use_state("")

    def make() -> object:
        if events.strength(typed.now).grade is Grade.WEAK:
            return set_wrong("strength")
        if typed.now != again.now:
            return set_wrong("again")
        set_wrong("")
        return events.make(typed.now)

    first_error = w("error.passphrase-too-weak") if wrong == "strength" else ""
    second_error = w("passphrase.differ") if wrong == "again" else ""
    return ft.Column(
        [
            parts.secret_field(
                look, w("passphrase.label"), typed.shown, typed.change,
                identifier="passphrase", hint=w("passphrase.hint"), error=first_error,
            ),
            _strength(look, events.strength(typed.shown) if typed.shown else None),
            parts.secret_field(
                look, w("passphrase.again"), again.shown, again.change,
                identifier="passphrase-again", error=second_error, submitted=make,
            ),
            parts.inset(look, [parts.body(look, w("passphrase.lost"))]),
            parts.primary(look, w("passphrase.make"), make, identifier="make"),
        ],
        spacing=16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


GRADE_COLOURS = {Grade.WEAK: "yellow", Grade.FAIR: "blue", Grade.STRONG: "green"}


def _strength(look: Look, strength: Strength | None) -> ft.Control:
    if strength is None:
        return parts.told(parts.small(look, look.words("passphrase.strength.none")), identifier="strength")
    reason = f"-{strength.reason.value}" if strength.reason else ""
    word = look.words(f"passphrase.strength.{strength.grade.value}{reason}")
    return parts.told(parts.tag(look, word, GRADE_COLOURS[strength.grade]), identifier="strength")


def recovery(state: RecoveryState, events: WelcomeEvents, look: Look) -> ft.View:
    """The recovery words, numbered, to be written on paper."""
    w = look.words
    controls = [
        parts.body(look, w("recovery.lead")),
        _word_list(look, state.words),
        parts.callout(look, w("recovery.care.title"), [w("recovery.care.1"), w("recovery.care.2")]),
        parts.primary(look, w("recovery.written"), events.written_down, identifier="written-down"),
    ]
    return parts.frame(look, w("recovery.title"), controls, name="recovery")


def _word_list(look: Look, words: tuple[str, ...]) -> ft.Control:
    """Numbered down, one column at large text, two otherwise."""
    columns = 1 if look.scale > 1.4 else 2
    height = -(-len(words) // columns)
    numbered = [parts.body(look, f"{n}. {word}", bold=True) for n, word in enumerate(words, 1)]
    stacks: list[ft.Control] = [
        ft.Column(numbered[i : i + height], spacing=8, expand=True) for i in range(0, len(numbered), height)
    ]
    row = ft.Row(stacks, spacing=16, vertical_alignment=ft.CrossAxisAlignment.START)
    return parts.marked("recovery-words", parts.card(look, [row]))


def add_record(state: AddRecordState, events: WelcomeEvents, look: Look) -> ft.View:
    """Connect, import a file, or try with a made-up patient."""
    w = look.words
    ways: list[ft.Control] = []
    if state.can_connect:
        ways.append(_way(look, "connect", events.connect, ft.Icons.LINK))
    if state.can_try:
        ways.append(_way(look, "try", events.try_made_up, ft.Icons.SCIENCE_OUTLINED))
    ways.append(_way(look, "import", events.import_file, ft.Icons.FILE_OPEN_OUTLINED))
    controls = [parts.body(look, w("add.lead")), *ways]
    if state.can_skip:
        controls.append(ft.Row([parts.quiet(look, w("add.later"), events.later, identifier="later")]))
    return parts.frame(look, w("add.title"), controls, name="add-record")


def _way(look: Look, name: str, action: Callable[[], object], icon: ft.IconData) -> ft.Control:
    note = look.words(f"add.{name}.note")
    return parts.card_link(look, look.words(f"add.{name}"), action, identifier=f"add-{name}", note=note, icon=icon)

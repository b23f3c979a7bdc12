"""What is said and chosen of the emergency card while locked: who could read it, whether it shows, and how.

Owns that part of the emergency card's screen, in this order: first who could read it, then the switch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import flet as ft

from app.policy.locked_choices import LockedChoices
from app.ui import parts
from app.ui.look import Look
from app.ui.theme import Kind

Keystore = Literal["none", "system"]


def while_locked(
    look: Look,
    keystore: Keystore,
    shown: bool,
    chosen: LockedChoices,
    show: Callable[[bool], object],
    choose: Callable[[LockedChoices], object],
) -> list[ft.Control]:
    """The part of the screen. `show` gets the new state of the switch, `choose` all choices with the new one."""
    w = look.words
    explained = [parts.body(look, w(f"emergency.locked.{keystore}")), parts.body(look, w("emergency.locked.told.text"))]
    switch = parts.switch(look, w("emergency.locked.switch"), shown, show, identifier="show-while-locked")

    def choice(name: str, value: bool, changed: Callable[[bool], LockedChoices]) -> ft.Control:
        label, note = w(f"emergency.locked.{name}"), w(f"emergency.locked.{name}.note")
        control = parts.switch(
            look, label, value, lambda on: choose(changed(bool(on))), identifier=f"while-locked-{name}"
        )
        return ft.Column([control, parts.small(look, note)], spacing=4)

    choices = [
        choice("hold", chosen.hold, lambda on: replace(chosen, hold=on)),
        choice("hide-wishes", chosen.hide_wishes, lambda on: replace(chosen, hide_wishes=on)),
        choice("codes-only", chosen.codes_only, lambda on: replace(chosen, codes_only=on)),
    ]
    return [
        parts.heading(look, w("emergency.locked.title")),
        parts.card(look, [*explained, switch]),
        parts.card(look, [parts.heading(look, w("emergency.locked.choices"), Kind.CARD), *choices]),
    ]

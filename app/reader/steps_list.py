"""The steps behind a verdict, one line each: what was looked at and what became of it.

Owns the lines only; which steps there are and which passed is walk.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.reader.verdict import Outcome, Step
from app.ui import parts
from app.ui.look import Look

COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOT_DONE: "grey"}


def steps_card(look: Look, steps: Sequence[Step]) -> ft.Control:
    """Every step with its outcome as icon, word and colour, and the fact behind it."""
    return parts.marked("steps", parts.card(look, [_step(look, step) for step in steps], spacing=16))


def _step(look: Look, step: Step) -> ft.Control:
    w = look.words
    tag = parts.tag(look, w(f"reader.outcome.{step.outcome.value}"), COLOURS[step.outcome])
    lines: list[ft.Control] = [ft.Row([tag], wrap=True), parts.body(look, w(f"reader.step.{step.name.value}"))]
    if step.detail:
        lines.append(parts.small(look, step.detail))
    return ft.MergeSemantics(ft.Column(lines, spacing=4, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))

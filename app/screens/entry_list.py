"""Rows of entries: how one entry stands in a list. Used by a section's list and by search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.record.entry import Entry, Standing
from app.screens.source import Source, source_tag
from app.ui import parts
from app.ui.look import Look
from app.ui.words import Words

STANDING_COLOURS = {
    Standing.PAST: "grey",
    Standing.REFUTED: "grey",
    Standing.ENTERED_IN_ERROR: "red",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in a list; `entry_id` is handed back when it is opened."""

    entry_id: int
    entry: Entry = field(repr=False)
    source: Source | None = None
    hidden: bool = False
    """The patient hid it, and it is shown because they unlocked that."""


def row_card(look: Look, row: Row, opened: Callable[[int], object], *, with_section: bool = False) -> ft.Control:
    """A card that opens the entry; its source as a tag where the list does not say it above."""
    entry = row.entry
    tags: list[ft.Control] = []
    if entry.standing in STANDING_COLOURS:
        word = look.words(f"standing.{entry.standing.value}")
        tags.append(parts.tag(look, word, STANDING_COLOURS[entry.standing]))
    if row.source is not None:
        tags.append(source_tag(look, row.source))
    if row.hidden:
        tags.append(hidden_tag(look))
    lines = [line for line in (entry.detail, dated(look.words, entry)) if line]
    if with_section:
        lines.insert(0, look.words(f"section.{entry.section.value}"))
    return parts.card_link(
        look,
        entry.title,
        lambda: opened(row.entry_id),
        identifier=f"entry-{row.entry_id}",
        note="\n".join(lines),
        tags=tags,
    )


def hidden_tag(look: Look) -> ft.Control:
    """That the patient hid what this stands at."""
    return parts.tag(look, look.words("own.hidden"), "grey", icon=ft.Icons.VISIBILITY_OFF_OUTLINED)


def dated(words: Words, entry: Entry) -> str:
    """The entry's date as people write it, or nothing."""
    return words.partial_date(entry.when.text) if entry.when else ""

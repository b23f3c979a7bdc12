"""The granted sections on the reader's screen: each line with who stands behind it.

Owns the lines only. What may stand here was decided by judge.py and share.py. Nothing is summed up,
scored or compared: it is what the source supplied.
"""

from __future__ import annotations

import flet as ft

from app.reader.verdict import Line, Said, Verdict, Voice
from app.record.entry import Absence, Entry, Section, Standing
from app.ui import parts
from app.ui.look import Look
from app.ui.words import Words

VOICE_COLOURS = {Voice.SIGNED: "green", Voice.PASSPORT: "blue", Voice.UNCHECKED: "yellow"}
STANDING_COLOURS = {Standing.PAST: "grey", Standing.REFUTED: "grey", Standing.ENTERED_IN_ERROR: "red"}


def section_controls(look: Look, section: Section, verdict: Verdict) -> list[ft.Control]:
    """A section's heading, what its lists said of themselves, and its lines; nothing where it was not granted."""
    w = look.words
    lines = [line for line in verdict.lines if line.entry.section is section]
    notes = [said for said in verdict.notes if said.note.section is section and said.note.absence is not None]
    granted = section.value in verdict.sections
    if not lines and not notes and not granted:
        return []
    controls: list[ft.Control] = [parts.heading(look, w(f"section.{section.value}"))]
    controls += [parts.body(look, _absence(w, section, said)) for said in notes]
    controls += [_line(look, line) for line in lines]
    if not lines and not notes:
        controls.append(parts.body(look, w("reader.section.empty")))
    return [parts.marked(f"section-{section.value}", _stack(controls))]


def unlisted_notes(look: Look, verdict: Verdict) -> list[ft.Control]:
    """The warnings that came with the data: withheld, on their way, waiting to be filed."""
    w = look.words
    warnings = dict.fromkeys(said.note.warning.value for said in verdict.notes if said.note.warning is not None)
    if not warnings:
        return []
    return [parts.callout(look, w("warning.title"), [w(f"warning.{one}") for one in warnings])]


def _line(look: Look, line: Line) -> ft.Control:
    w, entry = look.words, line.entry
    texts: list[ft.Control] = [parts.body(look, entry.title, bold=True)]
    texts += [parts.body(look, words) for words in (entry.detail, _dated(w, entry)) if words]
    texts += [
        parts.small(look, f"{w(f'fact.{fact.name}')}: {fact.value}") for fact in entry.facts if _known(w, fact.name)
    ]
    if line.voice is not Voice.SIGNED and line.who:
        texts.append(parts.small(look, w("reader.voice.source", source=line.who)))
    tags: list[ft.Control] = []
    if entry.standing in STANDING_COLOURS:
        word = w(f"standing.{entry.standing.value}")
        tags.append(parts.tag(look, word, STANDING_COLOURS[entry.standing]))
    tags.append(parts.tag(look, w(f"reader.voice.{line.voice.value}", name=line.who), VOICE_COLOURS[line.voice]))
    texts.append(ft.Row(tags, wrap=True, spacing=8, run_spacing=4))
    return ft.MergeSemantics(parts.card(look, texts, spacing=4))


def _known(words: Words, fact: str) -> bool:
    return words.has(f"fact.{fact}")


def _dated(words: Words, entry: Entry) -> str:
    return words.partial_date(entry.when.text) if entry.when else ""


def _absence(words: Words, section: Section, said: Said) -> str:
    absence = said.note.absence or Absence.UNAVAILABLE
    own = f"absence.{absence.value}.{section.value}"
    name = said.who or words("reader.voice.passport")
    return words(own if words.has(own) else f"absence.{absence.value}", name=name)


def _stack(controls: list[ft.Control]) -> ft.Control:
    return ft.Column(controls, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

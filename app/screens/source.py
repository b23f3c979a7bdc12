"""How a screen says where something came from: the organisation's name, and whether it was checked.

Owns three words that must stay apart: checked (signed by a known organisation), not signed, and kept
aside (signed by somebody who is not on the list). Deciding which one it is, is not done here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import flet as ft

from app.ui import parts
from app.ui.look import Look
from app.ui.words import Words


class Kind(StrEnum):
    """What sort of place a record came from; the value names its sub-heading."""

    GP = "gp"
    HOSPITAL = "hospital"
    SERVICE = "service"
    IMPORT = "import"
    LINK = "link"


class Checked(StrEnum):
    """What checking found; the value names the words."""

    CHECKED = "checked"
    NOT_SIGNED = "not-signed"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Source:
    """Where entries came from. Times are in the zone to be shown; `name` is an organisation's, a file's or the
    host's of a link.

    `key_given_up_at` is when its organisation gave up the key it was signed with, as the list says today.
    """

    name: str
    kind: Kind
    checked: Checked
    received_at: datetime
    signed_at: datetime | None = None
    checked_at: datetime | None = None
    list_version: int | None = None
    key_given_up_at: datetime | None = None


COLOURS = {Checked.CHECKED: "green", Checked.NOT_SIGNED: "grey", Checked.ASIDE: "yellow"}


def source_tag(look: Look, source: Source) -> ft.Control:
    """The tag: checked and by whom, or not signed."""
    return parts.tag(look, tag_words(look.words, source), COLOURS[source.checked])


def tag_words(words: Words, source: Source) -> str:
    """The words of the tag."""
    if source.checked is Checked.CHECKED:
        return words("source.checked", name=source.name)
    if source.checked is Checked.ASIDE:
        return words("source.aside", name=source.name)
    return words("source.not-signed.link" if source.kind is Kind.LINK else "source.not-signed", name=source.name)


def rows(words: Words, source: Source) -> list[tuple[str, str]]:
    """The summary rows: from whom, received, signed, checked against which list."""
    found = [
        (words("source.from"), source.name),
        (words("source.received"), words.moment(source.received_at)),
        (words("source.signature"), tag_words(words, source)),
    ]
    if source.signed_at is not None:
        found.append((words("source.signed-at"), words.moment(source.signed_at)))
    if source.checked_at is not None and source.list_version is not None:
        against = words("source.against", date=words.moment(source.checked_at), version=source.list_version)
        found.append((words("source.checked-at"), against))
    if source.key_given_up_at is not None:
        found.append((words("source.key"), key_words(words, source.key_given_up_at, source.signed_at)))
    return found


def key_words(words: Words, given_up_at: datetime, signed_at: datetime | None) -> str:
    """That the key was given up after it signed this, or, where the list learned of it late, before."""
    later = signed_at is None or signed_at < given_up_at
    return words("source.key.later" if later else "source.key.before", when=words.moment(given_up_at))

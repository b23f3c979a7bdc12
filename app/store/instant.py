"""Instants as the store writes them: UTC with microseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """An aware datetime as "2026-11-23T15:12:00.000000Z"."""
    if at.tzinfo is None:
        raise ValueError("instant: expected an aware datetime")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> datetime:
    """The aware UTC datetime that `to_text` wrote."""
    return datetime.fromisoformat(text)


def from_text_or_none(text: str | None) -> datetime | None:
    """As `from_text`, where the column may be empty."""
    return None if text is None else from_text(text)

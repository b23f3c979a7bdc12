"""The words an entry is found by: what full-text search indexes."""

from __future__ import annotations

from app.record.entry import Entry


def search_text(entry: Entry) -> str:
    """Every word of an entry a person could look for, each phrase once, one line each."""
    phrases = [entry.title, entry.detail, *(fact.value for fact in entry.facts)]
    phrases += [word for coding in entry.codings for word in (coding.display, coding.code)]
    phrases += [entry.organisation, entry.author]
    if entry.when is not None:
        phrases.append(entry.when.text[:10])
    return "\n".join(dict.fromkeys(phrase for phrase in phrases if phrase))

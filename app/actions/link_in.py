"""A SMART Health Link somebody gave the patient: found in a text, asked for once, and then as a file is brought in.

Owns what is asked of whom: the host of the link alone, which the patient has been told, under a name that says
nothing about them. The link and its key are kept nowhere. What is believed of the files is importing.py's, asking is
sync/links.py's.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from app.actions.importing import Brought
from app.record.source import SourceKind
from crypto import shlink
from crypto.errors import (
    Ended,
    LinkEnded,
    LinkHoldsNoRecord,
    LinkLeadsElsewhere,
    LinkPasscodeNeeded,
    PasscodeNeeded,
    RelayNotListed,
)
from crypto.shlink import Link
from sync import links
from sync.transport import Transport

RECIPIENT: Final = "Patient Passport"
"""The name whoever made the link is told: the same for everybody."""
RECORD_TYPES: Final = frozenset({"application/smart-health-card", "application/fhir+json"})
MAX_TEXT_BYTES: Final = 16 * 1024
"""Longer texts are files: a code holds less than a third of this, a message around a link is short."""

_MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}", re.ASCII)
_LINK: Final = re.compile(r"(?:https?://[^\s#]+#)?shlink:/[A-Za-z0-9_-]+", re.ASCII)


def link_in(data: bytes) -> Link | None:
    """The first link in a pasted or scanned text; None for a file that is none.

    Raises MalformedToken and TooLarge for a link that breaks its rules.
    """
    if len(data) > MAX_TEXT_BYTES or data.lstrip().startswith((b"{", b"[")):
        return None
    try:
        found = _LINK.search(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None
    return None if found is None else shlink.parse(found.group())


def host_of(link: Link) -> str:
    """The host that would be asked; raises NotAllowed for an address that nobody may ask."""
    return links.host(link)


def fetch(transport: Transport, link: Link, passcode: str | None, *, now: datetime) -> Brought:
    """Ask for what lies behind a link and open it; nothing is stored.

    Raises Expired and LinkPasscodeNeeded before anything is sent; WrongPasscode(remaining), LinkEnded,
    LinkLeadsElsewhere, LinkHoldsNoRecord, Tampered, MalformedToken, TooLarge, Unavailable.
    """
    place = host_of(link)
    try:
        found = links.resolve(
            transport,
            link,
            recipient=RECIPIENT,
            passcode=passcode if passcode else None,
            relays=frozenset({links.origin(link.url)}),
            now=now,
        )
    except PasscodeNeeded as error:
        raise LinkPasscodeNeeded(*error.args) from error
    except RelayNotListed as error:
        raise LinkLeadsElsewhere("link: expected its files at its own host") from error
    except Ended as error:
        raise LinkEnded(*error.args) from error
    files = tuple(dict.fromkeys(data for kind, data in found if _is_record(kind)))
    other = tuple(_named(kind) for kind, _ in found if not _is_record(kind))
    if not files:
        raise LinkHoldsNoRecord(f"link: expected health cards or FHIR, found {len(other)} other files")
    return Brought(SourceKind.LINK, place, files, other)


def _is_record(kind: str) -> bool:
    """A file of which nobody says the kind is read for what it is."""
    return not kind or links.essence(kind) in RECORD_TYPES


def _named(kind: str) -> str:
    """A media type as it may be shown; nothing for what is none."""
    named = links.essence(kind)
    return named if _MEDIA_TYPE.fullmatch(named) else ""

"""One link as the relay knows it, and what an attempt to open it does to it. Pure: no disk, no clock.

Owns the rules of SMART Health Links for a server: inactive means gone, whatever the reason; a wrong
passcode takes one of five tries *for the whole life of the link*; every attempt is written down for
the owner. Keeping it on disk and holding the lock is folder.py.

The passcode is kept as salted SHA-256 and compared in constant time. A slow hash would protect
nothing: the relay is told the passcode at each opening anyway, the record is sealed by a key it never
sees, six figures fall to any hash, and a costly one would let a stranger spend the relay's time.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime

from crypto.tickets import new_ticket

LIFETIME_TRIES = 5  # DESIGN.md §5: link passcode, tries for life
MAX_RECIPIENT_CHARACTERS = 80
MAX_OPENINGS_KEPT = 500  # the newest; `attempts` still counts all


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A stored file: its media type, its length in characters, and when it was put here."""

    content_type: str
    length: int
    last_updated: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to open: when, by what name, and whether it opened."""

    at: datetime
    recipient: str = field(repr=False)
    opened: bool


@dataclass(frozen=True, slots=True)
class StoredLink:
    """All the relay knows of one link; times are aware UTC."""

    owner_sha256: str
    salt: str = field(repr=False)
    passcode_sha256: str | None = field(repr=False)
    flag: str
    exp: datetime
    files: tuple[SealedFile, ...]
    generation: int = 0
    remaining: int = LIFETIME_TRIES
    ended_at: datetime | None = None
    attempts: int = 0
    openings: tuple[Attempt, ...] = ()

    @property
    def direct(self) -> bool:
        """Whether one GET gives the file itself (flag U)."""
        return "U" in self.flag

    @property
    def long_term(self) -> bool:
        """Whether its files may change (flag L)."""
        return "L" in self.flag

    def active(self, now: datetime) -> bool:
        """Whether it may be opened at all: not ended, not past its time, tries left."""
        return self.ended_at is None and now < self.exp and self.remaining > 0


@dataclass(frozen=True, slots=True)
class Opened:
    """The passcode, if any, was right; the link as it is now."""

    link: StoredLink


@dataclass(frozen=True, slots=True)
class PasscodeRefused:
    """No passcode or a wrong one: how many tries are left for the life of the link."""

    remaining: int
    link: StoredLink


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing to see: unknown, ended, expired and used up look the same."""


Outcome = Opened | PasscodeRefused | Gone


def new_link(
    *, owner_sha256: str, passcode: str | None, flag: str, exp: datetime, files: tuple[SealedFile, ...]
) -> StoredLink:
    """A link nobody has opened yet."""
    salt = new_ticket()
    hashed = None if passcode is None else _passcode_sha256(salt, passcode)
    return StoredLink(owner_sha256=owner_sha256, salt=salt, passcode_sha256=hashed, flag=flag, exp=exp, files=files)


def open_link(link: StoredLink, *, recipient: str, passcode: str | None, now: datetime) -> Outcome:
    """What an attempt does: `recipient` is the name given, `passcode` what was typed or None."""
    if not link.active(now):
        return Gone()
    if link.passcode_sha256 is not None:
        if passcode is None:
            return PasscodeRefused(link.remaining, link)  # not a guess, so not a try
        if not hmac.compare_digest(_passcode_sha256(link.salt, passcode), link.passcode_sha256):
            tried = replace(_written_down(link, recipient, now, opened=False), remaining=link.remaining - 1)
            return PasscodeRefused(tried.remaining, tried)
    return Opened(_written_down(link, recipient, now, opened=True))


def is_owner(link: StoredLink, token_sha256: str) -> bool:
    """Whether the hash of a token is the owner's, in constant time."""
    return hmac.compare_digest(link.owner_sha256, token_sha256)


def sha256_hex(text: str) -> str:
    """The name under which the relay knows a link id or an owner token."""
    return hashlib.sha256(text.encode()).hexdigest()


def clean_recipient(text: str) -> str:
    """A name as it may be shown: one line, printable, at most 80 characters."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:MAX_RECIPIENT_CHARACTERS].rstrip()


def _written_down(link: StoredLink, recipient: str, now: datetime, *, opened: bool) -> StoredLink:
    attempt = Attempt(now, clean_recipient(recipient), opened)
    return replace(link, attempts=link.attempts + 1, openings=(*link.openings, attempt)[-MAX_OPENINGS_KEPT:])


def _passcode_sha256(salt: str, passcode: str) -> str:
    return hashlib.sha256(f"{salt}\x00{passcode}".encode()).hexdigest()

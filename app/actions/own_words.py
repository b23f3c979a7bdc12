"""What the patient says about their own record: a note, "this is wrong", a label; hiding and showing what is hidden.

Owns the order around it. Nothing here changes an entry, its bytes or what its holder signed. Where it is kept and what
hidden means for whoever looks is app/store (own.py, shelf.py); the letter itself is app/paper/letter.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from app.actions import emergency, guarding
from app.actions.confirming import confirm_passphrase
from app.actions.session import Passport
from app.policy.own_words import require_plain
from app.record.entry import Section
from app.record.own import Label, Own, OwnSection
from app.store.ledger import AccessRow
from crypto.errors import NotHere, OwnWordsNotPlain

SHOWN: Final = "hidden-shown"
"""In the access log: hidden entries were shown, since then until the passport was locked or they were hidden again."""


def own(passport: Passport, entry_id: int) -> Own:
    """What the patient says about an entry. Raises NotHere for one that is not shown."""
    _require_shown(passport, entry_id)
    return passport.store.own(entry_id)


def write_note(passport: Passport, entry_id: int, text: str) -> None:
    """Keep a note beside an entry, in the place of the one before; nothing takes it away.

    Raises OwnWordsTooLong, OwnWordsNotPlain, NotHere, OlderCopyOpened.
    """
    kept = require_plain(text)
    _set(passport, entry_id, replace(own(passport, entry_id), note=kept))


def wrong_words(text: str) -> str:
    """What the patient says is wrong, as a letter may carry it; raises OwnWordsTooLong, OwnWordsNotPlain."""
    kept = require_plain(text)
    if not kept:
        raise OwnWordsNotPlain("expected what is wrong, found nothing")
    return kept


def note_questioned(passport: Passport, entry_id: int, *, now: datetime) -> None:
    """Note that the patient asked for an entry to be corrected. Raises NotHere, OlderCopyOpened."""
    _set(passport, entry_id, replace(own(passport, entry_id), questioned_at=now))


def take_question_off(passport: Passport, entry_id: int) -> None:
    """Take that mark off again. Raises NotHere, OlderCopyOpened."""
    _set(passport, entry_id, replace(own(passport, entry_id), questioned_at=None))


def mark_entry(passport: Passport, entry_id: int, label: Label, *, hidden: bool, now: datetime) -> None:
    """Label an entry, and hide it or not; the card shown while locked follows. Raises NotHere, OlderCopyOpened."""
    _set(passport, entry_id, replace(own(passport, entry_id), label=label, hidden=hidden))
    emergency.renew_locked_card(passport, now=now)


def section_mark(passport: Passport, section: Section) -> OwnSection:
    """What the patient says about a section; that it is hidden is said only while hidden entries are shown."""
    if not passport.store.shows_hidden and passport.store.own_section(section).hidden:
        return OwnSection()
    return passport.store.own_section(section)


def mark_section(passport: Passport, section: Section, label: Label, *, hidden: bool, now: datetime) -> None:
    """Label a section, and hide it or not. Raises OlderCopyOpened.

    A section that is hidden while hidden entries are not shown stays as it is: changing it would tell that it is.
    """
    if section_mark(passport, section) == passport.store.own_section(section):
        passport.store.set_own_section(section, OwnSection(label, hidden))
        guarding.mirror(passport)
        emergency.renew_locked_card(passport, now=now)


def show_hidden(passport: Passport, passphrase: str, *, now: datetime) -> None:
    """Show hidden entries until the passport is locked. Raises as `confirm_passphrase`."""
    confirm_passphrase(passport, passphrase, now=now)
    if not passport.rolled_back:
        passport.store.log(AccessRow(now, SHOWN, ""))
        guarding.mirror(passport)
    passport.store.show_hidden(True)


def hide_again(passport: Passport) -> None:
    """Leave hidden entries out again."""
    passport.store.show_hidden(False)


def _require_shown(passport: Passport, entry_id: int) -> None:
    if passport.store.entry(entry_id) is None:
        raise NotHere("entry: expected one with this number, found none")


def _set(passport: Passport, entry_id: int, said: Own) -> None:
    passport.store.set_own(entry_id, said)
    guarding.mirror(passport)

"""The guard against older copies: what the keystore remembers of the store and its header, compared at each opening.

Owns the mirror, when it is written, what counts as older, and putting it right. The store's own count is
app/store/guard.py's; the header's generation crypto/vault.py's. What each comparison can and cannot notice stands in
crypto/THREATS.md, "An older copy of the folder put back".

The mirror is written after the store, never before: a crash between the two leaves a store that is newer than its
mirror, which is no alarm. Its fingerprint of the whole file stands only while nobody has the passport open.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.actions.kept_here import age_entry
from app.store.guard import StoreAge
from app.store.home import PassportHome
from app.store.record import Store
from crypto import vault
from crypto.errors import KeystoreUnavailable, PassportOpenElsewhere, StoreUnavailable
from crypto.vault_header import Header

if TYPE_CHECKING:
    from app.actions.session import Passport

ACCEPTED: Final = "guard.accepted"
"""The setting that says when the patient took an older copy as it was."""

_OTHER_FILES: Final = "not closed"
"""In the place of a fingerprint: there is no file, or beside it lies a log or journal that is not in it."""


class Watch(StrEnum):
    """What comparing came to. FIRST: nothing was ever mirrored. LOST: it was, and the keystore has it no more."""

    COMPARED = "compared"
    OLDER = "older"
    FIRST = "first"
    LOST = "lost"
    NO_KEYSTORE = "no-keystore"


@dataclass(frozen=True, slots=True)
class Mirror:
    """What was the newest. `closed` is the SHA-256 of the store's file since it was closed, "" while it is open."""

    generation: int
    store: int
    counter: int
    head: str
    closed: str = ""

    def to_bytes(self) -> bytes:
        """As JSON."""
        return json.dumps({"v": 1} | asdict(self)).encode("ascii")


@dataclass(frozen=True, slots=True)
class Remembered:
    """The mirror before a store is opened, and the fingerprint its file has now."""

    mirror: Mirror | None
    fingerprint: str
    keystore: bool


# ---- opening --------------------------------------------------------------------------------


def remember(home: PassportHome, header: Header) -> Remembered:
    """What the keystore knows, and what the file is: before the store is opened, inside `alone`."""
    try:
        mirror = _read(home, header.vault_id)
    except KeystoreUnavailable:
        return Remembered(None, "", keystore=False)
    compares_file = mirror is not None and mirror.closed and mirror.store == header.store
    return Remembered(mirror, _fingerprint(home.store_file(header.store)) if compares_file else "", keystore=True)


def judge(remembered: Remembered, header: Header, age: StoreAge) -> Watch:
    """What this store is beside what is remembered."""
    if age.older:
        return Watch.OLDER
    if not remembered.keystore:
        return Watch.NO_KEYSTORE
    if remembered.mirror is None:
        return Watch.LOST if age.told else Watch.FIRST
    return Watch.OLDER if _is_older(remembered.mirror, remembered.fingerprint, header, age) else Watch.COMPARED


def _is_older(mirror: Mirror, fingerprint: str, header: Header, age: StoreAge) -> bool:
    if header.store != mirror.store:  # replaced by a newer one, named by a newer header; anything else went back
        return header.generation <= mirror.generation
    if header.generation < mirror.generation or age.counter < mirror.counter:
        return True
    if age.counter > mirror.counter:
        return False  # the mirror was not reached any more: a crash, a keystore that refused
    return age.head != mirror.head or bool(mirror.closed and mirror.closed != fingerprint)


def mirror_open(home: PassportHome, header: Header, store: Store) -> None:
    """Remember the store as it is now, open, where there is a keystore that takes it. Inside `alone`.

    A mirror that cannot be written stays an older one, and that is no alarm.
    """
    with contextlib.suppress(KeystoreUnavailable, StoreUnavailable):
        _write_newest(home, header, store.age())
        if not store.age().told:
            store.note_told()


def mirror(passport: Passport) -> None:
    """Remember how far the passport has got: after whatever must not be taken back."""
    if not passport.rolled_back and passport.home.keystore.available:
        with passport.home.alone():
            mirror_open(passport.home, passport.header, passport.store)


def mirror_closed(home: PassportHome, header: Header, age: StoreAge) -> None:
    """After the store was closed: remember its file whole. Not while somebody else has it open, who will do it then."""
    if not home.keystore.available:
        return
    with (
        contextlib.suppress(KeystoreUnavailable, PassportOpenElsewhere, StoreUnavailable),
        home.alone_with_store(),
        home.alone(),
    ):
        home.sync_names()  # the log beside it is gone for good: back after a power cut it would look older
        fingerprint = _fingerprint(home.store_file(header.store))
        _write_newest(home, header, age, "" if fingerprint == _OTHER_FILES else fingerprint)


def _write_newest(home: PassportHome, header: Header, age: StoreAge, closed: str = "") -> None:
    """Another process may have come further meanwhile: what is remembered never goes back."""
    known = _read(home, header.vault_id)
    mine = Mirror(header.generation, header.store, age.counter, age.head, closed)
    if known is not None and (known.store == mine.store or known.generation >= mine.generation):
        if known.counter > mine.counter or known.store != mine.store:
            mine = known
        mine = replace(mine, generation=max(mine.generation, known.generation))
    if mine != known:
        home.keystore.write(age_entry(header.vault_id), mine.to_bytes())


# ---- putting it right -----------------------------------------------------------------------


def accept_as_it_is(passport: Passport, *, now: datetime) -> None:
    """Take an older copy for the newest from here on: what came after it on this device is given up."""
    if not passport.rolled_back:
        return
    home = passport.home
    with home.alone():
        mirror = _known(home, passport.header.vault_id)
        header = passport.header
        least = 0 if mirror is None else mirror.generation + (header.store != mirror.store)  # see _is_older
        if mirror is not None and header.generation < least:
            header = vault.moved_to_store(header, passport.master_key, header.store, after=mirror.generation)
            home.write_header(header.to_bytes())
            passport.header = header
        passport.store.let_write()
        passport.store.renew(0 if mirror is None else mirror.counter)
        passport.store.set_setting(ACCEPTED, now.isoformat())
        passport.watch = Watch.COMPARED
        mirror_open(home, header, passport.store)


@dataclass(slots=True)
class Updating:
    """Whoever updates says here that every holder gave all it has."""

    complete: bool = False


@contextlib.contextmanager
def updating(passport: Passport, *, now: datetime) -> Iterator[Updating]:
    """An update may write into an older copy; where all of it came, the copy is the newest again.

    The copy is noted as older first, so that a half update, or a crash in it, never makes it look new.
    """
    update = Updating()
    if passport.rolled_back:
        passport.store.let_write()
        passport.store.note_older()
    try:
        yield update
    finally:
        if not passport.locked:
            _after(passport, update, now=now)


def _after(passport: Passport, update: Updating, *, now: datetime) -> None:
    if not passport.rolled_back:
        mirror(passport)
    elif update.complete:
        accept_as_it_is(passport, now=now)
    else:
        passport.store.hold_still()


def newest_generation(home: PassportHome, vault_id: str) -> int:
    """The highest generation of a header that is remembered here, 0 for none: what a restore has to count past."""
    known = _known(home, vault_id)
    return 0 if known is None else known.generation


# ---- the entry and the file -----------------------------------------------------------------


def _known(home: PassportHome, vault_id: str) -> Mirror | None:
    try:
        return _read(home, vault_id)
    except KeystoreUnavailable:
        return None


def _read(home: PassportHome, vault_id: str) -> Mirror | None:
    """An entry that cannot be read is one that was lost."""
    kept = home.keystore.read(age_entry(vault_id))
    if kept is None:
        return None
    try:
        members = json.loads(kept)
        if members.pop("v") != 1:
            return None
        generation, store, counter = (int(members[name]) for name in ("generation", "store", "counter"))
        return Mirror(generation, store, counter, str(members["head"]), str(members["closed"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _fingerprint(path: Path) -> str:
    """SHA-256 of a store's file; not of one that is gone, or beside which SQLite would find pages to put into it."""
    try:
        if any(_is_full(path.with_name(path.name + ending)) for ending in ("-wal", "-journal")):
            return _OTHER_FILES
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return _OTHER_FILES
    except OSError as error:
        raise StoreUnavailable(f"the disk refused ({error.strerror})") from error


def _is_full(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0

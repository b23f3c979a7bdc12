"""Backups: one encrypted file after each change, in a folder the patient chose, that the recovery words alone open.

Owns the choice of the folder, when a backup is made, which ones are kept, and what Home tells of them. Leaves the
file's form to crypto/backup.py, writing and reading it back to app/store/backup_folder.py.

The choice stands in the store. A backup never touches the record; one that fails is noted there and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from app.actions.session import Passport
from app.store.backup_folder import BackupFolder
from app.store.record import Store
from app.store.upkeep import pieces_of, size_of
from crypto import backup, vault
from crypto.backup import About
from crypto.errors import BackupNotKept, BackupTampered, NoPassport, PassportError, StoreDamaged
from crypto.vault import MasterKey, SubKey
from crypto.vault_header import Header, read_header

_SETTING: Final = "backup"
KEPT: Final = 2
"""The newest and the one before it."""


@dataclass(frozen=True, slots=True)
class BackupState:
    """What Home tells: where backups go, when the last one was made (None: none yet), its size in bytes.

    `problem` is the code of what went wrong at the last try, empty where it went well.
    """

    folder: Path
    last: datetime | None
    size: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """One backup that is kept: the folder, its name there, when, its size, how far store and header were."""

    folder: str
    name: str
    at: str
    size: int
    guard: int
    generation: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the store keeps. `folder` is empty where backups are off; `made`: newest first, other folders' too."""

    folder: str = ""
    made: tuple[MadeBackup, ...] = ()
    problem: str = ""

    def here(self) -> list[MadeBackup]:
        return [one for one in self.made if one.folder == self.folder]

    def state(self) -> BackupState | None:
        if not self.folder:
            return None
        last = next(iter(self.here()), None)
        at, size = (None, 0) if last is None else (datetime.fromisoformat(last.at), last.size)
        return BackupState(Path(self.folder), at, size, self.problem)


def choose_backup_folder(passport: Passport, folder: Path, *, now: datetime) -> BackupState:
    """Make backups in this folder from now on, the first one at once.

    Raises BackupNotKept where it is no folder or takes no files, or lies in the passport's own; then the choice
    stays what it was.
    """
    chosen, own = folder.expanduser().resolve(), passport.home.path.resolve()
    if chosen == own or own in chosen.parents:
        raise BackupNotKept("folder: expected one outside the passport's own")
    before = _choice(passport.store)
    return _made(passport, replace(before, folder=str(chosen), problem=""), now=now)


def stop_backups(passport: Passport) -> None:
    """Make no more backups; those there are stay."""
    _keep(passport.store, replace(_choice(passport.store), folder="", problem=""))


def back_up(passport: Passport, *, now: datetime) -> BackupState:
    """Make a backup now.

    Raises BackupNotKept (no folder chosen, or it is gone, full or read-only), StoreDamaged, StoreUnavailable,
    NoPassport where it was locked meanwhile; what went wrong is noted. Earlier backups stay whatever happens.
    """
    choice = _choice(passport.store)
    if not choice.folder:
        raise BackupNotKept("folder: expected one that was chosen")
    try:
        return _made(passport, choice, now=now)
    except PassportError as error:
        with contextlib.suppress(PassportError):
            _keep(passport.store, replace(choice, problem=error.code))
        raise


def back_up_if_chosen(passport: Passport, *, now: datetime) -> BackupState | None:
    """After something changed: a backup where a folder was chosen, and the last one does not have it all already.

    Never raises: what went wrong is in the state's `problem`. None where no folder was chosen, or it is locked.
    """
    try:
        choice = _choice(passport.store)
        if not choice.folder or _is_current(passport, choice):
            return choice.state()
        return back_up(passport, now=now)
    except PassportError:
        with contextlib.suppress(PassportError):
            return backup_state(passport)
        return None


def backup_state(passport: Passport) -> BackupState | None:
    """Where backups go and how the last one went; None where no folder was chosen."""
    return _choice(passport.store).state()


def backups_made(passport: Passport) -> tuple[MadeBackup, ...]:
    """Every backup that was made and not replaced by a newer one, in every folder there was."""
    return _choice(passport.store).made


def backup_bytes(passport: Passport, *, now: datetime) -> bytes:
    """A backup as bytes, to be moved to another device; it is noted nowhere."""
    whole = io.BytesIO()
    with _copied(passport, now=now) as copy:
        for piece in copy.sealed(passport):
            whole.write(piece)
    return whole.getvalue()


def backup_name(passport: Passport, *, now: datetime) -> str:
    """What such a file is called: as those in a folder are."""
    header = read_header(passport.home.read_header())
    return BackupFolder(Path()).name(header.vault_id, now=now)


def forget_missing_folder(store: Store) -> None:
    """In a store that came from a backup: the folder chosen on another device is none here."""
    choice = _choice(store)
    if choice.folder and not Path(choice.folder).is_dir():
        _keep(store, replace(choice, folder="", problem=""))


# ---- one backup -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Copy:
    """A copy of the store, under its own key still, and what a backup of it says."""

    path: Path
    header: Header
    master: MasterKey
    about: About
    digest: bytes = b""

    def sealed(self, passport: Passport) -> Iterator[bytes]:
        """The pieces of the backup file; stops where the passport is locked meanwhile."""
        return backup.seal(self.header, self.master, self.about, self._pieces(passport))

    def check(self, file: BinaryIO) -> None:
        """What was written, read back: the same header, the same words about it, the same store to the last byte."""
        sealed = backup.read_head(file)
        about, pieces = backup.unseal(sealed, self.master, file)
        found = hashlib.sha256()
        for piece in pieces:
            found.update(piece)
        if (sealed.header, about, found.digest()) != (self.header, self.about, self.digest):
            raise BackupTampered("read back: expected what was written, found something else")

    def _pieces(self, passport: Passport) -> Iterator[bytes]:
        read = hashlib.sha256()
        for piece in pieces_of(self.path, backup.PIECE_BYTES):
            if passport.locked:
                raise NoPassport("expected an unlocked passport, found it locked")
            read.update(piece)
            yield piece
        self.digest = read.digest()


def _made(passport: Passport, choice: _Choice, *, now: datetime) -> BackupState:
    with _copied(passport, now=now) as copy:
        folder = BackupFolder(Path(choice.folder))
        name = folder.name(copy.header.vault_id, now=now)
        size = folder.keep(name, copy.sealed(passport), copy.check)
    made = MadeBackup(choice.folder, name, now.isoformat(), size, copy.about.guard, copy.header.generation)
    others = [one for one in choice.made if one != made and (one.folder, one.name) != (made.folder, name)]
    gone = [one for one in others if one.folder == choice.folder][KEPT - 1 :]
    kept = replace(choice, made=(made, *(one for one in others if one not in gone)), problem="")
    _keep(passport.store, kept)
    for one in gone:
        folder.remove(one.name)
    return BackupState(Path(choice.folder), now, size)


@contextmanager
def _copied(passport: Passport, *, now: datetime) -> Iterator[_Copy]:
    """The store as it stands, copied beside it and found whole; the copy is gone afterwards."""
    master = passport.master_key
    header = vault.recovery_only(read_header(passport.home.read_header()), master)
    with passport.home.copying() as path:
        passport.store.copy_to(path)
        store = Store.open(path, master.sub_key(SubKey.DATABASE), now=now)
        try:
            if store.faults():
                raise StoreDamaged("copy of the store: expected it to be whole")
            counts, schema, guard = store.counts(), store.schema_version(), store.age().counter
        finally:
            store.close()
        size = size_of(path)
        about = About(int(now.timestamp()), schema, guard, counts["source"], counts["entry"], size)
        yield _Copy(path, header, master, about)


def _is_current(passport: Passport, choice: _Choice) -> bool:
    """Nothing was written since the last backup but the note of it, the words are the same, and it is still there."""
    last = next(iter(choice.here()), None)
    if last is None or choice.problem:
        return False
    if passport.header.generation != last.generation or passport.store.age().counter > last.guard + 1:
        return False
    return BackupFolder(Path(choice.folder)).has(last.name)


def _choice(store: Store) -> _Choice:
    text = store.setting(_SETTING)
    if text is None:
        return _Choice()
    members = json.loads(text)
    made = tuple(MadeBackup(**one) for one in members["made"])
    return _Choice(members["folder"], made, members["problem"])


def _keep(store: Store, choice: _Choice) -> None:
    store.set_setting(_SETTING, json.dumps(asdict(choice), ensure_ascii=False))

"""Rows of build/bench.py about keeping a record: a backup and bringing it back, against copying a file of that size.

The baseline does the least anybody does with a copy that has to be right: read, write, fsync, read again, SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import NOW, Row, compare, spent

if TYPE_CHECKING:
    from app.actions.session import Passport

PHRASE = "a passphrase for one benchmark"
BALLAST_MB = 32
"""Random bytes that make the store as large as a long life's: they neither compress nor are cheap to hash."""
PIECE = 1024 * 1024


def backup_and_restore(data: bytes, rounds: int, folder: Path) -> list[Row]:
    """Making a backup (copied, looked at, sealed, read back, compared) and bringing it back onto an empty device.

    Restoring stretches the new passphrase once (Argon2id), whatever the size: with a few MB that is most of it.
    """
    from app.actions.backing_up import choose_backup_folder

    passport, words = filled(data, folder / "keeper")
    stick = folder / "stick"
    stick.mkdir()
    backed, restored = [], []
    for at in range(rounds):
        ours = spent(partial(choose_backup_folder, passport, stick, now=NOW))
        made = next(stick.iterdir())
        copied = spent(partial(copy_and_hash, made, folder / "plain copy"))
        backed.append((ours, copied))
        restored.append((spent(partial(bring_back, made, words, folder / f"back{at}")), copied))
        shutil.rmtree(folder / f"back{at}")
    megabytes = next(stick.iterdir()).stat().st_size / 1e6
    passport.lock()
    baseline = f"copy + SHA-256 of {megabytes:.0f} MB"
    return [compare("backup made", backed, baseline), compare("backup restored", restored, baseline)]


def filled(data: bytes, folder: Path) -> tuple[Passport, str]:
    """A passport with the bench's record and ballast, open, and its recovery words."""
    from app.actions.importing import import_file
    from app.actions.session import create_passport
    from app.store.home import PassportHome

    passport, words = create_passport(PassportHome(folder), PHRASE, now=NOW)
    import_file(passport, data, "bench.json", now=NOW)
    for number in range(BALLAST_MB):
        passport.store.set_secret(f"ballast {number}", os.urandom(PIECE))
    return passport, " ".join(words)


def bring_back(made: Path, words: str, folder: Path) -> None:
    """From a file to an open passport."""
    from app.actions.restoring import restore
    from app.store.home import PassportHome

    with made.open("rb") as file:
        restore(PassportHome(folder), file, words, PHRASE, now=NOW).lock()


def copy_and_hash(source: Path, target: Path) -> None:
    """The plain program."""
    with source.open("rb") as given, target.open("wb") as copy:
        shutil.copyfileobj(given, copy, PIECE)
        copy.flush()
        os.fsync(copy.fileno())
    with source.open("rb") as first, target.open("rb") as second:
        if hashlib.file_digest(first, "sha256").digest() != hashlib.file_digest(second, "sha256").digest():
            raise SystemExit("the copy is not the file")

"""Telling stories of older copies: writing, copying the folder, putting it back, and ending as a crash does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.actions import guarding
from app.actions.guarding import Mirror, Watch
from app.actions.session import (
    Passport,
    change_passphrase,
    create_passport,
    new_recovery_words,
    note_recovery_kept,
    remove_pin,
    set_pin,
    unlock,
)
from app.store.home import PassportHome
from app.store.keystore import NoKeystore
from crypto.errors import OlderCopyOpened
from crypto.vault_header import FLOOR, read_header
from tests.store.keystores import MemoryKeystore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE, OTHER = "correct horse battery staple", "kestrel anvil forty teapot"


def made(folder: Path, keystore: MemoryKeystore) -> PassportHome:
    """A locked passport whose store says "one"."""
    home = PassportHome(folder, keystore)
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    assert passport.watch is Watch.FIRST
    write(passport, "one")
    passport.lock()
    return home


def write(passport: Passport, text: str) -> None:
    passport.store.set_setting("written", text)


def opened(home: PassportHome, passphrase: str = PHRASE) -> Passport:
    return unlock(home, passphrase, now=NOW)


def write_and_lock(home: PassportHome, text: str) -> None:
    passport = opened(home)
    write(passport, text)
    passport.lock()


def copy_of(home: PassportHome) -> Path:
    copy = home.path.with_name("copy")
    shutil.copytree(home.path, copy)
    return copy


def put_back(home: PassportHome, copy: Path) -> None:
    shutil.rmtree(home.path)
    shutil.copytree(copy, home.path)


def kill(passport: Passport) -> None:
    """End it as a crash does: nothing closed, nothing mirrored, the locks given back by the system."""
    folder, aside = passport.home.path, passport.home.path.with_name("aside")
    shutil.copytree(folder, aside)
    keystore, passport.home.keystore = passport.home.keystore, NoKeystore()  # what locking would tell reaches nobody
    passport.lock()
    passport.home.keystore = keystore
    shutil.rmtree(folder)
    aside.rename(folder)


def mirror(home: PassportHome) -> Mirror:
    found = guarding._read(home, read_header(home.read_header()).vault_id)
    assert found is not None
    return found


def assert_held_still(passport: Passport) -> None:
    """It reads, and nothing of it is written: neither store nor header nor what is remembered."""
    home = passport.home
    assert passport.rolled_back
    header, remembered, age = home.read_header(), mirror(home), passport.store.age()
    attempts: list[Callable[[], object]] = [
        lambda: write(passport, "more"),
        lambda: change_passphrase(passport, OTHER, now=NOW, cost=FLOOR),
        lambda: set_pin(passport, "602941", now=NOW, cost=FLOOR),
        lambda: remove_pin(passport),
        lambda: new_recovery_words(passport, now=NOW),
        lambda: note_recovery_kept(passport, now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(OlderCopyOpened) as refusal:
            attempt()
        assert refusal.value.code == "older-copy-opened"
    guarding.mirror(passport)
    assert (home.read_header(), mirror(home), passport.store.age()) == (header, remembered, age)

"""A passport with one imported allergy, its words, and what a test must find unchanged after a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.actions.importing import import_file
from app.actions.session import Passport, create_passport, unlock
from app.store.home import PassportHome
from crypto.vault_header import FLOOR
from tests.actions.test_importing import allergy, bundle, patient

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE = "correct horse battery staple"
NEW_PHRASE = "another horse battery staple"
LOCKS = {"lock", "in-use", "copying"}
"""Empty files that only say who holds what."""


@dataclass(frozen=True)
class Kept:
    """A passport's folder and the words that open it."""

    home: PassportHome
    words: str

    def unlock(self, phrase: str = PHRASE) -> Passport:
        return unlock(self.home, phrase, now=NOW)


def make(folder: Path, *allergies: str) -> Kept:
    home = PassportHome(folder)
    passport, words = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    for name in allergies:
        bring_in(passport, name)
    passport.lock()
    return Kept(home, " ".join(words))


def bring_in(passport: Passport, name: str) -> None:
    import_file(passport, bundle(patient(), allergy(name)), f"{name}.json", now=NOW)


def titles(passport: Passport) -> set[str]:
    return {stored.entry.title for stored in passport.store.entries()}


def files(folder: Path) -> dict[str, bytes]:
    """Every file by name, but the locks."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in LOCKS}

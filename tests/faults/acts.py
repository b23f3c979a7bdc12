"""What a passport does while its disk is spoilt under it: each act a short story, told aloud as it goes.

Owns the stories and the telling: a line before an act that may be cut off in the middle, a line once it has returned
(from then on it is acknowledged and may never be lost). What must hold afterwards is checks.py.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from app.actions.backing_up import back_up, backup_bytes, choose_backup_folder
from app.actions.importing import import_file
from app.actions.rekeying import rekey
from app.actions.restoring import restore
from app.actions.session import (
    Passport,
    change_passphrase,
    create_passport,
    new_recovery_words,
    remove_pin,
    set_pin,
    unlock,
)
from app.actions.sharing import end_access
from app.store.home import PassportHome
from crypto.errors import PassportError
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE, SIAN, World, bundle_of, given, resources, written
from tests.faults.altered import told
from tests.faults.keystore import KeptKeystore
from tests.faults.shim import Shim

NEXT_PHRASES = ("copper lantern drizzle saddle", "walnut ferry meadow trumpet", "pebble violin cactus harbour")
NEXT_PINS = ("738264", "927485", "648293")
DISK, HOME, FAR_SIDE, KEYSTORE, SAID, LOG = "disk", "disk/home", "far-side", "keystore", "said", "log"
BACKUPS, PACKED = "disk/backups", "packed"

Said = dict[str, Any]
_Result = TypeVar("_Result")


class UnaskedRefusal(AssertionError):
    """An act was refused by a disk that was well."""


@dataclass
class Stage:
    """One run's folder: the watched disk with the passport on it, the far side, and what was said so far."""

    folder: Path
    shim: Shim
    retries: bool = False
    """Whether a refused act is tried once more, with disk and keystore well again."""
    until: int | None = None
    """Where in the log of the disk the current went, for whoever looks at what is left."""
    keystore: KeptKeystore = field(init=False)
    home: PassportHome = field(init=False)
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.keystore = KeptKeystore(self.folder / KEYSTORE, self.folder / LOG, self.until)
        self.home = PassportHome(self.folder / HOME, self.keystore)
        self.world = World(self.folder / FAR_SIDE)

    def tell(self, what: str, **facts: Any) -> None:
        """Say it where kill -9 cannot take it back, with how long the log of the disk was by then."""
        log = self.folder / LOG
        line = json.dumps({"what": what, "at": log.stat().st_size if log.exists() else 0, **facts})
        with (self.folder / SAID).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def said(self) -> list[Said]:
        return read_said(self.folder)

    def files(self) -> list[int]:
        """The files that are there, as far as it was said."""
        return told_files(self.said())

    def words(self) -> str:
        """The recovery words of today."""
        return str([one["words"] for one in self.said() if "words" in one][-1])

    def step(self, act: Callable[[], _Result]) -> _Result:
        """Do it; after a refusal of the spoilt disk heal the disk and do it again."""
        try:
            return act()
        except PassportError as error:
            if not (self.shim.fired() or self.keystore.fired):
                raise UnaskedRefusal(f"{error} from a disk that was well") from error
            self.tell("refused", code=error.code, sentence=told(error))
            self.shim.disarm()
            self.keystore.heal()
            if not self.retries:
                raise
            return act()

    def opened(self) -> Passport:
        phrase = told_phrases(self.said())[-1]
        return self.step(lambda: unlock(self.home, phrase, now=self.world.now))


def read_said(folder: Path, until: int | None = None) -> list[Said]:
    """What was said in a run's folder; only what came before `until` of the log, where that is given."""
    path = folder / SAID
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    said = [json.loads(line) for line in lines]
    return [one for one in said if until is None or one["at"] <= until]


def told_phrases(said: Sequence[Said]) -> list[str]:
    """Every passphrase that was acknowledged, in order; the last one counts."""
    return [one["phrase"] for one in said if one["what"] in ("created", "passphrase", "restored")]


def told_files(said: Sequence[Said]) -> list[int]:
    """The numbers of the files that were acknowledged and not taken away by restoring an older copy."""
    files: list[int] = []
    for one in said:
        if one["what"] == "imported":
            files.append(one["number"])
        elif one["what"] == "restored":
            files = list(one["files"])
    return files


def file_of(number: int) -> bytes:
    """A file of the patient's, different for each number; its first problem can be searched for."""
    bundle = bundle_of(SIAN, "gp")
    resources(bundle, "Condition")[0]["code"] = {"text": f"Madeupitis{number}"}
    return written(bundle)


# ---- the stories --------------------------------------------------------------------------------


def create(stage: Stage) -> None:
    """A first passport, and a file in it."""
    stage.tell("creating", phrase=PHRASE)
    passport, words = stage.step(lambda: create_passport(stage.home, PHRASE, now=stage.world.now, cost=FLOOR))
    stage.tell("created", phrase=PHRASE, words=" ".join(words))
    _bring_in(stage, passport, 0)
    stage.step(passport.lock)


def bring_in(stage: Stage) -> None:
    """Three files, one after the other."""
    passport = stage.opened()
    for number in (1, 2, 3):
        _bring_in(stage, passport, number)
    stage.step(passport.lock)


def _bring_in(stage: Stage, passport: Passport, number: int) -> None:
    stage.tell("importing", number=number)
    stage.step(lambda: import_file(passport, file_of(number), f"{number}.json", now=stage.world.now))
    stage.tell("imported", number=number)


def update(stage: Stage) -> None:
    """The first updates of two holders, and two more of one of them."""
    passport = stage.opened()
    for number in (10, 11, 12):
        stage.step(lambda: _everybody_gave(stage, passport))
        stage.tell("updated", feeds={feed.iss: feed.seq for feed in passport.store.feeds()})
        stage.world.sign(SIAN, "gp", file_of(number))
    stage.step(passport.lock)


def _everybody_gave(stage: Stage, passport: Passport) -> None:
    for outcome in stage.world.connect(passport).refusals:
        assert outcome.refusal is not None
        raise outcome.refusal


def share(stage: Stage) -> None:
    """Access given twice, and the first ended."""
    passport = stage.opened()
    links = []
    for _ in range(2):
        links.append(stage.step(lambda: given(stage.world, passport)).grant_id)
        stage.tell("given", grant=links[-1])
    stage.tell("ending", grant=links[0])
    services = stage.world.services()
    stage.step(lambda: end_access(passport, services, links[0], now=stage.world.now))
    stage.tell("ended", grant=links[0])
    stage.step(passport.lock)


def change(stage: Stage) -> None:
    """Another passphrase, three times."""
    passport = stage.opened()
    for phrase in NEXT_PHRASES:
        stage.tell("changing", phrase=phrase)
        stage.step(lambda: change_passphrase(passport, phrase, now=stage.world.now, cost=FLOOR))  # noqa: B023
        stage.tell("passphrase", phrase=phrase)
    stage.step(passport.lock)


def pin(stage: Stage) -> None:
    """A PIN, another one, none; and new recovery words."""
    passport = stage.opened()
    for digits in NEXT_PINS:
        stage.tell("pinning", pin=digits)
        stage.step(lambda: set_pin(passport, digits, now=stage.world.now, cost=FLOOR))  # noqa: B023
        stage.tell("pin", pin=digits)
    stage.tell("pinning", pin=None)
    stage.step(lambda: remove_pin(passport))
    stage.tell("pin", pin=None)
    stage.tell("renewing")
    words = stage.step(lambda: new_recovery_words(passport, now=stage.world.now))
    stage.tell("words", words=" ".join(words))
    stage.step(passport.lock)


def back(stage: Stage) -> None:
    """Backups into a folder that was chosen: the first one, and one after each of two files."""
    passport, folder = stage.opened(), stage.folder / BACKUPS
    stage.step(lambda: choose_backup_folder(passport, folder, now=stage.world.now))
    stage.tell("backed-up", files=stage.files())
    for number in (20, 21):
        _bring_in(stage, passport, number)
        stage.world.clock.forward(minutes=1)
        stage.step(lambda: back_up(passport, now=stage.world.now))
        stage.tell("backed-up", files=stage.files())
    stage.step(passport.lock)


def new_key(stage: Stage) -> None:
    """Another master key, twice, and a file after it."""
    passport = stage.opened()
    for number in (30, 31):
        stage.tell("renewing")
        passport, words = stage.step(lambda: _rekeyed(stage, passport))  # noqa: B023
        stage.tell("words", words=" ".join(words))
        _bring_in(stage, passport, number)
    stage.step(passport.lock)


def _rekeyed(stage: Stage, passport: Passport) -> tuple[Passport, list[str]]:
    """After a refusal the passport may be locked: then it is opened again, as a person would."""
    usable = stage.opened() if passport.locked else passport
    return rekey(usable, told_phrases(stage.said())[-1], now=stage.world.now, cost=FLOOR)


def bring_back(stage: Stage) -> None:
    """An older backup over a newer passport, because the patient says so, with a new passphrase."""
    passport = stage.opened()
    data, files = stage.step(lambda: backup_bytes(passport, now=stage.world.now)), stage.files()
    _bring_in(stage, passport, 40)
    stage.step(passport.lock)
    phrase, words = NEXT_PHRASES[0], stage.words()
    stage.tell("restoring", phrase=phrase, files=files)
    passport = stage.step(
        lambda: restore(stage.home, data, words, phrase, now=stage.world.now, replace=True, cost=FLOOR)
    )
    stage.tell("restored", phrase=phrase, files=files)
    stage.step(passport.lock)


def move(stage: Stage) -> None:
    """A backup onto an empty device."""
    data, words, phrase = (stage.folder / PACKED).read_bytes(), stage.words(), NEXT_PHRASES[0]
    stage.tell("restoring", phrase=phrase, files=[0])
    passport = stage.step(lambda: restore(stage.home, data, words, phrase, now=stage.world.now, cost=FLOOR))
    stage.tell("restored", phrase=phrase, files=[0])
    stage.step(passport.lock)


def pack(stage: Stage) -> None:
    """What `move` begins with: a backup, its words, and no passport."""
    passport = stage.opened()
    (stage.folder / PACKED).write_bytes(backup_bytes(passport, now=stage.world.now))
    passport.lock()
    words = stage.words()
    feeds = [one["feeds"] for one in stage.said() if one["what"] == "updated"][-1]
    given = [one["grant"] for one in stage.said() if one["what"] == "given"]
    shutil.rmtree(stage.home.path)
    for path in (stage.folder / SAID, stage.folder / KEYSTORE):
        path.unlink()
    stage.tell("words", words=words)
    stage.tell("updated", feeds=feeds)
    for grant in given:
        stage.tell("given", grant=grant)


def switches(stage: Stage) -> None:
    """What lies beside the vault: the card shown while locked, and how the app looks."""
    for number in range(3):
        stage.tell("switching", value=str(number))
        stage.step(lambda: stage.home.write_locked_card(str(number).encode()))  # noqa: B023
        stage.step(lambda: stage.home.write_appearance(str(number).encode()))  # noqa: B023
        stage.tell("switched", value=str(number))


def careless(stage: Stage) -> None:
    """What no act may do: the card written in place and called written. The checks must notice."""
    for number in range(3):
        stage.tell("switching", value=str(number) * 100)
        (stage.home.path / "emergency.json").write_bytes(str(number).encode() * 100)
        stage.home.write_appearance(str(number).encode() * 100)
        stage.tell("switched", value=str(number) * 100)


def template(stage: Stage) -> None:
    """What every other story but `create` begins with: a file, updates, access given."""
    create(stage)
    passport = stage.opened()
    _everybody_gave(stage, passport)
    stage.tell("updated", feeds={feed.iss: feed.seq for feed in passport.store.feeds()})
    stage.tell("given", grant=given(stage.world, passport).grant_id)
    passport.lock()
    stage.world.clock.at += timedelta(minutes=1)


_ALL = (create, bring_in, update, share, change, pin, back, new_key, bring_back, move, switches)
ACTS: dict[str, Callable[[Stage], None]] = {one.__name__: one for one in _ALL}
BEGINS = {"create": "empty", "move": "moved"}
"""Stories that begin with no passport; all others begin with what `template` made."""


def run(stage: Stage, name: str) -> None:
    """Play one story."""
    {**ACTS, "template": template, "pack": pack, "careless": careless}[name](stage)


def disk_of(folder: Path) -> Path:
    """The folder that is watched, as the kernel names it."""
    return Path(os.path.realpath(folder / DISK))

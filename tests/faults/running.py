"""Seeded runs of stories on a spoilt disk: killed, refused, cut from the current. The same seed, the same runs.

Owns where the faults strike and what a run came to. tests/faults takes a short slice, build/faults.py the long way.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import acts
from tests.faults.disk import Disk
from tests.faults.shim import Action, Kind, compiled, read_log

ROOT = Path(__file__).resolve().parents[2]
SPOILT = {
    "no room to write": (Kind.WRITE, errno.ENOSPC),
    "write fails": (Kind.WRITE, errno.EIO),
    "no room for a file": (Kind.CREATE, errno.ENOSPC),
    "fsync fails": (Kind.SYNC, errno.EIO),
    "rename fails": (Kind.RENAME, errno.EIO),
    "unlink fails": (Kind.UNLINK, errno.EIO),
    "truncate fails": (Kind.TRUNCATE, errno.EIO),
    "folder fails": (Kind.MKDIR, errno.ENOSPC),
    "everything fails": (Kind.ANY, errno.EIO),
}
"""The ways in which a disk refuses: which calls, and with what."""


UNDER_WAY = ("creating", "changing", "pinning", "renewing", "importing", "restoring", "switching", "ending", "refused")
"""What is said before an act, or of its refusal; all else is an acknowledgement."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to. `struck`: whether the fault came, which is a failure where it did not."""

    act: str
    fault: str
    struck: bool
    acknowledged: int
    refused: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())


class Workshop:
    """Runs stories in processes of their own, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 0
        environment = {**os.environ, "LD_PRELOAD": str(compiled(folder)), "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.faults.workshop"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._templates = {name: self._made(name) for name in ("template", "empty", "moved")}
        self.seconds: dict[str, float] = {}
        self.counts = {name: self._counted(name) for name in (*acts.ACTS, "careless")}

    def close(self) -> None:
        """End the workshop."""
        self._process.communicate()

    def ask(self, **asked: Any) -> dict[str, Any]:
        """One run in a child; what it came to."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "broke" in answer:
            raise AssertionError(f"{asked}\n{answer['broke']}")
        return answer

    def play(self, folder: Path, act: str, **how: Any) -> dict[str, Any]:
        """Play one story in a run's folder."""
        return self.ask(do="run", folder=str(folder), act=act, **how)

    def problems(self, folder: Path, until: int | None = None) -> tuple[str, ...]:
        """What is not as it must be after it, found by a process of its own."""
        answer = self.ask(do="check", folder=str(folder), until=until)
        return tuple(answer.get("problems", [f"the check ended with {answer['status']}"]))

    @contextmanager
    def stage(self, act: str) -> Iterator[Path]:
        """A folder as the story finds it, gone afterwards."""
        self._number += 1
        folder = self.folder / f"run-{self._number}"
        shutil.copytree(self._templates[acts.BEGINS.get(act, "template")], folder)
        yield folder
        shutil.rmtree(folder)

    def _made(self, name: str) -> Path:
        folder = self.folder / name
        if name == "moved":
            shutil.copytree(self.folder / "template", folder)
        else:
            (folder / acts.BACKUPS).mkdir(parents=True)
        for act in {"template": ("template",), "moved": ("pack",)}.get(name, ()):
            answer = self.play(folder, act)
            assert (answer["status"], answer["refused"]) == (0, None), answer
        return folder

    def _counted(self, name: str) -> dict[str, int]:
        with self.stage(name) as folder:
            began = time.monotonic()
            answer = self.play(folder, name)
            self.seconds[name] = time.monotonic() - began
            assert (answer["status"], answer["refused"], answer["fired"]) == (0, None, 0), answer
            assert self.problems(folder) == (), (name, self.problems(folder))
        found: dict[str, int] = answer["counts"]
        return found


@contextmanager
def workshop(folder: Path) -> Iterator[Workshop]:
    made = Workshop(folder)
    try:
        yield made
    finally:
        made.close()


def acknowledged(folder: Path, until: int | None = None) -> int:
    """How many acts had returned."""
    return sum(one["what"] not in UNDER_WAY for one in acts.read_said(folder, until))


# ---- kill -9 ------------------------------------------------------------------------------------


def killed(shop: Workshop, act: str, chance: random.Random) -> Outcome:
    """One story, ended by kill -9: mostly at a call that changes the disk, sometimes after a time."""
    if chance.random() < 0.15:
        seconds = chance.uniform(0.0, 0.9) * shop.seconds[act]
        return _killed(shop, act, f"kill -9 after {seconds:.3f} s", {"kill_after": seconds})
    action = chance.choice((Action.KILL_BEFORE, Action.KILL_TORN, Action.KILL_AFTER))
    for number in _falling(chance.randint(1, shop.counts[act]["ANY"])):
        outcome = killed_at(shop, act, number, action)
        if outcome.struck:
            break
    return outcome


def killed_at(shop: Workshop, act: str, number: int, action: Action, kind: Kind = Kind.ANY) -> Outcome:
    """One story, ended by kill -9 before, in the middle of or after one call that changes the disk."""
    fault = f"kill -9 {action.name.removeprefix('KILL_').lower()} call {number}"
    return _killed(shop, act, fault, {"arm": (kind, number, action, 0, False)})


def _killed(shop: Workshop, act: str, fault: str, how: Mapping[str, Any]) -> Outcome:
    with shop.stage(act) as folder:
        before = acknowledged(folder)
        answer = shop.play(folder, act, **how)
        told = acknowledged(folder) - before
        return Outcome(act, fault, answer["status"] == -signal.SIGKILL, told, problems=shop.problems(folder))


def _falling(number: int) -> Sequence[int]:
    """This call, or one before it: sealed bytes differ each time, so a run may make a few calls less than counted."""
    return [max(number - less, 1) for less in (0, 2, 8, 32)]


# ---- a disk that refuses ------------------------------------------------------------------------


def refused(shop: Workshop, act: str, fault: str, chance: random.Random) -> Outcome | None:
    """One story on a disk that refuses, mostly healed after the first refusal; None where it never makes such a call.

    Else the story ends there, and what it was at is found as it was, or as it would have been.
    """
    kind, error = SPOILT[fault]
    if not shop.counts[act][kind.name]:
        return None
    number, stays = chance.randint(1, shop.counts[act][kind.name]), chance.random() < 0.5
    retries = chance.random() < 0.7
    for at in _falling(number):
        label = f"{fault}, call {at}{' and on' if stays else ''}{'' if retries else ', then left'}"
        outcome = refused_at(shop, act, label, {"arm": (kind, at, Action.REFUSE, error, stays)}, retries=retries)
        if outcome.struck:
            break
    return outcome


def refused_at(shop: Workshop, act: str, fault: str, how: Mapping[str, Any], *, retries: bool) -> Outcome:
    """One story on a disk or with a keystore that refuses in the way `how` says."""
    with shop.stage(act) as folder:
        before = len(acts.read_said(folder))
        answer = shop.play(folder, act, retries=retries, **how)
        said = acts.read_said(folder)[before:]
        refusals = [one for one in said if one["what"] == "refused"]
        found = [f"no sentence for {one['code']}" for one in refusals if not one["sentence"]]
        if answer["status"] != 0 or (retries and answer["refused"] is not None):
            found.append(f"could not be done again: {answer['refused'] or answer['status']}")
        told = sum(one["what"] not in UNDER_WAY for one in said)
        codes = tuple(one["code"] for one in refusals)
        found += shop.problems(folder)
        return Outcome(act, fault, answer.get("fired", 0) > 0, told, codes, tuple(found))


def without_keystore(shop: Workshop, act: str, chance: random.Random) -> Outcome:
    """One story in which the keystore refuses at one call, or from there on."""
    at, stays = chance.randint(1, shop.counts[act]["KEYSTORE"]), chance.random() < 0.5
    retries = chance.random() < 0.7
    fault = f"keystore refuses, call {at}{' and on' if stays else ''}{'' if retries else ', then left'}"
    return refused_at(shop, act, fault, {"keystore": (at, stays)}, retries=retries)


# ---- power cut ----------------------------------------------------------------------------------


def cut_off(shop: Workshop, act: str, cuts: int, chance: random.Random, *, at_the_end: float = 0.2) -> list[Outcome]:
    """One story played through and written down, then cut off at `cuts` places, each with its own choice.

    `at_the_end`: how many of the cuts come when it is all but over, where a closed file may look like an older one.
    """
    outcomes = []
    with shop.stage(act) as folder:
        disk = Disk.from_folder(acts.disk_of(folder))
        answer = shop.play(folder, act, log=True)
        assert (answer["status"], answer["refused"]) == (0, None), answer
        changes = read_log((folder / acts.LOG).read_bytes())
        require_same(disk.played([change for _, change in changes]).seen(), acts.disk_of(folder))
        played = folder.rename(folder.with_name(f"{folder.name}-played"))
        for _ in range(cuts):
            last = chance.random() < at_the_end
            number = len(changes) - chance.randint(0, 2) if last else chance.randint(0, len(changes))
            until = changes[number - 1][0] if number else 0
            left = disk.played([change for _, change in changes[:number]]).after_cut(chance)
            shutil.copytree(played, folder, ignore=shutil.ignore_patterns("disk", acts.LOG))  # at its own path again
            left.write(folder / acts.DISK)
            told = acknowledged(folder, until) - acknowledged(folder, 0)
            found = shop.problems(folder, until)
            outcomes.append(Outcome(act, f"power cut at call {number}: {left.how}", True, told, problems=found))
            shutil.rmtree(folder)
        played.rename(folder)
    return outcomes


def require_same(seen: dict[str, bytes | None], folder: Path) -> None:
    """What was written down leads to what is there; else calls went past the shim. (-shm is written as memory.)"""
    there = {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in folder.rglob("*")}
    assert {k: v for k, v in seen.items() if not k.endswith("-shm")} == there, (sorted(seen), sorted(there))


def failures(outcomes: Sequence[Outcome]) -> list[str]:
    """A line for each run that lost something, or whose fault never came."""
    return [
        f"{one.act}, {one.fault}: {'; '.join(one.problems) or 'the fault never came'}"
        for one in outcomes
        if one.problems or not one.struck
    ]

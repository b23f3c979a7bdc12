"""build/faults.py tells what was lost, and ends with 1 when anything was; its runs are those of tests/faults."""

from __future__ import annotations

import argparse
import contextlib
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.faults import running
from tests.faults.running import Outcome

BUILD = Path(__file__).resolve().parents[2] / "build"
WELL = Outcome("share", "kill -9 before call 3", struck=True, acknowledged=2)
LOST = Outcome("share", "kill -9 after call 9", struck=True, acknowledged=1, problems=("file 1 is there 0 times",))
NEVER = Outcome("share", "kill -9 after call 900", struck=False, acknowledged=3)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BUILD))
    monkeypatch.setattr(running, "workshop", lambda _: contextlib.nullcontext())
    return importlib.import_module("faults")


def ran(faults: ModuleType, monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> int:
    def kills(*_: object) -> Iterator[object]:
        yield faults.row("kill -9", "share", outcomes)

    monkeypatch.setattr(faults, "RUNS", {"kill": kills})
    return int(faults.run(argparse.Namespace(only=None)))


def test_runs_that_lost_nothing_end_well(
    faults: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(faults, monkeypatch, WELL, WELL) == 0
    assert "2 runs, 2 faults struck, 0 lost something" in capsys.readouterr().out


def test_what_was_lost_is_named_and_ends_with_one(
    faults: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(faults, monkeypatch, WELL, LOST) == 1
    assert "share, kill -9 after call 9: file 1 is there 0 times" in capsys.readouterr().out


def test_a_fault_that_never_came_and_runs_that_were_none_end_with_one(
    faults: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran(faults, monkeypatch, NEVER) == 1
    assert ran(faults, monkeypatch) == 1


def test_the_same_seed_is_the_same_chance_whatever_else_runs(faults: ModuleType) -> None:
    asked = argparse.Namespace(seed=1)
    assert faults.seeded(asked, "cut", "share").random() == faults.seeded(asked, "cut", "share").random()
    assert faults.seeded(asked, "cut", "share").random() != faults.seeded(asked, "cut", "create").random()

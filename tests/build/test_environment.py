"""The environment is made again when it no longer fits, and only then."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build"


@pytest.fixture
def steps() -> list[str]:
    return []


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str]) -> ModuleType:
    """The module over a project of its own in tmp_path, with the two slow steps written down instead of done."""
    monkeypatch.syspath_prepend(str(BUILD))
    module = importlib.import_module("environment")
    (tmp_path / ".venv").mkdir()
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "made-from.json")
    monkeypatch.setattr(module, "RUN_LOCK", tmp_path / "requirements.txt")
    monkeypatch.setattr(module, "TEST_LOCK", tmp_path / "requirements-dev.txt")
    monkeypatch.setattr(module, "make_empty", lambda: steps.append("empty"))
    monkeypatch.setattr(module, "install", lambda lock: steps.append(lock.name))
    return module


def test_a_first_start_makes_it_and_a_second_does_nothing(environment: ModuleType, steps: list[str]) -> None:
    environment.python_for(environment.RUN_LOCK)
    environment.python_for(environment.RUN_LOCK)
    assert steps == ["empty", "requirements.txt"]


def test_what_was_made_for_tests_also_runs(environment: ModuleType, steps: list[str]) -> None:
    environment.python_for(environment.TEST_LOCK)
    environment.python_for(environment.RUN_LOCK)
    assert steps == ["empty", "requirements-dev.txt"]


def test_tests_add_to_what_was_made_for_running(environment: ModuleType, steps: list[str]) -> None:
    environment.python_for(environment.RUN_LOCK)
    environment.python_for(environment.TEST_LOCK)
    assert steps == ["empty", "requirements.txt", "requirements-dev.txt"]


def test_a_changed_lock_makes_it_from_nothing(environment: ModuleType, steps: list[str]) -> None:
    environment.python_for(environment.RUN_LOCK)
    environment.RUN_LOCK.write_text("other", encoding="utf-8")
    environment.python_for(environment.RUN_LOCK)
    assert steps == ["empty", "requirements.txt"] * 2


def test_a_changed_project_file_only_installs_again(environment: ModuleType, steps: list[str]) -> None:
    environment.python_for(environment.RUN_LOCK)
    (environment.ROOT / "pyproject.toml").write_text("other", encoding="utf-8")
    environment.python_for(environment.RUN_LOCK)
    assert steps == ["empty", "requirements.txt", "requirements.txt"]


@pytest.mark.parametrize("fact", ["python", "place"])
def test_another_python_or_place_makes_it_from_nothing(environment: ModuleType, steps: list[str], fact: str) -> None:
    environment.python_for(environment.RUN_LOCK)
    stamp = json.loads(environment.STAMP.read_text(encoding="utf-8"))
    environment.STAMP.write_text(json.dumps({**stamp, fact: "elsewhere"}), encoding="utf-8")
    environment.python_for(environment.RUN_LOCK)
    assert steps == ["empty", "requirements.txt"] * 2


def test_one_that_was_never_finished_is_made_from_nothing(
    environment: ModuleType, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.python_for(environment.RUN_LOCK)

    def breaks(lock: Path) -> None:
        raise SystemExit("no network")

    with monkeypatch.context() as broken:
        broken.setattr(environment, "install", breaks)
        with pytest.raises(SystemExit, match="no network"):
            environment.python_for(environment.TEST_LOCK)
    environment.python_for(environment.RUN_LOCK)
    assert steps == ["empty", "requirements.txt"] * 2

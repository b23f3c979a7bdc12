"""build/test.py counts honestly: whatever did not run or broke off is never a pass."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build"
SUITE = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """build/test.py under another name: `test` is a package of the standard library."""
    monkeypatch.syspath_prepend(str(BUILD))
    spec = importlib.util.spec_from_file_location("checks", BUILD / "test.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "checks", module)
    spec.loader.exec_module(module)
    return module


def written(folder: Path, tests: int, failures: int, errors: int, skipped: int) -> Path:
    path = folder / "report.xml"
    path.write_text(SUITE.format(tests, failures, errors, skipped), encoding="utf-8")
    return path


def test_passed_are_the_tests_that_neither_failed_nor_were_skipped(checks: ModuleType, tmp_path: Path) -> None:
    assert checks.counted(written(tmp_path, 10, 2, 1, 3), 1) == checks.Count(4, 3, 3)


def test_a_run_that_passed_passes(checks: ModuleType, tmp_path: Path) -> None:
    assert checks.counted(written(tmp_path, 10, 0, 0, 0), 0) == checks.Count(10, 0, 0)


def test_a_run_that_ended_badly_without_a_failed_test_is_a_failure(checks: ModuleType, tmp_path: Path) -> None:
    assert checks.counted(written(tmp_path, 10, 0, 0, 0), 2) == checks.Count(10, 1, 0, "pytest ended with 2")


def test_a_run_with_no_test_is_a_failure(checks: ModuleType, tmp_path: Path) -> None:
    assert checks.counted(written(tmp_path, 0, 0, 0, 0), 5).failed == 1


def test_a_run_with_no_report_is_a_failure(checks: ModuleType, tmp_path: Path) -> None:
    assert checks.counted(tmp_path / "nothing.xml", 0).failed == 1


def test_what_is_left_out_is_said_at_home_and_fails_in_ci(checks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert checks.left_out("apt-get needs root") == checks.Count(skipped=1, remark="apt-get needs root")
    monkeypatch.setenv("CI", "true")
    assert checks.left_out("apt-get needs root") == checks.Count(failed=1, remark="apt-get needs root")


def test_one_failure_anywhere_is_the_exit_code(checks: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.report({"unit": checks.Count(passed=7), "lint": checks.Count(passed=1)}) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all: 8 passed, 0 failed, 0 skipped"
    assert checks.report({"unit": checks.Count(7, 1, 2), "lint": checks.Count(passed=1)}) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "all: 8 passed, 1 failed, 2 skipped"


def test_without_apt_get_the_reason_is_said(checks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.shutil, "which", lambda name: None)
    assert checks.apt_get(["chromium"]) == "there is no apt-get here"


def test_without_root_the_reason_is_said(checks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.shutil, "which", lambda name: "/usr/bin/apt-get")
    monkeypatch.setattr(checks.os, "geteuid", lambda: 1000)
    assert checks.apt_get(["chromium"]) == "apt-get needs root"

"""The staged copy holds what a device needs, starts by two lines, and carries no server."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

STAGE = Path(__file__).resolve().parents[2] / "build" / "packaging" / "stage.py"


def stage(out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(STAGE), "--out", str(out)], capture_output=True, text=True, check=False)


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    assert stage(tmp_path / "stage").returncode == 0
    return tmp_path / "stage"


def test_it_starts_by_two_lines_over_the_three_packages(staged: Path) -> None:
    assert (staged / "main.py").read_text(encoding="utf-8") == "from app.__main__ import main\nmain()\n"
    assert {"app", "sync", "crypto", "assets"} <= {path.name for path in staged.iterdir()}
    assert (staged / "crypto" / "errors.py").is_file()


def test_what_is_left_out_is_not_missed_at_the_start(staged: Path) -> None:
    done = subprocess.run(
        [sys.executable, "main.py", "--help"], cwd=staged, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--home" in done.stdout


def test_it_carries_no_server_and_no_made_up_patient(staged: Path) -> None:
    assert not (staged / "sync" / "sandbox").exists()
    assert not (staged / "sync" / "relay").exists()
    assert not (staged / "tests").exists()


def test_its_project_file_tells_flet_where_to_start(staged: Path) -> None:
    project = tomllib.loads((staged / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["flet"]["app"] == {"path": ".", "module": "main"}
    assert "flet==1.0.5" in project["project"]["dependencies"]


def test_it_replaces_an_earlier_stage(staged: Path) -> None:
    (staged / "old.py").write_text("", encoding="utf-8")
    assert stage(staged).returncode == 0
    assert not (staged / "old.py").exists()


def test_it_leaves_a_folder_alone_that_is_no_stage(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    done = stage(tmp_path)
    assert done.returncode == 1
    assert "left alone" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]

"""The project's own Python environment in .venv: pinned, hashed, made once and re-made when the lock changes.

Owns: whether .venv fits this checkout, and making it. Leaves to run.py and test.py what is started in it.
Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "made-from.json"
"""Written last: an environment without it was never finished."""

RUN_LOCK = ROOT / "build" / "lock" / "requirements.txt"
TEST_LOCK = ROOT / "build" / "lock" / "requirements-dev.txt"
"""Holds everything RUN_LOCK holds, at the same versions (tests/test_tree.py), so it serves for both."""

OLDEST_PYTHON = (3, 11)


def python_for(lock: Path) -> Path:
    """Make sure that .venv holds what `lock` names and the project itself; returns its interpreter."""
    if sys.version_info < OLDEST_PYTHON:
        raise SystemExit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    made_from = read_stamp()
    wanted = facts(lock)
    enough = [wanted] if lock == TEST_LOCK else [wanted, facts(TEST_LOCK)]
    if made_from in enough:
        return interpreter()
    if not can_be_added_to(made_from):
        make_empty()
    STAMP.unlink(missing_ok=True)
    install(lock)
    STAMP.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
    return interpreter()


def can_be_added_to(made_from: dict[str, str]) -> bool:
    """A finished environment of this place, this Python and today's locks; only the project or more packages lack."""
    today = [facts(RUN_LOCK), facts(TEST_LOCK)]
    return any({**made_from, "project": ""} == {**fact, "project": ""} for fact in today)


def facts(lock: Path) -> dict[str, str]:
    """What decides whether an environment still fits: lock, project file, Python, place (it cannot be moved)."""
    return {
        "lock": hashlib.sha256(lock.read_bytes()).hexdigest(),
        "project": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
        "python": sys.version,
        "place": str(VENV),
    }


def read_stamp() -> dict[str, str]:
    """The facts of the environment that is there, empty where there is none or it is unfinished."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def interpreter() -> Path:
    """Path of the environment's Python."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_empty() -> None:
    """A new, empty environment in place of whatever is there."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        raise SystemExit("The environment is out of date and this runs inside it. Run it with the system's python3.")
    print(f"Making the environment in {VENV} (once; a minute or two) …", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode != 0:
        raise SystemExit("`python3 -m venv` does not work here. On Debian and Ubuntu: install python3-venv.")


def install(lock: Path) -> None:
    """Install exactly the files whose hashes stand in `lock`, then the project, editable, with no further lookup."""
    pip = [str(interpreter()), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    for what in (["--require-hashes", "-r", str(lock)], ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        done = subprocess.run([*pip, *what], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr[-2000:], file=sys.stderr)
            raise SystemExit(f"pip could not install {what[-1]}; its reason stands above. Is there a network?")

"""A program of ours leaves no core dump, cannot be looked into by its user's others, and says no value in a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MARKER = "Quvzeth nut"

STARTS = {
    "app": "import app.__main__ as m; m.serve = crash; m.main(['--home', home, '--no-window'])",
    "reader": "import app.reader.__main__ as m; m.load_profile = crash; m.main(['--home', home, '--profile', home])",
    "command line": "import app.cli as m; m._parser = crash; m.main(['list', '--vault', home])",
}
"""Each as it starts itself, until the first thing it does after its arguments are read."""

CRASH = """
import faulthandler, os, resource, signal, sys, ctypes
faulthandler.enable()
home, secret = sys.argv[1], sys.argv[2]
def crash(*arguments, **more):
    held = [secret, secret.encode()]
    print(*resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
    os.kill(os.getpid(), getattr(signal, sys.argv[3]))
"""


def crashed(start: str, how: str, folder: Path) -> tuple[int, str, str]:
    import resource

    def allow() -> None:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    command: Sequence[str] = [sys.executable, "-c", CRASH + STARTS[start], str(folder), MARKER, how]
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=allow,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no core dumps of this kind there")
@pytest.mark.parametrize("how", ["SIGABRT", "SIGSEGV"])
@pytest.mark.parametrize("start", STARTS)
def test_a_crash_leaves_no_core_dump_and_says_no_value(start: str, how: str, tmp_path: Path) -> None:
    code, out, err = crashed(start, how, tmp_path)
    assert code == -getattr(signal, how)
    limits, dumpable = out.split()[:2], out.split()[2]
    assert limits == ["0", "0"]
    assert dumpable == "0" or sys.platform != "linux"
    assert "Fatal Python error" in err
    assert "in crash" in err
    assert MARKER not in out + err
    assert str(tmp_path) not in err
    assert list(tmp_path.iterdir()) == []


def test_the_test_would_see_a_process_that_may_be_dumped(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("the switch is Linux's")
    asked = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    said = subprocess.run([sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout == "1\n"

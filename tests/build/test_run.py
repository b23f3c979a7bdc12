"""build/run.py ends what it started, all of it, and nothing else."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build"
SECONDS = 20
"""How long a small program may take on a busy machine before the test gives up."""

LIVES = "import time; print('{\"up\": 1}', flush=True); time.sleep(600)"
HAS_A_CHILD = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('{\"child\": %d}' % child.pid, flush=True); time.sleep(600)"
)
IS_DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {LIVES}"
DIES = "raise SystemExit(7)"
IS_NOISY = f"print('hello'); print('[1]'); {LIVES}"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BUILD))
    return importlib.import_module("run")


@pytest.fixture
def start(run: ModuleType, tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """Starts a part from a few lines of Python; whatever a test leaves is killed."""
    parts: list[Any] = []
    runner = tmp_path / "python"  # written once: a part that is starting may be reading it
    runner.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n', encoding="utf-8")
    runner.chmod(0o700)

    def part(source: str) -> Any:
        name = f"part{len(parts)}"
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        parts.append(run.Part(name, [name], runner))
        return parts[-1]

    yield part
    for left in parts:
        left.signal_group(signal.SIGKILL)
        left.process.wait(SECONDS)
        left.process.stdout.close()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_part_is_ready_at_its_first_json_object(start: Callable[[str], Any]) -> None:
    assert start(IS_NOISY).ready(threading.Event()) == {"up": 1}


def test_ending_takes_what_a_part_started_and_leaves_a_stranger(run: ModuleType, start: Callable[[str], Any]) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", LIVES], stdout=subprocess.DEVNULL)
    part = start(HAS_A_CHILD)
    child = part.ready(threading.Event())["child"]
    assert is_running(child)
    run.end([part])
    deadline = time.monotonic() + SECONDS
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(child)
    assert part.process.returncode == -signal.SIGTERM
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait(SECONDS)


def test_a_part_that_ignores_the_request_is_killed(
    run: ModuleType, start: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "GRACE_SECONDS", 0.2)
    part = start(IS_DEAF)
    part.ready(threading.Event())
    run.end([part])
    assert part.process.returncode == -signal.SIGKILL


def test_a_part_that_dies_while_starting_gives_its_name_and_code(run: ModuleType, start: Callable[[str], Any]) -> None:
    with pytest.raises(run.Ended, match=r"part0 has ended by itself \(code 7\)") as ended:
        start(DIES).ready(threading.Event())
    assert ended.value.code == 7


def test_a_part_that_dies_later_ends_the_watch_with_its_code(run: ModuleType, start: Callable[[str], Any]) -> None:
    lives, dies = start(LIVES), start(LIVES)
    for part in (lives, dies):
        part.ready(threading.Event())
    os.kill(dies.process.pid, signal.SIGKILL)
    with pytest.raises(run.Ended, match="part1") as ended:
        run.watch([lives, dies], threading.Event())
    assert ended.value.code == 128 + signal.SIGKILL


def test_a_window_that_was_closed_ends_the_watch_with_zero(run: ModuleType, start: Callable[[str], Any]) -> None:
    part = start("print('{\"up\": 1}', flush=True)")
    part.ready(threading.Event())
    with pytest.raises(run.Ended, match=r"part0 was closed\. Ending the rest\.") as ended:
        run.watch([part], threading.Event())
    assert ended.value.code == 0


def test_a_request_to_stop_ends_the_watch_with_zero(run: ModuleType, start: Callable[[str], Any]) -> None:
    part = start(LIVES)
    part.ready(threading.Event())
    stop = threading.Event()
    stop.set()
    with pytest.raises(run.Ended, match="Asked to stop") as ended:
        run.watch([part], stop)
    assert ended.value.code == 0


def test_a_part_that_stays_silent_is_given_up(
    run: ModuleType, start: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "READY_SECONDS", 0.3)
    with pytest.raises(run.Ended, match="did not come up"):
        start("import time; time.sleep(600)").ready(threading.Event())

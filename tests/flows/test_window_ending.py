"""How the real program ends: whatever ends it, it locks, and its private folder is gone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.ui.ending import ENDING_SIGNALS
from app.ui.window import BROWSERS, Address, serve

pytestmark = pytest.mark.loopback
ROOT = Path(__file__).resolve().parents[2]
END_SECONDS = 15

WINDOW = """#!/bin/sh
for one in "$@"; do case "$one" in --user-data-dir=*) profile="${one#*=}" ;; esac; done
echo visited > "$profile/History"
echo $$ > "$0.pid"
exec sleep 60
"""


@dataclass(frozen=True)
class Program:
    """`python -m app`, running, with a temporary folder of its own."""

    process: subprocess.Popen[str]
    opener: Path
    temporary: Path

    def ended(self) -> int:
        return self.process.wait(timeout=END_SECONDS)

    def left(self) -> list[str]:
        return sorted(path.name for path in self.temporary.rglob("*"))


def begin(folder: Path, *arguments: str, path: str = "") -> subprocess.Popen[str]:
    """Start the app; its temporary files, its home and its window's program lie in `folder`."""
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "app", "--home", str(folder / "passport"), *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def running(folder: Path, *arguments: str, path: str = "") -> Iterator[Program]:
    """The app once it has said where it is; killed where the test did not end it."""
    with begin(folder, *arguments, path=path) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Program(process, Path(said["address_file"]), folder / "temporary")
        finally:
            process.kill()


@pytest.mark.parametrize("number", ENDING_SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_it_and_nothing_is_left(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "--no-window") as program:
        assert program.opener.is_file()
        program.process.send_signal(number)
        assert program.ended() == 0
        assert program.left() == []
        assert program.process.stderr is not None
        assert program.process.stderr.read() == ""


def test_a_second_signal_does_not_cut_the_clean_up_off(tmp_path: Path) -> None:
    with running(tmp_path, "--no-window") as program:
        for _ in range(5):
            program.process.send_signal(signal.SIGINT)
            program.process.send_signal(signal.SIGTERM)
        assert program.ended() == 0
        assert program.left() == []


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A folder with something that behaves as the browser does: it writes to its profile and stays."""
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / BROWSERS[0]
    program.write_text(WINDOW, encoding="utf-8")
    program.chmod(0o700)
    return program


def test_a_signal_ends_the_window_and_deletes_its_profile(tmp_path: Path, browser: Path) -> None:
    with running(tmp_path, path=str(browser.parent)) as program:
        window = window_of(browser, program)
        program.process.terminate()
        assert program.ended() == 0
        assert program.left() == []
        assert not is_alive(window)


def test_closing_the_window_ends_it_and_deletes_the_profile(tmp_path: Path, browser: Path) -> None:
    with running(tmp_path, path=str(browser.parent)) as program:
        os.kill(window_of(browser, program), signal.SIGTERM)
        assert program.ended() == 0
        assert program.left() == []


def test_a_start_that_fails_at_the_last_step_leaves_nothing(tmp_path: Path, browser: Path) -> None:
    nowhere = str(tmp_path / "not-there" / "address")
    with begin(tmp_path, "--address-file", nowhere, path=str(browser.parent)) as process:
        assert process.wait(timeout=END_SECONDS) == 1
    assert list((tmp_path / "temporary").rglob("*")) == []


def test_what_a_killed_program_left_goes_at_the_next_start_and_a_running_one_keeps_its_own(tmp_path: Path) -> None:
    with running(tmp_path, "--no-window") as killed:
        killed.process.kill()
        killed.ended()
        assert killed.opener.is_file()
    with running(tmp_path, "--no-window") as first, running(tmp_path, "--no-window") as second:
        assert not killed.opener.parent.exists()
        assert first.opener.is_file()
        assert second.opener.is_file()


def test_it_locks_before_it_ends_also_where_it_could_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    heard: list[str] = []

    def ready(address: Address) -> None:
        heard.append("ready" if address.opener.is_file() else "no opener")
        raise OSError("the disk is full")

    def lock() -> None:
        heard.append("locked" if any(tmp_path.iterdir()) else "locked too late")

    before = [signal.getsignal(number) for number in ENDING_SIGNALS]
    with pytest.raises(OSError, match="the disk is full"):
        serve(lambda _page: None, name="passport", show_window=False, on_ready=ready, on_disconnect=lock)
    assert heard == ["ready", "locked"]
    assert list(tmp_path.iterdir()) == []
    assert [signal.getsignal(number) for number in ENDING_SIGNALS] == before


def test_it_locks_when_asked_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    heard: list[str] = []
    serve(
        lambda _page: None,
        name="passport",
        show_window=False,
        on_ready=lambda _address: os.kill(os.getpid(), signal.SIGTERM),
        on_disconnect=lambda: heard.append("locked"),
    )
    assert heard == ["locked"]
    assert list(tmp_path.iterdir()) == []


def window_of(browser: Path, program: Program) -> int:
    """The process of the window, once it has written to its profile."""
    noted = browser.with_name(f"{browser.name}.pid")
    for _ in range(200):
        if noted.is_file() and noted.read_text(encoding="ascii").strip():
            assert (program.opener.parent / "profile" / "History").is_file()
            return int(noted.read_text(encoding="ascii"))
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.process.wait(timeout=0.05)
    raise AssertionError("no window was opened")


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

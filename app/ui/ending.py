"""How the window's server ends, whoever ends it: the signals, the private folder, the browser window.

Owns that nothing of a window outlives its program: uvicorn by itself raises a signal again before the
caller can clean up, so the signals are ours. A folder that a killed program (kill -9, power cut) left
behind is taken away at the next start. What is in the folder is window.py.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
"""Ctrl-C, a request to end, a closed terminal; Ctrl-Break on Windows."""

WINDOW_SECONDS = 5
"""How long a browser window may take to close before it is killed."""

REMOVE_TRIES, REMOVE_PAUSE_SECONDS = 40, 0.05
"""A closing browser's last processes may still write to its profile for a moment."""


@contextlib.contextmanager
def ending_signals(end: Callable[[], None]) -> Iterator[None]:
    """Inside, a signal that asks the program to end calls `end` and does nothing else, however often it comes.

    Only the main thread hears signals: in another one this does nothing. A SIGHUP that was switched off (nohup)
    stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [number for number in ENDING_SIGNALS if not _is_nohup(number)]
    before = {number: signal.signal(number, lambda *_: end()) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """A new folder of this user alone, deleted at the end; left-overs of the same prefix are deleted first.

    A folder is known to be in use by the lock its program holds on it, which dies with the program.
    """
    _remove_left_over(prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    hold = _hold(folder)
    try:
        yield folder
    finally:
        remove_whole(folder)
        if hold is not None:
            os.close(hold)


def remove_whole(folder: Path) -> None:
    """Delete a folder and all in it, also while somebody else is just ceasing to write there; say so if it stays."""
    for _ in range(REMOVE_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(REMOVE_PAUSE_SECONDS)
    sys.stderr.write(f"This folder could not be deleted: {folder}\n")


def end_window(window: subprocess.Popen[bytes]) -> None:
    """Close a browser window and wait until it is gone."""
    window.terminate()
    try:
        window.wait(timeout=WINDOW_SECONDS)
    except subprocess.TimeoutExpired:
        window.kill()
        window.wait()


def _is_nohup(number: signal.Signals) -> bool:
    return number.name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN


def _remove_left_over(prefix: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        if not _is_ours(folder):
            continue
        hold = _hold(folder)
        if hold is not None:
            remove_whole(folder)
            os.close(hold)


def _is_ours(folder: Path) -> bool:
    """A folder itself, no link to one, and of this user: the temporary folder is everybody's."""
    with contextlib.suppress(FileNotFoundError):
        found = folder.lstat()
        return folder.is_dir() and not folder.is_symlink() and hasattr(os, "geteuid") and found.st_uid == os.geteuid()
    return False


def _hold(folder: Path) -> int | None:
    """Lock the folder for this program; None where another one holds it, or where folders cannot be locked."""
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle

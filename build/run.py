"""Start the whole passport on this machine: the stand-in for the NHS side, the patient's app, the reader's app.

    python3 build/run.py [--no-window] [--patient FILE …] [--keep DIR]

Makes the environment when it is missing (environment.py), starts each part in a process group of its own, prints
where each one is, and ends all of them, and nothing else, on Ctrl-C or SIGTERM. If one part ends by itself the rest
are ended too and its exit code is returned. Standard library only; Linux and macOS.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import environment

READY_SECONDS = 120
"""A first start compiles and draws fonts on a slow machine; a part that is silent for longer is taken as broken."""

GRACE_SECONDS = 10
"""How long a part may take to end by itself before it is killed."""


class Ended(Exception):
    """Time to end: somebody asked for it, or a part ended or never came up. `code` is what this program returns."""

    def __init__(self, words: str, code: int) -> None:
        super().__init__(words)
        self.code = code


class Part:
    """One started program with its process group; `name` is what the person reads."""

    def __init__(self, name: str, arguments: list[str], python: Path) -> None:
        self.name = name
        self.is_up = False
        self.lines: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            [str(python), "-m", *arguments],
            cwd=environment.ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if self.is_up:
                print(f"[{self.name}] {line}", end="", flush=True)
            else:
                self.lines.put(line)

    def ready(self, stop: threading.Event) -> dict[str, Any]:
        """The one JSON line the part prints when it can be used; raises Ended when it never comes."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if stop.is_set():
                raise Ended("Asked to stop.", 0)
            try:
                said = json.loads(self.lines.get(timeout=0.1))
            except queue.Empty:
                self.must_live()
            except json.JSONDecodeError:
                continue
            else:
                if isinstance(said, dict):
                    self.is_up = True
                    return said
        raise Ended(f"{self.name} did not come up within {READY_SECONDS} seconds.", 1)

    def must_live(self) -> None:
        """Raises Ended with the part's own exit code when it is no longer there."""
        code = self.exit_code()
        if code is not None:
            how = f"has ended by itself (code {code})" if code else "was closed"
            raise Ended(f"{self.name} {how}. Ending the rest.", code)

    def exit_code(self) -> int | None:
        """The code it ended with (128 + signal if killed), None while it runs.

        Looks without reaping where it can: an unreaped leader keeps its group's number from being given away.
        """
        if self.process.returncode is None and hasattr(os, "waitid"):
            seen = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if seen is None:
                return None
            return seen.si_status if seen.si_code == os.CLD_EXITED else 128 + seen.si_status
        code = self.process.poll()
        return code if code is None or code >= 0 else 128 - code

    def signal_group(self, number: int) -> None:
        """Send a signal to the part and all it started (its browser window)."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def end(parts: list[Part]) -> None:
    """End the parts, newest first, each with everything in its group."""
    for part in reversed(parts):
        part.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while part.exit_code() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        part.signal_group(signal.SIGKILL)
        part.process.wait()


def start_all(parts: list[Part], python: Path, home: Path, asked: argparse.Namespace, stop: threading.Event) -> None:
    """Start the stand-in, then both apps over its profile, and say where they are. Fills `parts` as it goes."""
    patients = [option for file in asked.patient for option in ("--patient", str(file))]
    stand_in = Part("The stand-in", ["sync.sandbox", "--state", str(home / "stand-in"), *patients], python)
    parts.append(stand_in)
    said = stand_in.ready(stop)
    for name, address in said["addresses"].items():
        print(f"  stand-in, {name}: {address}")
    window = ["--no-window"] if asked.no_window or not has_screen() else []
    if window and not asked.no_window:
        print("There is no screen here, so no window is opened.")
    apps = []
    for name, module, folder in (("The passport", "app", "passport"), ("The reader", "app.reader", "reader")):
        place = ["--profile", said["profile"], "--home", str(home / folder)]
        apps.append(Part(name, [module, *place, *window], python))
        parts.append(apps[-1])
    for part in apps:
        said = part.ready(stop)
        print(f"{part.name}: open {Path(said['address_file']).as_uri()}  ({said['url']})", flush=True)


def has_screen() -> bool:
    """Whether a window could be seen; on Linux a display server says so."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def watch(parts: list[Part], stop: threading.Event) -> None:
    """Wait until somebody asks to stop (raises Ended, code 0) or a part ends (raises Ended with its code)."""
    while not stop.wait(0.2):
        for part in parts:
            part.must_live()
    raise Ended("Asked to stop.", 0)


def arguments() -> argparse.Namespace:
    """The command line; files must exist, so that a wrong name is said before anything starts."""
    parser = argparse.ArgumentParser(description="Start the passport, the reader and the local stand-in services.")
    parser.add_argument("--no-window", action="store_true", help="only print the addresses, open no window")
    parser.add_argument(
        "--patient", type=Path, nargs="+", action="extend", default=[], metavar="FILE",
        help="serve the record in FILE (a FHIR R4 or STU3 Bundle) as one more person",
    )  # fmt: skip
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep everything in DIR (else: deleted at the end)")
    asked = parser.parse_args()
    asked.patient = [file.resolve() for file in asked.patient]
    for file in asked.patient:
        if not file.is_file():
            parser.error(f"there is no file {file}")
    return asked


def main() -> int:
    """Run until asked to stop; returns the exit code."""
    asked = arguments()
    if os.name != "posix":
        raise SystemExit("Linux and macOS only: ending a whole process group is not built for this system.")
    try:
        python = environment.python_for(environment.RUN_LOCK)
    except KeyboardInterrupt:
        raise SystemExit("Stopped before anything was started.") from None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    if asked.keep:
        asked.keep.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        os.environ["PATIENT_PASSPORT_NO_KEYSTORE"] = "a passport that is thrown away leaves no entries behind"
    home = asked.keep.resolve() if asked.keep else Path(tempfile.mkdtemp(prefix="patient-passport-"))
    parts: list[Part] = []
    try:
        start_all(parts, python, home, asked, stop)
        print("Made-up people only. Ctrl-C ends all of it.", flush=True)
        watch(parts, stop)
    except Ended as ended:
        print(ended, flush=True)
        return ended.code
    finally:
        end(parts)
        if not asked.keep:
            shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

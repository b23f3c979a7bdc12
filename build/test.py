"""Every check of the project in one command: format, lint, types, unit, flows, browser, outside judges.

    python3 build/test.py [--quick]

Makes the environment (environment.py) and installs what the tests need beside it: system packages by apt-get where
it may, npm packages from build/judges/package-lock.json. What cannot be installed is said, with the reason, and its
tests are not run; with CI=true nothing may be left out: that, and every skipped test, is a failure. `--quick` leaves
out browser and outside. Ends with one line that counts everything. Standard library only.
"""

from __future__ import annotations

import argparse
import ctypes.util
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import environment

JUDGES = environment.ROOT / "build" / "judges"
SCRIPTS = (
    "environment",
    "run",
    "test",
    "bench",
    "bench_updates",
    "bench_backup",
    "bench_store",
    "read_backup",
    "fuzz",
    "faults",
    "packaging/stage",
)
"""Checked one by one: they are programs in one folder that must not be a package (it would hide PyPA's `build`)."""

OLDEST_NODE = 20
"""kill-the-clipboard's own lower bound (its package.json, engines)."""

UP_THEN_EXEC = (
    "import fcntl, os, socket, struct, sys;"
    "s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack('16sH22x', b'lo', 1)); s.close();"  # SIOCSIFFLAGS, IFF_UP
    "os.execv(sys.argv[1], sys.argv[1:])"
)
NO_NETWORK = ["unshare", "--map-root-user", "--net", sys.executable, "-c", UP_THEN_EXEC]
"""Runs a program where loopback is the only network there is."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one step did. A step that is no test run counts as one."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    remark: str = ""


def command(arguments: list[str]) -> Count:
    """One check that passes or fails as a whole."""
    done = subprocess.run(arguments, cwd=environment.ROOT, check=False)
    return Count(passed=1) if done.returncode == 0 else Count(failed=1)


def types(python: str) -> Count:
    """mypy --strict over the packages, then over each script of build/."""
    runs = [command([python, "-m", "mypy"])]
    runs += [command([python, "-m", "mypy", f"build/{name}.py"]) for name in SCRIPTS]
    return Count(passed=1) if not any(run.failed for run in runs) else Count(failed=1)


def pytest(python: str, folder: Path, *where: str, walled: bool) -> Count:
    """One pytest run with a home folder of its own; `walled` where nothing but loopback can be reached."""
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    wall = NO_NETWORK if walled and has_wall() else []
    strict = ["--no-skips"] if in_ci() else []
    home = folder / "home"
    home.mkdir(exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    arguments = [*wall, python, "-m", "pytest", "-q", f"--junitxml={report}", *strict, *where]
    done = subprocess.run(arguments, cwd=environment.ROOT, env={**clean, "HOME": str(home)}, check=False)
    return counted(report, done.returncode)


def counted(report: Path, code: int) -> Count:
    """pytest's own numbers; a run that broke off or ran nothing is a failure whatever it counted."""
    if not report.is_file():
        return Count(failed=1, remark=f"pytest ended with {code} and no report")
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314  (pytest wrote it just now)
    numbers = [
        {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")} for suite in suites
    ]
    tests, failures, errors, skipped = (
        sum(n[name] for n in numbers) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    if code != 0 and failed == 0:
        return Count(tests - skipped, 1, skipped, f"pytest ended with {code}")
    return Count(tests - failed - skipped, failed, skipped)


def has_wall() -> bool:
    """Whether this system lets us take the network away from a program."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    return subprocess.run([*NO_NETWORK, sys.executable, "-c", ""], capture_output=True, check=False).returncode == 0


def in_ci() -> bool:
    """CI=true: nothing may be left out."""
    return os.environ.get("CI", "").lower() == "true"


# ---- what the tests need beside Python packages -------------------------------------------------


def zbar() -> str | None:
    """The library under pyzbar, the second decoder codes are judged by."""
    return ctypes.util.find_library("zbar")


def chromium() -> str | None:
    """The browser the browser tests drive."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def compiler() -> str | None:
    """What makes the spoilt disk of tests/faults, with glibc's headers beside it."""
    return shutil.which("gcc") if Path("/usr/include/stdio.h").is_file() else None


def faketime() -> str | None:
    """What sets the clock of one program."""
    return shutil.which("faketime")


def node() -> str | None:
    """A node that is new enough, with npm beside it."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)", said)
    return found if version and int(version[1]) >= OLDEST_NODE else None


def secret_service() -> str | None:
    """The keystore of a Linux desktop, and a bus of its own for it."""
    return shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")


def system_packages(quick: bool) -> dict[str, str]:
    """Install what is missing and can be; returns for each thing still missing the reason."""
    looks: dict[str, Callable[[], str | None]] = {"libzbar0": zbar}
    if sys.platform.startswith("linux"):
        looks |= {"gcc libc6-dev": compiler, "faketime": faketime}
    if not quick:
        looks |= {"chromium": chromium, "nodejs npm": node, "gnome-keyring dbus-daemon": secret_service}
    lacking = [name for name, look in looks.items() if not look()]
    reason = apt_get([package for name in lacking for package in name.split()]) if lacking else ""
    return {name: reason or "installed, and still not usable here" for name in lacking if not looks[name]()}


def apt_get(packages: list[str]) -> str:
    """Install Debian packages; returns why it could not, empty when it did."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get here"
    if os.geteuid() != 0:
        return "apt-get needs root"
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {' '.join(packages)} …", flush=True)
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *arguments], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"apt-get {arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}"
    return ""


def judges() -> str:
    """Install the npm judges exactly as locked; returns why it could not, empty when they are there."""
    stamp = JUDGES / "node_modules" / "made-from.sha256"
    wanted = hashlib.sha256((JUDGES / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return ""
    arguments = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(arguments, cwd=JUDGES, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"npm ci ended with {done.returncode}: {done.stderr.strip()[-300:]}"
    stamp.write_text(wanted, encoding="ascii")
    return ""


# ---- the whole ----------------------------------------------------------------------------------


def quick_steps(python: str, folder: Path) -> dict[str, Count]:
    """Format, lint, types, and every test that needs no browser and no foreign program."""
    if not has_wall():
        print("Network namespaces cannot be used here: unit tests keep only the guard in tests/conftest.py.")
    elsewhere = [f"--ignore=tests/{name}" for name in ("flows", "browser", "outside")]
    return {
        "format": command([python, "-m", "ruff", "format", "--check", "--quiet", "."]),
        "lint": command([python, "-m", "ruff", "check", "--quiet", "."]),
        "types": types(python),
        "unit": pytest(python, folder, "tests", *elsewhere, walled=True),
        "flows": pytest(python, folder, "tests/flows", walled=True),
    }


def full_steps(python: str, folder: Path, missing: dict[str, str]) -> dict[str, Count]:
    """The browser and the outside judges, where what they need is there."""
    steps = {"browser": left_out(missing["chromium"]) if "chromium" in missing else None}
    lacks_judges = missing.get("nodejs npm") or judges()
    steps["outside"] = left_out(lacks_judges) if lacks_judges else None
    return {name: count or pytest(python, folder, f"tests/{name}", walled=False) for name, count in steps.items()}


def left_out(reason: str) -> Count:
    """A step that could not run: in CI a failure, elsewhere said aloud."""
    return Count(failed=1, remark=reason) if in_ci() else Count(skipped=1, remark=reason)


def report(steps: dict[str, Count]) -> int:
    """Print one line for each step and one for all; returns the exit code."""
    print()
    for name, count in steps.items():
        remark = f"   {count.remark}" if count.remark else ""
        print(f"{name:9} {count.passed:5} passed {count.failed:3} failed {count.skipped:3} skipped{remark}")
    total = [sum(getattr(count, what) for count in steps.values()) for what in ("passed", "failed", "skipped")]
    print("\nall: {} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] else 0


def main() -> int:
    """Run the steps; every one runs even if one before it failed."""
    parser = argparse.ArgumentParser(description="Run every check of the project.")
    parser.add_argument("--quick", action="store_true", help="leave out the browser and the outside judges")
    quick = parser.parse_args().quick
    python = str(environment.python_for(environment.TEST_LOCK))
    missing = system_packages(quick)
    unit = ("libzbar0", "gcc libc6-dev", "faketime")
    steps = {name: left_out(reason) for name, reason in missing.items() if name in unit}
    with tempfile.TemporaryDirectory(prefix="passport-tests-") as folder:
        steps |= quick_steps(python, Path(folder))
        if not quick:
            steps |= full_steps(python, Path(folder), missing)
    return report(steps)


if __name__ == "__main__":
    sys.exit(main())

"""Against a real Secret Service: gnome-keyring on a D-Bus session of its own, in a folder of the test.

build/test.py installs what it needs where it may; elsewhere it is skipped with a reason.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.store.system_keystore import OFF

pytestmark = pytest.mark.outside

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60

UNLOCKED = 'printf "made-up\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"'

CONTRACT = """
import json
from app.store.system_keystore import system_keystore
keystore, name, found = system_keystore(), "VXDknG3Pzju5G4JXm4zRMg.age", []
found.append(keystore.read(name))
for value in (bytes(range(256)), b"", b"\\0"):
    keystore.write(name, value)
    found.append(keystore.read(name).hex())
keystore.delete(name)
keystore.delete(name)
found.append(keystore.read(name))
print(json.dumps({"available": keystore.available, "found": found}))
"""

PASSPORT = """
import json, shutil, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from app.actions.session import create_passport, has_pin, set_pin, unlock, unlock_with_pin
from app.store.home import PassportHome
from app.store.system_keystore import system_keystore
from crypto.errors import PinSpent, WrongPin
from crypto.vault_header import FLOOR
now, folder = datetime(2026, 11, 23, 12, tzinfo=UTC), Path(sys.argv[1])
home, watch = PassportHome(folder / "home", system_keystore()), []
passport, _ = create_passport(home, "correct horse battery staple", now=now, cost=FLOOR)
set_pin(passport, "602941", now=now, cost=FLOOR)
passport.lock()
shutil.copytree(home.path, folder / "copy")
passport = unlock_with_pin(home, "602941", now=now)
passport.store.set_setting("a", "b")
watch.append(passport.watch)
passport.lock()
shutil.rmtree(home.path)
shutil.copytree(folder / "copy", home.path)
passport = unlock(home, "correct horse battery staple", now=now)
watch.append(passport.watch)
passport.lock()
for number in range(10):
    now += timedelta(hours=1)
    try:
        unlock_with_pin(home, "602942", now=now)
    except (WrongPin, PinSpent) as refusal:
        last = refusal.code
print(json.dumps({"watch": watch, "last": last, "has_pin": has_pin(home)}))
"""


def with_secret_service(folder: Path, program: str, *arguments: str) -> dict[str, Any]:
    """What a program of ours prints, run where a Secret Service of its own answers."""
    if shutil.which("dbus-run-session") is None or shutil.which("gnome-keyring-daemon") is None:
        pytest.skip("gnome-keyring and dbus-run-session are not installed: build/test.py installs them")
    run = folder / "run"
    run.mkdir(mode=0o700)
    clean = {name: value for name, value in os.environ.items() if name not in (OFF, "DBUS_SESSION_BUS_ADDRESS")}
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", UNLOCKED, "sh", sys.executable, "-c", program, *arguments],
        env={**clean, "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_RUNTIME_DIR": str(run)},
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return printed


def test_a_real_secret_service_keeps_reads_and_forgets(tmp_path: Path) -> None:
    said = with_secret_service(tmp_path, CONTRACT)
    assert said == {"available": True, "found": [None, bytes(range(256)).hex(), "", "00", None]}


def test_a_pin_and_the_guard_against_older_copies_work_with_a_real_secret_service(tmp_path: Path) -> None:
    said = with_secret_service(tmp_path, PASSPORT, str(tmp_path))
    assert said == {"watch": ["compared", "older"], "last": "pin-spent", "has_pin": False}


def test_where_no_secret_service_answers_there_is_no_keystore(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name != OFF}
    program = "from app.store.system_keystore import system_keystore; print(system_keystore('linux').available)"
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none", "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**clean, **nowhere}, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("False\n", 0), done.stderr

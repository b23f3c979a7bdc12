"""With the network gone everything works, and nothing even tries to reach it (DESIGN D14).

The programs run in a network namespace that holds nothing but loopback. What they try is counted twice: by an audit
hook inside every Python process, and by the kernel for the whole namespace, Chromium included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.marker import ALLERGY, MARKER, bundle

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = ("unshare", "--map-root-user", "--net")
PASSPHRASE = "velvet otter climbs seven lanterns"
RUN_SECONDS = 180

HOOK = """
import os, sys
log = os.open(os.environ["SOCKETS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
names = ["socket." + name for name in ("connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname")]
def hook(event, arguments):
    if event in names:
        told = [str(one) for one in arguments if isinstance(one, (str, bytes, tuple))]
        os.write(log, " ".join([event, *told]).encode() + b"\\n")
sys.addaudithook(hook)
"""
"""Python's own audit events (docs.python.org/3/library/audit_events.html), written down as they come."""

LISTENS = {"socket.bind ('127.0.0.1', 0)", "socket.bind ('::1', 0)"}
"""The app's own window, and a library (urllib3) that tries out at its import whether there is IPv6."""

REACH_OUT = """
import socket
from tests.browser.without_network import attempts_without_route
try:
    socket.socket().connect(("192.0.2.1", 443))
except OSError as error:
    print(error.errno, attempts_without_route())
"""


@dataclass(frozen=True)
class Wall:
    """Runs a program where there is no network, and reads what it tried."""

    folder: Path

    @property
    def home(self) -> str:
        return str(self.folder / "passport")

    def run(self, *arguments: str) -> str:
        """What `python …` prints behind the wall."""
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(self.folder / "hook"), str(ROOT))),
            "SOCKETS_LOG": str(self.folder / "sockets"),
        }
        done = subprocess.run(
            [*NO_NETWORK, sys.executable, *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tried(self) -> list[str]:
        """Every address a socket of a Python process was given, in order."""
        return (self.folder / "sockets").read_text(encoding="utf-8").splitlines()

    def command(self, *words: str) -> dict[str, object]:
        """`passport …` with JSON."""
        where = ("--vault", self.home, "--passphrase-file", str(self.folder / "phrase"), "--json")
        found: dict[str, object] = json.loads(self.run("-m", "app.cli", *words, *where))
        return found


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    if subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let a test take the network away (unshare --net)")
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(HOOK, encoding="ascii")
    (tmp_path / "phrase").write_text(PASSPHRASE, encoding="ascii")
    (tmp_path / "record.json").write_bytes(bundle())
    return Wall(tmp_path)


def test_behind_the_wall_reaching_out_fails_and_is_counted_twice(wall: Wall) -> None:
    unreachable, counted = wall.run("-c", REACH_OUT).split()
    assert (int(unreachable), int(counted)) == (101, 1)
    assert wall.tried() == ["socket.connect ('192.0.2.1', 443)"]


def test_every_screen_and_command_works_with_the_network_gone_and_no_socket_leaves(wall: Wall) -> None:
    assert wall.command("import", str(wall.folder / "record.json"))["accounted"] == 4
    listed = wall.command("list")["entries"]
    found = wall.command("search", MARKER)["entries"]
    assert isinstance(listed, list)
    assert isinstance(found, list)
    assert {entry["title"] for entry in listed} >= {ALLERGY, "Serum potassium level", "Clinic letter"}
    assert ALLERGY in {entry["title"] for entry in found}
    assert wall.tried() == []
    said = json.loads(wall.run("-m", "tests.browser.without_network", wall.home, PASSPHRASE))
    assert said["seen"][-2:] == ["You", "Unlock your passport"]
    assert (said["elsewhere"], said["without_route"]) == ([], 0)
    assert "socket.bind ('127.0.0.1', 0)" in wall.tried()
    assert set(wall.tried()) <= LISTENS

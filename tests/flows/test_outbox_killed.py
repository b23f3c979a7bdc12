"""The outbox under kill -9: whatever moment the passport dies at, the relay ends each link once, and in order."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.actions.session import create_passport, unlock
from app.actions.sharing import all_access
from app.store.home import PassportHome
from app.store.ledger import ACTIVE, GrantRow
from crypto.encoding import b64url_encode
from crypto.vault_header import FLOOR
from sync import links
from sync.profile import RelayService
from sync.relay.app import relay_app
from sync.relay.link import sha256_hex
from sync.sandbox.in_process import InProcess
from sync.transport import Transport
from tests.flows.ending_many import NOW, PHRASE

pytestmark = pytest.mark.loopback
ROOT = Path(__file__).resolve().parents[2]
LINKS = 24
RUNS = 20
POINTS = ("while noting", "before it is done", "done, not answered", "answered")


@dataclass
class CountingRelay:
    """The real relay, with a count of what ended and when; it kills the passport at the point it was told."""

    folder: Path
    base_url: str
    asked: int = 0
    ended: list[str] = field(default_factory=list)
    kill: tuple[str, int, float] | None = None
    victim: subprocess.Popen[str] | None = None
    ticks: int = 0

    def __post_init__(self) -> None:
        self.relay = relay_app(self.folder, base_url=self.base_url, now=self.now)

    def now(self) -> datetime:
        self.ticks += 1
        return NOW + timedelta(milliseconds=self.ticks)

    def ended_links(self) -> dict[str, str]:
        found = {path.name: json.loads(path.read_bytes())["ended_at"] for path in self.folder.glob("*.json")}
        return {name: at for name, at in found.items() if at is not None}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("method") != "DELETE":
            await self.relay(scope, receive, send)
            return
        self.asked += 1
        before = set(self.ended_links())
        self._die("before it is done")

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.ended += sorted(set(self.ended_links()) - before)
                self._die("done, not answered")
            await send(message)

        await self.relay(scope, receive, answer)
        self._die("answered")

    def _die(self, point: str) -> None:
        if self.kill is not None and self.victim is not None and (point, self.asked) == self.kill[:2]:
            wait = self.kill[2] if point == "answered" else 0.0
            threading.Timer(wait, self.victim.kill).start() if wait else self.victim.kill()


@contextmanager
def listening(folder: Path) -> Iterator[CountingRelay]:
    with socket.socket() as listening_socket:
        listening_socket.bind(("127.0.0.1", 0))
        listening_socket.listen()
        relay = CountingRelay(folder, f"http://127.0.0.1:{listening_socket.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(relay, http="h11", ws="none", lifespan="off", log_config=None))
        thread = threading.Thread(target=server.run, args=([listening_socket],))
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield relay
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            assert not thread.is_alive()


def given(home: PassportHome, relay: CountingRelay) -> list[str]:
    """A passport that gave access LINKS times; the ids, in the order they were given."""
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    wire = Transport(monotonic=time.monotonic, http=InProcess({relay.base_url: relay}))
    expires = NOW + timedelta(days=1)
    ids = []
    for _ in range(LINKS):
        owned = links.new_link(RelayService(relay.base_url), exp=expires, label="Patient Passport", flag="P")
        links.publish(wire, owned, [("text/plain", b"made up")], passcode="123456")
        ids.append(owned.link.url.rsplit("/", 1)[-1])
        terms = {
            "url": owned.link.url,
            "key": b64url_encode(owned.link.key),
            "owner_token": owned.owner_token,
            "passcode": "123456",
            "sections": ["medicines"],
            "entries": 1,
        }
        passport.store.add_grant(GrantRow(ids[-1], "link", json.dumps(terms), ACTIVE, NOW, expires))
    passport.lock()
    return ids


def run(home: PassportHome, ids: list[str], relay: CountingRelay, kill: tuple[str, int, float] | None) -> int:
    """The passport ends everything, and is killed at the point named; how it ended (negative: by which signal)."""
    relay.asked, relay.kill = 0, kill
    program = [sys.executable, "-m", "tests.flows.ending_many", str(home.path), ",".join(ids)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        relay.victim = child
        assert child.stdout is not None
        assert child.stdout.readline() == "unlocked\n"
        if kill is not None and kill[0] == "while noting":
            time.sleep(kill[2])
            os.kill(child.pid, signal.SIGKILL)
        return child.wait(timeout=60)


def test_each_ending_has_one_effect_in_order_however_often_the_passport_is_killed(tmp_path: Path) -> None:
    chance = random.Random(2098)
    home = PassportHome(tmp_path / "home")
    with listening(tmp_path / "relay") as relay:
        ids = given(home, relay)
        ends = []
        for number in range(RUNS):
            point = (POINTS[number % len(POINTS)], chance.randint(1, 3), chance.uniform(0.0, 0.01))
            ends.append(run(home, ids, relay, point))
            if len(relay.ended) == LINKS:
                break
        assert ends.count(-signal.SIGKILL) >= len(POINTS)
        assert run(home, ids, relay, None) == 0
    names = [f"{sha256_hex(grant_id)}.json" for grant_id in ids]
    assert relay.ended == names  # each once, and in the order they were ended by the patient
    times = [relay.ended_links()[name] for name in names]
    assert all(earlier < later for earlier, later in pairwise(times))
    passport = unlock(home, PHRASE, now=NOW)
    assert passport.store.outgoing() == []
    assert all(access.ended_at == NOW for access in all_access(passport))
    assert sorted(row.grant_id for row in passport.store.access_log()) == sorted(ids)  # one line each in the log
    passport.lock()

"""Judges that are not ours: npm programs asked over standard input; and a relay of ours for them to meet over HTTP."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.clock import monotonic, system_now
from sync.profile import RelayService
from sync.relay.app import relay_app
from sync.transport import Transport

JUDGES = Path(__file__).resolve().parents[2] / "build" / "judges"
JUDGE_SECONDS = 60

Verdict = dict[str, Any]
Ask = Callable[..., Verdict]


@pytest.fixture(scope="session")
def ask() -> Ask:
    """ask("check_card", key=…, jws=…) puts one question to a judge and gives its verdict."""
    node = shutil.which("node")
    if node is None or not (JUDGES / "node_modules").is_dir():
        pytest.skip("the npm judges are not installed: build/test.py installs them")

    def question(judge: str, **asked: object) -> Verdict:
        done = subprocess.run(
            [node, str(JUDGES / f"{judge}.mjs")],
            input=json.dumps(asked), capture_output=True, text=True, timeout=JUDGE_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"the judge itself broke: {done.stderr}"
        verdict: Verdict = json.loads(done.stdout)
        return verdict

    return question


@pytest.fixture
def transport() -> Transport:
    """Our own client over real sockets."""
    return Transport(monotonic=monotonic)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayService]:
    """Our relay on a loopback port of its own, with its links in a folder of this test."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = relay_app(tmp_path / "links", base_url=base_url, now=system_now)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        listening.listen()  # from here on a connection waits for the server instead of being refused
        thread.start()
        yield RelayService(base_url)
        server.should_exit = True
        thread.join(timeout=10)
        assert not thread.is_alive()

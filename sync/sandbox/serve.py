"""The stand-in behind sockets: one process, one loopback HTTP server for each service.

Owns addresses (kept in the state folder, so a kept passport's profile stays right), the running servers
and their end. Binds 127.0.0.1 only, logs no request, and one process owns a state folder.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from crypto.errors import StoreUnavailable
from sync.files import write_whole
from sync.sandbox.control import control_app, control_token
from sync.sandbox.lines import BreakableProtocol
from sync.sandbox.people import MadeUpPerson
from sync.sandbox.stand_in import NAMES, StandIn, assemble

CONTROL: Final = "control"
"""The port that switches faults; in no profile, because no passport may know of it."""

LOOPBACK: Final = "127.0.0.1"
REPUBLISH_EVERY: Final = timedelta(hours=24)  # the trust list's timestamp is good for 7 days
STARTUP_POLL_SECONDS: Final = 0.01
SHUTDOWN_SECONDS: Final = 2


def system_now() -> datetime:
    """The stand-in's clock: it is a service of its own and has its own."""
    return datetime.now(UTC)


def serve(
    state: Path,
    people: Sequence[MadeUpPerson],
    ports: Mapping[str, int],
    faults: Sequence[str],
    ready: Callable[[StandIn, str], None],
) -> None:
    """Run the stand-in until SIGINT or SIGTERM, with `faults` on from the start.

    `ready` is called once every service answers, with the address of the control port.
    `ports` fixes some services' ports; the others keep theirs from the last start, or get free ones.
    Raises StoreUnavailable when another process serves this folder or a fixed port is taken.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _sole_owner(state / "in-use.lock"), _listening(state / "ports.json", ports) as sockets:
        addresses = {name: f"http://{LOOPBACK}:{found.getsockname()[1]}" for name, found in sockets.items()}
        control = addresses.pop(CONTROL)
        stand_in = assemble(state, addresses=addresses, people=people, now=system_now)
        for name in faults:
            stand_in.switch(name, True)
        apps: dict[str, ASGIApp] = {**stand_in.apps, CONTROL: control_app(stand_in, control_token(state))}
        asyncio.run(_run(stand_in, apps, sockets, lambda: ready(stand_in, control)))


class _Server(uvicorn.Server):
    """A server that leaves signals to the process it is one part of."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _run(
    stand_in: StandIn, apps: Mapping[str, ASGIApp], sockets: Mapping[str, socket.socket], ready: Callable[[], None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    servers = {name: _Server(_config(app)) for name, app in apps.items()}
    async with asyncio.TaskGroup() as group:
        for name, server in servers.items():
            group.create_task(server.serve(sockets=[sockets[name]]))
        while not all(server.started for server in servers.values()):
            await asyncio.sleep(STARTUP_POLL_SECONDS)
        ready()
        await _until(stop, stand_in)
        for server in servers.values():
            server.should_exit = True


async def _until(stop: asyncio.Event, stand_in: StandIn) -> None:
    """Wait for the end; meanwhile the trust list is signed anew each day."""
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), REPUBLISH_EVERY.total_seconds())
        except TimeoutError:
            stand_in.repository.publish(now=system_now())


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


@contextmanager
def _listening(kept: Path, fixed: Mapping[str, int]) -> Iterator[dict[str, socket.socket]]:
    """A bound socket for each service; which ports they got is kept in a file."""
    before: dict[str, Any] = json.loads(kept.read_bytes()) if kept.exists() else {}
    sockets: dict[str, socket.socket] = {}
    try:
        for name in (*NAMES, CONTROL):
            sockets[name] = _bound(fixed[name]) if name in fixed else _bound_if_free(before.get(name, 0))
        ports = {name: found.getsockname()[1] for name, found in sockets.items()}
        write_whole(kept, json.dumps(ports).encode("ascii"))
        yield sockets
    finally:
        for found in sockets.values():
            found.close()


def _bound(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would share the port with a stranger
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((LOOPBACK, port))
        found.listen()
    except OSError as error:
        found.close()
        raise StoreUnavailable(f"expected port {port} to be free") from error
    return found


def _bound_if_free(port: int) -> socket.socket:
    try:
        return _bound(port)
    except StoreUnavailable:
        return _bound(0)


@contextmanager
def _sole_owner(path: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it however this process ends."""
    with path.open("wb") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StoreUnavailable("expected this folder free, found it served by another process") from error
        yield

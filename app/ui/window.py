"""The window: a guarded server on this machine's own address, and a browser window upon it.

Owns DESIGN §7: a socket bound to 127.0.0.1 on a free port, the launch token handed over in a file only
this user can read, a browser profile of its own. Who may come in is gate.py; how all of it is gone at the end is
ending.py; what the window shows is shell.py; when to lock is the caller's.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import flet as ft
import flet_web.fastapi as flet_fastapi  # type: ignore[import-untyped]
import uvicorn

from app.ui.assets import assets_dir
from app.ui.ending import end_window, ending_signals, private_folder
from app.ui.gate import App, Gate
from app.ui.guard import note_fault

SESSION_TIMEOUT_SECONDS = 20
"""How long a closed window's session waits for a reconnect; Flet's own default is an hour."""

MAX_MESSAGE_BYTES = 96 * 1024 * 1024
"""A picked file comes as one message; what an update may hold is decided where it is read."""

QUIET_LOGGERS = ("flet", "flet_web.fastapi", "flet_components", "flet_controls", "uvicorn.error", "asyncio")
"""Loggers that print exceptions with their messages: only type and place are noted (guard.py)."""

MAX_SOCKET_FOLDER_BYTES = 103 - len("/org.chromium.Chromium.XXXXXX/SingletonSocket")
"""sockaddr_un's path is 104 bytes with its end on macOS, 108 on Linux."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "brave-browser")
BROWSER_ARGUMENTS = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,NetworkTimeServiceQuerying",
    "--disable-quic",
    "--proxy-server=http://127.0.0.1:9",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE *.localhost",
    "--password-store=basic",
    "--no-pings",
    "--disk-cache-size=1",
    "--window-size=430,900",
)
"""Keep as little as can be, and reach nothing but this machine: a browser asks its maker for the time and for
updates whatever switches are set, so every other name is unknown to it, and every other address lies behind a proxy
that nobody is (port 9, discard, which only root may open; *.localhost goes past it by Chromium's own rule)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the app is: its origin, and the file (0600) that opens it once."""

    origin: str
    opener: Path


def serve(
    main: Callable[[ft.Page], object],
    *,
    name: Literal["passport", "reader"],
    show_window: bool,
    on_ready: Callable[[Address], None],
    on_disconnect: Callable[[], object],
) -> None:
    """Serve `main` to one browser until it ends (window closed, Ctrl-C, SIGTERM, SIGHUP); blocks, then returns.

    `on_ready` gets the address once the server answers. `on_disconnect` is called when a window
    loses its connection, and once more before the end, whatever ended it: lock there. The private
    folder and the browser window are gone before this returns or raises. Raises OSError where no
    port can be had, and what `on_ready` raised.
    """
    quiet_loggers()
    with contextlib.ExitStack() as stack, contextlib.ExitStack() as left:
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        listener.bind(("127.0.0.1", 0))
        host = f"{name}.localhost:{listener.getsockname()[1]}"
        gate = Gate(asgi_app(main, on_disconnect), host, f"pp_{name}")
        server = _Server(_config(gate))
        stack.enter_context(ending_signals(server.end))
        private = left.enter_context(private_folder(f"{name}-window-"))
        left.callback(on_disconnect)
        address = Address(gate.origin, write_opener(private, gate))
        server.when_started = lambda: _ready(address, server, left, private, show_window=show_window, told=on_ready)
        server.when_ended = left.close
        server.run(sockets=[listener])


def asgi_app(main: Callable[[ft.Page], object], on_disconnect: Callable[[], object]) -> App:
    """Flet's own app around `main`, without its content network, with a short session."""

    async def begin(page: ft.Page) -> None:
        page.on_disconnect = lambda _event: on_disconnect()
        try:
            result = main(page)
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # noqa: BLE001 - nothing may reach the window but words
            reference = note_fault(error)
            page.controls = [ft.Text(f"There is a problem. The app could not start. Reference {reference}")]
            page.update()

    application: App = flet_fastapi.app(
        begin,
        assets_dir=str(assets_dir()),
        app_name="Patient Passport",
        web_renderer=ft.WebRenderer.CANVAS_KIT,
        no_cdn=True,
        session_timeout_seconds=SESSION_TIMEOUT_SECONDS,
    )
    return application


def write_opener(folder: Path, gate: Gate) -> Path:
    """The file that opens the app once, readable by this user alone: arguments of a program show in `ps`."""
    path = folder / "open.html"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        address = f"{gate.origin}/?t={gate.token}"
        file.write(f'<!doctype html><meta charset=utf-8><meta http-equiv="refresh" content="0;url={address}">\n')
    return path


def open_browser_window(opener: Path, profile_dir: Path) -> subprocess.Popen[bytes] | None:
    """Open a window without tabs on `opener`, with a throw-away profile; None where there is no Chromium."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return None
    # Chromium refuses to start for root with its sandbox on.
    unboxed = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    profile_dir.mkdir(mode=0o700, exist_ok=True)
    # What Chromium keeps outside its profile (socket, crash settings) goes where the profile goes. It does not start
    # where its socket's path is too long.
    places = {"CHROME_CONFIG_HOME": str(profile_dir)}
    if len(os.fsencode(profile_dir.parent)) <= MAX_SOCKET_FOLDER_BYTES:
        places["TMPDIR"] = str(profile_dir.parent)
    command = [browser, f"--app={opener.as_uri()}", f"--user-data-dir={profile_dir}", *BROWSER_ARGUMENTS, *unboxed]
    return subprocess.Popen(  # noqa: S603 - our own list
        command, env={**os.environ, **places}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def quiet_loggers() -> None:
    """Make the toolkit's loggers write the type and place of an exception, and never its message."""
    for name in QUIET_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [_FaultHandler(logging.ERROR)]
        logger.propagate = False


class _FaultHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            note_fault(record.exc_info[1])


class _Server(uvicorn.Server):
    """Tells when it answers and when it has ended; leaves signals to ending.py."""

    when_started: Callable[[], None] = staticmethod(lambda: None)
    when_ended: Callable[[], None] = staticmethod(lambda: None)

    def end(self) -> None:
        """Ask it to end: windows are disconnected, then it is over."""
        self.should_exit = True

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        """Nothing: uvicorn's own would raise the signal again, and the program end before it cleaned up."""
        return contextlib.nullcontext()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Clean up while the loop still runs: its end may have to wait for a slow request in a thread."""
        try:
            await super().serve(sockets)
        finally:
            self.when_ended()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        try:
            self.when_started()
        except BaseException:
            await self.shutdown(sockets)
            raise


def _config(gate: Gate) -> uvicorn.Config:
    return uvicorn.Config(
        gate,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=2,
    )


def _ready(
    address: Address,
    server: _Server,
    left: contextlib.ExitStack,
    private: Path,
    *,
    show_window: bool,
    told: Callable[[Address], None],
) -> None:
    if show_window and not server.should_exit:
        window = open_browser_window(address.opener, private / "profile")
        if window is None:
            sys.stderr.write(f"No Chromium was found. Open this file in a browser: {address.opener}\n")
        else:
            left.callback(end_window, window)
            threading.Thread(target=_stop_after, args=(window, server), daemon=True).start()
    told(address)


def _stop_after(window: subprocess.Popen[bytes], server: _Server) -> None:
    """The app ends with its window."""
    window.wait()
    server.end()

"""Where a browser comes back to after a login: a listener on this machine that takes one answer (RFC 8252 7.3).

Owns the socket on 127.0.0.1 at a port and a path nobody can guess, the one page it answers with, and its
end: after one answer, after its time, or when it is stopped. It believes nothing that comes: whether it
belongs to the login is login.py's.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import h11

from crypto.errors import LoginStopped, LoginTimedOut
from crypto.tickets import new_ticket

LOOPBACK: Final = "127.0.0.1"
MAX_REQUEST_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 20
READ_SECONDS: Final = 10
"""A connection that says nothing is closed after this: browsers open some in advance."""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """What the browser shows once it has come back: plain text, in the language and direction of the app."""

    heading: str
    text: str
    language: str = "en"
    rtl: bool = False

    def page(self) -> bytes:
        """The page: no script, no address, nothing of the answer."""
        direction = "rtl" if self.rtl else "ltr"
        return (
            f'<!doctype html><html lang="{html.escape(self.language)}" dir="{direction}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{html.escape(self.heading)}</title></head>"
            f"<body><main><h1>{html.escape(self.heading)}</h1><p>{html.escape(self.text)}</p></main></body></html>"
        ).encode()


class Listener:
    """Waits for one answer at `http://127.0.0.1:{port}/{path}`; made by `listening`."""

    def __init__(self, goodbye: Goodbye) -> None:
        self.path = new_ticket()
        self.port = 0
        self._goodbye = goodbye.page()
        self._answer: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

    async def answer(self, *, within: timedelta) -> Mapping[str, str]:
        """What the browser came back with; raises LoginTimedOut, and LoginStopped after `stop`."""
        done, _ = await asyncio.wait([self._answer], timeout=within.total_seconds())
        if not done:
            self.stop()
            raise LoginTimedOut(f"expected an answer within {within}")
        if self._answer.cancelled():
            raise LoginStopped("expected an answer, was told to stop")
        return self._answer.result()

    def stop(self) -> None:
        """Wait no more; an answer that is here already stays."""
        if not self._answer.done():
            self._answer.cancel()

    async def met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: one request, one answer."""
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_REQUEST_BYTES)
        try:
            async with asyncio.timeout(READ_SECONDS):
                request = await _request(connection, reader)
            if request is not None:
                status, page = self._reply(request)
                writer.write(_written(connection, status, page))
                await writer.drain()
        except (TimeoutError, ConnectionError, h11.RemoteProtocolError):
            pass  # whoever that was, it was no browser with an answer
        finally:
            writer.close()

    def _reply(self, request: h11.Request) -> tuple[int, bytes]:
        """The page for the one answer; nothing for all else, another site's page that guesses included."""
        asked = urlsplit(request.target.decode("ascii", "replace"))
        host = dict(request.headers).get(b"host", b"")
        if host != f"{LOOPBACK}:{self.port}".encode() or asked.path != f"/{self.path}" or request.method != b"GET":
            return 404, b""
        if self._answer.done():
            return 410, b""
        try:
            self._answer.set_result(dict(parse_qsl(asked.query, max_num_fields=MAX_FIELDS)))
        except ValueError:
            return 400, b""
        return 200, self._goodbye


@asynccontextmanager
async def listening(goodbye: Goodbye) -> AsyncIterator[Listener]:
    """A listener on a free port of 127.0.0.1 until the block ends; raises OSError where no port can be had."""
    listener = Listener(goodbye)
    server = await asyncio.start_server(listener.met, LOOPBACK, 0, limit=MAX_REQUEST_BYTES)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        listener.stop()
        server.close()


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            return None
        connection.receive_data(await reader.read(MAX_REQUEST_BYTES))


def _written(connection: h11.Connection, status: int, page: bytes) -> bytes:
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page))),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("Connection", "close"),
    ]
    events: list[h11.Event] = [h11.Response(status_code=status, headers=headers), h11.Data(data=page)]
    return b"".join(connection.send(event) or b"" for event in [*events, h11.EndOfMessage()])

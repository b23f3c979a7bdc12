"""The gate of the window's server: who may come in, and what the browser may do with what it gets.

Owns DESIGN §7's checks as plain ASGI: Host and Origin, the one-time launch token, the cookie it turns
into, and the headers of every answer. Serving and opening a window is window.py.

Tokens come from `secrets` here and not from crypto: they guard this window, not the record.
"""

from __future__ import annotations

import contextlib
import http.cookies
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

LAUNCHED = b"<!doctype html><meta charset=utf-8><title>Opening</title><script>location.replace('/')</script>"
"""A page and not a redirect: a Strict cookie is not sent along a redirect that began in a file."""


@dataclass(slots=True)
class Gate:
    """Lets in who holds the launch token (once) or the cookie, from this host and this origin only."""

    inner: App
    host: str
    cookie_name: str
    token: str | None = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def origin(self) -> str:
        """The only origin that may speak to the server."""
        return f"http://{self.host}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry: refuse with 403 (websocket: 4403), launch, or pass on with strict headers."""
        if scope["type"] not in ("http", "websocket"):
            await self.inner(scope, receive, send)
        elif self._launches(scope):
            self.token = None
            await _answer(send, 200, LAUNCHED, [*self._headers(), (b"set-cookie", self._set_cookie())])
        elif not self._admits(scope):
            await self._refuse(scope, receive, send)
        else:
            await self.inner(scope, receive, self._strict(send))

    def _local(self, scope: Scope) -> bool:
        """(1) Host is ours. (2) Origin is ours; a websocket must name one, since any page may open it."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"" if scope["type"] == "websocket" else self.origin.encode())
        return bool(headers.get(b"host") == self.host.encode() and origin == self.origin.encode())

    def _launches(self, scope: Scope) -> bool:
        if scope["type"] != "http" or self.token is None or not self._local(scope):
            return False
        return secrets.compare_digest(scope["query_string"], b"t=" + self.token.encode())

    def _admits(self, scope: Scope) -> bool:
        """(3) The cookie, compared in constant time."""
        if not self._local(scope):
            return False
        jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie()
        with contextlib.suppress(http.cookies.CookieError):
            jar.load(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        morsel = jar.get(self.cookie_name)
        return morsel is not None and secrets.compare_digest(morsel.value.encode(), self.cookie.encode())

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403})
        else:
            await _answer(send, 403, b"forbidden", self._headers())

    def _set_cookie(self) -> bytes:
        return f"{self.cookie_name}={self.cookie}; HttpOnly; SameSite=Strict; Path=/".encode()

    def _strict(self, send: Send) -> Send:
        """Takes away the toolkit's own headers of these names and puts ours."""
        ours = self._headers()
        dropped = {name for name, _ in ours} | {b"access-control-allow-origin", b"etag", b"last-modified"}

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept: Iterable[Header] = message.get("headers", ())
                message["headers"] = [*(h for h in kept if h[0].lower() not in dropped), *ours]
            await send(message)

        return sender

    def _headers(self) -> list[Header]:
        policy = (
            "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
            "style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{self.host} data: blob:; "
            "media-src 'self' blob: mediastream:; worker-src 'self' blob:; manifest-src 'self'; "
            "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
        )
        return [
            (b"cache-control", b"no-store"),
            (b"content-security-policy", policy.encode()),
            (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), usb=(), serial=(), payment=()"),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]


async def _answer(send: Send, status: int, body: bytes, headers: list[Header]) -> None:
    kind = (b"content-type", b"text/html; charset=utf-8")
    await send({"type": "http.response.start", "status": status, "headers": [kind, *headers]})
    await send({"type": "http.response.body", "body": body})

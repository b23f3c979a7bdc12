"""One request, one deadline: an httpx transport that no slow drip can outlast.

httpx's read timeout starts again with every chunk, so a server that sends one byte a second holds
a client for ever, already in its headers. Here every wait on the socket (connect, TLS, each read
and write) gets only what is left of the request's deadline. Owns sockets and nothing else: what
an answer may hold is transport.py. Not bounded: the system's own name lookup, which cannot be
interrupted.

One connection for each request: no pool to keep alive, to close, or to link two people's requests.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of a monotonic clock, in seconds, by which a request must be over."""

    ends: float
    monotonic: Callable[[], float]

    def left(self) -> float:
        """Seconds left, above 0; raises httpcore.ReadTimeout when there are none."""
        left = self.ends - self.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline passed")
        return left


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, timeout=self._deadline.left())
        return _BoundedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _BoundedBackend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(host, port, self._deadline.left(), local_address, socket_options)
        return _BoundedStream(stream, self._deadline)


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._answer = answer
        self._pool = pool

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
        self._pool.close()


class DeadlineTransport(httpx.BaseTransport):
    """An httpx transport for one request that must be over by `deadline`; raises httpx's own errors."""

    def __init__(self, deadline: Deadline, tls: ssl.SSLContext | None) -> None:
        self._deadline = deadline
        self._tls = tls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; the answer's body is read as the caller iterates it."""
        pool = httpcore.ConnectionPool(ssl_context=self._tls, network_backend=_BoundedBackend(self._deadline))
        try:
            with _as_httpx():
                answer = pool.handle_request(_to_httpcore(request))
        except httpx.HTTPError:
            pool.close()
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, pool))


def _to_httpcore(request: httpx.Request) -> httpcore.Request:
    url = httpcore.URL(
        scheme=request.url.raw_scheme,
        host=request.url.raw_host,
        port=request.url.port,
        target=request.url.raw_path,
    )
    return httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read())


@contextlib.contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.NetworkError(str(error)) from error

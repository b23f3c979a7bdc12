"""The transport over real sockets: a server that drips, in its headers or its body, is left at the deadline."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from crypto.errors import AnswerTooLarge, NetworkUnavailable, ServiceTooSlow
from sync.transport import Transport

pytestmark = pytest.mark.loopback

DEADLINE_SECONDS = 0.4
DRIP_SECONDS = 0.05
DRIPS = 80  # some 4 s: a transport that is held by a drip fails the test and does not hang it


@contextlib.contextmanager
def answering(before: bytes, drip: bytes = b"") -> Iterator[str]:
    """A server of one connection: sends `before`, then `drip` again and again."""
    left = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(4096)
                connection.sendall(before)
                for _ in range(DRIPS if drip else 0):
                    if left.wait(DRIP_SECONDS):
                        break
                    connection.sendall(drip)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            left.set()
            thread.join(timeout=10)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("before", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Slow: x\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"."),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n"),
    ],
    ids=["headers", "body", "chunks"],
)
def test_drip_is_left_at_the_deadline(before: bytes, drip: bytes) -> None:
    with answering(before, drip) as url:
        began = time.monotonic()
        with pytest.raises(ServiceTooSlow, match=r"no whole answer within 0\.4 s"):
            Transport(monotonic=time.monotonic).get(url, deadline_seconds=DEADLINE_SECONDS)
        took = time.monotonic() - began
    assert DEADLINE_SECONDS <= took < DRIPS * DRIP_SECONDS


def test_silent_server_is_left_at_the_deadline() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(ServiceTooSlow):
            Transport(monotonic=time.monotonic).get(url, deadline_seconds=DEADLINE_SECONDS)


def test_endless_body_is_left_at_the_cap() -> None:
    with (
        answering(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536) as url,
        pytest.raises(AnswerTooLarge, match="at most 1000 bytes"),
    ):
        Transport(monotonic=time.monotonic).get(url, max_bytes=1000)


def test_body_cut_short_is_network_unavailable() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort") as url, pytest.raises(NetworkUnavailable):
        Transport(monotonic=time.monotonic).get(url)


def test_closed_port_is_network_unavailable() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    with pytest.raises(NetworkUnavailable, match=r"127\.0\.0\.1: NetworkError"):
        Transport(monotonic=time.monotonic).get(f"http://127.0.0.1:{port}/")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as url:
        assert Transport(monotonic=time.monotonic).get(url).body == b"ok"

"""The passport's one way out: bounded requests to addresses it was given.

Owns what may be asked and how much of an answer is taken: https (plain http only to this very
machine), no proxies from the environment, no redirects, no compressed bodies, a cap on the bytes
and one deadline over the whole request (DESIGN.md §5), its repetitions included. A request that may be
repeated is, when the service asks to be left alone for a moment (429, 503) or the line drops in the
middle of an answer: how long the pauses are is retry.py. A status is returned as it came: what it means
is for the caller. Waiting on sockets is deadline.py.
"""

from __future__ import annotations

import ipaddress
import itertools
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import httpx

from crypto.errors import (
    AnswerTooLarge,
    NetworkUnavailable,
    NotAllowed,
    ServiceBusy,
    ServiceRefused,
    ServiceTooSlow,
)
from crypto.jitter import jitter
from sync import retry
from sync.deadline import Deadline, DeadlineTransport

MAX_REQUEST_SECONDS = 60.0  # DESIGN.md §5
MAX_ANSWER_BYTES = 1024 * 1024  # what a small answer may hold; updates and files name their own cap
MAX_PORT = 65535

Progress = Callable[[int, int | None], None]
"""Called with bytes received so far and bytes expected (None where the server did not say)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def expect(self, *statuses: int) -> Answer:
        """This answer, if its status is one of `statuses`; raises ServiceBusy for 429 and 503, else ServiceRefused."""
        if self.status in statuses:
            return self
        message = f"expected {' or '.join(str(status) for status in statuses)}, found {self.status}"
        if self.status in retry.BUSY:
            raise ServiceBusy(message, retry.asked_seconds(self.headers))
        raise ServiceRefused(message)


class _LineDropped(NetworkUnavailable):
    """The answer had begun to come when the connection broke: there is a network, and asking again may be enough."""


class Transport:
    """Sends one request at a time to one address; safe to use from several threads.

    `monotonic` gives seconds of a clock that never goes back. `wait` pauses for some seconds; without it nothing is
    repeated. `jitter` gives numbers from 0.0 to under 1.0. `http` replaces the sockets, in tests.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        wait: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = jitter,
        http: httpx.BaseTransport | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._wait = wait
        self._jitter = jitter
        self._http = http

    def deadline(self, seconds: float) -> Deadline:
        """A deadline `seconds` from now, for work of several requests."""
        return Deadline(self._monotonic() + seconds, self._monotonic)

    def get(
        self,
        url: str,
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
        deadline_seconds: float = MAX_REQUEST_SECONDS,
        headers: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        """GET `url`; raises as `send` does."""
        request = _request("GET", url, headers=headers)
        return self.send(request, max_bytes=max_bytes, deadline_seconds=deadline_seconds, progress=progress)

    def post(
        self,
        url: str,
        *,
        json: object | None = None,
        data: Mapping[str, str] | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
        deadline_seconds: float = MAX_REQUEST_SECONDS,
        headers: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """POST `json` or the form fields `data` to `url`; `repeatable` where it only asks. Raises as `send` does."""
        request = _request("POST", url, headers=headers, json=json, data=data)
        return self.send(
            request,
            max_bytes=max_bytes,
            deadline_seconds=deadline_seconds,
            progress=progress,
            repeatable=repeatable,
        )

    def put(
        self,
        url: str,
        *,
        json: object,
        max_bytes: int = MAX_ANSWER_BYTES,
        deadline_seconds: float = MAX_REQUEST_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """PUT `json` to `url`; raises as `send` does."""
        request = _request("PUT", url, headers=headers, json=json)
        return self.send(request, max_bytes=max_bytes, deadline_seconds=deadline_seconds)

    def delete(
        self,
        url: str,
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
        deadline_seconds: float = MAX_REQUEST_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """DELETE `url`; raises as `send` does."""
        request = _request("DELETE", url, headers=headers)
        return self.send(request, max_bytes=max_bytes, deadline_seconds=deadline_seconds)

    def send(
        self,
        request: httpx.Request,
        *,
        max_bytes: int,
        deadline_seconds: float,
        progress: Progress | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """Send `request` and read its whole answer, whatever its status.

        `repeatable` is so for every method but POST where it is not said. Each repetition begins `progress` anew.
        Raises NotAllowed (plain http to another machine), NetworkUnavailable, ServiceTooSlow (the
        whole request took longer than `deadline_seconds`), AnswerTooLarge (over `max_bytes`, by its
        own word or by count) and ServiceRefused (a compressed answer, which was not asked for).
        """
        require_safe_address(request.url)
        request.headers["Accept-Encoding"] = "identity"  # a cap on bytes means nothing over a decompressor
        request.headers.setdefault("User-Agent", "patient-passport")
        deadline = self.deadline(deadline_seconds)
        may_repeat = request.method != "POST" if repeatable is None else repeatable
        try:
            for tries in itertools.count(1):
                last = not may_repeat or tries == retry.MAX_TRIES
                try:
                    answer = self._sent(request, max_bytes, deadline, progress)
                except _LineDropped:
                    if last or not self._paused(tries, {}, deadline):
                        raise
                    continue
                if last or answer.status not in retry.BUSY or not self._paused(tries, answer.headers, deadline):
                    return answer
        except httpx.TimeoutException as error:
            raise ServiceTooSlow(f"no whole answer within {deadline_seconds:g} s") from error
        raise AssertionError

    def _sent(self, request: httpx.Request, max_bytes: int, deadline: Deadline, progress: Progress | None) -> Answer:
        wire = self._http or DeadlineTransport(deadline, self._tls if request.url.scheme == "https" else None)
        refusal: type[NetworkUnavailable] = NetworkUnavailable
        try:
            response = wire.handle_request(request)
            refusal = _LineDropped
            try:
                return _read(response, max_bytes, deadline, progress)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise refusal(f"{request.url.host}: {type(error).__name__}") from error

    def _paused(self, tries: int, headers: Mapping[str, str], deadline: Deadline) -> bool:
        """Wait before the next try; False at once where there is no time for it."""
        pause = retry.pause_seconds(tries, headers, self._jitter)
        if self._wait is None or pause > retry.MAX_PAUSE_SECONDS:
            return False
        if pause >= deadline.ends - deadline.monotonic():
            return False
        self._wait(pause)
        return True

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context(trust_env=False)


def _request(
    method: str,
    url: str,
    headers: Mapping[str, str] | None,
    json: object | None = None,
    data: Mapping[str, str] | None = None,
) -> httpx.Request:
    try:
        return httpx.Request(method, url, headers=headers, json=json, data=data)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise NotAllowed("expected an address, found text that is none") from error


def require_safe_address(url: httpx.URL) -> None:
    """Raise NotAllowed unless `url` is https, or plain http to this machine's loopback."""
    secure = url.scheme == "https" and url.host != ""
    if not secure and not (url.scheme == "http" and _is_loopback(url.host)):
        raise NotAllowed(f"expected https, or http to a loopback host; found {url.scheme or 'no scheme'}")
    if url.port is not None and url.port > MAX_PORT:
        raise NotAllowed(f"expected a port up to {MAX_PORT}, found {url.port}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":  # never leaves the machine, RFC 6761 6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(response: httpx.Response, max_bytes: int, deadline: Deadline, progress: Progress | None) -> Answer:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ServiceRefused(f"expected a plain body, found {response.headers['content-encoding']}")
    total = _stated_length(response)
    if total is not None and total > max_bytes:
        raise AnswerTooLarge(f"expected at most {max_bytes} bytes, found {total} announced")
    body = bytearray()
    assert isinstance(response.stream, httpx.SyncByteStream)
    for chunk in response.stream:
        body += chunk
        if len(body) > max_bytes:
            raise AnswerTooLarge(f"expected at most {max_bytes} bytes, found more")
        if deadline.monotonic() >= deadline.ends:
            raise httpx.ReadTimeout("deadline passed")
        if progress is not None:
            progress(len(body), total)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, bytes(body))


def _stated_length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None

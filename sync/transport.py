"""The passport's one way out: bounded requests to addresses it was given.

Owns what may be asked and how much of an answer is taken: https (plain http only to this very
machine), no proxies from the environment, no redirects, no compressed bodies, a cap on the bytes
and one deadline over the whole request (DESIGN.md §5). A status is returned as it came: what it
means is for the caller. Waiting on sockets is deadline.py.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import httpx

from crypto.errors import AnswerTooLarge, NetworkUnavailable, NotAllowed, ServiceRefused, ServiceTooSlow
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
        """This answer, if its status is one of `statuses`; raises ServiceRefused otherwise."""
        if self.status not in statuses:
            wanted = " or ".join(str(status) for status in statuses)
            raise ServiceRefused(f"expected {wanted}, found {self.status}")
        return self


class Transport:
    """Sends one request at a time to one address; safe to use from several threads.

    `monotonic` gives seconds of a clock that never goes back. `http` replaces the sockets, in tests.
    """

    def __init__(self, *, monotonic: Callable[[], float], http: httpx.BaseTransport | None = None) -> None:
        self._monotonic = monotonic
        self._http = http

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
    ) -> Answer:
        """POST `json` or the form fields `data` to `url`; raises as `send` does."""
        request = _request("POST", url, headers=headers, json=json, data=data)
        return self.send(request, max_bytes=max_bytes, deadline_seconds=deadline_seconds, progress=progress)

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
        self, request: httpx.Request, *, max_bytes: int, deadline_seconds: float, progress: Progress | None = None
    ) -> Answer:
        """Send `request` and read its whole answer, whatever its status.

        Raises NotAllowed (plain http to another machine), NetworkUnavailable, ServiceTooSlow (the
        whole request took longer than `deadline_seconds`), AnswerTooLarge (over `max_bytes`, by its
        own word or by count) and ServiceRefused (a compressed answer, which was not asked for).
        """
        require_safe_address(request.url)
        request.headers["Accept-Encoding"] = "identity"  # a cap on bytes means nothing over a decompressor
        request.headers.setdefault("User-Agent", "patient-passport")
        deadline = Deadline(self._monotonic() + deadline_seconds, self._monotonic)
        wire = self._http or DeadlineTransport(deadline, self._tls if request.url.scheme == "https" else None)
        try:
            response = wire.handle_request(request)
            try:
                return _read(response, max_bytes, deadline, progress)
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise ServiceTooSlow(f"no whole answer within {deadline_seconds:g} s") from error
        except httpx.TransportError as error:
            raise NetworkUnavailable(f"{request.url.host}: {type(error).__name__}") from error

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

"""What the passport's one way out refuses, and when it stops reading."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import httpx
import pytest

from crypto.errors import (
    AnswerTooLarge,
    NetworkUnavailable,
    NotAllowed,
    ServiceBusy,
    ServiceRefused,
    ServiceTooSlow,
)
from sync.transport import Transport

URL = "https://service.example/x"


def answering(answer: httpx.Response | Exception, monotonic: Callable[[], float] = lambda: 0.0) -> Transport:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Transport(monotonic=monotonic, http=httpx.MockTransport(handle))


class Chunks(httpx.SyncByteStream):
    """A body in pieces, which counts how many were taken and knows whether it was closed."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.taken = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.taken += 1
            yield chunk

    def close(self) -> None:
        self.closed = True


def test_answer_carries_status_lower_case_headers_and_body() -> None:
    answer = answering(httpx.Response(418, headers={"X-Kind": "tea"}, stream=Chunks(b"a", b"b"))).get(URL)
    assert (answer.status, answer.headers["x-kind"], answer.body) == (418, "tea", b"ab")


def test_body_of_exactly_the_cap_is_taken() -> None:
    assert answering(httpx.Response(200, stream=Chunks(b"abcd"))).get(URL, max_bytes=4).body == b"abcd"


def test_body_one_byte_over_the_cap_is_refused_without_reading_on() -> None:
    body = Chunks(b"abcd", b"e", b"never")
    with pytest.raises(AnswerTooLarge, match="answer-too-large: expected at most 4 bytes, found more"):
        answering(httpx.Response(200, stream=body)).get(URL, max_bytes=4)
    assert (body.taken, body.closed) == (2, True)


def test_announced_length_over_the_cap_is_refused_before_reading() -> None:
    body = Chunks(b"abcde")
    with pytest.raises(AnswerTooLarge, match="found 5 announced"):
        answering(httpx.Response(200, headers={"Content-Length": "5"}, stream=body)).get(URL, max_bytes=4)
    assert (body.taken, body.closed) == (0, True)


def test_drip_is_stopped_when_the_whole_request_passes_its_deadline() -> None:
    seconds = itertools.count(0.0, 4.0)  # each look at the clock is 4 s later
    body = Chunks(*[b"."] * 100)
    with pytest.raises(ServiceTooSlow, match="service-too-slow: no whole answer within 10 s"):
        answering(httpx.Response(200, stream=body), lambda: next(seconds)).get(URL, deadline_seconds=10)
    assert (body.taken, body.closed) == (3, True)


def test_compressed_answer_is_refused() -> None:
    with pytest.raises(ServiceRefused, match="expected a plain body, found gzip"):
        answering(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Chunks(b"x"))).get(URL)


def test_no_compression_is_asked_for() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    Transport(monotonic=lambda: 0.0, http=httpx.MockTransport(handle)).post(URL, json={"a": 1})
    assert asked[0].headers["accept-encoding"] == "identity"
    assert asked[0].content == b'{"a":1}'


def test_progress_tells_bytes_so_far_and_in_all() -> None:
    told: list[tuple[int, int | None]] = []
    answer = httpx.Response(200, headers={"Content-Length": "3"}, stream=Chunks(b"a", b"bc"))
    answering(answer).get(URL, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (3, 3)]


@pytest.mark.parametrize(
    "url", ["http://service.example/", "http://127.0.0.1.example/", "http://10.0.0.1/", "ftp://127.0.0.1/", "//x/"]
)
def test_address_that_is_neither_https_nor_this_machine_is_refused_unsent(url: str) -> None:
    sent: list[httpx.Request] = []
    transport = Transport(
        monotonic=lambda: 0.0, http=httpx.MockTransport(lambda r: sent.append(r) or httpx.Response(200))
    )
    with pytest.raises(NotAllowed, match="not-allowed: expected https, or http to a loopback host"):
        transport.get(url)
    assert sent == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "http://[::1]/", "http://localhost:1/", "https://a.example/"])
def test_https_and_this_machine_are_allowed(url: str) -> None:
    assert answering(httpx.Response(204)).get(url).status == 204


def test_text_that_is_no_address_is_refused() -> None:
    with pytest.raises(NotAllowed, match="expected an address"):
        answering(httpx.Response(200)).get("https://service.example/\x00")


def test_port_that_is_none_is_refused() -> None:
    with pytest.raises(NotAllowed, match="expected a port up to 65535, found 65536"):
        answering(httpx.Response(200)).get("https://service.example:65536/")


def test_redirect_is_handed_over_and_not_followed() -> None:
    answer = answering(httpx.Response(302, headers={"Location": "https://elsewhere.example/"})).get(URL)
    assert (answer.status, answer.headers["location"]) == (302, "https://elsewhere.example/")


def test_closed_port_is_network_unavailable() -> None:
    with pytest.raises(NetworkUnavailable, match=r"network-unavailable: service\.example: ConnectError"):
        answering(httpx.ConnectError("refused")).get(URL)


def test_read_timeout_is_too_slow() -> None:
    with pytest.raises(ServiceTooSlow):
        answering(httpx.ReadTimeout("slow")).get(URL)


def test_status_that_was_not_expected_is_refused_with_both() -> None:
    with pytest.raises(ServiceRefused, match="service-refused: expected 200 or 201, found 500"):
        answering(httpx.Response(500)).get(URL).expect(200, 201)


def test_body_and_headers_stay_out_of_repr() -> None:
    answer = answering(httpx.Response(200, headers={"X": "marker-in-header"}, stream=Chunks(b"marker"))).get(URL)
    assert "marker" not in repr(answer)


# ---- asked again --------------------------------------------------------------------------------


class Scripted:
    """A service that gives one answer after the other, and a clock that only waiting moves."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.waited: list[float] = []

    def transport(self) -> Transport:
        http = httpx.MockTransport(self._handle)
        return Transport(monotonic=lambda: sum(self.waited), wait=self.waited.append, jitter=lambda: 0.0, http=http)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Dropping(httpx.SyncByteStream):
    """A body whose connection breaks after one piece."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("reset")


def busy(**headers: str) -> httpx.Response:
    return httpx.Response(503, headers={name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again_after_the_pause_it_named(status: int) -> None:
    service = Scripted(httpx.Response(status, headers={"Retry-After": "3"}), httpx.Response(200))
    assert service.transport().get(URL).status == 200
    assert service.waited == [3.0]


def test_pauses_nobody_named_grow_and_end_after_four_tries() -> None:
    service = Scripted(*[busy() for _ in range(4)])
    answer = service.transport().get(URL)
    assert service.waited == [0.25, 0.5, 1.0]
    with pytest.raises(ServiceBusy, match="service-busy: expected 200, found 503") as refusal:
        answer.expect(200)
    assert refusal.value.retry_after is None


def test_a_pause_that_does_not_fit_the_deadline_is_not_begun() -> None:
    service = Scripted(busy(Retry_After="10"))
    answer = service.transport().get(URL, deadline_seconds=10)
    assert service.waited == []
    with pytest.raises(ServiceBusy) as refusal:
        answer.expect(200)
    assert refusal.value.retry_after == 10.0


def test_a_long_pause_is_left_to_another_visit() -> None:
    service = Scripted(busy(Retry_After="21"))
    assert service.transport().get(URL).status == 503
    assert service.waited == []


def test_a_line_that_drops_in_the_middle_is_asked_again_and_nothing_of_the_half_is_kept() -> None:
    service = Scripted(httpx.Response(200, stream=Dropping()), httpx.Response(200, stream=Chunks(b"whole")))
    assert service.transport().get(URL).body == b"whole"


def test_a_line_that_always_drops_is_network_unavailable_after_four_tries() -> None:
    service = Scripted(*[httpx.Response(200, stream=Dropping()) for _ in range(4)])
    with pytest.raises(NetworkUnavailable, match="ReadError"):
        service.transport().get(URL)
    assert service.answers == []


def test_a_closed_port_is_not_asked_again() -> None:
    service = Scripted(httpx.ConnectError("refused"), httpx.Response(200))
    with pytest.raises(NetworkUnavailable):
        service.transport().get(URL)
    assert service.waited == []


def test_what_may_have_been_done_is_not_asked_again() -> None:
    service = Scripted(busy(Retry_After="1"), httpx.Response(200))
    assert service.transport().post(URL, json={}).status == 503
    dropped = Scripted(httpx.Response(200, stream=Dropping()), httpx.Response(200))
    with pytest.raises(NetworkUnavailable):
        dropped.transport().post(URL, json={})


def test_a_post_that_only_asks_is_asked_again() -> None:
    service = Scripted(busy(Retry_After="1"), httpx.Response(200))
    assert service.transport().post(URL, json={}, repeatable=True).status == 200


def test_a_transport_that_cannot_wait_asks_once() -> None:
    assert answering(busy(Retry_After="0")).get(URL).status == 503

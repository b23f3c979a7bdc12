"""Whether there is a network: any answer of anybody will do, and no token is shown for it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from sync.profile import Profile
from sync.reach import is_reachable
from sync.transport import Transport

Over = Callable[[httpx.BaseTransport], Transport]


@pytest.mark.parametrize("status", [200, 401, 404, 503])
def test_any_answer_is_a_network_and_the_first_is_enough(over: Over, profile: Profile, status: int) -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status)

    assert is_reachable(over(httpx.MockTransport(handle)), profile)
    assert [str(one.url) for one in asked] == ["http://127.0.0.1:8101/"]
    assert "authorization" not in asked[0].headers


def test_an_answer_too_large_to_read_is_one(over: Over, profile: Profile) -> None:
    assert is_reachable(over(httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * 70_000))), profile)


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow")])
def test_nobody_who_answers_is_no_network_and_all_were_asked(over: Over, profile: Profile, error: Exception) -> None:
    asked: list[int | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.port)
        raise error

    assert not is_reachable(over(httpx.MockTransport(handle)), profile)
    assert asked == [8101, 8105]

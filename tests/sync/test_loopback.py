"""The listener a browser comes back to: one answer, at one path, for a while."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from crypto.errors import LoginStopped, LoginTimedOut
from sync.loopback import Goodbye, Listener, listening

pytestmark = pytest.mark.loopback

GOODBYE = Goodbye("You can close this page", "Go back to <Patient Passport>.", "en")
SOON = timedelta(seconds=5)


def run(story: Callable[[Listener], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        async with listening(GOODBYE) as listener:
            await story(listener)

    asyncio.run(whole())


def browsed(port: int, target: str, host: str | None = None, method: str = "GET") -> tuple[int, str]:
    """What a browser is given for a request."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.putrequest(method, target, skip_host=True)
        line.putheader("Host", host or f"127.0.0.1:{port}")
        line.endheaders()
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


async def visit(listener: Listener, target: str, **changes: str) -> tuple[int, str]:
    return await asyncio.to_thread(browsed, listener.port, target, **changes)


def test_answer_is_handed_over_and_the_page_says_it_can_be_closed() -> None:
    async def story(listener: Listener) -> None:
        status, page = await visit(listener, f"/{listener.path}?code=c&state=s")
        assert status == 200
        assert "<h1>You can close this page</h1>" in page
        assert "&lt;Patient Passport&gt;" in page
        assert "code=c" not in page
        assert await listener.answer(within=SOON) == {"code": "c", "state": "s"}

    run(story)


def test_second_answer_finds_the_door_closed() -> None:
    async def story(listener: Listener) -> None:
        await visit(listener, f"/{listener.path}?code=first")
        assert (await visit(listener, f"/{listener.path}?code=second"))[0] == 410
        assert await listener.answer(within=SOON) == {"code": "first"}

    run(story)


@pytest.mark.parametrize("target", ["/", "/favicon.ico", "/" + "p" * 43, "/{path}/x"])
def test_another_path_is_not_there_and_leaves_the_wait_as_it_is(target: str) -> None:
    async def story(listener: Listener) -> None:
        assert (await visit(listener, target.replace("{path}", listener.path)))[0] == 404
        await visit(listener, f"/{listener.path}?code=c")
        assert await listener.answer(within=SOON) == {"code": "c"}

    run(story)


@pytest.mark.parametrize("change", [{"host": "evil.example"}, {"host": "localhost"}, {"method": "POST"}])
def test_another_host_or_method_is_not_there(change: dict[str, str]) -> None:
    async def story(listener: Listener) -> None:
        assert (await visit(listener, f"/{listener.path}?code=c", **change))[0] == 404

    run(story)


def test_too_many_fields_are_refused() -> None:
    async def story(listener: Listener) -> None:
        assert (await visit(listener, f"/{listener.path}?" + "&".join(f"a{n}=1" for n in range(21))))[0] == 400

    run(story)


def test_what_is_no_http_is_hung_up_on_and_an_idle_connection_holds_nobody_up() -> None:
    async def story(listener: Listener) -> None:
        _, idle = await asyncio.open_connection("127.0.0.1", listener.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        await visit(listener, f"/{listener.path}?code=c")
        assert await listener.answer(within=SOON) == {"code": "c"}
        idle.close()

    run(story)


def test_closed_browser_is_told_after_its_time_by_its_own_code() -> None:
    async def story(listener: Listener) -> None:
        with pytest.raises(LoginTimedOut, match="login-timed-out: expected an answer within"):
            await listener.answer(within=timedelta(milliseconds=10))
        assert (await visit(listener, f"/{listener.path}?code=late"))[0] == 410

    run(story)


def test_stopped_wait_is_told_by_its_own_code() -> None:
    async def story(listener: Listener) -> None:
        waiting = asyncio.create_task(listener.answer(within=SOON))
        await asyncio.sleep(0)
        listener.stop()
        with pytest.raises(LoginStopped, match="login-stopped"):
            await waiting

    run(story)


def test_nothing_listens_once_it_is_over() -> None:
    ports: list[int] = []

    async def story(listener: Listener) -> None:
        ports.append(listener.port)

    run(story)
    with pytest.raises(ConnectionRefusedError):
        browsed(ports[0], "/")

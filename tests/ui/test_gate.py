"""The gate of the window's server, as plain ASGI: who comes in, once, and with which headers."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest

from app.ui.gate import Gate, Message, Receive, Scope, Send
from app.ui.window import write_opener

HOST = "passport.localhost:4711"


async def inner(_scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [(b"access-control-allow-origin", b"*"), (b"cache-control", b"max-age=1"), (b"x-kept", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"inside"})


def ask(gate: Gate, *, kind: str = "http", query: str = "", **headers: str) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    named = {"host": HOST, **headers}
    scope: dict[str, Any] = {
        "type": kind,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    asyncio.run(gate(scope, receive, send))
    return sent


def head(sent: list[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


def a_gate() -> Gate:
    return Gate(inner, HOST, "pp_passport")


def launched(gate: Gate) -> str:
    """Come in with the token; the cookie as a browser would send it back."""
    return head(ask(gate, query=f"t={gate.token}"))[b"set-cookie"].decode().split(";")[0]


def test_the_launch_token_becomes_a_strict_cookie_on_a_page_of_our_own() -> None:
    gate = a_gate()
    sent = ask(gate, query=f"t={gate.token}")
    cookie = head(sent)[b"set-cookie"].decode()
    assert sent[0]["status"] == 200
    assert b"location.replace('/')" in sent[1]["body"]
    assert cookie.startswith("pp_passport=")
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Path=/")


def test_the_launch_token_works_once() -> None:
    gate = a_gate()
    token = gate.token
    launched(gate)
    assert ask(gate, query=f"t={token}")[0]["status"] == 403


def test_the_cookie_lets_in() -> None:
    gate = a_gate()
    assert ask(gate, cookie=launched(gate))[1]["body"] == b"inside"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "pp_passport=wrong"},
        {"cookie": "pp_reader=RIGHT"},
        {"cookie": "pp_passport=RIGHT", "host": "127.0.0.1:4711"},
        {"cookie": "pp_passport=RIGHT", "host": "passport.localhost:4712"},
        {"cookie": "pp_passport=RIGHT", "origin": "https://evil.example"},
        {"cookie": "pp_passport=RIGHT", "origin": "http://reader.localhost:4711"},
        {"cookie": "pp_passport=é"},
    ],
    ids=["none", "wrong", "of-the-other-app", "other-host", "other-port", "foreign-origin", "other-app", "not-ascii"],
)
def test_everything_else_is_refused(headers: dict[str, str]) -> None:
    gate = a_gate()
    right = launched(gate).split("=")[1]
    sent = ask(gate, **{name: value.replace("RIGHT", right) for name, value in headers.items()})
    assert (sent[0]["status"], sent[1]["body"]) == (403, b"forbidden")


def test_the_launch_token_from_a_foreign_origin_is_refused_and_not_used_up() -> None:
    gate = a_gate()
    token = gate.token
    assert ask(gate, query=f"t={token}", origin="https://evil.example")[0]["status"] == 403
    assert gate.token == token


def test_a_websocket_must_name_our_origin() -> None:
    gate = a_gate()
    cookie = launched(gate)
    refused = [{"type": "websocket.close", "code": 4403}]
    assert ask(gate, kind="websocket", cookie=cookie) == refused
    assert ask(gate, kind="websocket", cookie=cookie, origin="https://evil.example") == refused
    assert ask(gate, kind="websocket", cookie=cookie, origin=f"http://{HOST}")[1]["body"] == b"inside"


def test_answers_are_never_cached_and_open_to_no_other_site() -> None:
    gate = a_gate()
    headers = head(ask(gate, cookie=launched(gate)))
    assert headers[b"cache-control"] == b"no-store"
    assert b"access-control-allow-origin" not in headers
    assert headers[b"x-kept"] == b"1"
    policy = headers[b"content-security-policy"].decode()
    assert policy.startswith("default-src 'none';")
    assert "https:" not in policy
    assert f"connect-src 'self' ws://{HOST} " in policy


def test_a_refusal_carries_the_same_strict_headers() -> None:
    assert head(ask(a_gate()))[b"cache-control"] == b"no-store"


def test_secrets_are_hidden_in_repr() -> None:
    gate = a_gate()
    assert gate.token is not None
    assert gate.token not in repr(gate)
    assert gate.cookie not in repr(gate)


def test_the_opener_is_for_this_user_only(tmp_path: Path) -> None:
    gate = a_gate()
    opener = write_opener(tmp_path, gate)
    assert stat.S_IMODE(opener.stat().st_mode) == 0o600
    assert f"http://{HOST}/?t={gate.token}" in opener.read_text(encoding="utf-8")

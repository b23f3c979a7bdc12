"""A service takes a bearer token and a bounded body, and nothing else for one."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from crypto.errors import TooLarge
from sync.request import bearer_token, read_body


def request(*, authorization: str = "", body: tuple[bytes, ...] = ()) -> Request:
    chunks = [*body, b""]

    async def receive() -> Message:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    headers = [(b"authorization", authorization.encode())] if authorization else []
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


@pytest.mark.parametrize("authorization", ["Bearer t0k", "bearer t0k", "BEARER t0k"])
def test_bearer_token_is_read_whatever_the_case_of_its_scheme(authorization: str) -> None:
    assert bearer_token(request(authorization=authorization)) == "t0k"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic t0k", "t0k"])
def test_anything_else_is_no_token(authorization: str) -> None:
    assert bearer_token(request(authorization=authorization)) == ""


def test_body_up_to_its_bound_is_taken() -> None:
    assert asyncio.run(read_body(request(body=(b"ab", b"cd")), 4)) == b"abcd"


def test_body_one_byte_over_its_bound_is_refused() -> None:
    with pytest.raises(TooLarge) as caught:
        asyncio.run(read_body(request(body=(b"ab", b"cde")), 4))
    assert str(caught.value) == "too-large: expected at most 4 bytes"

"""What a service of ours takes from a request, before it knows what is asked: its bearer token, and its body in bounds.

For the relay and the stand-in's services. What a token allows and what a body says is theirs.
"""

from __future__ import annotations

from starlette.requests import Request

from crypto.errors import TooLarge


def bearer_token(request: Request) -> str:
    """The bearer token of a request (RFC 6750 2.1); empty where it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body of a request; raises TooLarge as soon as it is longer than `max_bytes`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge(f"expected at most {max_bytes} bytes")
    return bytes(body)

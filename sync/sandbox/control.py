"""The stand-in's control port: what goes wrong with it, and what its services do, switched while it runs.

GET /faults lists them; POST /faults/NAME {"on": true} or {"on": false} switches one. POST /holders/KIND/ACTION with
`sign`, `rotate-key` or `revoke-key`, KIND gp or hospital; POST /trust/ACTION with `publish` or `rotate-root`. Owns only
these requests: faults are faults.py, the rest is stand_in.py. Loopback, and every request needs the bearer token
that lies in the state folder for its owner to read: another user of this machine must not spoil a trial.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crypto import json_text
from crypto.errors import NotJson, TooLarge
from crypto.tickets import new_ticket
from sync.files import write_whole
from sync.request import bearer_token, read_body
from sync.sandbox.faults import FAULTS
from sync.sandbox.people import HolderKind
from sync.sandbox.stand_in import StandIn

TOKEN_FILE: Final = "control.token"  # noqa: S105 - the name of a file
MAX_BODY_BYTES: Final = 1024

_KINDS: Final[Mapping[str, HolderKind]] = {"gp": "gp", "hospital": "hospital"}

Endpoint = Callable[[Request], Awaitable[Response]]


def control_token(state: Path) -> str:
    """The token for the control port of the stand-in in `state`, made at random when there is none."""
    path = state / TOKEN_FILE
    if not path.exists():
        write_whole(path, new_ticket().encode("ascii"))
    return path.read_text(encoding="ascii")


def control_app(stand_in: StandIn, token: str) -> Starlette:
    """The control port's app; every answer is JSON, a refusal has the member `error`."""
    control = _Control(stand_in)
    return Starlette(
        routes=[
            Route("/faults", _guarded(control.faults, token)),
            Route("/faults/{name}", _guarded(control.switch, token), methods=["POST"]),
            Route("/holders/{kind}/{action}", _guarded(control.holder, token), methods=["POST"]),
            Route("/trust/{action}", _guarded(control.trust, token), methods=["POST"]),
        ]
    )


class _Control:
    """What each path does to a stand-in."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._of_a_holder: Mapping[str, Callable[[HolderKind], None]] = {
            "sign": stand_in.sign_again,
            "rotate-key": stand_in.rotate_key,
            "revoke-key": stand_in.revoke_key,
        }
        self._of_the_list = {"publish": stand_in.publish, "rotate-root": stand_in.rotate_root}

    async def faults(self, request: Request) -> Response:
        on = self._stand_in.faults.on
        return JSONResponse({"faults": [{"name": name, "on": name in on} for name in FAULTS]})

    async def switch(self, request: Request) -> Response:
        name, on = request.path_params["name"], await _asked(request)
        if name not in FAULTS:
            return _refused(404, f"expected one of {', '.join(FAULTS)}")
        if on is None:
            return _refused(400, 'expected {"on": true} or {"on": false}')
        await run_in_threadpool(self._stand_in.switch, name, on)
        return await self.faults(request)

    async def holder(self, request: Request) -> Response:
        kind = _KINDS.get(request.path_params["kind"])
        action = self._of_a_holder.get(request.path_params["action"])
        if kind is None or action is None:
            return _refused(404, f"expected one of {', '.join(_KINDS)}, then one of {', '.join(self._of_a_holder)}")
        await run_in_threadpool(action, kind)
        return JSONResponse({"done": request.path_params["action"]})

    async def trust(self, request: Request) -> Response:
        action = self._of_the_list.get(request.path_params["action"])
        if action is None:
            return _refused(404, f"expected one of {', '.join(self._of_the_list)}")
        await run_in_threadpool(action)
        return JSONResponse({"done": request.path_params["action"]})


def _guarded(endpoint: Endpoint, token: str) -> Endpoint:
    """The endpoint for whoever has the token."""

    async def guarded(request: Request) -> Response:
        if not hmac.compare_digest(bearer_token(request).encode(), token.encode()):
            return _refused(401, "expected the bearer token of the state folder")
        return await endpoint(request)

    return guarded


async def _asked(request: Request) -> bool | None:
    """The member `on` of the body; None where there is none that is true or false."""
    try:
        on = json_text.parse_object(await read_body(request, MAX_BODY_BYTES)).get("on")
    except (NotJson, TooLarge):
        return None
    return on if isinstance(on, bool) else None


def _refused(status: int, error: str) -> Response:
    return JSONResponse({"error": error}, status)

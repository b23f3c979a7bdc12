"""The gateway: the confidential client that NHS login demands, between the provider and every passport.

Owns the client's secret key and the three things that need it or its registered address: it hands the
browser on from its https address to the passport that waits on this machine (RFC 8252 7.3), it adds its
signed assertion to a passport's token request, and to the request that ends a login. It keeps nothing of
a login: PKCE runs from the passport to the provider, so a code that passes here is worth nothing without
the verifier. It does see the tokens of those who log in through it (THREATS.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sync.sandbox.client_assertion import ASSERTION_TYPE, ClientKey

MAX_FORM_BYTES: Final = 16 * 1024
HANDED_ON: Final = ("code", "error", "error_description", "state")
TOKEN_MEMBERS: Final = {
    "authorization_code": ("code", "code_verifier"),
    "refresh_token": ("refresh_token",),
}
"""What a passport may say in a token request, by grant type; everything else is the gateway's to say."""

_STATE: Final = re.compile(r"([1-9][0-9]{0,4})\.([A-Za-z0-9_-]{43})\.[A-Za-z0-9_-]{43}")
_NO_STORE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Gateway:
    """The client `client_id` at `base_url`; `provider` is the provider's address and `http` the way to it."""

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        key: ClientKey,
        provider: str,
        http: httpx.AsyncBaseTransport,
        now: Callable[[], datetime],
    ) -> None:
        self._redirect_uri = f"{base_url}/callback"
        self._client_id = client_id
        self._key = key
        self._token_endpoint = f"{provider}/token"
        self._revocation_endpoint = f"{provider}/revoke"
        self._http = http
        self._now = now

    def app(self) -> Starlette:
        """The gateway over HTTP."""
        return Starlette(
            routes=[
                Route("/callback", self._callback),
                Route("/token", self._token, methods=["POST"]),
                Route("/revoke", self._revoke, methods=["POST"]),
            ]
        )

    async def _callback(self, request: Request) -> Response:
        """Hand the browser on: `state` begins with the port and the path of the passport that waits here."""
        asked = request.query_params
        waiting = _STATE.fullmatch(asked.get("state", ""))
        if waiting is None or int(waiting[1]) > 65535:
            return HTMLResponse("<!doctype html><html lang=en><title>Unknown login</title><h1>Unknown login</h1>", 400)
        answer = {name: asked[name] for name in HANDED_ON if name in asked}
        address = f"http://127.0.0.1:{waiting[1]}/{waiting[2]}"  # never anywhere but this machine
        return RedirectResponse(f"{address}?{urlencode(answer)}", 303, _NO_STORE)

    async def _token(self, request: Request) -> Response:
        asked = await _form(request)
        grant_type = asked.get("grant_type", "")
        members = TOKEN_MEMBERS.get(grant_type)
        if members is None:
            return JSONResponse({"error": "unsupported_grant_type"}, 400, _NO_STORE)
        form = {"grant_type": grant_type} | {name: asked.get(name, "") for name in members}
        if grant_type == "authorization_code":
            form["redirect_uri"] = self._redirect_uri
        return await self._ask(self._token_endpoint, form)

    async def _revoke(self, request: Request) -> Response:
        asked = await _form(request)
        form = {"token": asked.get("token", ""), "token_type_hint": "refresh_token"}
        return await self._ask(self._revocation_endpoint, form)

    async def _ask(self, url: str, form: Mapping[str, str]) -> Response:
        signed = {
            "client_id": self._client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._key.assertion(self._client_id, self._token_endpoint, now=self._now()),
        }
        async with httpx.AsyncClient(transport=self._http, trust_env=False) as client:
            try:
                answer = await client.post(url, data=dict(form) | signed)
            except httpx.TransportError:
                return JSONResponse({"error": "temporarily_unavailable"}, 502, _NO_STORE)
        return Response(answer.content, answer.status_code, _NO_STORE, media_type="application/json")


async def _form(request: Request) -> dict[str, str]:
    form = await request.form(max_fields=20, max_part_size=MAX_FORM_BYTES)
    return {name: value for name, value in form.items() if isinstance(value, str)}

"""The stand-in without sockets: an httpx transport that calls ASGI apps in this very process.

For tests and flows that must run with no network at all. Owns only the bridge; answers come from the
same apps that serve.py puts behind sockets. Each request runs an event loop of its own, so it is
called from a thread that has none running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
from starlette.types import ASGIApp


class InProcess(httpx.BaseTransport):
    """Answers requests by the app whose origin (such as "http://127.0.0.1:8101") they are sent to.

    An origin that is not there answers like a closed port, so that `apps` can lose one to play a failure.
    """

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The app's whole answer; raises httpx.ConnectError where there is no app."""
        origin = str(request.url.copy_with(raw_path=b"/")).rstrip("/")
        app = self._apps.get(origin)
        if app is None:
            raise httpx.ConnectError("connection refused", request=request)
        return asyncio.run(_ask(app, request))


async def _ask(app: ASGIApp, request: httpx.Request) -> httpx.Response:
    asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
    answer = await httpx.ASGITransport(app=app).handle_async_request(asked)
    return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

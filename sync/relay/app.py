"""The relay over HTTP: SMART Health Links for viewers, and a small owner's interface for the passport.

    POST   /links/{id}             manifest           for viewers (any origin)
    GET    /links/{id}?recipient=  the sealed file    for viewers, flag U
    GET    /files/{ticket}         a sealed file      location of a manifest, at most 1 hour, may be repeated
    PUT    /links/{id}             keep or renew      Authorization: Bearer owner token
    GET    /links/{id}/openings    who tried          "
    DELETE /links/{id}             end                "

Id and token are 32 random bytes chosen by the owner's passport; only their SHA-256 is kept. Owns the
HTTP form and the tickets, which live in memory: a restart ends them and the manifest gives new ones.
Unknown, ended, expired, used up and somebody else's are one and the same 404. Nothing is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_never

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crypto.errors import TooLarge, Unreadable
from crypto.instants import to_numeric_date
from crypto.tickets import new_ticket
from sync.relay import messages
from sync.relay.folder import LinkFolder
from sync.relay.link import Gone, Opened, PasscodeRefused, SealedFile, StoredLink, new_link, sha256_hex
from sync.request import bearer_token, read_body

TICKET_LIFE = timedelta(minutes=15)  # DESIGN.md §5: link location at most 1 hour
MAX_TICKETS = 10_000
MAX_EMBEDDED_CHARACTERS = 1024 * 1024
RETRY_AFTER_SECONDS = 60  # how soon a viewer of a long-term link may ask again

_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class _Ticket:
    name: str
    generation: int
    index: int
    expires: datetime


@dataclass(slots=True)
class Relay:
    """One relay: its links, its clock, and the address its locations start with."""

    links: LinkFolder
    now: Callable[[], datetime]
    base_url: str
    tickets: dict[str, _Ticket] = field(default_factory=dict, repr=False)

    async def manifest(self, request: Request) -> Response:
        """SMART Health Links manifest request."""
        asked = messages.read_open_request(await read_body(request, messages.MAX_OPEN_REQUEST_BYTES))
        name = _name(request)
        if name is None:
            return _not_found()
        now = self.now()
        outcome = await run_in_threadpool(
            self.links.open, name, recipient=asked.recipient, passcode=asked.passcode, direct=False, now=now
        )
        match outcome:
            case Opened(link):
                return await self._manifest_of(name, link, asked.embeddedLengthMax, now)
            case PasscodeRefused(remaining):
                return JSONResponse({"remainingAttempts": remaining}, 401, _NO_STORE)
            case Gone():
                return _not_found()
            case _:
                assert_never(outcome)

    async def direct_file(self, request: Request) -> Response:
        """The one sealed file of a link with flag U."""
        recipient = request.query_params.get("recipient", "")
        if not recipient:
            raise Unreadable("expected a recipient")
        name = _name(request)
        if name is None:
            return _not_found()
        now = self.now()
        outcome = await run_in_threadpool(
            self.links.open, name, recipient=recipient, passcode=None, direct=True, now=now
        )
        if not isinstance(outcome, Opened):
            return _not_found()
        jwe = await run_in_threadpool(self.links.file, name, outcome.link.generation, 0, now=now)
        return _sealed(jwe, _retry_after(outcome.link))

    async def located_file(self, request: Request) -> Response:
        """A sealed file by the ticket a manifest gave."""
        now = self.now()
        ticket = self.tickets.get(request.path_params["ticket"])
        if ticket is None or now >= ticket.expires:
            return _not_found()
        return _sealed(await run_in_threadpool(self.links.file, ticket.name, ticket.generation, ticket.index, now=now))

    async def keep(self, request: Request) -> Response:
        """Keep a new link (201) or give an active one of this owner new files (200)."""
        owner = _owner(request)
        name = _name(request)
        if owner is None or name is None:
            return _not_found()
        asked = messages.read_link(await read_body(request, messages.MAX_LINK_REQUEST_BYTES))
        now = self.now()
        exp = _end(asked.exp, now)
        files = tuple(SealedFile(file.contentType, len(file.jwe), now) for file in asked.files)
        link = new_link(owner_sha256=owner, passcode=asked.passcode, flag=asked.flag, exp=exp, files=files)
        jwes = [file.jwe for file in asked.files]
        created = await run_in_threadpool(self.links.put, name, link, jwes, now=now)
        return _not_found() if created is None else Response(status_code=201 if created else 200, headers=_NO_STORE)

    async def openings(self, request: Request) -> Response:
        """Every attempt to open, for the owner, oldest first; also after the end."""
        owner, name = _owner(request), _name(request)
        link = None if owner is None or name is None else await run_in_threadpool(self.links.owned, name, owner)
        if link is None:
            return _not_found()
        attempts = [
            {"at": to_numeric_date(attempt.at), "recipient": attempt.recipient, "opened": attempt.opened}
            for attempt in link.openings
        ]
        active = link.active(self.now())
        body = {"active": active, "remaining": link.remaining, "attempts": link.attempts, "openings": attempts}
        return JSONResponse(body, headers=_NO_STORE)

    async def end(self, request: Request) -> Response:
        """End a link at once and for good."""
        owner, name = _owner(request), _name(request)
        if owner is None or name is None:
            return _not_found()
        ended = await run_in_threadpool(self.links.end, name, owner, now=self.now())
        return Response(status_code=204, headers=_NO_STORE) if ended else _not_found()

    async def _manifest_of(self, name: str, link: StoredLink, embed_up_to: int | None, now: datetime) -> Response:
        embed_up_to = 0 if embed_up_to is None else min(embed_up_to, MAX_EMBEDDED_CHARACTERS)
        files = []
        for index, file in enumerate(link.files):
            described = {"contentType": file.content_type, "lastUpdated": _instant(file.last_updated)}
            if file.length <= embed_up_to:
                jwe = await run_in_threadpool(self.links.file, name, link.generation, index, now=now)
                if jwe is None:  # ended between two reads
                    return _not_found()
                described["embedded"] = jwe
            else:
                described["location"] = self._location(_Ticket(name, link.generation, index, now + TICKET_LIFE), now)
            files.append(described)
        body = {"status": "can-change" if link.long_term else "finalized", "files": files}
        return JSONResponse(body, headers=_NO_STORE | _retry_after(link))

    def _location(self, ticket: _Ticket, now: datetime) -> str:
        if len(self.tickets) >= MAX_TICKETS:
            self.tickets = {key: kept for key, kept in self.tickets.items() if now < kept.expires}
        if len(self.tickets) >= MAX_TICKETS:
            del self.tickets[next(iter(self.tickets))]  # the oldest
        key = new_ticket()
        self.tickets[key] = ticket
        return f"{self.base_url}/files/{key}"


def relay_app(folder: Path, *, base_url: str, now: Callable[[], datetime]) -> Starlette:
    """The relay's ASGI app over the links in `folder`; `base_url` is its public address without a closing slash."""
    relay = Relay(LinkFolder(folder), now, base_url)
    relay.links.sweep(now=now())
    routes = [
        Route("/links/{id}", relay.manifest, methods=["POST"]),
        Route("/links/{id}", relay.direct_file, methods=["GET"]),
        Route("/links/{id}", relay.keep, methods=["PUT"]),
        Route("/links/{id}", relay.end, methods=["DELETE"]),
        Route("/links/{id}/openings", relay.openings, methods=["GET"]),
        Route("/files/{ticket}", relay.located_file, methods=["GET"]),
    ]
    viewers = Middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["content-type"],
        expose_headers=["retry-after"],
    )
    handlers = {Unreadable: _malformed, TooLarge: _too_large}
    return Starlette(routes=routes, middleware=[viewers], exception_handlers=handlers)


def _end(exp: int, now: datetime) -> datetime:
    latest = now + timedelta(days=messages.MAX_LIFE_DAYS)
    if not to_numeric_date(now) < exp <= to_numeric_date(latest):
        raise Unreadable("expected an end after now, within a year")
    return datetime.fromtimestamp(exp, UTC)


def _name(request: Request) -> str | None:
    link_id = request.path_params["id"]
    return sha256_hex(link_id) if messages.is_ticket(link_id) else None


def _owner(request: Request) -> str | None:
    token = bearer_token(request)
    return sha256_hex(token) if messages.is_ticket(token) else None


def _retry_after(link: StoredLink) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if link.long_term else {}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sealed(jwe: str | None, headers: dict[str, str] | None = None) -> Response:
    if jwe is None:
        return _not_found()
    return PlainTextResponse(jwe, media_type="application/jose", headers=_NO_STORE | (headers or {}))


def _not_found() -> Response:
    return JSONResponse({"error": "not found"}, 404, _NO_STORE)


async def _malformed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "malformed request"}, 400, _NO_STORE)


async def _too_large(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "request too large"}, 413, _NO_STORE)

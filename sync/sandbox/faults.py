"""What can be made to go wrong with the stand-in, by name, while it runs (FAULTS.md has the table).

Owns the names, which of them are on, and the wrappers around the surgery and the trust repository that change
what is served. Nothing that lies on disk is spoiled: off again, the next answer is the genuine one. The hospital
is always right, so that one can see it come through. Of several faults that are on, the first in the table
has its say. What is done to an update is spoiling.py; switching over the network is control.py.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.sandbox import lines, spoiling
from sync.sandbox.holder import FHIR_JSON, SignedUpdate
from sync.sandbox.repository import TrustRepository
from sync.sandbox.spoiling import Hands, Spoil, Spoiled

RETRY_AFTER_SECONDS: Final = 120
DRIP_SECONDS: Final = 0.25
"""One byte of an answer in so much time: a record of 4 kB takes 17 minutes."""

LONG_AGO: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""Past its time on any clock, also on a wrong one."""

_CONDITIONAL: Final = {b"if-none-match", b"if-modified-since", b"if-range", b"range"}
"""What would make the genuine service answer with less than a whole answer to change."""


@dataclass(frozen=True, slots=True)
class Served:
    """An answer of a service; header names are lower case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = field(repr=False)

    def holding(self, body: bytes, media_type: str | None = None) -> Served:
        """This answer over another body, with nothing said of the body it had."""
        gone = {b"content-length", b"etag", b"last-modified", b"accept-ranges"}
        kept = [header for header in self.headers if header[0] not in gone]
        if media_type is not None:
            kept = [header for header in kept if header[0] != b"content-type"]
            kept.append((b"content-type", media_type.encode("ascii")))
        return Served(self.status, (*kept, (b"content-length", str(len(body)).encode("ascii"))), body)


@dataclass(frozen=True, slots=True)
class UpdateFault:
    """The surgery's newest update is served spoiled; `renamed`: its head names the spoiled one too."""

    name: str
    spoil: Spoil
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """The surgery answers with something else; `head_too`: also when asked how far its feed goes."""

    name: str
    answer: Callable[[Served], Served]
    head_too: bool = True


@dataclass(frozen=True, slots=True)
class LineFault:
    """The surgery's updates come over a connection that fails; needs sockets."""

    name: str
    deliver: Callable[[Served, Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ListFault:
    """The trust repository serves something else than its newest files."""

    name: str


Fault = UpdateFault | AnswerFault | LineFault | ListFault


class Faults:
    """The faults of one stand-in. `feed` gives the genuine feed of a pairwise id, `hands` the keys of today."""

    def __init__(
        self,
        *,
        repository: TrustRepository,
        feed: Callable[[str], Sequence[SignedUpdate]],
        hands: Callable[[], Hands],
        now: Callable[[], datetime],
    ) -> None:
        self._repository = repository
        self._feed = feed
        self._hands = hands
        self._now = now
        self._on: set[str] = set()
        self._spoiled: dict[tuple[str, str], Spoiled] = {}
        self._files: dict[str, bytes] = {}

    @property
    def on(self) -> tuple[str, ...]:
        """The faults that are on, in the order of the table."""
        return tuple(name for name in FAULTS if name in self._on)

    def switch(self, name: str, on: bool) -> None:
        """Switch a fault; raises KeyError for a name that is not in the table."""
        fault = FAULTS[name]
        if not on:
            self._on.discard(name)
            return
        if isinstance(fault, ListFault):
            self._files = {**self._files, **self._prepared(name)}
        if name == "revoked_key":
            self._list_retired_key()
        self._on.add(name)

    def around_surgery(self, app: ASGIApp) -> ASGIApp:
        """The surgery's app, with what is on."""

        async def surgery(scope: Scope, receive: Receive, send: Send) -> None:
            asked = scope["path"].rsplit("/", 1)[-1]
            fault = self._first(UpdateFault, AnswerFault, LineFault)
            if fault is None or asked not in ("$feed-head", "$health-cards-issue"):
                await app(scope, receive, send)
                return
            served = await _served(app, scope, receive)
            if isinstance(fault, AnswerFault) and (fault.head_too or asked != "$feed-head"):
                await _send(fault.answer(served), send)
            elif isinstance(fault, LineFault) and asked != "$feed-head":
                await fault.deliver(served, scope, receive, send)
            elif isinstance(fault, UpdateFault) and served.status == 200:
                sub = scope["path"].split("/")[2]
                await _send(await run_in_threadpool(self._spoil, fault, served, sub, asked), send)
            else:
                await _send(served, send)

        return surgery

    def around_repository(self, app: ASGIApp) -> ASGIApp:
        """The trust repository's app, with what is on."""

        async def repository(scope: Scope, receive: Receive, send: Send) -> None:
            fault = self._first(ListFault)
            name = scope["path"].rsplit("/", 1)[-1]
            instead = None if fault is None else self._files.get(f"{fault.name}/{name}")
            if instead is None:
                await app(scope, receive, send)
            else:
                served = await _served(app, scope, receive)
                await _send(replace(served, status=200).holding(instead, "application/json"), send)

        return repository

    def _first(self, *kinds: type[Fault]) -> Fault | None:
        return next((FAULTS[name] for name in self.on if isinstance(FAULTS[name], kinds)), None)

    # ---- the surgery's updates ------------------------------------------------------------

    def _spoil(self, fault: UpdateFault, served: Served, sub: str, asked: str) -> Served:
        newest = self._feed(sub)[-1]
        spoiled = self._spoiled_once(fault, newest)
        if asked == "$health-cards-issue":
            body = json.loads(served.body)
            for item in body["parameter"]:
                if item.get("valueString") == newest.token:
                    item["valueString"] = spoiled.token
            return served.holding(json.dumps(body).encode("ascii"))
        if not fault.renamed:
            return served
        head = spoiling.head_naming(spoiled, served.body.decode("ascii"), self._hands(), now=self._now())
        return served.holding(head.encode("ascii"))

    def _spoiled_once(self, fault: UpdateFault, newest: SignedUpdate) -> Spoiled:
        """The same spoiled update each time it is asked for: a head names it by its hash."""
        known = fault.name, hashlib.sha256(newest.token.encode("ascii")).hexdigest()
        if known not in self._spoiled:
            self._spoiled[known] = fault.spoil(newest, self._hands())
        return self._spoiled[known]

    def _list_retired_key(self) -> None:
        """The list names the retired key as the surgery's, and as revoked long ago."""
        hands = self._hands()
        if not self._repository.is_revoked(hands.iss, hands.retired.public.kid):
            self._repository.list_key(hands.iss, hands.retired.public.to_jwk())
            self._repository.revoke_key(hands.iss, hands.retired.public.kid, at=LONG_AGO)
            self._repository.publish(now=self._now())

    # ---- the trust repository's files -----------------------------------------------------

    def _prepared(self, name: str) -> Mapping[str, bytes]:
        """The files that are served in the place of the newest, by fault and name; as they are from now on."""
        repository = self._repository
        if name == "freeze":
            return {"freeze/timestamp.json": repository.timestamp()}
        if name == "expired":
            return {"expired/timestamp.json": repository.timestamp_ending(LONG_AGO)}
        if repository.timestamp_before() is None:
            repository.publish(now=self._now())
        before = repository.timestamp_before()
        assert before is not None
        if name == "rollback":
            return {"rollback/timestamp.json": before}
        return {f"mixed/{newest}": older for newest, older in repository.snapshot_and_the_one_before().items()}


# ---- answers --------------------------------------------------------------------------------


def _outcome(status: int, code: str) -> Callable[[Served], Served]:
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]})
    return lambda served: replace(served, status=status).holding(body.encode("ascii"), FHIR_JSON)


def _too_many(served: Served) -> Served:
    refused = _outcome(429, "throttled")(served)
    return replace(refused, headers=(*refused.headers, (b"retry-after", str(RETRY_AFTER_SECONDS).encode("ascii"))))


def _web_page(served: Served) -> Served:
    return served.holding(b"<!doctype html><title>Sign in to the guest network</title>", "text/html")


# ---- connections ----------------------------------------------------------------------------


async def _drip(served: Served, scope: Scope, receive: Receive, send: Send) -> None:
    """One byte at a time until the other side has had enough."""
    await send(_start(served))
    for at in range(len(served.body)):
        if await _left(receive):
            return
        await send({"type": "http.response.body", "body": served.body[at : at + 1], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _truncate(served: Served, scope: Scope, receive: Receive, send: Send) -> None:
    await _send_half(served, send)
    lines.cut(scope)
    await _gone(receive)


async def _reset(served: Served, scope: Scope, receive: Receive, send: Send) -> None:
    await _send_half(served, send)
    lines.reset(scope)
    await _gone(receive)


async def _send_half(served: Served, send: Send) -> None:
    await send(_start(served))
    await send({"type": "http.response.body", "body": served.body[: len(served.body) // 2], "more_body": True})


async def _left(receive: Receive) -> bool:
    """Whether the other side closed its end within the time of one drip."""
    try:
        message = await asyncio.wait_for(receive(), DRIP_SECONDS)
    except TimeoutError:
        return False
    return bool(message["type"] == "http.disconnect")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# ---- ASGI -----------------------------------------------------------------------------------


async def _served(app: ASGIApp, scope: Scope, receive: Receive) -> Served:
    """The whole genuine answer of a service, as if nothing had been asked only in part."""
    whole = {**scope, "headers": [header for header in scope["headers"] if header[0] not in _CONDITIONAL]}
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(whole, receive, keep)
    start, *parts = messages
    headers = tuple((bytes(name).lower(), bytes(value)) for name, value in start["headers"])
    body = b"".join(part.get("body", b"") for part in parts)
    return Served(start["status"], headers, body).holding(body)


def _start(served: Served) -> Message:
    return {"type": "http.response.start", "status": served.status, "headers": list(served.headers)}


async def _send(served: Served, send: Send) -> None:
    await send(_start(served))
    await send({"type": "http.response.body", "body": served.body})


_ALL: Final[tuple[Fault, ...]] = (
    ListFault("expired"),
    ListFault("rollback"),
    ListFault("freeze"),
    ListFault("mixed"),
    UpdateFault("wrong_key", spoiling.wrong_key),
    UpdateFault("foreign_kid", spoiling.foreign_kid),
    UpdateFault("revoked_key", spoiling.revoked_key),
    UpdateFault("tampered", spoiling.tampered),
    UpdateFault("other_patient", spoiling.other_patient, renamed=True),
    UpdateFault("gap", spoiling.gap, renamed=True),
    UpdateFault("fork", spoiling.fork, renamed=True),
    UpdateFault("huge", spoiling.huge),
    UpdateFault("zip_bomb", spoiling.zip_bomb),
    LineFault("slow_drip", _drip),
    LineFault("reset", _reset),
    LineFault("truncated", _truncate),
    AnswerFault("429", _too_many),
    AnswerFault("5xx", _outcome(500, "exception")),
    AnswerFault("not_json", _web_page, head_too=False),
)

FAULTS: Final[Mapping[str, Fault]] = {fault.name: fault for fault in _ALL}
"""Every fault by its name, in the order of FAULTS.md."""

"""One record holder of the stand-in: it signs updates of its patients' records and hands them to their owner (D1).

Owns its signing key and, for each patient, a feed of signed updates in order, on disk: the same key and
the same feeds after every start. Speaks `$health-cards-issue` of HL7 SMART Health Cards STU1 with
`_since`, page by page for who asks with `_count` (the next page is a GET with `_after`, the number of the last
update: a feed only grows, so pages never shift), and with the credential type of an emergency summary one card that
fits a code, made anew of the last update (emergency_summary.py). `$feed-head` of our own has an ETag for the state of
the feed (weak: each head is signed anew); keys are published; refusals are FHIR OperationOutcomes, and who asks comes
before what is asked. Whom a token speaks for is asked of whoever made the holder (login.py).
It trusts the Bundles it is given and knows nothing of passports.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crypto import json_text, jws
from crypto.bundle import EMERGENCY_TYPE, HEALTH_CARD_TYPE
from crypto.errors import NotFhir, NotJson, TooLarge
from crypto.instants import from_numeric_date
from crypto.keys import Issuer, SigningKey
from crypto.tickets import new_ticket
from crypto.update import read_update, token_hash, write_head, write_update
from sync.files import write_whole
from sync.request import bearer_token, read_body
from sync.sandbox.emergency_summary import emergency_card

HEAD_LIFE: Final = timedelta(hours=1)
"""How long a head stands for "there is nothing newer"."""

KEY_FILE: Final = "signing.key"
RETIRED_KEYS_FILE: Final = "retired-keys.json"
MAX_REQUEST_BYTES: Final = 64 * 1024
MAX_NUMBER_DIGITS: Final = 9
MAX_PAGE_UPDATES: Final = 100
MAX_PAGE_BYTES: Final = 4 * 1024 * 1024
"""A page ends before it would be larger, unless one update alone is."""

FHIR_JSON: Final = "application/fhir+json"

_NO_STORE: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class SignedUpdate:
    """One update of a feed as it lies on disk."""

    feed: str
    seq: int
    signed_at: datetime
    token: str = field(repr=False)


class RecordHolder:
    """The holder `issuer`, with its state in `folder`.

    `subject_of` gives the pairwise id a bearer token speaks for at this holder, None for a token that is
    unknown or past its time. `now` gives aware UTC datetimes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        issuer: Issuer,
        subject_of: Callable[[str], str | None],
        now: Callable[[], datetime],
    ) -> None:
        self.issuer = issuer
        self._folder = folder
        self._subject_of = subject_of
        self._now = now
        self._key = stored_signing_key(folder / KEY_FILE)
        self._feeds: dict[str, list[SignedUpdate]] = {}
        self._lock = threading.Lock()

    @property
    def jwks(self) -> list[dict[str, str]]:
        """The public keys, as its jwks.json and the trust list give them: the one in use first."""
        kept = self._folder / RETIRED_KEYS_FILE
        return [self._key.public.to_jwk(), *(json.loads(kept.read_bytes()) if kept.exists() else [])]

    def rotate_key(self) -> None:
        """Sign with a new key from now on; the one before stays in `jwks`, for what it signed."""
        with self._lock:
            write_whole(self._folder / RETIRED_KEYS_FILE, json.dumps(self.jwks).encode("ascii"))
            fresh = SigningKey.generate()
            write_whole(self._folder / KEY_FILE, fresh.to_bytes())
            self._key = fresh

    def append_update(self, sub: str, bundle: Mapping[str, Any] | bytes, *, fhir_version: str) -> str:
        """Sign `bundle` as the next update of the feed of `sub`; it is on disk before its JWS is returned.

        JSON text goes into the update as it is, so that numbers keep their digits.
        """
        now = self._now()
        with self._lock:
            updates = self._feed(sub)
            last = updates[-1] if updates else None
            feed, seq = (last.feed, last.seq + 1) if last else (new_ticket(), 1)
            token = write_update(
                bundle if isinstance(bundle, bytes) else json_text.dump(bundle),
                fhir_version=fhir_version,
                iss=self.issuer.iss,
                sub=sub,
                feed=feed,
                seq=seq,
                prev=token_hash(last.token) if last else None,
                nbf=now,
                key=self._key,
            )
            write_whole(self._feed_folder(sub) / f"{seq:06}.jws", token.encode("ascii"))
            self._feeds[sub] = [*updates, SignedUpdate(feed, seq, now.replace(microsecond=0), token)]
        return token

    def updates(self, sub: str) -> list[SignedUpdate]:
        """The feed of `sub`, oldest first; empty when there is none."""
        with self._lock:
            return list(self._feed(sub))

    def app(self) -> Starlette:
        """The holder over HTTP, rooted at its base URL."""
        return Starlette(
            routes=[
                Route("/.well-known/jwks.json", self._jwks),
                Route("/Patient/{sub}/$feed-head", self._feed_head),
                Route("/Patient/{sub}/$health-cards-issue", self._health_cards_issue, methods=["POST"]),
                Route("/Patient/{sub}/$health-cards-issue", self._next_page, methods=["GET"]),
            ]
        )

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": self.jwks}, headers={"Access-Control-Allow-Origin": "*"})

    async def _feed_head(self, request: Request) -> Response:
        try:
            updates = await run_in_threadpool(self._authorised_feed, request)
        except _Refused as refused:
            return refused.response
        last, now = updates[-1], self._now()
        etag = f'W/"{last.feed}.{last.seq}.{token_hash(last.token)}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=_NO_STORE | {"ETag": etag})
        token = write_head(
            iss=self.issuer.iss,
            feed=last.feed,
            sub=request.path_params["sub"],
            seq=last.seq,
            head=token_hash(last.token),
            iat=now,
            exp=now + HEAD_LIFE,
            key=self._key,
        )
        return Response(token, media_type="application/jose", headers=_NO_STORE | {"ETag": etag})

    async def _health_cards_issue(self, request: Request) -> Response:
        try:
            updates = await run_in_threadpool(self._authorised_feed, request)
            asked = _read_issue_parameters(await _body(request))
        except _Refused as refused:
            return refused.response
        if EMERGENCY_TYPE in asked.types:
            return await run_in_threadpool(self._emergency_card, updates[-1])
        wanted = updates if HEALTH_CARD_TYPE in asked.types else []
        return _page([u for u in wanted if asked.since is None or u.signed_at >= asked.since], asked.count)

    def _emergency_card(self, newest: SignedUpdate) -> Response:
        """One card of what the last update holds; no card where the person alone fills a code, or none is inside."""
        held = read_update(jws.read_unverified(newest.token)).bundle
        try:
            card = emergency_card(held, self._key, iss=self.issuer.iss, now=self._now())
        except NotFhir:
            card = None
        cards = [] if card is None else [{"name": "verifiableCredential", "valueString": card}]
        return _fhir({"resourceType": "Parameters", "parameter": cards}, 200)

    async def _next_page(self, request: Request) -> Response:
        try:
            updates = await run_in_threadpool(self._authorised_feed, request)
            after = _read_number(request.query_params.get("_after"), "_after")
            count = _read_number(request.query_params.get("_count"), "_count")
        except _Refused as refused:
            return refused.response
        return _page([update for update in updates if update.seq > after], count)

    def _authorised_feed(self, request: Request) -> list[SignedUpdate]:
        """The feed asked for: (1) a good token, (2) which speaks for this patient, (3) who has a record here."""
        token = bearer_token(request)
        subject = self._subject_of(token) if token else None
        if subject is None:
            raise _Refused(401, "login", "expected a bearer token that is not past its time")
        if subject != request.path_params["sub"]:
            raise _Refused(403, "forbidden", "expected the token's own patient")
        updates = self.updates(subject)
        if not updates:
            raise _Refused(404, "not-found", "expected a record of this patient, found none")
        return updates

    def _feed(self, sub: str) -> list[SignedUpdate]:
        if sub not in self._feeds:
            files = sorted(self._feed_folder(sub).glob("*.jws"))
            self._feeds[sub] = [_signed_update(path.read_bytes().decode("ascii")) for path in files]
        return self._feeds[sub]

    def _feed_folder(self, sub: str) -> Path:
        """A folder whose name tells nothing and is safe whatever the id holds."""
        return self._folder / "feeds" / hashlib.sha256(sub.encode("utf-8")).hexdigest()


class _Refused(Exception):
    """A request that gets an OperationOutcome."""

    def __init__(self, status: int, code: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
        self.response = _fhir({"resourceType": "OperationOutcome", "issue": [issue]}, status)
        if status == 401:
            self.response.headers["WWW-Authenticate"] = "Bearer"


def _fhir(content: Mapping[str, Any], status: int) -> Response:
    return JSONResponse(content, status, media_type=FHIR_JSON, headers=_NO_STORE)


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request, MAX_REQUEST_BYTES)
    except TooLarge as error:
        raise _Refused(413, "too-long", f"expected at most {MAX_REQUEST_BYTES} bytes") from error


def _page(updates: Sequence[SignedUpdate], count: int | None) -> Response:
    """The first `count` of these updates (all where it is None) and where the next page is."""
    shown = list(updates) if count is None else _first(updates, min(max(count, 1), MAX_PAGE_UPDATES))
    parameters = [{"name": "verifiableCredential", "valueString": update.token} for update in shown]
    if len(shown) < len(updates):
        query = urlencode({"credentialType": HEALTH_CARD_TYPE, "_after": shown[-1].seq, "_count": count})
        parameters.append({"name": "next", "valueUri": f"?{query}"})
    return _fhir({"resourceType": "Parameters", "parameter": parameters}, 200)


def _first(updates: Sequence[SignedUpdate], count: int) -> list[SignedUpdate]:
    """At least one update and at most `count`, within MAX_PAGE_BYTES."""
    sizes = accumulate(len(update.token) for update in updates[:count])
    return list(updates[: max(1, sum(size <= MAX_PAGE_BYTES for size in sizes))])


@dataclass(frozen=True, slots=True)
class _Asked:
    """The credential types asked for, the time from which updates are wanted, how many at once."""

    types: set[str]
    since: datetime | None
    count: int | None


def _read_issue_parameters(body: bytes) -> _Asked:
    try:
        parameters = json_text.parse_object(body)
    except NotJson as error:
        raise _Refused(400, "structure", "expected a FHIR Parameters resource as JSON") from error
    items = parameters.get("parameter")
    if parameters.get("resourceType") != "Parameters" or not isinstance(items, list):
        raise _Refused(400, "structure", "expected a FHIR Parameters resource")
    named = [(item.get("name"), item) for item in items if isinstance(item, dict)]
    types = {str(item.get("valueUri", item.get("valueString"))) for name, item in named if name == "credentialType"}
    if not types:
        raise _Refused(400, "required", "expected credentialType")
    since = [item.get("valueDateTime", item.get("valueInstant")) for name, item in named if name == "_since"]
    count = [item.get("valueInteger") for name, item in named if name == "_count"]
    return _Asked(
        types, _read_since(since[0]) if since else None, _read_number(str(count[0]), "_count") if count else None
    )


def _read_number(text: str | None, name: str) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > MAX_NUMBER_DIGITS:
        raise _Refused(400, "value", f"expected {name} as a whole number")
    return int(text)


def _read_since(value: object) -> datetime:
    try:
        since = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise _Refused(400, "value", "expected _since as a dateTime") from error
    return since if since.tzinfo is not None else since.replace(tzinfo=UTC)


def _signed_update(token: str) -> SignedUpdate:
    claims = jws.read_unverified(token).claims
    return SignedUpdate(claims["feed"], claims["seq"], from_numeric_date(claims["nbf"], name="nbf"), token)


def stored_signing_key(path: Path) -> SigningKey:
    """The key in the 0600 file at `path`, made at random when there is none."""
    if not path.exists():
        write_whole(path, SigningKey.generate().to_bytes())
    return SigningKey.from_bytes(path.read_bytes())

"""One record holder of the stand-in: it signs updates of its patients' records and hands them to their owner (D1).

Owns its signing key and, for each patient, a feed of signed updates in order, on disk: the same key and
the same feeds after every start. Speaks `$health-cards-issue` of HL7 SMART Health Cards STU1 with
`_since`, `$feed-head` of our own, and publishes its keys; refusals are FHIR OperationOutcomes, and who
asks comes before what is asked. Whom a token speaks for is asked of whoever made the holder (login.py).
It trusts the Bundles it is given and knows nothing of passports.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crypto import json_text, jws
from crypto.bundle import HEALTH_CARD_TYPE
from crypto.errors import NotJson, TooLarge
from crypto.instants import from_numeric_date
from crypto.keys import Issuer, SigningKey
from crypto.tickets import new_ticket
from crypto.update import token_hash, write_head, write_update
from sync.files import write_whole
from sync.request import bearer_token, read_body

HEAD_LIFE: Final = timedelta(hours=1)
"""How long a head stands for "there is nothing newer"."""

KEY_FILE: Final = "signing.key"
RETIRED_KEYS_FILE: Final = "retired-keys.json"
MAX_REQUEST_BYTES: Final = 64 * 1024
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
        return Response(token, media_type="application/jose", headers=_NO_STORE)

    async def _health_cards_issue(self, request: Request) -> Response:
        try:
            updates = await run_in_threadpool(self._authorised_feed, request)
            types, since = _read_issue_parameters(await _body(request))
        except _Refused as refused:
            return refused.response
        asked = [] if HEALTH_CARD_TYPE not in types else [u for u in updates if since is None or u.signed_at >= since]
        parameters = [{"name": "verifiableCredential", "valueString": update.token} for update in asked]
        return _fhir({"resourceType": "Parameters", "parameter": parameters}, 200)

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


def _read_issue_parameters(body: bytes) -> tuple[set[str], datetime | None]:
    """The credential types asked for, and the time from which updates are wanted."""
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
    return types, _read_since(since[0]) if since else None


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

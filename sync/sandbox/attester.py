"""The stand-in's record service: vouches that a device key is the passport of whoever is logged in (D6).

Owns the one request and its checks: a live access token, and proof that the device holds the key
(sync/records.py, `possession_message`). What an attestation says is crypto/attestation.py. No such
service exists today: this is our proposal (D15).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crypto import attestation, json_text
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import NotBelieved, Unreadable
from crypto.keys import Issuer, SigningKey, VerifyingKey
from sync.records import possession_message
from sync.request import bearer_token
from sync.sandbox.login import Access

ATTESTED_FOR: Final = timedelta(days=30)
MAX_REQUEST_BYTES: Final = 4 * 1024


class Attester:
    """The record service `issuer` (kind "service") with its key; `identify` says whom a token speaks for."""

    def __init__(
        self,
        issuer: Issuer,
        key: SigningKey,
        *,
        identify: Callable[[str], Access | None],
        now: Callable[[], datetime],
    ) -> None:
        self._issuer = issuer
        self._key = key
        self._identify = identify
        self._now = now

    def app(self) -> Starlette:
        """The service over HTTP."""
        return Starlette(
            routes=[
                Route("/device-attestation", self._attest, methods=["POST"]),
                Route("/.well-known/jwks.json", self._jwks),
            ]
        )

    async def _attest(self, request: Request) -> Response:
        token = bearer_token(request)
        access = self._identify(token)
        if access is None:
            return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": "Bearer"})
        if int(request.headers.get("content-length", MAX_REQUEST_BYTES + 1)) > MAX_REQUEST_BYTES:
            return JSONResponse({"error": "request too large"}, 413)
        try:
            wire = self._attested(access, token, await request.body())
        except Unreadable:
            return JSONResponse({"error": "malformed request or person without number, birth date and name"}, 422)
        except NotBelieved:
            return JSONResponse({"error": "the device does not hold this key"}, 403)
        return JSONResponse({"attestation": b64url_encode(wire)}, headers={"Cache-Control": "no-store"})

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.public.to_jwk()]}, headers={"Access-Control-Allow-Origin": "*"})

    def _attested(self, access: Access, token: str, body: bytes) -> bytes:
        asked = json_text.parse_object(body)
        device_key = VerifyingKey.from_compressed(b64url_decode(str(asked.get("device_key", ""))))
        device_key.verify(b64url_decode(str(asked.get("proof", ""))), possession_message(token))
        subject = attestation.Subject(access.nhs_number, access.birth_date, access.name)
        now = self._now()
        exp = now + ATTESTED_FOR
        return attestation.issue(subject, device_key, self._issuer.ods, self._key, iat=now, exp=exp)

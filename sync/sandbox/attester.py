"""The stand-in's record service: vouches that a device key is the passport of whoever is logged in (D6).

Owns the one request and its checks: a live access token, proof that the device holds the key
(sync/records.py, `possession_message`), and that the key was not revoked. What an attestation says is
crypto/attestation.py. `revoke_devices` and POST /control/revoke {"person": ID} are what a real service does
for a person who reports a lost phone. No such service exists today: this is our proposal (D15).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crypto import attestation, json_text
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import DeviceRevoked, NotBelieved, NotJson, Unreadable
from crypto.keys import Issuer, SigningKey, VerifyingKey
from sync.files import write_whole
from sync.records import DEVICE_REVOKED, possession_message
from sync.request import bearer_token
from sync.sandbox.login import Access

ATTESTED_FOR: Final = timedelta(days=90)  # the longest there is (crypto/attestation.py)
MAX_REQUEST_BYTES: Final = 4 * 1024


class Attester:
    """The record service `issuer` (kind "service") with its key; `identify` says whom a token speaks for.

    Which keys it has attested for whom, and which of them count no more, it keeps in `folder`.
    """

    def __init__(
        self,
        issuer: Issuer,
        key: SigningKey,
        *,
        folder: Path,
        identify: Callable[[str], Access | None],
        now: Callable[[], datetime],
    ) -> None:
        self._issuer = issuer
        self._key = key
        self._identify = identify
        self._now = now
        self._path = folder / "devices.json"
        stored = json.loads(self._path.read_bytes()) if self._path.exists() else {}
        self._known: dict[str, list[str]] = stored.get("attested", {})
        self._revoked: list[str] = stored.get("revoked", [])

    def revoke_devices(self, person_id: str) -> int:
        """Every device vouched for as this person's so far is lost from now on; returns how many."""
        lost = self._known.pop(person_id, [])
        self._revoked += lost
        self._keep()
        return len(lost)

    def app(self) -> Starlette:
        """The service over HTTP."""
        return Starlette(
            routes=[
                Route("/device-attestation", self._attest, methods=["POST"]),
                Route("/control/revoke", self._revoke, methods=["POST"]),
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
        except DeviceRevoked:
            return JSONResponse({"error": DEVICE_REVOKED}, 403)
        except Unreadable:
            return JSONResponse({"error": "malformed request or person without number, birth date and name"}, 422)
        except NotBelieved:
            return JSONResponse({"error": "the device does not hold this key"}, 403)
        return JSONResponse({"attestation": b64url_encode(wire)}, headers={"Cache-Control": "no-store"})

    async def _revoke(self, request: Request) -> Response:
        try:
            person_id = str(json_text.parse_object(await request.body()).get("person", ""))
        except NotJson:
            person_id = ""
        return JSONResponse({"revoked": self.revoke_devices(person_id)})

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.public.to_jwk()]}, headers={"Access-Control-Allow-Origin": "*"})

    def _attested(self, access: Access, token: str, body: bytes) -> bytes:
        asked = json_text.parse_object(body)
        device_key = VerifyingKey.from_compressed(b64url_decode(str(asked.get("device_key", ""))))
        device_key.verify(b64url_decode(str(asked.get("proof", ""))), possession_message(token))
        self._note(access.person_id, device_key.kid)
        subject = attestation.Subject(access.nhs_number, access.birth_date, access.name)
        now = self._now()
        exp = now + ATTESTED_FOR
        return attestation.issue(subject, device_key, self._issuer.ods, self._key, iat=now, exp=exp)

    def _note(self, person_id: str, kid: str) -> None:
        """Keep that this key is attested for this person; raises DeviceRevoked where it was revoked."""
        if kid in self._revoked:
            raise DeviceRevoked("expected a device key in use, found a revoked one")
        known = self._known.setdefault(person_id, [])
        if kid not in known:
            known.append(kid)
            self._keep()

    def _keep(self) -> None:
        write_whole(self._path, json.dumps({"attested": self._known, "revoked": self._revoked}).encode("utf-8"))

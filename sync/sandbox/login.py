"""The stand-in's login: an OpenID provider in the shape of NHS login, for made-up people.

Owns discovery, authorise, token (authorisation code with PKCE S256, refresh), revoke, userinfo and keys;
vector of trust P9; access 5 minutes, id_token 60 minutes, refresh 30 days from the login. Like NHS login
it lets confidential clients in only (client_assertion.py). It asks no password: choosing a person on its
page is enough, or naming one with `prompt=none&login_hint=ID`. Codes and access tokens live in memory,
refresh tokens in refresh_tokens.py.
Unlike NHS login its id_token names this person's pairwise id at each record holder (`record_subjects`):
our proposal, no existing claim (D15). `withdraw` and POST /control/withdraw {"person": ID} are what a real
provider does on a page of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from crypto import json_text
from crypto.encoding import b64url_encode
from crypto.errors import LoginFailed, NotJson
from crypto.instants import to_numeric_date
from crypto.tickets import new_ticket
from sync.files import write_whole
from sync.request import bearer_token
from sync.sandbox.client_assertion import AssertionCheck
from sync.sandbox.login_page import ALLOW, consent_page
from sync.sandbox.people import HolderKind, MadeUpPerson
from sync.sandbox.refresh_tokens import Consent, RefreshTokens

CLIENT_ID: Final = "patient-passport"
CODE_LIFE: Final = timedelta(minutes=1)
ACCESS_LIFE: Final = timedelta(minutes=5)
ID_TOKEN_LIFE: Final = timedelta(minutes=60)
REFRESH_LIFE: Final = timedelta(days=30)
MAX_FORM_BYTES: Final = 16 * 1024
VECTOR: Final = "P9.Cp.Cd"

_NO_STORE: Final = {"Cache-Control": "no-store"}
_PAGE: Final = _NO_STORE | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

ClientKeys = Callable[[], Sequence[Mapping[str, Any]]]
"""The public keys registered for the one client, as JWKs."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whom an access token speaks for. `subjects` gives the pairwise id at each holder with a record, by `iss`."""

    person_id: str
    subjects: Mapping[str, str] = field(repr=False)
    nhs_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code or a token stands for, and until when."""

    person_id: str
    expires: datetime
    nonce: str = field(default="", repr=False)
    challenge: str = field(default="", repr=False)


class Login:
    """The provider at `base_url` for `people`; `holders` gives the `iss` of each kind of record holder.

    It knows one client, by `client_keys`, and sends a browser back to `redirect_uri` only.
    """

    def __init__(
        self,
        folder: Path,
        *,
        base_url: str,
        people: Sequence[MadeUpPerson],
        holders: Mapping[HolderKind, str],
        redirect_uri: str,
        client_keys: ClientKeys,
        now: Callable[[], datetime],
    ) -> None:
        self._key = _signing_key(folder / "login-key.json")
        self._pairwise_secret = _secret(folder / "pairwise-secret")
        self._base_url = base_url
        self._people = {person.id: person for person in people}
        self._holders = dict(holders)
        self._redirect_uri = redirect_uri
        self._client = AssertionCheck(client_id=CLIENT_ID, audience=f"{base_url}/token", jwks=client_keys)
        self._now = now
        self._codes: dict[str, _Grant] = {}
        self._access: dict[str, _Grant] = {}
        self._refresh = RefreshTokens(folder / "refresh-tokens.json")

    def subject(self, person_id: str, audience: str) -> str:
        """The pairwise id of a person for one audience (OpenID Connect Core 8.1): the same at each login."""
        message = f"{audience}\x00{person_id}".encode()
        return b64url_encode(hmac.digest(self._pairwise_secret, message, hashlib.sha256))

    def access(self, token: str) -> Access | None:
        """Whom an access token speaks for now, None when it is unknown or past its time."""
        grant = self._access.get(token)
        if grant is None or self._now() >= grant.expires:
            return None
        person = self._people[grant.person_id]
        return Access(person.id, self._subjects(person), person.nhs_number, person.birth_date, person.name)

    def withdraw(self, person_id: str) -> None:
        """This person takes back what was allowed: every token given for them is unknown from now on."""
        self._refresh.withdraw(person_id)
        self._access = {token: one for token, one in self._access.items() if one.person_id != person_id}

    def app(self) -> Starlette:
        """The provider over HTTP."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/.well-known/jwks.json", self._jwks),
                Route("/authorize", self._authorize, methods=["GET"]),
                Route("/authorize", self._decide, methods=["POST"]),
                Route("/token", self._token, methods=["POST"]),
                Route("/revoke", self._revoke, methods=["POST"]),
                Route("/control/withdraw", self._withdraw, methods=["POST"]),
                Route("/userinfo", self._userinfo),
            ]
        )

    async def _discovery(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self._base_url,
                "authorization_endpoint": f"{self._base_url}/authorize",
                "token_endpoint": f"{self._base_url}/token",
                "revocation_endpoint": f"{self._base_url}/revoke",
                "userinfo_endpoint": f"{self._base_url}/userinfo",
                "jwks_uri": f"{self._base_url}/.well-known/jwks.json",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["RS512"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "profile", "offline_access"],
            }
        )

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        refused = self._request_refused(asked)
        if refused is not None:
            return refused
        if asked.get("prompt") != "none":
            return HTMLResponse(consent_page(self._people.values(), asked), headers=_PAGE)
        if asked.get("login_hint", "") not in self._people:
            return self._back({"error": "login_required", "state": asked["state"]})
        return self._allowed(asked["login_hint"], asked)

    async def _decide(self, request: Request) -> Response:
        """What a person chose on the page."""
        asked = await _form(request)
        refused = self._request_refused(asked)
        if refused is not None:
            return refused
        if asked.get("decision") != ALLOW or asked.get("person", "") not in self._people:
            return self._back({"error": "access_denied", "state": asked["state"]})
        return self._allowed(asked["person"], asked)

    def _request_refused(self, asked: Mapping[str, str]) -> Response | None:
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") != self._redirect_uri:
            return HTMLResponse("<h1>Unknown client</h1>", 400)  # never redirect to who is not known, RFC 6749 4.1.2.1
        error = _request_error(asked)
        return None if error is None else self._back({"error": error, "state": asked.get("state", "")})

    def _allowed(self, person_id: str, asked: Mapping[str, str]) -> Response:
        code, until = new_ticket(), self._now() + CODE_LIFE
        self._codes[code] = _Grant(person_id, until, asked.get("nonce", ""), asked["code_challenge"])
        return self._back({"code": code, "state": asked["state"]})

    def _back(self, answer: Mapping[str, str]) -> Response:
        return RedirectResponse(f"{self._redirect_uri}?{urlencode(answer)}", 303, _NO_STORE)

    async def _token(self, request: Request) -> Response:
        asked = await _form(request)
        try:
            self._client.require(asked, now=self._now())
        except LoginFailed as refusal:
            return _refused("invalid_client", 401, str(refusal))
        match asked.get("grant_type"):
            case "authorization_code":
                return self._answer_code(asked)
            case "refresh_token":
                return self._answer_refresh(asked)
        return _refused("unsupported_grant_type")

    async def _revoke(self, request: Request) -> Response:
        """End a login (RFC 7009): the token counts no more; whether it ever did is not said."""
        asked = await _form(request)
        try:
            self._client.require(asked, now=self._now())
        except LoginFailed as refusal:
            return _refused("invalid_client", 401, str(refusal))
        self._refresh.redeem(asked.get("token", ""), now=self._now())
        return JSONResponse({}, headers=_NO_STORE)

    async def _withdraw(self, request: Request) -> Response:
        try:
            person_id = json_text.parse_object(await request.body()).get("person")
        except NotJson:
            person_id = None
        if person_id not in self._people:
            return JSONResponse({"error": "expected a person of this stand-in"}, 422)
        self.withdraw(str(person_id))
        return Response(status_code=204)

    async def _userinfo(self, request: Request) -> Response:
        access = self.access(bearer_token(request))
        if access is None:
            return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": "Bearer"})
        return JSONResponse(self._claims(access.person_id), headers=_NO_STORE)

    def _answer_code(self, asked: Mapping[str, str]) -> Response:
        """A code counts once, whatever comes of it (RFC 6749 4.1.2); its verifier must fit (RFC 7636 4.6)."""
        grant = self._codes.pop(asked.get("code", ""), None)
        challenge = b64url_encode(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if grant is None or self._now() >= grant.expires or asked.get("redirect_uri") != self._redirect_uri:
            return _refused("invalid_grant")
        if not hmac.compare_digest(challenge.encode(), grant.challenge.encode()):
            return _refused("invalid_grant")
        return self._tokens(Consent(grant.person_id, self._now() + REFRESH_LIFE), grant.nonce)

    def _answer_refresh(self, asked: Mapping[str, str]) -> Response:
        consent = self._refresh.redeem(asked.get("refresh_token", ""), now=self._now())
        return _refused("invalid_grant") if consent is None else self._tokens(consent, "")

    def _tokens(self, consent: Consent, nonce: str) -> Response:
        now = self._now()
        self._forget_old(now)
        access = new_ticket()
        self._access[access] = _Grant(consent.person_id, now + ACCESS_LIFE)
        body = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "refresh_token": self._refresh.issue(consent),
            "id_token": self._id_token(consent.person_id, nonce, now),
        }
        return JSONResponse(body, headers=_NO_STORE)

    def _id_token(self, person_id: str, nonce: str, now: datetime) -> str:
        claims = self._claims(person_id) | {
            "iss": self._base_url,
            "aud": CLIENT_ID,
            "iat": to_numeric_date(now),
            "exp": to_numeric_date(now + ID_TOKEN_LIFE),
            "record_subjects": self._subjects(self._people[person_id]),
        }
        if nonce:  # none where a token is renewed, OpenID Connect Core 12.2
            claims["nonce"] = nonce
        return jwt.encode({"alg": "ES256", "kid": self._key.kid, "typ": "JWT"}, claims, self._key)

    def _subjects(self, person: MadeUpPerson) -> dict[str, str]:
        """The pairwise id at each holder that has a record of this person."""
        held_by = (iss for kind, iss in self._holders.items() if kind in person.bundles)
        return {iss: self.subject(person.id, iss) for iss in held_by}

    def _claims(self, person_id: str) -> dict[str, Any]:
        person = self._people[person_id]
        return {
            "sub": self.subject(person_id, CLIENT_ID),
            "vot": VECTOR,
            "vtm": f"{self._base_url}/trustmark/{CLIENT_ID}",
            "identity_proofing_level": "P9",
            "nhs_number": person.nhs_number,
            "birthdate": person.birth_date,
            "family_name": person.family,
        }

    def _forget_old(self, now: datetime) -> None:
        for kept in (self._codes, self._access):
            for ticket in [ticket for ticket, grant in kept.items() if now >= grant.expires]:
                del kept[ticket]


def _request_error(asked: Mapping[str, str]) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
        return "invalid_request"
    return None if asked.get("state") else "invalid_request"


async def _form(request: Request) -> dict[str, str]:
    form = await request.form(max_fields=20, max_part_size=MAX_FORM_BYTES)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _refused(error: str, status: int = 400, why: str = "") -> Response:
    body = {"error": error} | ({"error_description": why} if why else {})
    return JSONResponse(body, status, _NO_STORE)


def _signing_key(path: Path) -> ECKey:
    if path.exists():
        return ECKey.import_key(json.loads(path.read_bytes()))
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    write_whole(path, json.dumps(key.as_dict(private=True)).encode("ascii"))
    return key


def _secret(path: Path) -> bytes:
    if not path.exists():
        write_whole(path, new_ticket().encode("ascii"))
    return path.read_bytes()

"""The stand-in's login: an OpenID provider in the shape of NHS login, for made-up people.

Owns discovery, authorise, token (authorisation code with PKCE S256, refresh), userinfo and keys; vector
of trust P9; access 5 minutes, id_token 60 minutes, refresh 30 days. It asks no password: choosing a
person is enough, or naming one with `prompt=none&login_hint=ID`. Codes and tokens live in memory: a
restart ends every login.
Unlike NHS login it lets a public client in, and its id_token names this person's pairwise id at each
record holder (`record_subjects`): our proposal, no existing claim (D15).
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

from crypto.encoding import b64url_encode
from crypto.instants import to_numeric_date
from crypto.tickets import new_ticket
from sync.files import write_whole
from sync.request import bearer_token
from sync.sandbox.people import HolderKind, MadeUpPerson

CLIENT_ID: Final = "patient-passport"
REDIRECT_URI: Final = "http://127.0.0.1/passport"
CODE_LIFE: Final = timedelta(minutes=1)
ACCESS_LIFE: Final = timedelta(minutes=5)
ID_TOKEN_LIFE: Final = timedelta(minutes=60)
REFRESH_LIFE: Final = timedelta(days=30)
MAX_FORM_BYTES: Final = 16 * 1024
VECTOR: Final = "P9.Cp.Cd"

_NO_STORE: Final = {"Cache-Control": "no-store"}


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
    """The provider at `base_url` for `people`; `holders` gives the `iss` of each kind of record holder."""

    def __init__(
        self,
        folder: Path,
        *,
        base_url: str,
        people: Sequence[MadeUpPerson],
        holders: Mapping[HolderKind, str],
        now: Callable[[], datetime],
    ) -> None:
        self._key = _signing_key(folder / "login-key.json")
        self._pairwise_secret = _secret(folder / "pairwise-secret")
        self._base_url = base_url
        self._people = {person.id: person for person in people}
        self._holders = dict(holders)
        self._now = now
        self._codes: dict[str, _Grant] = {}
        self._access: dict[str, _Grant] = {}
        self._refresh: dict[str, _Grant] = {}

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

    def app(self) -> Starlette:
        """The provider over HTTP."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/.well-known/jwks.json", self._jwks),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
            ]
        )

    async def _discovery(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self._base_url,
                "authorization_endpoint": f"{self._base_url}/authorize",
                "token_endpoint": f"{self._base_url}/token",
                "userinfo_endpoint": f"{self._base_url}/userinfo",
                "jwks_uri": f"{self._base_url}/.well-known/jwks.json",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "profile", "offline_access"],
            }
        )

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") != REDIRECT_URI:
            return HTMLResponse("<h1>Unknown client</h1>", 400)  # never redirect to who is not known, RFC 6749 4.1.2.1
        error = _request_error(asked)
        if error is not None:
            return _back({"error": error, "state": asked.get("state", "")})
        if asked.get("prompt") != "none":
            return HTMLResponse(self._chooser(asked), headers=_NO_STORE)
        person_id = asked.get("login_hint", "")
        if person_id not in self._people:
            return _back({"error": "login_required", "state": asked["state"]})
        code = new_ticket()
        self._codes[code] = _Grant(
            person_id, self._now() + CODE_LIFE, asked.get("nonce", ""), asked.get("code_challenge", "")
        )
        return _back({"code": code, "state": asked["state"]})

    async def _token(self, request: Request) -> Response:
        form = await request.form(max_fields=20, max_part_size=MAX_FORM_BYTES)
        asked = {name: value for name, value in form.items() if isinstance(value, str)}
        if asked.get("client_id") != CLIENT_ID:
            return _refused("invalid_client")
        match asked.get("grant_type"):
            case "authorization_code":
                grant = self._redeem_code(asked)
            case "refresh_token":
                grant = self._live(self._refresh.pop(asked.get("refresh_token", ""), None))
            case _:
                return _refused("unsupported_grant_type")
        return _refused("invalid_grant") if grant is None else self._tokens(grant)

    async def _userinfo(self, request: Request) -> Response:
        access = self.access(bearer_token(request))
        if access is None:
            return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": "Bearer"})
        return JSONResponse(self._claims(access.person_id), headers=_NO_STORE)

    def _redeem_code(self, asked: Mapping[str, str]) -> _Grant | None:
        """A code counts once, whatever comes of it (RFC 6749 4.1.2); its verifier must fit (RFC 7636 4.6)."""
        grant = self._live(self._codes.pop(asked.get("code", ""), None))
        challenge = b64url_encode(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if grant is None or asked.get("redirect_uri") != REDIRECT_URI:
            return None
        return grant if hmac.compare_digest(challenge.encode(), grant.challenge.encode()) else None

    def _live(self, grant: _Grant | None) -> _Grant | None:
        return grant if grant is not None and self._now() < grant.expires else None

    def _tokens(self, grant: _Grant) -> Response:
        now = self._now()
        self._forget_old(now)
        access, refresh = new_ticket(), new_ticket()
        self._access[access] = replace(grant, expires=now + ACCESS_LIFE)
        self._refresh[refresh] = replace(grant, expires=now + REFRESH_LIFE)
        body = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "refresh_token": refresh,
            "id_token": self._id_token(grant, now),
        }
        return JSONResponse(body, headers=_NO_STORE)

    def _id_token(self, grant: _Grant, now: datetime) -> str:
        claims = self._claims(grant.person_id) | {
            "iss": self._base_url,
            "aud": CLIENT_ID,
            "iat": to_numeric_date(now),
            "exp": to_numeric_date(now + ID_TOKEN_LIFE),
            "nonce": grant.nonce,
            "record_subjects": self._subjects(self._people[grant.person_id]),
        }
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
        for kept in (self._codes, self._access, self._refresh):
            for ticket in [ticket for ticket, grant in kept.items() if now >= grant.expires]:
                del kept[ticket]

    def _chooser(self, asked: Mapping[str, str]) -> str:
        rows = []
        for person in self._people.values():
            query = urlencode(dict(asked) | {"prompt": "none", "login_hint": person.id})
            rows.append(f'<li><a href="/authorize?{html.escape(query)}">{html.escape(person.label)}</a></li>')
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Choose a made-up person</title>'
            "<h1>Choose a made-up person</h1><p>This is a stand-in. Nobody here is real.</p>"
            f"<ul>{''.join(rows)}</ul></html>"
        )


def _request_error(asked: Mapping[str, str]) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
        return "invalid_request"
    return None if asked.get("state") else "invalid_request"


def _back(answer: Mapping[str, str]) -> Response:
    return RedirectResponse(f"{REDIRECT_URI}?{urlencode(answer)}", 302, _NO_STORE)


def _refused(error: str) -> Response:
    return JSONResponse({"error": error}, 400, _NO_STORE)


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

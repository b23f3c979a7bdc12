"""Logging in: OpenID Connect authorisation code flow with PKCE S256, through a gateway that is the client.

Owns the flow as NHS login speaks it (vector of trust P9, access 5 minutes, refresh 30 days) from the
address a browser is sent to until the tokens are here; what an id_token must say is id_token.py, waiting
for the browser to come back loopback.py. The client's secret is the gateway's: nothing here has one (D15).
With the stand-in a made-up person may also be named by `login_hint`; then no page is shown.
Nothing here writes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from pydantic import TypeAdapter, ValidationError

from crypto.encoding import b64url_encode
from crypto.errors import (
    ConsentWithdrawn,
    LoginAnswerUsed,
    LoginFailed,
    LoginMixedUp,
    LoginNeeded,
    LoginRefused,
    WrongLogin,
)
from crypto.tickets import new_ticket
from sync.id_token import VECTOR_OF_TRUST, identify
from sync.profile import LoginService, Profile
from sync.transport import Answer, Transport, require_safe_address

_T = TypeVar("_T")

SCOPE: Final = "openid profile offline_access"
MAX_TOKEN_LIFE: Final = timedelta(hours=1)
REFRESH_LIFE: Final = timedelta(days=30)
"""After this a person logs in again, whatever the provider says (NHS login's session rules)."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What renews a login without asking again: the refresh token, for whom it is, and until when at most."""

    token: str = field(repr=False)
    sub: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """A login: the access token and its end, and who the provider says this is.

    `subjects` gives, for each holder's `iss`, the pairwise id this person has there: the `sub` of that
    holder's updates. `renewal` is None where the provider gave no refresh token.
    """

    access: str = field(repr=False)
    expires_at: datetime
    subjects: Mapping[str, str] = field(repr=False)
    nhs_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    family_name: str = field(repr=False)
    renewal: Renewal | None = None

    def require_fresh(self, *, now: datetime) -> None:
        """Raise LoginNeeded when the access token is past its time."""
        if now >= self.expires_at:
            raise LoginNeeded("the access token is past its time")


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login that waits for its answer: `address` is what the browser opens, the rest is kept to check it."""

    address: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class _Provider:
    """The members of a discovery document that are used (OpenID Connect Discovery 3)."""

    issuer: str
    authorization_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class _TokenAnswer:
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires_in: int
    token_type: str
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _TokenRefusal:
    error: str


_PROVIDER = TypeAdapter(_Provider)
_TOKEN_ANSWER = TypeAdapter(_TokenAnswer)
_TOKEN_REFUSAL = TypeAdapter(_TokenRefusal)


def begin_login(transport: Transport, profile: Profile, *, port: int, path: str) -> PendingLogin:
    """A login whose answer is awaited at `http://127.0.0.1:{port}/{path}`; `path` is a ticket.

    The gateway reads port and path from the beginning of `state` and hands the browser on. Raises
    LoginFailed and what the transport raises.
    """
    return _pending(transport, profile.login, f"{port}.{path}.{new_ticket()}", {})


def finish_login(
    transport: Transport, profile: Profile, pending: PendingLogin, returned: Mapping[str, str], *, now: datetime
) -> Tokens:
    """The tokens for what the browser came back with (OpenID Connect Core 3.1, RFC 7636 S256).

    Raises LoginMixedUp (another login's state), LoginRefused (the person said no), LoginAnswerUsed (the
    code counts no more), ClockWrong, LoginFailed for all else, and what the transport raises.
    """
    if not hmac.compare_digest(returned.get("state", "").encode(), pending.state.encode()):
        raise LoginMixedUp("authorise: expected the state that was sent, found another")
    if returned.get("error") == "access_denied":
        raise LoginRefused("authorise: expected a code, found access_denied")
    if "code" not in returned:
        raise LoginFailed("authorise: expected a code, found an error")
    form = {"grant_type": "authorization_code", "code": returned["code"], "code_verifier": pending.verifier}
    answer = transport.post(f"{profile.login.gateway}/token", data=form)
    if _refusal(answer) == "invalid_grant":
        raise LoginAnswerUsed("token: expected the code to count, found invalid_grant")
    return _tokens(
        transport, answer, pending.jwks_uri, profile.login, nonce=pending.nonce, until=now + REFRESH_LIFE, now=now
    )


def log_in(transport: Transport, profile: Profile, person_id: str, *, now: datetime) -> Tokens:
    """Log in as the made-up person `person_id`, without a page; raises as `finish_login` does."""
    service = profile.login
    pending = _pending(transport, service, new_ticket(), {"prompt": "none", "login_hint": person_id})
    answer = transport.get(pending.address)
    if answer.status not in (302, 303):
        raise LoginFailed(f"authorise: expected a redirect, found {answer.status}")
    location = answer.headers.get("location", "")
    if not location.startswith(service.redirect_uri + "?"):
        raise LoginFailed("authorise: expected a redirect to this passport's gateway, found another")
    return finish_login(transport, profile, pending, dict(parse_qsl(urlsplit(location).query)), now=now)


def renew(transport: Transport, profile: Profile, renewal: Renewal, *, now: datetime) -> Tokens:
    """New tokens for a refresh token, which counts once.

    Raises LoginNeeded (the 30 days are over), ConsentWithdrawn (they are not, and the provider says no),
    WrongLogin (somebody else's tokens came), and as `finish_login` does.
    """
    if now >= renewal.until:
        raise LoginNeeded("the login is past its time")
    service = profile.login
    provider = _discover(transport, service)
    form = {"grant_type": "refresh_token", "refresh_token": renewal.token}
    answer = transport.post(f"{service.gateway}/token", data=form)
    if _refusal(answer) == "invalid_grant":
        raise ConsentWithdrawn("the refresh token was refused")
    tokens = _tokens(transport, answer, provider.jwks_uri, service, nonce=None, until=renewal.until, now=now)
    if tokens.renewal is not None and tokens.renewal.sub != renewal.sub:  # OpenID Connect Core 12.2
        raise WrongLogin("id_token sub: expected the person who logged in, found another")
    return tokens


def end_login(transport: Transport, profile: Profile, renewal: Renewal) -> None:
    """Tell the provider that this login is over (RFC 7009); raises ServiceRefused and as the transport does."""
    transport.post(f"{profile.login.gateway}/revoke", data={"token": renewal.token}).expect(200)


def _pending(transport: Transport, service: LoginService, state: str, more: Mapping[str, str]) -> PendingLogin:
    provider = _discover(transport, service)
    verifier, nonce = new_ticket(), new_ticket()
    query = {
        "response_type": "code",
        "client_id": service.client_id,
        "redirect_uri": service.redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "vtr": f'["{VECTOR_OF_TRUST}.Cp.Cd","{VECTOR_OF_TRUST}.Cp.Ck","{VECTOR_OF_TRUST}.Cm"]',
        "code_challenge": b64url_encode(hashlib.sha256(verifier.encode("ascii")).digest()),
        "code_challenge_method": "S256",
        **more,
    }
    address = f"{provider.authorization_endpoint}?{urlencode(query)}"
    require_safe_address(httpx.URL(address))  # a browser opens it, past the transport's own check
    return PendingLogin(address, state, nonce, verifier, provider.jwks_uri)


def _discover(transport: Transport, service: LoginService) -> _Provider:
    answer = transport.get(f"{service.base_url}/.well-known/openid-configuration").expect(200)
    provider = _read(_PROVIDER, answer, "discovery document")
    if provider.issuer != service.base_url:  # OpenID Connect Discovery 4.3
        raise LoginFailed("discovery: expected the issuer of the profile, found another")
    return provider


def _refusal(answer: Answer) -> str:
    """The OAuth error of an answer of the token endpoint, empty where it is none (RFC 6749 5.2)."""
    if answer.status != 400:
        return ""
    try:
        return _TOKEN_REFUSAL.validate_json(answer.body).error
    except ValidationError:
        return ""


def _tokens(
    transport: Transport,
    answer: Answer,
    jwks_uri: str,
    service: LoginService,
    *,
    nonce: str | None,
    until: datetime,
    now: datetime,
) -> Tokens:
    if answer.status != 200:
        raise LoginFailed(f"token: expected 200, found {answer.status}")
    given = _read(_TOKEN_ANSWER, answer, "token answer")
    if given.token_type.lower() != "bearer" or given.expires_in <= 0:
        raise LoginFailed("token: expected a bearer token with time left")
    keys = transport.get(jwks_uri).expect(200)
    identity = identify(given.id_token, keys.body, service, nonce=nonce, now=now)
    return Tokens(
        access=given.access_token,
        expires_at=now + min(timedelta(seconds=given.expires_in), MAX_TOKEN_LIFE),
        subjects=identity.record_subjects,
        nhs_number=identity.nhs_number,
        birth_date=identity.birthdate,
        family_name=identity.family_name,
        renewal=Renewal(given.refresh_token, identity.sub, until) if given.refresh_token else None,
    )


def _read(adapter: TypeAdapter[_T], answer: Answer, what: str) -> _T:
    try:
        return adapter.validate_json(answer.body)
    except ValidationError:
        raise LoginFailed(f"{what}: expected its required members") from None

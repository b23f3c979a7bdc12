"""Logging in: OpenID Connect authorisation code flow with PKCE S256, and what is believed of its answer.

Owns the flow as NHS login speaks it (vector of trust P9, access 5 minutes) and every check of the
id_token (OpenID Connect Core 3.1.3.7). Against the stand-in the person is named by `login_hint` and no
page is shown; with a real provider the person types into the provider's own page in the system browser,
which no code here can do (D15: native apps are not let in at all today).
Tokens live in memory only: nothing here writes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import TypeAdapter, ValidationError

from crypto import json_text
from crypto.encoding import b64url_encode
from crypto.errors import LoginFailed, LoginNeeded, MalformedToken, NotJson
from crypto.instants import CLOCK_TOLERANCE, from_numeric_date
from crypto.tickets import new_ticket
from sync.profile import LoginService, Profile
from sync.transport import Answer, Transport

_T = TypeVar("_T")

ALGORITHMS: Final = ("ES256", "RS512")  # RS512 is NHS login's
SCOPE: Final = "openid profile offline_access"
VECTOR_OF_TRUST: Final = "P9"  # full identity proofing
MAX_TOKEN_LIFE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A login: the access token and its end, and who the provider says this is.

    `subjects` gives, for each holder's `iss`, the pairwise id this person has there: the `sub` of that
    holder's updates.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    subjects: Mapping[str, str] = field(repr=False)
    nhs_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    family_name: str = field(repr=False)

    def require_fresh(self, *, now: datetime) -> None:
        """Raise LoginNeeded when the access token is past its time."""
        if now >= self.expires_at:
            raise LoginNeeded("the access token is past its time")


@dataclass(frozen=True, slots=True)
class _Provider:
    """The members of a discovery document that are used (OpenID Connect Discovery 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class _TokenAnswer:
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires_in: int
    token_type: str
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Identity:
    """The claims of an id_token that are used."""

    sub: str = field(repr=False)
    exp: float
    iat: float
    vot: str
    nhs_number: str = field(repr=False)
    birthdate: str = field(repr=False)
    family_name: str = field(repr=False)
    record_subjects: dict[str, str] = field(repr=False)
    nonce: str = field(default="", repr=False)


_PROVIDER = TypeAdapter(_Provider)
_TOKEN_ANSWER = TypeAdapter(_TokenAnswer)
_IDENTITY = TypeAdapter(_Identity)


def log_in(transport: Transport, profile: Profile, person_id: str, *, now: datetime) -> Tokens:
    """Log in as `person_id` (OpenID Connect Core 3.1, RFC 7636 S256).

    Raises LoginFailed when the provider refuses or its answer does not hold; Unavailable's other kinds
    as the transport does.
    """
    service = profile.login
    provider = _discover(transport, service)
    verifier, state, nonce = new_ticket(), new_ticket(), new_ticket()
    code = _authorise(transport, provider, service, person_id, verifier=verifier, state=state, nonce=nonce)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": service.redirect_uri,
        "client_id": service.client_id,
        "code_verifier": verifier,
    }
    return _exchange(transport, provider, service, form, nonce=nonce, now=now)


def renew(transport: Transport, profile: Profile, tokens: Tokens, *, now: datetime) -> Tokens:
    """New tokens for a refresh token; raises LoginNeeded when the provider asks for a login again."""
    if not tokens.refresh:
        raise LoginNeeded("no refresh token was given")
    provider = _discover(transport, profile.login)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": tokens.refresh,
        "client_id": profile.login.client_id,
    }
    try:
        return _exchange(transport, provider, profile.login, form, nonce=None, now=now)
    except LoginFailed as error:
        raise LoginNeeded("the refresh token was refused") from error


def _discover(transport: Transport, service: LoginService) -> _Provider:
    answer = transport.get(f"{service.base_url}/.well-known/openid-configuration").expect(200)
    provider = _read(_PROVIDER, answer, "discovery document")
    if provider.issuer != service.base_url:  # OpenID Connect Discovery 4.3
        raise LoginFailed("discovery: expected the issuer of the profile, found another")
    return provider


def _authorise(
    transport: Transport,
    provider: _Provider,
    service: LoginService,
    person_id: str,
    *,
    verifier: str,
    state: str,
    nonce: str,
) -> str:
    query = {
        "response_type": "code",
        "client_id": service.client_id,
        "redirect_uri": service.redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "vtr": f'["{VECTOR_OF_TRUST}"]',
        "code_challenge": b64url_encode(hashlib.sha256(verifier.encode("ascii")).digest()),
        "code_challenge_method": "S256",
        "prompt": "none",
        "login_hint": person_id,
    }
    answer = transport.get(f"{provider.authorization_endpoint}?{urlencode(query)}")
    if answer.status not in (302, 303):
        raise LoginFailed(f"authorise: expected a redirect, found {answer.status}")
    location = answer.headers.get("location", "")
    if not location.startswith(service.redirect_uri + "?"):
        raise LoginFailed("authorise: expected a redirect to this passport, found another")
    returned = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    if not hmac.compare_digest(returned.get("state", "").encode(), state.encode()):
        raise LoginFailed("authorise: expected the state that was sent, found another")
    if "code" not in returned:
        raise LoginFailed("authorise: expected a code, found an error")
    return returned["code"]


def _exchange(
    transport: Transport,
    provider: _Provider,
    service: LoginService,
    form: Mapping[str, str],
    *,
    nonce: str | None,
    now: datetime,
) -> Tokens:
    answer = transport.post(provider.token_endpoint, data=form)
    if answer.status != 200:
        raise LoginFailed(f"token: expected 200, found {answer.status}")
    given = _read(_TOKEN_ANSWER, answer, "token answer")
    if given.token_type.lower() != "bearer" or given.expires_in <= 0:
        raise LoginFailed("token: expected a bearer token with time left")
    keys = transport.get(provider.jwks_uri).expect(200)
    identity = _identify(given.id_token, keys, service, nonce=nonce, now=now)
    return Tokens(
        access=given.access_token,
        refresh=given.refresh_token,
        expires_at=now + min(timedelta(seconds=given.expires_in), MAX_TOKEN_LIFE),
        subjects=identity.record_subjects,
        nhs_number=identity.nhs_number,
        birth_date=identity.birthdate,
        family_name=identity.family_name,
    )


def _identify(id_token: str, keys: Answer, service: LoginService, *, nonce: str | None, now: datetime) -> _Identity:
    """Check an id_token in the order of OpenID Connect Core 3.1.3.7."""
    claims = _signed_claims(id_token, keys)
    if claims.get("iss") != service.base_url:  # (2)
        raise LoginFailed("id_token iss: expected the provider, found another")
    if claims.get("aud") not in (service.client_id, [service.client_id]):  # (3)
        raise LoginFailed("id_token aud: expected this passport alone, found another")
    try:
        identity = _IDENTITY.validate_python(claims)
        exp, iat = (from_numeric_date(at, name="id_token") for at in (identity.exp, identity.iat))
    except (ValidationError, MalformedToken):  # their text holds the claims
        raise LoginFailed("id_token: expected the claims of a verified person") from None
    if now >= exp:  # (9)
        raise LoginFailed("id_token exp: expected after now")
    if iat > now + CLOCK_TOLERANCE:  # (10)
        raise LoginFailed("id_token iat: expected not after now")
    if nonce is not None and not hmac.compare_digest(identity.nonce.encode(), nonce.encode()):  # (11)
        raise LoginFailed("id_token nonce: expected the one that was sent, found another")
    if not identity.vot.startswith(VECTOR_OF_TRUST):  # (12), NHS login's form of acr
        raise LoginFailed(f"id_token vot: expected {VECTOR_OF_TRUST}")
    return identity


def _signed_claims(id_token: str, keys: Answer) -> Mapping[str, Any]:
    try:
        key_set = KeySet.import_key_set({"keys": json_text.parse_object(keys.body)["keys"]})
        return jwt.decode(id_token, key_set, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, KeyError, TypeError, NotJson) as error:
        raise LoginFailed(f"id_token: expected the provider's signature ({type(error).__name__})") from None


def _read(adapter: TypeAdapter[_T], answer: Answer, what: str) -> _T:
    try:
        return adapter.validate_json(answer.body)
    except ValidationError:
        raise LoginFailed(f"{what}: expected its required members") from None

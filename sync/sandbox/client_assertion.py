"""A client that proves who it is with a signed assertion: private_key_jwt, RS512, as NHS login asks of every client.

Owns both ends: the gateway's key and what it signs with it, and what a provider demands of it (RFC 7523 3,
OpenID Connect Core 9). An assertion counts once and for five minutes at most. Which client it is, and what
it is let do, is the provider's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from crypto.errors import LoginFailed, MalformedToken
from crypto.instants import CLOCK_TOLERANCE, from_numeric_date, to_numeric_date
from crypto.tickets import new_ticket
from sync.files import write_whole

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHM: Final = "RS512"
KEY_BITS: Final = 2048
MAX_LIFE: Final = timedelta(minutes=5)


class ClientKey:
    """A confidential client's key, kept in the file `path` (0600) and made when it is first used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _key(self) -> RSAKey:
        if self._path.exists():
            return RSAKey.import_key(json.loads(self._path.read_bytes()))
        key = RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        write_whole(self._path, json.dumps(key.as_dict(private=True)).encode("ascii"))
        return key

    def jwks(self) -> list[dict[str, Any]]:
        """The public half, as it is registered at the provider."""
        return [dict(self._key.as_dict(private=False))]

    def assertion(self, client_id: str, audience: str, *, now: datetime) -> str:
        """An assertion for one request to the token endpoint `audience`."""
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": new_ticket(),
            "iat": to_numeric_date(now),
            "exp": to_numeric_date(now + MAX_LIFE),
        }
        header = {"alg": ALGORITHM, "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


class AssertionCheck:
    """What the provider whose token endpoint is `audience` asks of the client `client_id`.

    `jwks` gives that client's registered keys.
    """

    def __init__(self, *, client_id: str, audience: str, jwks: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        self._client_id = client_id
        self._audience = audience
        self._jwks = jwks
        self._seen: dict[str, datetime] = {}

    def require(self, form: Mapping[str, str], *, now: datetime) -> None:
        """Raise LoginFailed unless the request proves it is the client's, in the order of RFC 7523 3."""
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise LoginFailed("client_assertion_type: expected a signed JWT")
        claims = self._signed(form.get("client_assertion", ""))
        if claims.get("iss") != self._client_id or claims.get("sub") != self._client_id:  # (1) (2)
            raise LoginFailed("client_assertion iss: expected the registered client, found another")
        if claims.get("aud") not in (self._audience, [self._audience]):  # (3)
            raise LoginFailed("client_assertion aud: expected this token endpoint, found another")
        try:
            exp = from_numeric_date(claims.get("exp"), name="exp")
        except MalformedToken:
            raise LoginFailed("client_assertion exp: expected a time") from None
        if now >= exp:  # (4)
            raise LoginFailed("client_assertion exp: expected after now")
        if exp > now + MAX_LIFE + CLOCK_TOLERANCE:
            raise LoginFailed(f"client_assertion exp: expected at most {MAX_LIFE} from now")
        self._require_once(claims.get("jti"), exp, now)  # (7)

    def _signed(self, token: str) -> Mapping[str, Any]:
        try:
            keys = KeySet.import_key_set({"keys": [dict(key) for key in self._jwks()]})
            return jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise LoginFailed(f"client_assertion: expected the client's signature ({type(error).__name__})") from None

    def _require_once(self, jti: object, exp: datetime, now: datetime) -> None:
        self._seen = {one: until for one, until in self._seen.items() if until > now}
        if not isinstance(jti, str) or not jti or jti in self._seen:
            raise LoginFailed("client_assertion jti: expected one that was not used before")
        self._seen[jti] = exp

"""What is believed of an id_token: signature and claims, in the order of OpenID Connect Core 3.1.3.7.

Owns the checks and the claims that are used; how the token came is login.py's.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import TypeAdapter, ValidationError

from crypto import json_text
from crypto.errors import ClockWrong, LoginFailed, MalformedToken, NotJson
from crypto.instants import CLOCK_TOLERANCE, from_numeric_date
from sync.profile import LoginService

ALGORITHMS: Final = ("ES256", "RS512")  # RS512 is NHS login's
VECTOR_OF_TRUST: Final = "P9"  # full identity proofing


@dataclass(frozen=True, slots=True)
class Identity:
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


_IDENTITY = TypeAdapter(Identity)


def identify(id_token: str, jwks: bytes, service: LoginService, *, nonce: str | None, now: datetime) -> Identity:
    """Who an id_token says logged in; `nonce` is the one that was sent, None where a token was renewed.

    A token is fresh when it comes, so one past its time, or not yet made, shows that two clocks differ:
    ClockWrong. Raises LoginFailed for all else.
    """
    claims = _signed_claims(id_token, jwks)
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
        raise ClockWrong("id_token exp: expected after now")
    if iat > now + CLOCK_TOLERANCE:  # (10)
        raise ClockWrong("id_token iat: expected not after now")
    if nonce is not None and not hmac.compare_digest(identity.nonce.encode(), nonce.encode()):  # (11)
        raise LoginFailed("id_token nonce: expected the one that was sent, found another")
    if not identity.vot.startswith(VECTOR_OF_TRUST):  # (12), NHS login's form of acr
        raise LoginFailed(f"id_token vot: expected {VECTOR_OF_TRUST}")
    return identity


def _signed_claims(id_token: str, jwks: bytes) -> Mapping[str, Any]:
    try:
        key_set = KeySet.import_key_set({"keys": json_text.parse_object(jwks)["keys"]})
        return jwt.decode(id_token, key_set, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, KeyError, TypeError, NotJson) as error:
        raise LoginFailed(f"id_token: expected the provider's signature ({type(error).__name__})") from None

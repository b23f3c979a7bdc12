"""Asking record holders for what they signed, and the record service to vouch for this device.

Owns the requests: the signed head of a feed, the updates since a time (`$health-cards-issue` of HL7
SMART Health Cards, `_since`), and an attestation of the device key with proof of possession. It
believes nothing that comes back: crypto/feed.py and crypto/attestation.py do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from crypto import json_text
from crypto.bundle import HEALTH_CARD_TYPE
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import DeviceRevoked, LoginNeeded, MalformedToken, NotJson, ServiceRefused
from crypto.keys import SigningKey
from sync.login import Tokens
from sync.profile import Holder, Profile
from sync.transport import Answer, Progress, Transport

MAX_HEAD_BYTES: Final = 16 * 1024
MAX_UPDATES_BYTES: Final = 64 * 1024 * 1024  # several updates of at most 16 MiB each (DESIGN.md §5)
MAX_ATTESTATION_BYTES: Final = 4 * 1024
PROOF_CONTEXT: Final = b"pp-device-proof-v1\x00"
DEVICE_REVOKED: Final = "device_revoked"
"""The error a record service answers with, beside 403, for a device key it no longer vouches for."""


def feed_head(transport: Transport, holder: Holder, tokens: Tokens) -> bytes:
    """The head JWS of this person's feed at `holder`, as it came.

    Raises LoginNeeded (the token is not known any more), ServiceRefused and what the transport raises.
    """
    url = f"{_patient(holder, tokens)}/$feed-head"
    answer = transport.get(url, max_bytes=MAX_HEAD_BYTES, headers=_bearer(tokens))
    return _asked(answer).body.strip()


def issue_updates(
    transport: Transport,
    holder: Holder,
    tokens: Tokens,
    *,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> list[bytes]:
    """The update JWSs `holder` signed at or after `since` (all when None), in feed order, as they came.

    Ones the passport has already may be among them: the place of each in the feed decides, not its
    time. Raises as `feed_head` does.
    """
    parameters: list[dict[str, str]] = [{"name": "credentialType", "valueUri": HEALTH_CARD_TYPE}]
    if since is not None:
        parameters.append({"name": "_since", "valueDateTime": since.isoformat()})
    answer = transport.post(
        f"{_patient(holder, tokens)}/$health-cards-issue",
        json={"resourceType": "Parameters", "parameter": parameters},
        max_bytes=MAX_UPDATES_BYTES,
        headers=_bearer(tokens) | {"Content-Type": "application/fhir+json"},
        progress=progress,
    )
    found = _object(_asked(answer), "updates").get("parameter", [])
    if not isinstance(found, list):
        raise ServiceRefused("updates: expected Parameters")
    return [
        _credential(item) for item in found if isinstance(item, dict) and item.get("name") == "verifiableCredential"
    ]


def attest_device(transport: Transport, profile: Profile, tokens: Tokens, device_key: SigningKey) -> bytes:
    """The record service's attestation of `device_key` for whoever is logged in, as wire bytes.

    The device proves it holds the key by signing this login's access token (its SHA-256). Raises
    DeviceRevoked when the service no longer vouches for this key, and as `feed_head` does.
    """
    if profile.service is None:
        raise ServiceRefused("attestation: expected a record service in the profile")
    body = {
        "device_key": b64url_encode(device_key.public.compressed),
        "proof": b64url_encode(device_key.sign(possession_message(tokens.access))),
    }
    answer = transport.post(
        f"{profile.service.base_url}/device-attestation",
        json=body,
        max_bytes=MAX_ATTESTATION_BYTES,
        headers=_bearer(tokens),
    )
    if answer.status == 403 and _object(answer, "attestation").get("error") == DEVICE_REVOKED:
        raise DeviceRevoked("attestation: expected a device key in use, found a revoked one")
    try:
        return b64url_decode(str(_object(_asked(answer), "attestation").get("attestation", "")))
    except MalformedToken as error:
        raise ServiceRefused("attestation: expected base64url") from error


def possession_message(access_token: str) -> bytes:
    """What a device key signs to prove it is held by whoever logged in: good for this one login."""
    return PROOF_CONTEXT + hashlib.sha256(access_token.encode()).digest()


def _patient(holder: Holder, tokens: Tokens) -> str:
    subject = tokens.subjects.get(holder.iss)
    if subject is None:
        raise ServiceRefused("login: expected this person's id at the holder, found none")
    return f"{holder.base_url}/Patient/{quote(subject, safe='')}"


def _bearer(tokens: Tokens) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.access}"}


def _asked(answer: Answer) -> Answer:
    """The answer if it is 200; raises LoginNeeded for 401, ServiceRefused for anything else."""
    if answer.status == 401:
        raise LoginNeeded("the service does not know the access token any more")
    return answer.expect(200)


def _object(answer: Answer, what: str) -> Mapping[str, Any]:
    try:
        return json_text.parse_object(answer.body)
    except NotJson as error:
        raise ServiceRefused(f"{what}: {error.args[0]}") from error


def _credential(parameter: Mapping[str, Any]) -> bytes:
    value = parameter.get("valueString")
    if not isinstance(value, str) or not value.isascii():
        raise ServiceRefused("updates: expected each verifiableCredential as a compact JWS")
    return value.encode("ascii")

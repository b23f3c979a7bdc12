"""Asking record holders for what they signed, and the record service to vouch for this device.

Owns the requests: the signed head of a feed (and whether the one kept is still it), the updates since a
time (`$health-cards-issue` of HL7 SMART Health Cards, `_since`) page by page, the holder's emergency summary
(the same operation, one more `credentialType`), and an attestation of the device key with proof of possession.
It believes nothing that comes back: crypto/feed.py, crypto/card.py and crypto/attestation.py do.

Pages: `_count` is ours, and a holder that does not know it sends everything at once. One that has more
names the next page in a parameter `next`: another query ("?…") of the same operation, never another
address. A page is whole or it is not there; when the line drops, only that page is asked for again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from crypto import json_text
from crypto.bundle import EMERGENCY_TYPE, HEALTH_CARD_TYPE
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import DeviceRevoked, LoginNeeded, MalformedToken, NotJson, ServiceRefused
from crypto.keys import SigningKey
from sync.login import Tokens
from sync.profile import Holder, Profile
from sync.transport import MAX_REQUEST_SECONDS, Answer, Progress, Transport

MAX_HEAD_BYTES: Final = 16 * 1024
MAX_UPDATES_BYTES: Final = 64 * 1024 * 1024  # several updates of at most 16 MiB each (DESIGN.md §5)
MAX_ETAG_CHARACTERS: Final = 256
PAGE_UPDATES: Final = 20
MAX_PAGES: Final = 5_000
FEED_SECONDS: Final = 600.0
"""All pages of one feed together."""
MAX_SUMMARY_BYTES: Final = 16 * 1024
MAX_ATTESTATION_BYTES: Final = 4 * 1024
PROOF_CONTEXT: Final = b"pp-device-proof-v1\x00"
DEVICE_REVOKED: Final = "device_revoked"
"""The error a record service answers with, beside 403, for a device key it no longer vouches for."""


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A head as it came, and the name its holder gave this state of the feed ("" where it gave none)."""

    token: bytes = field(repr=False)
    etag: str = ""


def feed_head(transport: Transport, holder: Holder, tokens: Tokens) -> bytes:
    """The head JWS of this person's feed at `holder`, as it came; raises as `newest_head`."""
    return newest_head(transport, holder, tokens, None).token


def newest_head(transport: Transport, holder: Holder, tokens: Tokens, known: KeptHead | None) -> KeptHead:
    """The head of this person's feed at `holder`: `known` itself where the holder answers that nothing is newer.

    That answer is not signed, so it says no more than `known` does: it is for the caller to ask without
    `known` once that head is past its time. Raises LoginNeeded (the token is not known any more),
    ServiceRefused, ServiceBusy and what the transport raises.
    """
    asked = {"If-None-Match": known.etag} if known is not None and known.etag else {}
    url = f"{_patient(holder, tokens)}/$feed-head"
    answer = transport.get(url, max_bytes=MAX_HEAD_BYTES, headers=_bearer(tokens) | asked)
    if known is not None and asked and answer.status == 304:
        return known
    etag = _asked(answer).headers.get("etag", "")
    return KeptHead(answer.body.strip(), etag if etag.isascii() and len(etag) <= MAX_ETAG_CHARACTERS else "")


def update_pages(
    transport: Transport,
    holder: Holder,
    tokens: Tokens,
    *,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> Iterator[list[bytes]]:
    """The update JWSs `holder` signed at or after `since` (all when None), in feed order, as they came, page by page.

    Ones the passport has already may be among them: the place of each in the feed decides, not its
    time. `progress` counts each page from its beginning. Raises as `newest_head` does, between pages too.
    """
    url = f"{_patient(holder, tokens)}/$health-cards-issue"
    whole = transport.deadline(FEED_SECONDS)
    answer = transport.post(
        url,
        json=_issue_parameters(since),
        max_bytes=MAX_UPDATES_BYTES,
        headers=_bearer(tokens) | {"Content-Type": "application/fhir+json"},
        progress=progress,
        repeatable=True,
    )
    seen: set[str] = set()
    while True:
        page, following = _read_page(_asked(answer), url)
        yield page
        if following is None:
            return
        left = whole.ends - whole.monotonic()
        if following in seen or len(seen) >= MAX_PAGES or left <= 0:
            raise ServiceRefused(f"updates: expected an end within {MAX_PAGES} pages and {FEED_SECONDS:g} s")
        seen.add(following)
        answer = transport.get(
            following,
            max_bytes=MAX_UPDATES_BYTES,
            deadline_seconds=min(left, MAX_REQUEST_SECONDS),
            headers=_bearer(tokens),
            progress=progress,
        )


def emergency_summary(transport: Transport, holder: Holder, tokens: Tokens) -> bytes | None:
    """The emergency summary that `holder` signs of this person, as a JWS as it came; None where it gives none.

    Both types are asked for, which is a card that is both. Raises as `newest_head` does.
    """
    types = [{"name": "credentialType", "valueUri": name} for name in (HEALTH_CARD_TYPE, EMERGENCY_TYPE)]
    url = f"{_patient(holder, tokens)}/$health-cards-issue"
    answer = transport.post(
        url,
        json={"resourceType": "Parameters", "parameter": types},
        max_bytes=MAX_SUMMARY_BYTES,
        headers=_bearer(tokens) | {"Content-Type": "application/fhir+json"},
        repeatable=True,
    )
    cards, _ = _read_page(_asked(answer), url)
    return cards[0] if cards else None


def attest_device(transport: Transport, profile: Profile, tokens: Tokens, device_key: SigningKey) -> bytes:
    """The record service's attestation of `device_key` for whoever is logged in, as wire bytes.

    The device proves it holds the key by signing this login's access token (its SHA-256). Raises
    DeviceRevoked when the service no longer vouches for this key, and as `newest_head` does.
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


def _issue_parameters(since: datetime | None) -> Mapping[str, object]:
    parameters: list[dict[str, object]] = [
        {"name": "credentialType", "valueUri": HEALTH_CARD_TYPE},
        {"name": "_count", "valueInteger": PAGE_UPDATES},
    ]
    if since is not None:
        parameters.append({"name": "_since", "valueDateTime": since.isoformat()})
    return {"resourceType": "Parameters", "parameter": parameters}


def _read_page(answer: Answer, url: str) -> tuple[list[bytes], str | None]:
    """The updates on one page, and the address of the next: another query of the same operation, or refused."""
    found = _object(answer, "updates").get("parameter", [])
    if not isinstance(found, list):
        raise ServiceRefused("updates: expected Parameters")
    items = [item for item in found if isinstance(item, dict)]
    following = [item.get("valueUri") for item in items if item.get("name") == "next"]
    if following and not (isinstance(following[0], str) and following[0].startswith("?")):
        raise ServiceRefused("updates: expected the next page as another query")
    page = [_credential(item) for item in items if item.get("name") == "verifiableCredential"]
    return page, f"{url}{following[0]}" if following else None


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

"""Links, from both ends: the passport keeps one at a relay, sees who tried it and ends it; a reader opens one.

Owns the requests of SMART Health Links (HL7 STU1) and of our relay's owner interface. Files are sealed
before they leave and opened after they arrive (crypto/jwe.py): the relay never has the key. What a
code says is crypto/shlink.py; whether what was shared is genuine is crypto/link_share.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode, urlsplit

import httpx
from pydantic import Field, TypeAdapter, ValidationError

from crypto import jwe
from crypto.encoding import b64url_decode
from crypto.errors import (
    Ended,
    Expired,
    NotAllowed,
    PasscodeNeeded,
    RelayNotListed,
    ServiceRefused,
    Tampered,
    WrongPasscode,
)
from crypto.instants import from_numeric_date, to_numeric_date
from crypto.shlink import Link
from crypto.tickets import new_ticket
from sync.profile import RelayService
from sync.transport import Answer, Transport, require_safe_address

MAX_FILES: Final = 8
MAX_FILE_BYTES: Final = jwe.MAX_JWE_BYTES
MAX_OPENED_BYTES: Final = jwe.MAX_PLAINTEXT_BYTES  # all files of a link together, opened
MAX_MANIFEST_BYTES: Final = 16 * 1024 * 1024
MAX_OPENINGS_BYTES: Final = 1024 * 1024
MAX_EMBEDDED_CHARACTERS: Final = 512 * 1024  # larger files come on their own, each with its own cap


@dataclass(frozen=True, slots=True)
class OwnedLink:
    """A link and the token that makes its holder the owner; both stay in the sealed store."""

    link: Link
    owner_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opening:
    """One try to open a link, under the name its reader gave."""

    at: datetime
    recipient: str = field(repr=False)
    opened: bool


@dataclass(frozen=True, slots=True)
class Openings:
    """What the relay wrote down: the newest tries, oldest first, and how many there were in all."""

    active: bool
    remaining: int
    attempts: int
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class _OpeningAnswer:
    at: int
    recipient: str = field(repr=False)
    opened: bool


@dataclass(frozen=True, slots=True)
class _OpeningsAnswer:
    active: bool
    remaining: int
    attempts: int
    openings: tuple[_OpeningAnswer, ...]


@dataclass(frozen=True, slots=True)
class _ManifestFile:
    contentType: str  # noqa: N815 - the specification's name
    location: str | None = field(default=None, repr=False)
    embedded: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Manifest:
    files: Annotated[tuple[_ManifestFile, ...], Field(max_length=MAX_FILES)]
    status: str = ""


@dataclass(frozen=True, slots=True)
class _Remaining:
    remainingAttempts: Annotated[int, Field(ge=0, le=1000)]  # noqa: N815


NO_LONGER_VALID: Final = "no-longer-valid"
"""A manifest's `status` (SMART Health Links STU1): what it leads to is not to be used any more."""

_OPENINGS = TypeAdapter(_OpeningsAnswer)
_MANIFEST = TypeAdapter(_Manifest)
_REMAINING = TypeAdapter(_Remaining)


# ---- the owner ------------------------------------------------------------------------------


def new_link(relay: RelayService, *, exp: datetime, label: str, flag: str) -> OwnedLink:
    """A link nobody knows yet: 256-bit address, key and owner token, all made here. Nothing is sent."""
    link = Link(
        url=f"{relay.base_url}/links/{new_ticket()}",
        key=b64url_decode(new_ticket()),
        exp=exp,
        flag=flag,
        label=label,
    )
    return OwnedLink(link, new_ticket())


def publish(
    transport: Transport, owned: OwnedLink, files: Sequence[tuple[str, bytes]], *, passcode: str | None
) -> None:
    """Seal `files` (media type, content) and keep them at the link's relay; again for new files.

    `passcode` goes with flag P and counts from the first time on. Raises ServiceRefused and what the
    transport raises: then the link may or may not be there, and ending it is always right.
    """
    if owned.link.exp is None:
        raise ValueError("expected a link with an end")
    body = {
        "exp": to_numeric_date(owned.link.exp),
        "flag": owned.link.flag,
        "passcode": passcode,
        "files": [
            {"contentType": content_type, "jwe": jwe.encrypt(content, owned.link.key, content_type=content_type)}
            for content_type, content in files
        ],
    }
    transport.put(owned.link.url, json=body, headers=_owner(owned)).expect(201, 200)


def openings(transport: Transport, owned: OwnedLink) -> Openings:
    """Who tried to open the link; raises Ended when the relay has forgotten it."""
    url = f"{owned.link.url}/openings"
    answer = transport.get(url, max_bytes=MAX_OPENINGS_BYTES, headers=_owner(owned))
    if answer.status == 404:
        raise Ended("the relay has forgotten this link")
    try:
        found = _OPENINGS.validate_json(answer.expect(200).body)
    except ValidationError:
        raise ServiceRefused("openings: expected their form") from None
    tried = (Opening(from_numeric_date(one.at, name="at"), one.recipient, one.opened) for one in found.openings)
    return Openings(found.active, found.remaining, found.attempts, tuple(tried))


def end(transport: Transport, owned: OwnedLink) -> None:
    """End the link at the relay, at once and for good; one it has forgotten is ended too."""
    transport.delete(owned.link.url, headers=_owner(owned)).expect(204, 404)


# ---- the reader -----------------------------------------------------------------------------


def resolve(
    transport: Transport,
    link: Link,
    *,
    recipient: str,
    passcode: str | None,
    relays: frozenset[str],
    now: datetime,
) -> list[tuple[str, bytes]]:
    """Open a link: its files as (media type, content), unsealed and nothing more believed.

    `recipient` is the name the patient will see, `relays` the origins the trust list names. Raises
    Expired, RelayNotListed and PasscodeNeeded before anything is sent; WrongPasscode(remaining);
    Ended (unknown, ended and used up look the same); Tampered, MalformedToken, TooLarge for a file, or for all
    together.
    """
    if link.exp is not None and now >= link.exp:
        raise Expired(f"link: expected an end after now, found {link.exp.isoformat()}")
    _require_listed(link.url, relays)
    if link.needs_passcode and passcode is None:
        raise PasscodeNeeded("this link opens with a passcode")
    if "U" in link.flag:
        url = f"{link.url}?{urlencode({'recipient': recipient})}"
        return [_unsealed(_fetch(transport, url), link, "", MAX_OPENED_BYTES)]
    manifest = _read_manifest(_ask_manifest(transport, link.url, recipient, passcode))
    if manifest.status == NO_LONGER_VALID:
        raise Ended("the relay says that this link is over")
    found: list[tuple[str, bytes]] = []
    room = MAX_OPENED_BYTES
    for file in manifest.files:
        found.append(_unsealed(_file(transport, file, relays), link, file.contentType, room))
        room -= len(found[-1][1])
    return found


def host(link: Link) -> str:
    """The host a link leads to, with its port where that is not the usual one, as it is asked: other scripts in ASCII.

    Raises NotAllowed for an address that the transport would not ask.
    """
    try:
        url = httpx.URL(link.url)
    except (httpx.InvalidURL, UnicodeError):
        raise NotAllowed("expected an address, found text that is none") from None
    require_safe_address(url)
    return url.netloc.decode("ascii")


def origin(url: str) -> str:
    """Scheme, host and port of an address, as trust lists name relays."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _owner(owned: OwnedLink) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {owned.owner_token}"}


def _require_listed(url: str, relays: frozenset[str]) -> None:
    if origin(url) not in relays:
        raise RelayNotListed(f"expected one of the {len(relays)} relays of the trust list")


def _ask_manifest(transport: Transport, url: str, recipient: str, passcode: str | None) -> Answer:
    body: dict[str, str | int] = {"recipient": recipient, "embeddedLengthMax": MAX_EMBEDDED_CHARACTERS}
    if passcode is not None:
        body["passcode"] = passcode
    answer = transport.post(url, json=body, max_bytes=MAX_MANIFEST_BYTES)
    if answer.status == 401:
        if passcode is None:
            raise PasscodeNeeded("this link opens with a passcode")
        raise WrongPasscode(_remaining(answer))
    if answer.status == 404:
        raise Ended("the relay does not serve this link")
    return answer.expect(200)


def _remaining(answer: Answer) -> int:
    try:
        return _REMAINING.validate_json(answer.body).remainingAttempts
    except ValidationError:
        raise ServiceRefused("manifest: expected remainingAttempts beside 401") from None


def _read_manifest(answer: Answer) -> _Manifest:
    try:
        return _MANIFEST.validate_json(answer.body)
    except ValidationError:
        raise ServiceRefused(f"manifest: expected at most {MAX_FILES} files in their form") from None


def _file(transport: Transport, file: _ManifestFile, relays: frozenset[str]) -> str:
    if file.embedded is not None:
        return file.embedded
    if file.location is None:
        raise ServiceRefused("manifest: expected embedded or location")
    _require_listed(file.location, relays)
    return _fetch(transport, file.location)


def _fetch(transport: Transport, url: str) -> str:
    answer = transport.get(url, max_bytes=MAX_FILE_BYTES)
    if answer.status == 404:
        raise Ended("the relay does not serve this file")
    try:
        return answer.expect(200).body.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise ServiceRefused("file: expected a compact JWE") from error


def _unsealed(token: str, link: Link, stated: str, max_bytes: int) -> tuple[str, bytes]:
    """A file's media type and content. The type under the seal (`cty`) counts; where real links leave it
    out, the manifest's word is all there is."""
    opened = jwe.decrypt(token, link.key, max_plaintext_bytes=max_bytes)
    if opened.content_type and stated and essence(opened.content_type) != essence(stated):
        raise Tampered("file: expected the media type under the seal, found another in the manifest")
    return opened.content_type or stated, opened.plaintext


def essence(media_type: str) -> str:
    """A media type without its parameters, in small letters."""
    return media_type.partition(";")[0].strip().lower()

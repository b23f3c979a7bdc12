"""A profile: which services a passport uses and where they are. JSON beside the passport, no secrets.

Owns the shape of `profile.json`. The stand-in writes one with loopback addresses; one for real
services differs in its addresses only (D15). Whether an address may be used is transport.py's.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, TypeAdapter, ValidationError

from crypto import json_text
from crypto.errors import NoServices, Unreadable

MAX_PROFILE_BYTES = 1024 * 1024

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?$", max_length=500)]
"""An http or https address without query, fragment or closing slash."""

HolderKind = Literal["gp", "hospital"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A record holder: `iss` is the name it signs with, `base_url` where it answers."""

    iss: str
    name: str
    kind: HolderKind
    base_url: Address


@dataclass(frozen=True, slots=True)
class LoginService:
    """An OpenID provider, and the gateway that is its client `client_id` and holds that client's secret."""

    base_url: Address
    client_id: str
    gateway: Address

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends a browser back to: registered there, so it never changes."""
        return f"{self.gateway}/callback"


@dataclass(frozen=True, slots=True)
class TrustSource:
    """Where trust lists are fetched, and the root they are anchored in (1.root.json, bytes)."""

    metadata_url: Address
    targets_url: Address
    root: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RelayService:
    """The relay new links are kept at."""

    base_url: Address


@dataclass(frozen=True, slots=True)
class RecordService:
    """The service that vouches for device keys: `iss` is the name it signs with."""

    iss: str
    name: str
    base_url: Address


@dataclass(frozen=True, slots=True)
class Somebody:
    """A made-up person one may log in as."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The services of one passport."""

    name: str
    made_up: bool
    holders: tuple[Holder, ...]
    login: LoginService
    trust: TrustSource
    relay: RelayService
    service: RecordService | None = None
    people: tuple[Somebody, ...] = ()


_PROFILE = TypeAdapter(Profile)


def load_profile(path: Path) -> Profile:
    """The profile in a file; raises NoServices (no such file), NotJson, Unreadable (another shape).

    `trust.root` in the file is a path beside it, or 1.root.json itself as base64.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NoServices("expected a profile, found no file") from error
    if len(data) > MAX_PROFILE_BYTES:
        raise Unreadable(f"profile: expected at most {MAX_PROFILE_BYTES} bytes, found {len(data)}")
    members = json_text.parse_object(data)
    trust = members.get("trust")
    if isinstance(trust, dict):
        members["trust"] = trust | {"root": _root(trust.get("root"), path.parent)}
    try:
        return _PROFILE.validate_python(members)
    except ValidationError as error:
        raise Unreadable(f"profile: {_places(error)}") from None


def _root(stated: Any, folder: Path) -> bytes:
    if not isinstance(stated, str):
        raise Unreadable("profile: expected trust.root as a path or base64")
    if stated.endswith(".json"):
        try:
            return (folder / stated).read_bytes()
        except OSError as error:
            raise Unreadable("profile: expected the file trust.root names") from error
    try:
        return base64.b64decode(stated, validate=True)
    except binascii.Error as error:
        raise Unreadable("profile: expected trust.root as a path or base64") from error


def _places(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return ", ".join(f"{'.'.join(str(step) for step in item['loc'])} ({item['type']})" for item in found)

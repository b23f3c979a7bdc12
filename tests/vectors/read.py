"""Reads the vector files beside it: the keys that are trusted in them, and one case for each reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crypto.attestation import Subject
from crypto.errors import MalformedToken
from crypto.keys import Issuer, VerifyingKey
from crypto.trust import Floors, IssuerKey, ListedIssuer, TrustList

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """`code` is "ok" or the refusal's code; `message` a part of the refusal's message."""

    name: str
    code: str
    message: str
    now: datetime
    given: dict[str, Any]


def cases(name: str) -> list[Case]:
    """Every case in `name`.json."""
    return [
        Case(c["name"], c["code"], c["message"], at(c["now"]), c["given"])
        for c in json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["cases"]
    ]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def trust(listed: list[dict[str, Any]]) -> TrustList:
    """A trust list of `listed`: iss, name, ods, kind, and keys as {jwk, revoked_at}."""
    issuers = {}
    for one in listed:
        keys = [
            IssuerKey(VerifyingKey.from_jwk(key["jwk"]), at(key["revoked_at"]) if key.get("revoked_at") else None)
            for key in one["keys"]
        ]
        issuer = Issuer(one["iss"], one["name"], one["ods"], one["kind"])
        issuers[one["iss"]] = ListedIssuer(issuer, {key.key.kid: key for key in keys})
    far = datetime(2099, 1, 1, tzinfo=UTC)
    return TrustList(issuers, frozenset(), 1, far, datetime(2026, 11, 1, tzinfo=UTC), Floors())


def vector_trust() -> TrustList:
    """The issuers every vector file is judged by."""
    return trust(json.loads((FOLDER / "issuers.json").read_text(encoding="utf-8"))["issuers"])


def subject_of(text: str) -> Subject:
    """The person the vectors' plain words state: name, "Born ", "NHS number " in the first three lines."""
    lines = text.split("\n")
    if len(lines) < 3 or not lines[1].startswith("Born ") or not lines[2].startswith("NHS number "):
        raise MalformedToken("text: expected name, birth date and number")
    return Subject(lines[2].removeprefix("NHS number "), lines[1].removeprefix("Born "), lines[0])

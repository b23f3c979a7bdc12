"""What every generator of vectors stands on: keys, issuers, one writer for each file, and ways to break bytes."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crypto.encoding import b64url_decode, b64url_encode
from crypto.keys import SigningKey

FOLDER = Path(__file__).parent
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

OAK, INFIRMARY, SERVICE = "https://oak-lane-surgery.example", "https://infirmary.example", "https://record.example"


def key(name: str) -> SigningKey:
    """A key that is the same in every run. Only for made-up people."""
    return SigningKey.from_bytes(hashlib.sha256(f"passport vectors: {name}".encode()).digest())


def issuers() -> list[dict[str, Any]]:
    def listed(iss: str, name: str, ods: str, kind: str, *names: str) -> dict[str, Any]:
        keys = [{"jwk": key(n).public.to_jwk()} for n in names]
        return {"iss": iss, "name": name, "ods": ods, "kind": kind, "keys": keys}

    oak = listed(OAK, "Oak Lane Surgery", "Z99001", "gp", "oak", "oak revoked")
    oak["keys"][1]["revoked_at"] = (NOW - timedelta(days=10)).isoformat()
    infirmary = listed(INFIRMARY, "The Infirmary", "Z99002", "hospital", "infirmary")
    return [oak, infirmary, listed(SERVICE, "Record service", "Z99000", "service", "service")]


class Writer:
    """Collects the cases of one file."""

    def __init__(self, name: str, about: str) -> None:
        self.name, self.about = name, about
        self.cases: list[dict[str, Any]] = []

    def add(self, name: str, code: str, message: str = "", *, now: datetime = NOW, **given: Any) -> None:
        self.cases.append({"name": name, "code": code, "message": message, "now": now.isoformat(), "given": given})

    def write(self) -> None:
        names = [case["name"] for case in self.cases]
        assert len(set(names)) == len(names), "each case once"
        text = json.dumps({"about": self.about, "cases": self.cases}, indent=1, ensure_ascii=False)
        (FOLDER / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")


def flip_last_bit(data: bytearray) -> bytes:
    data[-1] ^= 1
    return bytes(data)


def flipped(jws_text: str, part: int) -> str:
    parts = jws_text.split(".")
    data = bytearray(b64url_decode(parts[part]))
    data[len(data) // 2] ^= 1
    parts[part] = b64url_encode(bytes(data))
    return ".".join(parts)

"""C2SP/wycheproof: ES256 signatures as raw r‖s, every case; and no JWS or JWE of other kinds is ever taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crypto import jwe, jws
from crypto.encoding import b64url_decode
from crypto.errors import PassportError, Tampered
from crypto.keys import VerifyingKey

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "wycheproof"

pytestmark = [pytest.mark.outside, pytest.mark.usefixtures("vectors")]


def groups(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["testGroups"]
    return found


def key_of(group: dict[str, Any]) -> VerifyingKey:
    point = bytes.fromhex(group["publicKey"]["uncompressed"])
    return VerifyingKey.from_compressed(bytes([2 + (point[-1] & 1)]) + point[1:33])


def fits(key: VerifyingKey, case: dict[str, Any]) -> bool:
    try:
        key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
    except Tampered:
        return False
    return True


def test_every_es256_signature_is_judged_as_published() -> None:
    judged = [
        (case["tcId"], fits(key, case), case["result"] == "valid")
        for group in groups("ecdsa_secp256r1_sha256_p1363_test")
        for key in [key_of(group)]
        for case in group["tests"]
    ]
    assert len(judged) == 262
    assert [case for case, found, published in judged if found != published] == []


def test_no_published_jws_of_another_profile_is_read() -> None:
    tokens = [case["jws"] for group in groups("json_web_signature_test") for case in group["tests"]]
    assert len(tokens) == 401
    assert [token for token in tokens if read(token)] == []


def read(token: object) -> bool:
    try:
        jws.read_unverified(token if isinstance(token, str) else json.dumps(token))
    except PassportError:
        return False
    return True


def test_no_published_jwe_of_another_algorithm_is_opened() -> None:
    cases = [case["jwe"] for group in groups("json_web_encryption_test") for case in group["tests"]]
    assert len(cases) == 139
    for case in cases:
        token = case if isinstance(case, str) else json.dumps(case)
        with pytest.raises(PassportError):
            jwe.decrypt(token, b64url_decode("A" * 43))

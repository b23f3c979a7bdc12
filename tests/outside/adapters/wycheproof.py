"""C2SP/wycheproof: signatures of ours, tokens of ours with the suites' own keys, and the primitives under the vault.

JWS and JWE are asked of our own reading, which takes one profile only (ES256 health cards; dir with A256GCM):
their valid cases of other algorithms are refused too, which the manifest counts as stricter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto import jwe, jws
from crypto.encoding import b64url_decode
from crypto.errors import MalformedToken, Tampered
from crypto.keys import VerifyingKey
from tests.outside.adapters.case import Case

FOLDER = "wycheproof"
SHA256_BYTES = 32
MAX_HKDF_BYTES = 255 * SHA256_BYTES

Judge = Callable[[Mapping[str, Any], Mapping[str, Any]], object]
"""A judge of one case in its group."""


def cases_of(
    folder: Path, name: str, judge: Judge, skip: Callable[[Mapping[str, Any]], str] = lambda _: ""
) -> Iterator[Case]:
    """The cases of one file; `skip` gives a reason for a whole group."""
    for group in json.loads((folder / FOLDER / f"{name}.json").read_text(encoding="utf-8"))["testGroups"]:
        for case in group["tests"]:
            good = case["result"] != "invalid"
            yield Case(f"{name}#{case['tcId']}", good, partial(judge, group, case), skip(group))


# ---- ES256 --------------------------------------------------------------------------------------


def es256(folder: Path) -> Iterator[Case]:
    """Raw r‖s over P-256 with SHA-256."""
    return cases_of(folder, "ecdsa_secp256r1_sha256_p1363_test", _signature)


def es256_der(folder: Path) -> Iterator[Case]:
    """The same in DER, which no message of ours may carry: every one is refused."""
    return cases_of(folder, "ecdsa_secp256r1_sha256_test", _signature)


def _signature(group: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    point = bytes.fromhex(group["publicKey"]["uncompressed"])
    key = VerifyingKey.from_compressed(bytes([2 + (point[-1] & 1)]) + point[1:33])
    key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))


# ---- tokens -------------------------------------------------------------------------------------


def json_web_signature(folder: Path) -> Iterator[Case]:
    """Compact and JSON tokens of every algorithm."""
    return cases_of(folder, "json_web_signature_test", _token)


def json_web_key(folder: Path) -> Iterator[Case]:
    """Tokens under key sets that are ambiguous, of mixed kinds or for another use."""
    return cases_of(folder, "json_web_key_test", _token)


def json_web_crypto(folder: Path) -> Iterator[Case]:
    """Tokens under keys that do not fit them."""
    return cases_of(folder, "json_web_crypto_test", _either)


def json_web_encryption(folder: Path) -> Iterator[Case]:
    """Encrypted tokens of every algorithm, each opened with its own key where that has 32 bytes."""
    return cases_of(folder, "json_web_encryption_test", _encrypted)


def _either(group: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    (_token if "jws" in case else _encrypted)(group, case)


def _token(group: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    token = case["jws"]
    unverified = jws.read_unverified(token if isinstance(token, str) else json.dumps(token))
    jws.verify(unverified, VerifyingKey.from_jwk(group["private"]), typ=unverified.typ)


def _encrypted(group: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    key = b64url_decode(group["private"].get("k", ""))
    token = case["jwe"]
    given = key if len(key) == jwe.KEY_BYTES else bytes(jwe.KEY_BYTES)
    jwe.decrypt(token if isinstance(token, str) else json.dumps(token), given)


# ---- primitives under the vault, links and (issue 7) the bedside -----------------------------------


def aes_256_gcm(folder: Path) -> Iterator[Case]:
    """The cipher of vault slots and link files, as we use it: 32-byte key, 12-byte nonce, 16-byte tag."""

    def other_size(group: Mapping[str, Any]) -> str:
        usual = (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)
        return "" if usual else "not a size of ours: 32-byte key, 12-byte nonce, 16-byte tag"

    return cases_of(folder, "aes_gcm_test", _sealed, other_size)


def _sealed(_: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    key, nonce, aad, ct, tag = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "ct", "tag"))
    try:
        opened = AESGCM(key).decrypt(nonce, ct + tag, aad)
    except InvalidTag as error:
        raise Tampered("tag") from error
    require_same(opened, case["msg"])


def hkdf_sha256(folder: Path) -> Iterator[Case]:
    """The derivation of the vault's sub-keys."""
    return cases_of(folder, "hkdf_sha256_test", _derived)


def _derived(_: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    if case["size"] > MAX_HKDF_BYTES:
        raise MalformedToken("hkdf: more bytes than it can give")
    ikm, salt, info = (bytes.fromhex(case[name]) for name in ("ikm", "salt", "info"))
    require_same(HKDF(hashes.SHA256(), case["size"], salt, info).derive(ikm), case["okm"])


def hmac_sha256(folder: Path) -> Iterator[Case]:
    """The MAC of the vault header and of entry salts, whole: a cut one is not a MAC of ours."""

    def cut(group: Mapping[str, Any]) -> str:
        return "" if group["tagSize"] == SHA256_BYTES * 8 else "a cut MAC: ours are whole"

    return cases_of(folder, "hmac_sha256_test", _authenticated, cut)


def _authenticated(_: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    mac = hmac.HMAC(bytes.fromhex(case["key"]), hashes.SHA256())
    mac.update(bytes.fromhex(case["msg"]))
    try:
        mac.verify(bytes.fromhex(case["tag"]))
    except InvalidSignature as error:
        raise Tampered("mac") from error


def x25519(folder: Path) -> Iterator[Case]:
    """Key agreement under HPKE. What the authors leave open ("acceptable") counts as good; low order is refused."""
    return cases_of(folder, "x25519_test", _agreed)


def _agreed(_: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["private"]))
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(case["public"])))
    except ValueError as error:
        raise MalformedToken("x25519: a point of low order") from error
    require_same(shared, case["shared"])


def require_same(found: bytes, published: str) -> None:
    """A result that is not the published one counts as a refusal."""
    if found != bytes.fromhex(published):
        raise Tampered("result: expected the published bytes")

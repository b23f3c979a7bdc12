"""Vectors of RFCs: HPKE (9180), Merkle proofs (6962, 9162), Argon2id (9106), and COSE_Sign1 from cose-wg/Examples."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto import cose, merkle
from crypto.errors import KeyUnknown, MalformedToken, Tampered
from crypto.keys import SigningKey, VerifyingKey
from tests.outside.adapters.case import Case
from tests.outside.adapters.wycheproof import require_same

# ---- RFC 9180 -----------------------------------------------------------------------------------

KEMS = {0x0020: KEM.X25519, 0x0010: KEM.P256, 0x0012: KEM.P521}
KDFS = {1: KDF.HKDF_SHA256, 2: KDF.HKDF_SHA384, 3: KDF.HKDF_SHA512}
AEADS = {1: AEAD.AES_128_GCM, 2: AEAD.AES_256_GCM, 3: AEAD.CHACHA20_POLY1305}
CURVES = {0x0010: ec.SECP256R1(), 0x0012: ec.SECP521R1()}


def hpke(folder: Path) -> Iterator[Case]:
    """The first message of every vector as published, and with one bit off in its key, its seal and its `info`.

    The published messages carry an `aad`, which the public interface of the library does not have (ours goes into
    `info`): they are opened by its test-only entrance.
    """
    for number, vector in enumerate(json.loads((folder / "hpke_vectors.json").read_text(encoding="utf-8"))):
        first = vector["encryptions"][0] if vector["encryptions"] else {"ct": "", "pt": "", "aad": ""}
        skip = _why_not(vector)
        for part in ("nothing", "enc", "ct", "info"):
            yield Case(f"hpke#{number} {part} changed", part == "nothing", partial(_opened, vector, first, part), skip)


def _why_not(vector: dict[str, Any]) -> str:
    if vector["mode"] != 0:
        return "modes with a shared or a sender's key: not in the library, not used"
    if vector["kem_id"] not in KEMS:
        return "X448: not in the library, not used"
    return "" if vector["aead_id"] in AEADS else "export only: nothing is sealed"


def _opened(vector: dict[str, Any], message: dict[str, str], changed: str) -> None:
    enc, ct, info = (bytes.fromhex(text) for text in (vector["enc"], message["ct"], vector["info"]))
    enc, ct, info = (
        _one_bit_off(value) if name == changed else value for name, value in (("enc", enc), ("ct", ct), ("info", info))
    )
    suite = Suite(KEMS[vector["kem_id"]], KDFS[vector["kdf_id"]], AEADS[vector["aead_id"]])
    try:
        opened = openssl.hpke._decrypt_with_aad(
            suite, enc + ct, _private_key(vector), info, bytes.fromhex(message["aad"])
        )
    except (InvalidTag, ValueError) as error:
        raise Tampered("hpke: does not open") from error
    require_same(opened, message["pt"])


def _private_key(vector: dict[str, Any]) -> Any:
    scalar = bytes.fromhex(vector["skRm"])
    if vector["kem_id"] in CURVES:
        return ec.derive_private_key(int.from_bytes(scalar, "big"), CURVES[vector["kem_id"]])
    return X25519PrivateKey.from_private_bytes(scalar)


def _one_bit_off(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


# ---- RFC 6962 -----------------------------------------------------------------------------------


def inclusion_proofs(folder: Path) -> Iterator[Case]:
    """transparency-dev/merkle: a leaf in a tree."""
    return _proofs(folder, "inclusion", _inclusion)


def consistency_proofs(folder: Path) -> Iterator[Case]:
    """transparency-dev/merkle: a tree within a later one."""
    return _proofs(folder, "consistency", _consistency)


def _proofs(folder: Path, kind: str, judge: Any) -> Iterator[Case]:
    home = folder / "rfc6962" / "testdata"
    for path in sorted((home / kind).rglob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        yield Case(path.relative_to(home).as_posix(), not case["wantErr"], partial(judge, case))


def _inclusion(case: dict[str, Any]) -> None:
    path = [_bytes(step) for step in case["proof"] or []]
    merkle.verify_inclusion(_bytes(case["leafHash"]), case["leafIdx"], case["treeSize"], path, _bytes(case["root"]))


def _consistency(case: dict[str, Any]) -> None:
    path = [_bytes(step) for step in case["proof"] or []]
    merkle.verify_consistency(case["size1"], case["size2"], path, _bytes(case["root1"]), _bytes(case["root2"]))


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text) if text else b""


# ---- RFC 9106 -----------------------------------------------------------------------------------


def argon2id(folder: Path) -> Iterator[Case]:
    """The derivation of the vault's passphrase slot, and each with one bit off in its published result."""
    for block in re.split(r"\n\s*\n", (folder / "argon2id.txt").read_text(encoding="utf-8")):
        values = dict(re.findall(r"^(\w+) = ?(.*)$", block, re.MULTILINE))
        if "output" not in values:
            continue
        output = bytes.fromhex(values["output"])
        for name, good, expected in (("as published", True, output), ("one bit off", False, _one_bit_off(output))):
            yield Case(f"argon2id#{values['COUNT']} {name}", good, partial(_argon2id, values, expected.hex()))


def _argon2id(values: dict[str, str], expected: str) -> None:
    derived = Argon2id(
        salt=bytes.fromhex(values["salt"]),
        length=int(values["length"]),
        iterations=int(values["iter"]),
        lanes=int(values["lanes"]),
        memory_cost=int(values["memcost"]),
        ad=bytes.fromhex(values["ad"]) if "ad" in values else None,
        secret=bytes.fromhex(values["secret"]) if "secret" in values else None,
    ).derive(bytes.fromhex(values["pass"]))
    require_same(derived, expected)


# ---- COSE ---------------------------------------------------------------------------------------


def cose_profile(folder: Path) -> Iterator[Case]:
    """Every example of cose-wg given to our own reading: none has our `typ`, so none may be believed."""
    for path, example in _examples(folder):
        good = not example.get("fail", False)
        yield Case(f"{path} as ours", good, partial(_believed, example))


def _believed(example: dict[str, Any]) -> None:
    jwk = example["input"].get("sign0", {}).get("key", {})
    key = _key(jwk) if jwk.get("crv") == "P-256" else SigningKey.generate().public
    cose.verify(cose.read_unverified(bytes.fromhex(example["output"]["cbor"])), key, typ="pp-words")


def cose_es256(folder: Path) -> Iterator[Case]:
    """The signature of every COSE_Sign1 example under our own Sig_structure and key, form laid aside."""
    for path, example in _examples(folder):
        signed = example["input"].get("sign0")
        if signed is not None:
            good = not example.get("fail", False)
            yield Case(path, good, partial(_signed, example, signed["key"]), _no_sign1_of_ours(example, signed))


def _no_sign1_of_ours(example: dict[str, Any], signed: dict[str, Any]) -> str:
    if signed["alg"] != "ES256":
        return "another algorithm than ES256"
    return "external data: no message of ours has any" if signed.get("external") else ""


def _examples(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((folder / "cose").rglob("*.json")):
        yield path.relative_to(folder).as_posix(), json.loads(path.read_text(encoding="utf-8"))


def _signed(example: dict[str, Any], jwk: dict[str, str]) -> None:
    message = cbor2.loads(bytes.fromhex(example["output"]["cbor"]))
    if isinstance(message, cbor2.CBORTag):
        if message.tag != 18:
            raise MalformedToken("cose: expected tag 18")
        message = message.value
    protected, unprotected, payload, signature = message
    headers = {**(cbor2.loads(protected) if protected else {}), **unprotected}
    if headers.get(cose.ALG) != -7:
        raise KeyUnknown("cose: expected ES256")
    _key(jwk).verify(signature, cose._to_be_signed(protected, payload))


def _key(jwk: dict[str, str]) -> VerifyingKey:
    point = {name: jwk[name] for name in ("x", "y")}
    return VerifyingKey.from_jwk({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256"} | point)

"""Cases of entry_proofs.json."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from crypto import json_text, jws
from crypto.encoding import b64url_decode, b64url_encode
from crypto.entries import commit, prove, sign_root
from tests.vectors.making import NOW, OAK, SECOND, Writer, flip_last_bit, flipped, key

SEED = hashlib.sha256(b"passport vectors: seed").digest()
RESOURCES = tuple(
    json_text.dump({"resourceType": "Observation", "id": str(i), "valueString": f"made up {i}"}) for i in range(7)
)


def root_jws(by: str = "oak", *, iss: str = OAK, iat: datetime = NOW - timedelta(days=2), seq: int = 3) -> str:
    return sign_root(commit(RESOURCES, SEED), key(by), iss=iss, feed="feed-1", seq=seq, iat=iat)


def good_proofs(*selection: int) -> dict[str, Any]:
    return prove(RESOURCES, SEED, root_jws(), selection or (1, 4, 6)).to_object()


def with_entry(at: int, **changes: Any) -> dict[str, Any]:
    proofs = good_proofs()
    proofs["entries"][at] |= changes
    return proofs


def bit(text: str) -> str:
    return b64url_encode(flip_last_bit(bytearray(b64url_decode(text))))


def entry_proof_cases() -> Writer:
    out = Writer("entry_proofs", "A few resources of one update with their proofs (D1); seven were signed.")
    wrong = "entry-proof-wrong"
    good = good_proofs()
    first = good["entries"][0]
    out.add("three of seven", "ok", proofs=good)
    out.add("the last alone, on the short side of the tree", "ok", proofs=good_proofs(6))
    out.add(
        "one letter of a resource", wrong, "root", proofs=with_entry(0, resource=first["resource"].replace("up", "uq"))
    )
    out.add("a space in a resource", wrong, "root", proofs=with_entry(0, resource=first["resource"] + " "))
    out.add("one bit of a salt", wrong, "root", proofs=with_entry(0, salt=bit(first["salt"])))
    out.add("a shorter salt", wrong, "salt", proofs=with_entry(0, salt=first["salt"][:40]))
    out.add("one bit of a path", wrong, "root", proofs=with_entry(0, path=[bit(first["path"][0]), *first["path"][1:]]))
    out.add("a path one step short", wrong, "too short", proofs=with_entry(0, path=first["path"][:-1]))
    out.add("a path one step long", wrong, "too long", proofs=with_entry(0, path=[*first["path"], first["path"][0]]))
    out.add("a path in another order", wrong, "root", proofs=with_entry(0, path=first["path"][::-1]))
    out.add("another index", wrong, "root", proofs=with_entry(0, i=3))
    out.add("an index at n", wrong, "below 7", proofs=with_entry(2, i=7))
    out.add("another n", wrong, "expected 7, found 8", proofs=good | {"n": 8})
    out.add("the same entry twice", wrong, "once", proofs=good | {"entries": [first, first]})
    out.add("falling order", wrong, "order", proofs=good | {"entries": good["entries"][::-1]})
    out.add("no entries", wrong, "at least one", proofs=good | {"entries": []})
    out.add("entries missing", wrong, "entries", proofs={"root": good["root"], "n": 7})
    out.add("index as text", wrong, "whole number", proofs=with_entry(0, i="1"))
    older = prove(RESOURCES[:6], SEED, root_jws(), (1, 4)).to_object() | {"n": 7}
    out.add("proofs of another tree under this root", wrong, "root", proofs=older)
    out.add("one bit of the root's signature", "tampered", proofs=good | {"root": flipped(good["root"], 2)})
    out.add("root by a stranger", "key-not-the-issuers", proofs=good | {"root": root_jws("thief")})
    out.add("root of an unknown issuer", "issuer-unknown", proofs=good | {"root": root_jws(iss="https://elm.example")})
    out.add("root by a revoked key", "key-revoked", proofs=good | {"root": root_jws("oak revoked", iat=NOW)})
    out.add(
        "root by that key before it was revoked",
        "ok",
        proofs=good | {"root": root_jws("oak revoked", iat=NOW - timedelta(days=11))},
    )
    out.add("root 121 s ahead", "not-yet-valid", proofs=good | {"root": root_jws(iat=NOW + 121 * SECOND)})
    claims = jws.read_unverified(good["root"]).payload
    head = jws.sign(claims, key("oak"), typ="pp-head+jws", deflate=False)
    out.add("a feed head in place of a root", "malformed-token", "typ", proofs=good | {"root": head})
    return out

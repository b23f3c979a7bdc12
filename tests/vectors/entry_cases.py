"""Cases of entry_proofs.json."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from crypto import json_text, jws
from crypto.encoding import b64url_decode, b64url_encode
from crypto.entries import commit, prove, sign_root
from tests.vectors.making import INFIRMARY, NOW, OAK, SECOND, Writer, flip_last_bit, flipped, key

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


def without(of: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in of.items() if member != name}


def bit(text: str) -> str:
    return b64url_encode(flip_last_bit(bytearray(b64url_decode(text))))


def edited(resource: str) -> str:
    return resource.replace("up", "uq")


def others_root() -> str:
    """The Infirmary's word for seven entries of its own."""
    own = tuple(resource.replace(b"made up", b"elsewhere") for resource in RESOURCES)
    iat = NOW - timedelta(days=2)
    return sign_root(commit(own, SEED), key("infirmary"), iss=INFIRMARY, feed="feed-1", seq=3, iat=iat)


def entry_proof_cases() -> Writer:
    out = Writer("entry_proofs", "A few resources of one update with their proof (D1); seven were signed.")
    good = good_proofs()
    first, _, last = good["entries"]
    out.add("three of seven", "ok", proofs=good)
    out.add("the last alone, on the short side of the tree", "ok", proofs=good_proofs(6))
    out.add("all of them, with no node beside", "ok", proofs=good_proofs(*range(7)))
    wrong = "entry-proof-wrong"
    out.add("one letter of a resource", wrong, "root", proofs=with_entry(0, resource=edited(first["resource"])))
    out.add("a space in a resource", wrong, "root", proofs=with_entry(0, resource=first["resource"] + " "))
    out.add("one bit of a salt", wrong, "root", proofs=with_entry(0, salt=bit(first["salt"])))
    out.add("a shorter salt", wrong, "32 bytes, found 30", proofs=with_entry(0, salt=first["salt"][:40]))
    swapped = [first | {"salt": last["salt"]}, *good["entries"][1:]]
    out.add("the salt of another entry", wrong, "root", proofs=good | {"entries": swapped})
    out.add("an empty salt", wrong, "32 bytes, found 0", proofs=with_entry(0, salt=""))
    held_back = [without(first, "salt"), *good["entries"][1:]]
    out.add("a withheld salt", "entry-salt-withheld", "entry 1 salt", proofs=good | {"entries": held_back})
    nodes = good["nodes"]
    out.add("one bit of a node", wrong, "root", proofs=good | {"nodes": [bit(nodes[0]), *nodes[1:]]})
    out.add("nodes in another order", wrong, "root", proofs=good | {"nodes": nodes[::-1]})
    out.add("a node of another length", wrong, "32 bytes", proofs=good | {"nodes": [nodes[0][:40], *nodes[1:]]})
    out.add("a missing node", "entry-nodes-wrong", "expected 3, found 2", proofs=good | {"nodes": nodes[:-1]})
    out.add("no nodes", "entry-nodes-wrong", "expected 3, found 0", proofs=good | {"nodes": []})
    surplus = good | {"nodes": [*nodes, nodes[0]]}
    out.add("a surplus node", "entry-nodes-wrong", "expected 3, found 4", proofs=surplus)
    elsewhere = good_proofs(0) | {"entries": good_proofs(1)["entries"]}
    out.add("the nodes of another position", wrong, "root", proofs=elsewhere)
    out.add("another position", wrong, "root", proofs=with_entry(0, i=0))
    pair = good_proofs(2, 3)
    apart = pair | {"entries": [pair["entries"][0], pair["entries"][1] | {"i": 4}]}
    out.add("a position that needs more nodes", "entry-nodes-wrong", "expected 4, found 2", proofs=apart)
    order = "entries-out-of-order"
    out.add("an index at n", order, "below 7", proofs=with_entry(2, i=7))
    out.add("the same entry twice", order, "once", proofs=good | {"entries": [first, first, last]})
    out.add("an index twice, two entries", order, "once", proofs=with_entry(1, i=1))
    out.add("falling order", order, "order", proofs=good | {"entries": good["entries"][::-1]})
    out.add("another n", "entry-count-wrong", "expected 7, found 8", proofs=good | {"n": 8})
    out.add("no entries", wrong, "at least one", proofs=good | {"entries": []})
    out.add("entries missing", wrong, "entries", proofs=without(good, "entries"))
    out.add("nodes missing", wrong, "nodes", proofs=without(good, "nodes"))
    out.add("index as text", wrong, "whole number", proofs=with_entry(0, i="1"))
    out.add("the first form, without a version", wrong, "v: expected 2", proofs=without(good, "v"))
    out.add("another version", wrong, "v: expected 2", proofs=good | {"v": 3})
    older = prove(RESOURCES[:6], SEED, root_jws(), (1, 4)).to_object() | {"n": 7}
    out.add("proofs of another tree under this root", "entry-nodes-wrong", "nodes", proofs=older)
    out.add("another holder's root over other entries", wrong, "root", proofs=good | {"root": others_root()})
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

"""Cases of feeds.json: one visit to a holder, from the position known before to its head and its updates."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from crypto import json_text, jws
from crypto.encoding import b64url_encode
from crypto.update import token_hash, write_head, write_update
from tests.vectors.making import INFIRMARY, NOW, OAK, SECOND, Writer, flipped, key

SUB, FEED = "pairwise-1", "feed-1"
DAY = timedelta(days=1)
BUNDLE = json_text.dump(
    {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "p"}},
            {"resource": {"resourceType": "Observation", "id": "1"}},
        ],
    }
)


def update(seq: int = 1, prev: str | None = None, by: str = "oak", **changed: Any) -> str:
    given = {"fhir_version": "4.0.1", "iss": OAK, "sub": SUB, "feed": FEED, "nbf": NOW - DAY}
    return write_update(BUNDLE, seq=seq, prev=prev, key=key(by), **(given | changed))


def head(last: str, seq: int = 1, by: str = "oak", **changed: Any) -> str:
    given = {"iss": OAK, "feed": FEED, "sub": SUB, "iat": NOW, "exp": NOW + DAY}
    return write_head(seq=seq, head=token_hash(last), key=key(by), **(given | changed))


def position(seq: int, last: str) -> dict[str, Any]:
    return {"iss": OAK, "feed": FEED, "seq": seq, "head": token_hash(last), "sub": SUB}


def signed_anew(token: str, **claims: Any) -> str:
    """The same update, its Bundle to the byte, with other claims."""
    payload = json.loads(jws.read_unverified(token).payload) | claims
    return jws.sign(json_text.dump(payload), key("oak"), deflate=True)


def feed_cases() -> Writer:
    out = Writer("feeds", "One visit to a holder's feed (D1): what is known, its head, its updates, oldest first.")
    first = update()
    second = update(2, token_hash(first))
    third = update(3, token_hash(second))
    other = update(2, token_hash(update()))

    def add(name: str, code: str, message: str, given_head: str, *updates: str, known: Any = None) -> None:
        out.add(name, code, message, iss=OAK, sub=SUB, position=known, head=given_head, updates=list(updates))

    at_two = position(2, second)
    add("from the beginning", "ok", "", head(third, 3), first, second, third)
    add("from the second on", "ok", "", head(third, 3), third, known=at_two)
    add("nothing new", "ok", "", head(second, 2), known=at_two)
    add("an issuer nobody lists", "issuer-unknown", "", head(first, iss="https://elm.example"), first)
    add("another issuer's head", "issuer-unknown", "in this feed", head(first, by="infirmary", iss=INFIRMARY), first)
    add("a head by a stranger's key", "key-not-the-issuers", "", head(first, by="thief"), first)
    add("an update by a stranger's key", "key-not-the-issuers", "", head(first), update(by="thief"))
    add("a head by a key revoked before now", "key-revoked", "", head(first, by="oak revoked"), first)
    add("an update by a key revoked before", "key-revoked", "", head(first), update(by="oak revoked"))
    add("a head for another patient", "wrong-patient", "sub", head(first, sub="pairwise-2"), first)
    add("an update for another patient", "wrong-patient", "sub", head(first), update(sub="pairwise-2"))
    add("an update again", "update-replayed", "expected 3, found 2", head(third, 3), second, known=at_two)
    add("a head that goes back", "update-replayed", "or later", head(first, 1), known=at_two)
    add("an update left out", "update-missing", "expected 2, found 3", head(third, 3), first, third)
    add("updates withheld at the end", "update-missing", "up to 3, found 2", head(third, 3), first, second)
    add("another second update", "update-forked", "update 2", head(third, 3), other, known=at_two)
    add("another history before the third", "update-forked", "prev", head(third, 3), third, known=position(2, other))
    add("another hash for the known update", "update-forked", "at 2", head(other, 2), known=at_two)
    add("a head of another feed", "update-forked", "feed", head(third, 3, feed="feed-2"), third, known=at_two)
    add("another update than the head names", "update-forked", "head's hash", head(other, 2), first, second)
    add("a head past its time", "head-too-old", "exp", head(first, iat=NOW - DAY, exp=NOW), first)
    add("a head one second before its end", "ok", "", head(first, iat=NOW - DAY, exp=NOW + SECOND), first)
    add("an update past the head", "head-too-old", "update 2", head(first, 1), first, second)
    add("a head 121 s ahead", "not-yet-valid", "head iat", head(first, iat=NOW + 121 * SECOND), first)
    add("an update 121 s ahead", "not-yet-valid", "update nbf", head(first), update(nbf=NOW + 121 * SECOND))
    ended = signed_anew(first, exp=int(NOW.timestamp()))
    add("an update past its own end", "expired", "", head(ended), ended)
    add("one bit of a head's signature", "tampered", "", flipped(head(first), 2), first)
    add("one bit of an update's signature", "tampered", "", head(first), flipped(first, 2))
    add("a head over its ceiling", "too-large", "4096", head(first, feed="f" * 4096), first)
    add("an update in place of a head", "malformed-token", "", first, first)
    seed = b64url_encode(hashlib.sha256(b"another seed").digest())
    claimed = json.loads(jws.read_unverified(first).payload)["entries"]
    resalted = signed_anew(first, entries=claimed | {"seed": seed})
    add("salts that make another tree", "entry-proof-wrong", "tree of these", head(resalted), resalted)
    return out

"""Cases of cards.json."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from crypto import json_text
from crypto.card import make_card
from crypto.encoding import b64url_decode, b64url_encode, deflate
from tests.vectors.making import NOW, OAK, SECOND, Writer, flipped, key

PATIENT = {"resourceType": "Patient", "birthDate": "1959-03-07", "name": [{"family": "Prŷs"}]}
ALLERGY = {"resourceType": "AllergyIntolerance", "code": {"text": "penicillin"}, "note": [{"text": "1.50"}]}
BUNDLE = json_text.dump(
    {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"resource:{i}", "resource": r} for i, r in enumerate([PATIENT, ALLERGY])],
    }
)
TYPE = "https://smarthealth.cards#health-card"


def payload(**changes: Any) -> dict[str, Any]:
    subject = {"fhirVersion": "4.0.1", "fhirBundle": json.loads(BUNDLE)}
    vc = {"type": [TYPE], "credentialSubject": subject}
    made = {"iss": OAK, "nbf": int(NOW.timestamp()) - 60, "vc": vc} | changes
    return {name: value for name, value in made.items() if value is not None}


def token(body: bytes, by: str = "oak", header: dict[str, Any] | None = None, *, packed: bool = True) -> str:
    """A JWS with any header over any bytes."""
    head = {"zip": "DEF", "alg": "ES256", "kid": key(by).public.kid} | (header or {})
    said = json.dumps({name: value for name, value in head.items() if value is not None}).encode()
    signed = f"{b64url_encode(said)}.{b64url_encode(deflate(body) if packed else body)}"
    return f"{signed}.{b64url_encode(key(by).sign(signed.encode()))}"


def card(by: str = "oak", **changes: Any) -> str:
    return token(json_text.dump(payload(**changes)), by)


def der(jws_text: str) -> str:
    head, body, signature = jws_text.split(".")
    raw = b64url_decode(signature)
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    return f"{head}.{body}.{b64url_encode(encode_dss_signature(r, s))}"


def card_cases() -> Writer:
    out = Writer("cards", "SMART Health Cards as compact JWS, and how a reader must take them.")
    nbf = NOW - timedelta(minutes=1)
    good = make_card(BUNDLE, key("oak"), iss=OAK, nbf=nbf)
    bad = "malformed-token"
    seconds = NOW.timestamp()
    out.add("as made", "ok", token=good)
    out.add("with fractional times", "ok", token=card(nbf=seconds - 60.763, exp=seconds + 0.5))
    out.add("one second before exp", "ok", token=card(exp=seconds), now=NOW - SECOND)
    out.add("nbf 120 s ahead", "ok", token=card(nbf=seconds + 120))
    out.add("typ JWT", "ok", token=token(json_text.dump(payload()), header={"typ": "JWT"}))
    out.add("the second of exp", "expired", token=card(exp=seconds))
    out.add("nbf 121 s ahead", "not-yet-valid", "nbf", token=card(nbf=seconds + 121))
    out.add("one bit of the payload", "tampered", token=flipped(good, 1))
    out.add("one bit of the signature", "tampered", token=flipped(good, 2))
    out.add("payload of one card under another's signature", "tampered", token=crossed(good, card(nbf=seconds - 61)))
    out.add("issuer not in the list", "issuer-unknown", token=card(iss="https://elm-street.example"))
    out.add("another issuer's key", "key-not-the-issuers", token=card("infirmary"))
    out.add("key nobody knows", "key-not-the-issuers", token=card("thief"))
    out.add("key revoked before it signed", "key-revoked", token=card("oak revoked"))
    out.add("signature in DER", bad, "64", token=der(good))
    out.add("alg none", bad, "alg", token=token(json_text.dump(payload()), header={"alg": "none"}))
    out.add("alg HS256", bad, "alg", token=token(json_text.dump(payload()), header={"alg": "HS256"}))
    out.add("no kid", bad, "kid", token=token(json_text.dump(payload()), header={"kid": None}))
    out.add("not deflated", bad, "zip", token=token(json_text.dump(payload()), header={"zip": None}, packed=False))
    out.add("zip of another kind", bad, "zip", token=token(json_text.dump(payload()), header={"zip": "GZ"}))
    out.add("crit", bad, "crit", token=token(json_text.dump(payload()), header={"crit": ["exp"]}))
    out.add("another object's typ", bad, "typ", token=token(json_text.dump(payload()), header={"typ": "pp-root+jws"}))
    out.add("http issuer", bad, "iss", token=card(iss="http://oak-lane-surgery.example"))
    out.add("issuer with a closing slash", bad, "iss", token=card(iss=OAK + "/"))
    out.add("no issuer", bad, "iss", token=card(iss=None))
    out.add(
        "byte order mark in the payload",
        bad,
        "byte order mark",
        token=token(b"\xef\xbb\xbf" + json_text.dump(payload())),
    )
    twice = json_text.dump(payload())[:-1] + b',"iss":"https://infirmary.example"}'
    out.add("a name given twice", bad, "once", token=token(twice))
    out.add("NaN in the payload", bad, "finite", token=token(json_text.dump(payload())[:-1] + b',"x":NaN}'))
    out.add("characters after the JSON", bad, "well-formed", token=token(json_text.dump(payload()) + b"x"))
    packed = deflate(json_text.dump(payload()))
    out.add("bytes after the DEFLATE stream", bad, "after the stream", token=token(packed + b"x", packed=False))
    out.add("DEFLATE stream cut off", bad, "cut off", token=token(packed[:-4], packed=False))
    out.add("padded base64", bad, "base64url", token=good + "==")
    out.add("space after it", bad, "base64url", token=good + " ")
    out.add("a fourth part", bad, "3 parts", token=good + ".x")
    out.add("exp in milliseconds", bad, "exp", token=card(exp=seconds * 1000))
    out.add("nbf as text", bad, "nbf", token=card(nbf="2026"))
    out.add("no health-card type", bad, "type", token=card(vc=payload()["vc"] | {"type": []}))
    out.add(
        "no Bundle", bad, "fhirBundle", token=card(vc={"type": [TYPE], "credentialSubject": {"fhirVersion": "4.0.1"}})
    )
    out.add("no credentialSubject", bad, "credentialSubject", token=card(vc={"type": [TYPE]}))
    withdrawn(out, seconds)
    return out


def withdrawn(out: Writer, seconds: float) -> None:
    rid = card(vc=payload()["vc"] | {"rid": "abc"})
    kid = key("oak").public.kid

    def listed(*rids: str, method: str = "rid") -> dict[str, Any]:
        return {kid: {"kid": kid, "method": method, "ctr": 1, "rids": list(rids)}}

    out.add("not in the withdrawal list", "ok", token=rid, withdrawals=listed("abd"))
    out.add("listed for cards before it", "ok", token=rid, withdrawals=listed(f"abc.{int(seconds) - 60}"))
    out.add("listed", "card-withdrawn", token=rid, withdrawals=listed("abc"))
    out.add("listed for cards up to it", "card-withdrawn", token=rid, withdrawals=listed(f"abc.{int(seconds) - 59}"))
    out.add("a list of another method", "malformed-token", "method", token=rid, withdrawals=listed(method="x"))
    long_rid = card(vc=payload()["vc"] | {"rid": "a" * 25})
    out.add("rid of 25 characters", "malformed-token", "rid", token=long_rid)


def crossed(one: str, other: str) -> str:
    return ".".join([*one.split(".")[:2], other.split(".")[2]])

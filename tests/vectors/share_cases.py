"""Cases of shares.json."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crypto import json_text, link_share, shlink
from crypto.attestation import Subject
from crypto.card import resources_of
from crypto.encoding import b64url_encode
from crypto.entries import EntryProofs
from tests.vectors.card_cases import BUNDLE
from tests.vectors.entry_cases import good_proofs
from tests.vectors.making import NOW, SECOND, Writer, flipped, key
from tests.vectors.words_cases import SIAN, attest

LINK = shlink.Link(
    "https://relay.example/m/0iXg8sbkCPmV9qlTuyZJkMdgKKZ2jvXjoEBrC8xE3Xk",
    hashlib.sha256(b"passport vectors: link key").digest(),
    NOW + timedelta(hours=1),
    "P",
    "Seen at A&E",
)


def share(by: str = "device", wire: bytes | None = b"", link: shlink.Link = LINK, now: datetime = NOW) -> bytes:
    return link_share.make_share(
        link,
        key(by),
        patient=SIAN,
        sections=["allergies", "medicines"],
        proofs=[EntryProofs.from_object(good_proofs())],
        unsigned=[link_share.UnsignedEntry("letter.json", "2026-11-01", resources_of(BUNDLE)[1])],
        attestation_wire=attest() if wire == b"" else wire,
        now=now,
    )


def edited(data: bytes, **changes: Any) -> bytes:
    return json_text.dump(json.loads(data) | changes)


def share_cases() -> Writer:
    out = Writer("shares", "A link's code and the object behind it, as the professional's app gets them.")
    good, text = share(), shlink.make(LINK)

    def add(
        name: str, code: str, message: str = "", *, data: bytes = good, link: str = text, now: datetime = NOW
    ) -> None:
        out.add(name, code, message, now=now, link=link, share=data.decode("utf-8"))

    def code(**changes: Any) -> str:
        return shlink.make(replace(LINK, **changes))

    add("as made", "ok")
    add("with a viewer's address before it", "ok", link="https://viewer.example/view#" + text)
    add("one second before its end", "ok", now=NOW + timedelta(hours=1) - SECOND)
    add("the second of its end", "expired", now=NOW + timedelta(hours=1))
    add("made 121 s ahead", "not-yet-valid", now=NOW - 121 * SECOND)
    add("nobody attests the passport", "ok", data=share(wire=None))
    changed = "terms-changed"
    add("a later end in the code", changed, "exp", link=code(exp=NOW + timedelta(hours=2)))
    add("no end in the code", changed, "exp", link=code(exp=None))
    add("another label in the code", changed, "label", link=code(label="Seen at Oak Lane"))
    add("another address in the code", changed, "url", link=code(url=LINK.url[:-1] + "l"))
    add("another key in the code", changed, "key", link=code(key=bytes(32)))
    add("no passcode in the code", changed, "flag", link=code(flag=""))
    proofs, unsigned = (json.loads(good)[name] for name in ("proofs", "unsigned"))
    add("an unsigned entry added", changed, "unsigned", data=edited(good, unsigned=unsigned * 2))
    add("an unsigned entry left out", changed, "unsigned", data=edited(good, unsigned=[]))
    add("a proof left out", changed, "proofs", data=edited(good, proofs=[]))
    add("a proof twice", changed, "proofs", data=edited(good, proofs=proofs * 2))
    terms = json.loads(good)["terms"]
    add("one bit of the terms' signature", "tampered", data=edited(good, terms=flipped(terms, 2)))
    add("the same share by another key", "attestation-wrong", "key that signed", data=share("thief"))
    add("terms of one key, name of another", "key-not-the-issuers", data=edited(good, device=device("thief")))
    add("attested for somebody else", "attestation-wrong", "person", data=share(wire=attest(OTHER)))
    add("attestation at its end", "attestation-expired", data=share(wire=attest(exp=NOW)))
    add("version 2", "malformed-token", "expected 1", data=edited(good, v=2))
    add("no proofs", "malformed-token", "proofs", data=edited(good, proofs=None))
    add("not JSON", "malformed-token", "well-formed", data=good[:-1])
    bad_proof = share_with(with_proof("made up 1", "made up 9"))
    add("a resource the holder did not sign", "entry-proof-wrong", "root", data=bad_proof)
    return out


OTHER = Subject("9990000026", "1959-03-07", "Siân Gwenllïan Prŷs")


def device(name: str) -> str:
    return b64url_encode(key(name).public.compressed)


def with_proof(old: str, new: str) -> EntryProofs:
    return EntryProofs.from_object(json.loads(json.dumps(good_proofs()).replace(old, new)))


def share_with(proofs: EntryProofs) -> bytes:
    return link_share.make_share(
        LINK, key("device"), patient=SIAN, sections=[], proofs=[proofs], unsigned=[], attestation_wire=attest(), now=NOW
    )

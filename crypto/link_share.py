"""What a link carries for our own reader, beside the patient summary every viewer opens (D8).

One JSON object, encrypted as a file of the link (shlink.py, jwe.py):

    v, device      1, and the passport's public key
    terms          a JWS by that key: which link, until when, which sections, whose record, hashes of the rest
    attestation    the record service's word that the key is this person's passport, where there is one
    proofs         entries with their holders' signatures (entries.py)
    unsigned       entries nobody signed, with where and when they were received

The terms bind the link's address, key, label and end, so none of these can be changed in the code and
nothing can be added to the file. That proven resources are this patient's is for the reader: it
compares the Patient proven from the same root with `patient` (app/record/identity.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crypto import attestation, json_text, jws, members
from crypto.attestation import Attested, Subject
from crypto.encoding import b64url_decode, b64url_encode
from crypto.entries import EntryProofs, ProvenEntries, check
from crypto.errors import AttestationWrong, MalformedToken, NotJson, TermsChanged, TooLarge
from crypto.instants import from_numeric_date, require_before, require_begun, to_numeric_date
from crypto.keys import KeySource, SigningKey, VerifyingKey
from crypto.shlink import Link

TERMS_TYP: Final = "pp-terms+jws"
VERSION: Final = 1

MAX_SHARE_BYTES: Final = 64 * 1024 * 1024
"""The object after inflating: a whole life's entries with salts and paths stays far below."""

MAX_TERMS_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class UnsignedEntry:
    """A resource nobody signed: the name of where it came from, and when it was received (text, as shown)."""

    source: str
    received: str
    resource: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedShare:
    """A share whose every check held. `attested` None: nobody vouches that the passport is this person's."""

    patient: Subject
    sections: tuple[str, ...]
    label: str
    shared_at: datetime
    exp: datetime
    device_key: VerifyingKey
    attested: Attested | None
    proven: tuple[ProvenEntries, ...]
    unsigned: tuple[UnsignedEntry, ...]


def make_share(
    link: Link,
    device_key: SigningKey,
    *,
    patient: Subject,
    sections: Sequence[str],
    proofs: Sequence[EntryProofs],
    unsigned: Sequence[UnsignedEntry],
    attestation_wire: bytes | None,
    now: datetime,
) -> bytes:
    """The object for `link`, signed by the passport; raises TermsChanged when the link states no end."""
    if link.exp is None:
        raise TermsChanged("link exp: expected an end")
    parts = {
        "proofs": json_text.dump([proof.to_object() for proof in proofs]),
        "unsigned": json_text.dump([_to_object(entry) for entry in unsigned]),
    }
    terms = _link_terms(link) | {
        "sections": list(sections),
        "iat": to_numeric_date(now),
        "patient": {"number": patient.nhs_number, "birth_date": patient.birth_date, "name": patient.name},
        **{f"{name}_sha256": _sha256(text) for name, text in parts.items()},
    }
    head: dict[str, object] = {
        "v": VERSION,
        "device": b64url_encode(device_key.public.compressed),
        "terms": jws.sign(json_text.dump(terms), device_key, typ=TERMS_TYP, deflate=False),
    }
    if attestation_wire is not None:
        head["attestation"] = b64url_encode(attestation_wire)
    return json_text.dump_with(head, parts)


def open_share(data: bytes, link: Link, trust: KeySource, *, now: datetime) -> OpenedShare:
    """The share behind `link`, once every check holds.

    Raises MalformedToken, TooLarge, Tampered, TermsChanged (the code and the signed terms differ),
    NotYetValid, Expired, AttestationWrong and its kin, EntryProofWrong and what `entries.check` raises.
    """
    share, slices = _read(data)  # (1) form
    device_key = VerifyingKey.from_compressed(b64url_decode(members.text(share, "device")))
    terms = _terms(members.text(share, "terms"), device_key)  # (2) the passport's signature
    for name, expected in _link_terms(link).items():  # (3) the terms are this link's
        if terms.get(name) != expected:
            raise TermsChanged(f"{name}: the code and the signed terms differ")
    for name, text in slices.items():  # (4) nothing added, nothing left out
        if terms.get(f"{name}_sha256") != _sha256(text):
            raise TermsChanged(f"{name}: the file and the signed terms differ")
    shared_at, exp = (from_numeric_date(terms.get(name), name=f"terms {name}") for name in ("iat", "exp"))
    require_begun(shared_at, now=now, name="terms iat")  # (5) time
    require_before(exp, now=now)
    patient = _patient(terms)
    attested = _attested(share, device_key, patient, trust, now)  # (6) whose passport
    proven = tuple(
        check(EntryProofs.from_object(value), trust, now=now) for value in members.array(share, "proofs")
    )  # (7)
    unsigned = tuple(_unsigned(value) for value in members.array(share, "unsigned"))
    sections = tuple(members.texts(terms, "sections"))
    label = members.text(terms, "label")
    return OpenedShare(patient, sections, label, shared_at, exp, device_key, attested, proven, unsigned)


def _link_terms(link: Link) -> dict[str, object]:
    """What the terms say of the link they belong to."""
    return {
        "url_sha256": _sha256(link.url.encode("utf-8")),
        "key_sha256": _sha256(link.key),
        "exp": None if link.exp is None else to_numeric_date(link.exp),
        "label": link.label,
        "flag": link.flag,
    }


def _read(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The object, and the exact bytes of the two members the terms hash."""
    if len(data) > MAX_SHARE_BYTES:
        raise TooLarge(f"share: expected at most {MAX_SHARE_BYTES} bytes, found {len(data)}")
    try:
        share = json_text.parse_object(data)
    except NotJson as error:
        raise MalformedToken(f"share: {error.args[0]}") from error
    if share.get("v") != VERSION:
        raise MalformedToken(f"share v: expected {VERSION}")
    text = json_text.decode_utf8(data)
    slices: dict[str, bytes] = {}
    for name in ("proofs", "unsigned"):
        members.array(share, name)
        span = json_text.member_spans(text, (name,))[0]
        slices[name] = text[span.start : span.end].encode("utf-8")
    return share, slices


def _terms(token: str, device_key: VerifyingKey) -> Mapping[str, Any]:
    if len(token) > MAX_TERMS_BYTES:
        raise TooLarge(f"terms: expected at most {MAX_TERMS_BYTES} bytes, found {len(token)}")
    unverified = jws.read_unverified(token, max_inflated_bytes=MAX_TERMS_BYTES)
    jws.verify(unverified, device_key, typ=TERMS_TYP)
    return unverified.claims


def _patient(terms: Mapping[str, Any]) -> Subject:
    patient = members.object_in(terms.get("patient"), "patient")
    return Subject(*(members.text(patient, name) for name in ("number", "birth_date", "name")))


def _attested(
    share: Mapping[str, Any], device_key: VerifyingKey, patient: Subject, trust: KeySource, now: datetime
) -> Attested | None:
    if "attestation" not in share:
        return None
    attested = attestation.verify(b64url_decode(members.text(share, "attestation")), patient, trust, now=now)
    if attested.device_key != device_key:
        raise AttestationWrong("attestation: expected one of the key that signed the terms")
    return attested


def _to_object(entry: UnsignedEntry) -> dict[str, str]:
    return {"source": entry.source, "received": entry.received, "resource": entry.resource.decode("utf-8")}


def _unsigned(value: object) -> UnsignedEntry:
    entry = members.object_in(value, "unsigned")
    resource = members.utf8(entry, "resource")
    return UnsignedEntry(members.text(entry, "source"), members.text(entry, "received"), resource)


def _sha256(data: bytes) -> str:
    return b64url_encode(hashlib.sha256(data).digest())

"""A picked file as what can be stored: FHIR, lines of FHIR, health cards, a table, a letter or a picture.

Owns which form a file has and, for health cards, whether a listed issuer signed them. What a form becomes is
app/record/file_forms.py; a code in a picture is decoded by the caller, who hands its text on as a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from app.record.entry import Reading
from app.record.export_fhir import MESSAGES, TAG_SYSTEM
from app.record.file_forms import bundle_of_enclosed, bundle_of_lines, bundle_of_table, media_type
from app.record.reading import read_bundle
from app.record.source import Checked
from crypto import card, json_text, jws
from crypto.errors import IssuerUnknown, LinkNotAFile, NotJson
from crypto.trust import TrustList

LINK = b"shlink:/"
MESSAGES_MARK = f'"tag":[{{"system":"{TAG_SYSTEM}","code":"{MESSAGES}"}}]'.encode()


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a card, when, and the list that names the key."""

    name: str
    iss: str
    kid: str
    at: datetime
    trust_version: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One message out of a file: what it says, the bytes to keep, and who signed it where that was checked."""

    reading: Reading = field(repr=False)
    raw: bytes = field(repr=False)
    signed: Signed | None = None

    @property
    def checked(self) -> Checked:
        """Only a signature that was checked counts."""
        return Checked.NOT_SIGNED if self.signed is None else Checked.CHECKED


def pieces_of(data: bytes, name: str, trust: TrustList | None, *, now: datetime) -> tuple[Piece, ...]:
    """What a file holds; `name` is the name the patient knows it by.

    Raises NotJson, NotFhir, TableUnreadable, TooLarge, LinkNotAFile; for health cards also MalformedToken and every
    refusal of a card that a listed issuer cannot have signed so (Tampered, KeyRevoked, Expired, CardWithdrawn …).
    """
    bare = data.strip()
    if cards := _cards(bare):
        return tuple(_card(token, trust, now=now) for token in cards)
    if LINK in bare[:1024] and not bare.startswith((b"{", b"[")):
        raise LinkNotAFile("expected a file, found a link")
    if messages := _messages(bare):
        return tuple(Piece(read_bundle(one), one) for one in messages)
    bundle = _bundle(data, PurePath(name).name)
    return (Piece(read_bundle(bundle), bundle),)


def _messages(bare: bytes) -> list[bytes]:
    """The Bundles of a whole record that this app wrote out (export_fhir.py), each byte for byte; none for another."""
    if MESSAGES_MARK not in bare[:1024]:
        return []
    try:
        text = bare.decode("utf-8", "surrogatepass")
        spans = json_text.member_spans(text, ("entry", None, "resource"))
    except (UnicodeDecodeError, NotJson):
        return []
    return [text[span.start : span.end].encode("utf-8", "surrogatepass") for span in spans]


def _bundle(data: bytes, name: str) -> bytes:
    kind = media_type(data)
    if kind is not None:
        return bundle_of_enclosed(data, name, kind)
    return bundle_of_lines(data) or bundle_of_table(data, name) or data


def _cards(bare: bytes) -> list[str]:
    """The cards of a file or code; none for any other file."""
    if bare.startswith(b"{"):
        return card.from_file(bare) if b'"verifiableCredential"' in bare[:256] else []
    if bare.startswith(card.NUMERIC_PREFIX.encode("ascii")):
        return [card.from_numeric(bare.decode("ascii", "replace"))]
    parts = bare.split(b".")
    return [bare.decode("ascii")] if len(parts) == 3 and bare.isascii() and parts[0].startswith(b"ey") else []


def _card(token: str, trust: TrustList | None, *, now: datetime) -> Piece:
    """A card as its issuer signed it; one of an issuer nobody here knows is not signed as far as anyone can tell."""
    if trust is not None:
        try:
            opened = card.open_card(token, trust, now=now)
        except IssuerUnknown:
            pass
        else:
            signed = Signed(opened.issuer.name, opened.issuer.iss, opened.kid, opened.issued_at, trust.version)
            reading = read_bundle(opened.bundle_bytes, opened.fhir_version)
            return Piece(reading, token.encode("ascii"), signed)
    return Piece(card_reading(token), token.encode("ascii"))


def card_reading(token: str) -> Reading:
    """What a health card says, whoever signed it; raises MalformedToken, TooLarge, NotFhir."""
    unverified = jws.read_unverified(token)
    bundle = card.bundle_of(unverified.payload)
    subject = unverified.claims["vc"]["credentialSubject"]
    version = subject.get("fhirVersion")
    return read_bundle(bundle, version if isinstance(version, str) else None)

"""Plain words with a signature: an emergency card any phone can read, and a reader can check (D6).

    <text, NFC, lines ended by U+000A>
    PP1:<base45 of a detached COSE_Sign1 over the UTF-8 of the text above, without its last line end>

The device key signs; the record service's attestation of that key rides in the protected header and
fits only the number, birth date and name the text itself states. So it proves "this person's passport
said so", never what a surgery wrote. Verified over decoded text, because decoders do not agree on
bytes. What the text says and how a person is read from it: app/record/emergency.py.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crypto import attestation, cose, encoding
from crypto.attestation import Attested, Subject
from crypto.errors import MalformedToken, NotACode, TextRefused
from crypto.instants import from_numeric_date, require_begun, to_numeric_date
from crypto.keys import KeySource, SigningKey, VerifyingKey

PREFIX: Final = "PP1:"
TYP: Final = "pp-words"
ATTESTATION: Final = -65537
"""Our protected header for the attestation: first of COSE's labels for private use (RFC 9052 §16.2)."""

MAX_CHARACTERS: Final = 4296
"""Scanned text (design, limits): what the largest code holds in alphanumeric mode."""

MAX_TRAILER_CHARACTERS: Final = 364
"""The last line, prefix included; what the text has to leave room for."""

JOINERS: Final = "\u200c\u200d"
"""Invisible, but part of how names are written in Persian and many Indic scripts; they change no order."""

FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Controls, bidirectional and other format characters, private use, surrogates, line and paragraph separators."""


@dataclass(frozen=True, slots=True)
class PlainWords:
    """Words a passport said, and who attests that it is this person's passport."""

    text: str = field(repr=False)
    device_key: VerifyingKey
    attested: Attested
    signed_at: datetime


def seal(text: str, device_key: SigningKey, attestation_wire: bytes, *, now: datetime) -> str:
    """`text` with its trailer line, ready to be drawn. Raises TextRefused when the text breaks a rule of the form."""
    require_plain(text)
    if attestation.read_unverified(attestation_wire).device_key != device_key.public:
        raise TextRefused("attestation: expected one of this passport's key")
    headers: dict[int, object] = {
        cose.CWT_CLAIMS: {cose.CLAIM_IAT: to_numeric_date(now)},
        ATTESTATION: attestation_wire,
    }
    message = cose.sign(text.encode("utf-8"), device_key, typ=TYP, headers=headers, detached=True)
    sealed = f"{text}\n{PREFIX}{encoding.base45_encode(message)}"
    if len(sealed) > MAX_CHARACTERS:
        raise TextRefused(f"expected at most {MAX_CHARACTERS} characters, found {len(sealed)}")
    return sealed


def open_words(
    scanned_text: str, subject_of: Callable[[str], Subject], trust: KeySource, *, now: datetime
) -> PlainWords:
    """The words and their maker, once every rule holds; `subject_of` reads number, birth date and name out of them.

    Raises NotACode where there is no trailer, TextRefused for a rule of the form, AttestationWrong and
    its kin for the attestation, Tampered when the words are not the ones signed, NotYetValid.
    """
    text, trailer = _split(scanned_text)  # (1) length, trailer, nothing after it
    require_plain(text)  # (2) the words themselves
    try:
        device_key, wire, signed_at = _signed_by(
            text, trailer
        )  # (3) form of the trailer, (4) this key said these words
        subject = subject_of(text)
    except MalformedToken as error:
        raise TextRefused(error.args[0]) from error
    require_begun(signed_at, now=now, name="words iat")
    attested = attestation.verify(wire, subject, trust, now=now)  # (5) and the key is this person's
    return PlainWords(text, device_key, attested, signed_at)


def require_plain(text: str) -> None:
    """Raise TextRefused, naming the rule, when words may not stand above a trailer."""
    first = text.partition("\n")[0]
    if not first.strip():
        raise TextRefused("first line: expected words")
    if ":" in first:
        raise TextRefused("first line: expected no colon, which phones take for a link")
    if not unicodedata.is_normalized("NFC", text):
        raise TextRefused("text: expected Unicode normalisation form C")
    if PREFIX.casefold() in text.casefold():
        raise TextRefused("text: expected one trailer, found a second")
    if text.endswith("\n"):
        raise TextRefused("text: expected no empty line before the trailer")
    for character in text:
        if character != "\n" and unicodedata.category(character) in FORBIDDEN_CATEGORIES and character not in JOINERS:
            raise TextRefused(f"text: expected no control or bidirectional characters, found U+{ord(character):04X}")


def _split(scanned_text: str) -> tuple[str, str]:
    if len(scanned_text) > MAX_CHARACTERS:
        raise TextRefused(f"expected at most {MAX_CHARACTERS} characters, found {len(scanned_text)}")
    text = scanned_text.replace("\r\n", "\n").removesuffix("\n")
    above, found, trailer = text.partition("\n" + PREFIX)
    if not found:
        raise NotACode(f"expected a line beginning {PREFIX}")
    if "\n" + PREFIX in trailer:
        raise TextRefused("text: expected one trailer, found a second")
    if "\n" in trailer:
        raise TextRefused("text: expected nothing after the trailer")
    if len(PREFIX) + len(trailer) > MAX_TRAILER_CHARACTERS:
        raise TextRefused(f"trailer: expected at most {MAX_TRAILER_CHARACTERS} characters")
    return above, trailer


def _signed_by(text: str, trailer: str) -> tuple[VerifyingKey, bytes, datetime]:
    message = cose.read_unverified(encoding.base45_decode(trailer))
    wire = message.headers.get(ATTESTATION)
    if not isinstance(wire, bytes):
        raise MalformedToken("trailer: expected an attestation")
    signed_at = _signed_at(message)
    device_key = attestation.read_unverified(wire).device_key
    cose.verify(message, device_key, typ=TYP, payload=text.encode("utf-8"))
    return device_key, wire, signed_at


def _signed_at(message: cose.UnverifiedSign1) -> datetime:
    claims = message.headers.get(cose.CWT_CLAIMS)
    if not isinstance(claims, Mapping):
        raise MalformedToken("trailer: expected the time of signing")
    return from_numeric_date(claims.get(cose.CLAIM_IAT), name="words iat")

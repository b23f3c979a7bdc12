"""The record service's short attestation: "this device key is this person's passport" (D6).

Owns the wire form, which names no person: number, birth date and name are under the signature but not
in the bytes. Who checks it supplies them from the words or terms it stands beside, so it fits those
and no others. Issued by the record service after login and proof of possession (sync/records.py).

    wire   = CBOR [kid8, ods, device key (33), iat, exp, signature (64)]
    signed = CBOR ["pp-attestation-v1", kid8, ods, device key, iat, exp, [nhs_number, birth_date, name]]
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from crypto import cbor
from crypto.errors import AttestationExpired, AttestationWrong, Expired, MalformedToken, Tampered
from crypto.instants import from_numeric_date, require_before, require_begun, to_numeric_date
from crypto.keys import COMPRESSED_BYTES, KID8_BYTES, SIGNATURE_BYTES, Issuer, KeySource, SigningKey, VerifyingKey

CONTEXT: Final = "pp-attestation-v1"

MAX_LIFETIME: Final = timedelta(days=90)
"""A lost phone's key stops being vouched for after this at the latest."""

MAX_ODS_CHARACTERS: Final = 12
MAX_WIRE_BYTES: Final = 160

_NHS_NUMBER: Final = re.compile(r"[0-9]{10}", re.ASCII)
_BIRTH_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose passport: ten digits, YYYY-MM-DD, and the name as shown. Spacing and Unicode form are made one."""

    nhs_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    name: str = field(repr=False)

    def __post_init__(self) -> None:
        number = "".join(self.nhs_number.split())
        name = " ".join(unicodedata.normalize("NFC", self.name).split())
        if _NHS_NUMBER.fullmatch(number) is None or _BIRTH_DATE.fullmatch(self.birth_date) is None or not name:
            raise MalformedToken("subject: expected ten digits, a date as YYYY-MM-DD and a name")
        object.__setattr__(self, "nhs_number", number)
        object.__setattr__(self, "name", name)


@dataclass(frozen=True, slots=True)
class Attested:
    """What a checked attestation says: who vouches for which device key, and until when."""

    issuer: Issuer
    device_key: VerifyingKey
    issued_at: datetime
    exp: datetime


@dataclass(frozen=True, slots=True)
class UnverifiedAttestation:
    """The wire form taken apart; nothing in it is believed yet."""

    kid8: bytes
    ods: str
    device_key: VerifyingKey
    iat: int
    exp: int
    signature: bytes = field(repr=False)


def issue(
    subject: Subject, device_key: VerifyingKey, issuer_ods: str, key: SigningKey, *, iat: datetime, exp: datetime
) -> bytes:
    """The wire form, signed with the record service's `key`; at most MAX_LIFETIME long, to whole seconds."""
    if not iat < exp <= iat + MAX_LIFETIME:
        raise AttestationWrong(f"attestation: expected exp within {MAX_LIFETIME.days} days after iat")
    begins, ends = to_numeric_date(iat), to_numeric_date(exp)
    unsigned = UnverifiedAttestation(key.public.kid8, issuer_ods, device_key, begins, ends, b"")
    signature = key.sign(_to_be_signed(unsigned, subject))
    return cbor.dump([key.public.kid8, issuer_ods, device_key.compressed, begins, ends, signature])


def read_unverified(wire: bytes) -> UnverifiedAttestation:
    """Take the wire form apart; raises AttestationWrong when it is not one."""
    if len(wire) > MAX_WIRE_BYTES:
        raise AttestationWrong(f"attestation: expected at most {MAX_WIRE_BYTES} bytes, found {len(wire)}")
    try:
        return _take_apart(cbor.load(wire))
    except MalformedToken as error:
        raise AttestationWrong(f"attestation: {error.args[0]}") from error


def verify(wire: bytes, subject: Subject, trust: KeySource, *, now: datetime) -> Attested:
    """Check that the record service attests a device key for exactly `subject`.

    Raises AttestationWrong (form, lifetime, not a record service, other subject or changed bytes),
    IssuerUnknown, KeyUnknown, KeyRevoked, NotYetValid, AttestationExpired.
    """
    found = read_unverified(wire)  # (1) form
    try:
        iat, exp = from_numeric_date(found.iat, name="iat"), from_numeric_date(found.exp, name="exp")
    except MalformedToken as error:
        raise AttestationWrong(f"attestation: {error.args[0]}") from error
    issuer, key = trust.key_by_ods(found.ods, found.kid8, iat)  # (2) whose key
    if issuer.kind != "service":  # a surgery signs records; it does not say whose phone is whose
        raise AttestationWrong(f"attestation: expected a record service, found {issuer.kind}")
    try:
        key.verify(found.signature, _to_be_signed(found, subject))  # (3) signature, over this subject
    except Tampered as error:
        raise AttestationWrong("attestation: does not fit this person, this key or its issuer") from error
    if not iat < exp <= iat + MAX_LIFETIME:  # (4) lifetime
        raise AttestationWrong(f"attestation: expected exp within {MAX_LIFETIME.days} days after iat")
    require_begun(iat, now=now, name="attestation iat")  # (5) time
    try:
        require_before(exp, now=now)
    except Expired as error:
        raise AttestationExpired(error.args[0]) from error
    return Attested(issuer, found.device_key, iat, exp)


def _take_apart(parts: object) -> UnverifiedAttestation:
    if not isinstance(parts, list | tuple) or len(parts) != 6:
        raise MalformedToken("expected six parts")
    kid8, ods, device, iat, exp, signature = parts
    if not _is_bytes(kid8, KID8_BYTES) or not _is_bytes(device, COMPRESSED_BYTES) or not isinstance(ods, str):
        raise MalformedToken("expected a key name, an ODS code and a device key")
    if not 0 < len(ods) <= MAX_ODS_CHARACTERS or not isinstance(iat, int) or not isinstance(exp, int):
        raise MalformedToken("expected an ODS code and two times")
    if not _is_bytes(signature, SIGNATURE_BYTES):
        raise MalformedToken(f"expected a signature of {SIGNATURE_BYTES} bytes")
    return UnverifiedAttestation(kid8, ods, VerifyingKey.from_compressed(device), iat, exp, signature)


def _to_be_signed(attestation: UnverifiedAttestation, subject: Subject) -> bytes:
    person = [subject.nhs_number, subject.birth_date, subject.name]
    device = attestation.device_key.compressed
    return cbor.dump([CONTEXT, attestation.kid8, attestation.ods, device, attestation.iat, attestation.exp, person])


def _is_bytes(value: object, length: int) -> bool:
    return isinstance(value, bytes) and len(value) == length

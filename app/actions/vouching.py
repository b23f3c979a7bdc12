"""The record service's word that this device is this person's: asked for, kept, used only while it fits (D6).

Owns when it is asked for again and that one which speaks of another name, number or key is never kept in
use: a code made with it would be called not genuine. Checking it is crypto/attestation.py's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.actions.far_side import Services
from app.actions.session import Passport
from app.record.identity import subject_parts
from crypto import attestation
from crypto.attestation import Subject
from crypto.errors import AttestationExpired, DeviceRevoked, NotBelieved, Unavailable
from crypto.trust import TrustList
from sync.login import Tokens
from sync.records import attest_device

RENEW_BEFORE: Final = timedelta(days=14)
"""An attestation with less time left than this is asked for again while there is a network."""

_ATTESTATION: Final = "device-attestation"
_NONE_FITS: Final = b""


def attestation_of(passport: Passport) -> bytes | None:
    """The attestation to use, as wire bytes; None where there is none that fits this record's person."""
    return passport.store.secret(_ATTESTATION) or None


def renew_attestation(
    passport: Passport, services: Services, tokens: Tokens, trust: TrustList, *, now: datetime
) -> None:
    """Ask for a new one where the one kept soon runs out or does not fit; getting none is no failure.

    Without one the emergency card has no code, which its screen shows; the next refresh asks again. Raises
    DeviceRevoked when the service vouches for this device no more: the one kept is dropped too.
    """
    kept = attestation_of(passport)
    left = None if kept is None else _time_left(passport, kept, trust, now=now)
    if services.profile.service is None or (left is not None and left > RENEW_BEFORE):
        return
    try:
        wire = attest_device(services.transport, services.profile, tokens, passport.device_key)
    except DeviceRevoked:
        passport.store.set_secret(_ATTESTATION, _NONE_FITS)
        raise
    except Unavailable:
        wire = _NONE_FITS
    if wire and _time_left(passport, wire, trust, now=now):
        passport.store.set_secret(_ATTESTATION, wire)
    elif kept is not None and left is None:
        passport.store.set_secret(_ATTESTATION, _NONE_FITS)


def _time_left(passport: Passport, wire: bytes, trust: TrustList, *, now: datetime) -> timedelta | None:
    """How long an attestation of this passport and its person still counts; None where it is none."""
    person = passport.store.person()
    if person is None:
        return None
    parts = subject_parts(person)
    try:
        found = attestation.verify(wire, Subject(parts.nhs_number, parts.birth_date, parts.name), trust, now=now)
    except AttestationExpired:
        return timedelta(0)
    except NotBelieved:
        return None
    return found.exp - now if found.device_key == passport.device_key.public else None

"""Made-up people, organisations and codes for the reader's tests: real signatures, nobody real."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.record.emergency_text import HEADLINE
from app.record.share_binary import wrap_share
from crypto import attestation, card, entries, link_share, plain_words
from crypto.attestation import Subject
from crypto.entries import EntryProofs
from crypto.keys import Issuer, SigningKey
from crypto.link_share import UnsignedEntry
from crypto.shlink import Link
from crypto.trust import Floors, IssuerKey, ListedIssuer, TrustList

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RELAY = "https://relay.example"

SIAN = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "name": [{"use": "official", "family": "Prŷs", "given": ["Siân", "Gwenllïan"]}],
    "birthDate": "1959-03-07",
    "gender": "female",
}
TOMOS = SIAN | {"id": "p2", "name": [{"family": "Huws", "given": ["Tomos"]}], "birthDate": "1992-05-01"}
PENICILLIN = {
    "resourceType": "AllergyIntolerance",
    "id": "a1",
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "code": {"text": "Penicillin"},
    "patient": {"reference": "Patient/p1"},
}
WARFARIN = {
    "resourceType": "MedicationStatement",
    "id": "m1",
    "status": "active",
    "medicationCodeableConcept": {"text": "Warfarin 3 mg tablets"},
    "subject": {"reference": "Patient/p1"},
}
DIABETES = {
    "resourceType": "Condition",
    "id": "c1",
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "code": {"text": "Type 2 diabetes"},
    "subject": {"reference": "Patient/p1"},
}
SUBJECT = Subject("9990000018", "1959-03-07", "Siân Gwenllïan Prŷs")
WORDS = "\n".join(
    [
        HEADLINE,
        "Name: Siân Gwenllïan Prŷs",
        "Born: 7 March 1959",
        "NHS number: 999 000 0018",
        "Card made: 23 November 2026",
        "Allergies: Penicillin",
    ]
)


@dataclass(frozen=True)
class Organisation:
    """An organisation with its one key, unless the list is to name another."""

    issuer: Issuer
    key: SigningKey = field(default_factory=SigningKey.generate)

    def listed(self) -> ListedIssuer:
        return ListedIssuer(self.issuer, {self.key.public.kid: IssuerKey(self.key.public)})


GP = Organisation(Issuer("https://oak-lane-surgery.example", "Oak Lane Surgery", "ZZ901", "gp"))
HOSPITAL = Organisation(Issuer("https://elmfield-hospital.example", "Elmfield Hospital", "ZZ902", "hospital"))
SERVICE = Organisation(Issuer("https://record-service.example", "Record service", "ZZ900", "service"))
STRANGER = Organisation(Issuer("https://nowhere.example", "Nowhere Surgery", "ZZ999", "gp"))
DEVICE = SigningKey.generate()


def trust(*organisations: Organisation, expires: datetime = NOW + timedelta(days=1)) -> TrustList:
    """A list of the three, or of those named."""
    listed = {one.issuer.iss: one.listed() for one in organisations or (GP, HOSPITAL, SERVICE)}
    return TrustList(listed, frozenset({RELAY}), 7, expires, NOW, Floors())


def aged(days: int) -> TrustList:
    """The list, so many days past its time."""
    return trust(expires=NOW - timedelta(days=days))


def bytes_of(resource: dict[str, Any]) -> bytes:
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()


def bundle(*resources: dict[str, Any]) -> bytes:
    inside = [{"resource": resource} for resource in resources]
    return bytes_of({"resourceType": "Bundle", "type": "collection", "entry": inside})


def a_card(
    *resources: dict[str, Any], by: Organisation = GP, key: SigningKey | None = None, exp: datetime | None = None
) -> str:
    """A SMART Health Card over Siân's allergy, or over what is given."""
    held = bundle(*(resources or (SIAN, PENICILLIN)))
    return card.make_card(held, key or by.key, iss=by.issuer.iss, nbf=NOW - timedelta(days=3), exp=exp)


def vouched(subject: Subject = SUBJECT, *, days: int = 30, by: Organisation = SERVICE) -> bytes:
    """The service's attestation of the device, made three days ago for so many days."""
    begun = NOW - timedelta(days=3)
    return attestation.issue(
        subject, DEVICE.public, by.issuer.ods, by.key, iat=begun, exp=begun + timedelta(days=days)
    )  # fmt: skip


def words(text: str = WORDS, wire: bytes | None = None) -> str:
    return plain_words.seal(text, DEVICE, wire or vouched(), now=NOW - timedelta(hours=1))


LINK = Link(f"{RELAY}/links/{'A' * 43}", bytes(range(32)), exp=NOW + timedelta(hours=1), flag="P", label="A&E")


def proofs(
    *resources: dict[str, Any], by: Organisation = GP, feed: str = "f1", only: Sequence[int] | None = None
) -> EntryProofs:
    """Proofs for a holder's resources, or for those at some indexes only."""
    held = [bytes_of(resource) for resource in resources]
    seed = entries.new_seed()
    commitment = entries.commit(held, seed)
    root = entries.sign_root(commitment, by.key, iss=by.issuer.iss, feed=feed, seq=1, iat=NOW - timedelta(days=3))
    return entries.prove(held, seed, root, range(len(held)) if only is None else only)


@dataclass(frozen=True)
class Sharing:
    """What goes into a share; the defaults make one that is checked."""

    proofs: tuple[EntryProofs, ...] = ()
    unsigned: tuple[UnsignedEntry, ...] = ()
    sections: tuple[str, ...] = ("allergies", "medicines", "conditions")
    patient: Subject = SUBJECT
    wire: bytes | None = field(default_factory=vouched)
    link: Link = LINK

    def made(self) -> bytes:
        return link_share.make_share(
            self.link,
            DEVICE,
            patient=self.patient,
            sections=self.sections,
            proofs=self.proofs,
            unsigned=self.unsigned,
            attestation_wire=self.wire,
            now=NOW - timedelta(minutes=1),
        )


SIGNED = Sharing(proofs=(proofs(SIAN, PENICILLIN, WARFARIN), proofs(SIAN, DIABETES, by=HOSPITAL, feed="f2")))
LETTER = UnsignedEntry("letter.json", "2026-11-20", bytes_of(DIABETES))


def but(sharing: Sharing = SIGNED, **changes: Any) -> Sharing:
    return replace(sharing, **changes)


def files_of(sharing: Sharing = SIGNED) -> list[tuple[str, bytes]]:
    """A link's files as the relay hands them on: the plain summary, and the share in its Binary."""
    return [
        ("application/fhir+json", bundle(SIAN, PENICILLIN)),
        ("application/fhir+json", wrap_share(sharing.made())),
    ]

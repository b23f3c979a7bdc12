"""The attestation of a device key: its wire form names nobody, and fits one person. More in test_plain_words.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crypto import attestation, cbor
from crypto.attestation import Subject
from crypto.errors import AttestationWrong, MalformedToken, PassportError
from crypto.keys import SigningKey
from tests.vectors.read import trust

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERVICE, DEVICE = SigningKey.generate(), SigningKey.generate()
PERSON = Subject("999 000 0018", "1959-03-07", "Sia\u0302n  Pry\u0302s ")
LISTED = {"iss": "https://record.example", "name": "Record service", "ods": "Z99000", "kind": "service"}
TRUST = trust([LISTED | {"keys": [{"jwk": SERVICE.public.to_jwk()}]}])


def wire(days: int = 90) -> bytes:
    return attestation.issue(PERSON, DEVICE.public, "Z99000", SERVICE, iat=NOW, exp=NOW + timedelta(days=days))


def test_an_attestation_names_the_device_key_its_issuer_and_its_end() -> None:
    attested = attestation.verify(wire(), PERSON, TRUST, now=NOW)
    assert attested.device_key == DEVICE.public
    assert (attested.issuer.name, attested.exp) == ("Record service", NOW + timedelta(days=90))


def test_spacing_and_unicode_form_of_the_person_do_not_matter() -> None:
    attestation.verify(wire(), Subject("9990000018", "1959-03-07", "Siân Prŷs"), TRUST, now=NOW)


def test_the_wire_form_holds_nothing_of_the_person() -> None:
    made = wire()
    assert len(made) <= attestation.MAX_WIRE_BYTES
    for part in ("9990000018", "1959", "Siân", "Prŷs"):
        assert part.encode() not in made


def test_no_attestation_is_issued_for_91_days() -> None:
    with pytest.raises(AttestationWrong, match="90 days") as refusal:
        wire(91)
    assert refusal.value.code == "attestation-wrong"


@pytest.mark.parametrize(
    ("at", "code"),
    list(enumerate(["key-not-the-issuers", "issuer-unknown", *["attestation-wrong"] * 4])),
)
def test_each_part_is_under_the_signature_or_names_its_key(at: int, code: str) -> None:
    parts = list(cbor.load(wire()))
    parts[at] = [bytes(8), "Z99001", SERVICE.public.compressed, parts[3] - 1, parts[4] - 1, bytes(64)][at]
    with pytest.raises(PassportError) as refusal:
        attestation.verify(cbor.dump(parts), PERSON, TRUST, now=NOW)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "parts", [[], [b""] * 6, [bytes(8), "", bytes(33), 0, 1, bytes(64)], [bytes(8), "Z", bytes(33), 0, 1, bytes(64)], 0]
)
def test_another_form_is_refused(parts: object) -> None:
    with pytest.raises(AttestationWrong):
        attestation.verify(cbor.dump(parts), PERSON, TRUST, now=NOW)


@pytest.mark.parametrize(
    ("number", "birth_date", "name"),
    [("999000001", "1959-03-07", "A"), ("9990000018", "07/03/1959", "A"), ("9990000018", "1959-03-07", " ")],
)
def test_a_person_without_number_date_or_name_is_no_subject(number: str, birth_date: str, name: str) -> None:
    with pytest.raises(MalformedToken, match="subject") as refusal:
        Subject(number, birth_date, name)
    assert number not in str(refusal.value)


def test_a_subject_does_not_show_itself() -> None:
    assert "9990000018" not in repr(PERSON)
    assert "Siân" not in repr(PERSON)

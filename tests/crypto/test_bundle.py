"""A Bundle comes out of a payload with the bytes it went in, and so does each of its resources."""

from __future__ import annotations

import json

import pytest

from crypto.bundle import HEALTH_CARD_TYPE, bundle_and_resources_in, bundle_in, resources_in, write_payload
from crypto.errors import NotJson

PATIENT = '{ "resourceType":"Patient", "name":[{"family":"Prŷs"}] }'.encode()
BUNDLE = b'{"entry":[{"resource":%s}, {"fullUrl":"x"}],"total":1.50}' % PATIENT


def test_a_bundle_stands_in_the_payload_byte_for_byte() -> None:
    payload = write_payload({"iss": "https://a.example"}, BUNDLE, fhir_version="4.0.1", types=["#lab"])
    assert bundle_in(payload) == BUNDLE
    claims = json.loads(payload)
    assert list(claims) == ["iss", "vc"]
    assert claims["vc"]["type"] == [HEALTH_CARD_TYPE, "#lab"]
    assert claims["vc"]["credentialSubject"]["fhirVersion"] == "4.0.1"


def test_a_payload_without_a_bundle_gives_none() -> None:
    assert bundle_in(b'{"vc":{"credentialSubject":{}}}') is None


def test_resources_are_exact_and_keep_their_place() -> None:
    assert resources_in(BUNDLE) == (PATIENT, b"")


def test_bundle_and_resources_read_at_once_are_the_same_as_one_by_one() -> None:
    payload = write_payload({"iss": "https://a.example"}, BUNDLE, fhir_version="4.0.1")
    found = bundle_and_resources_in(payload)
    assert found is not None
    assert (tuple(found[0]), tuple(found[1])) == ((BUNDLE,), (PATIENT, b""))


@pytest.mark.parametrize("value", [b"{}", b'{"fhirBundle":[]}', b'{"fhirBundle":null}'])
def test_where_no_object_is_the_bundle_there_is_none(value: bytes) -> None:
    assert bundle_and_resources_in(b'{"vc":{"credentialSubject":%s}}' % value) is None


@pytest.mark.parametrize("bundle", [b"[]", b'{"entry":{}}', b'{"entry":[7]}', b'{"entry":[{"resource":', b"\xff"])
def test_what_holds_no_entries_is_refused(bundle: bytes) -> None:
    with pytest.raises(NotJson) as caught:
        resources_in(bundle)
    assert caught.value.code == "not-json"


def test_parts_are_cut_where_their_bytes_stand_whatever_the_letters_before_them() -> None:
    wide = '{"entry":[{"u":"é€😀","resource":{"n":"😀"}},{},{"resource":{"n":"é"},"u":"%s"}]}' % ("€" * 70_000)
    found = bundle_and_resources_in(write_payload({"iss": "é€"}, wide.encode(), fhir_version="4.0.1"))
    assert found is not None
    assert found[0][0] == wide.encode()
    assert found[1][:] == ('{"n":"😀"}'.encode(), b"", '{"n":"é"}'.encode())
    assert found[1][-1] == '{"n":"é"}'.encode()
    with pytest.raises(IndexError):
        found[1][3]

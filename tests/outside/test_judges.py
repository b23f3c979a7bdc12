"""kill-the-clipboard, a SMART Health Cards and Links reader that is not ours, judges what we make."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.clock import system_now
from app.record.share_binary import wrap_share
from crypto import card, shlink
from crypto.jws import read_unverified
from crypto.keys import SigningKey
from sync import links
from sync.links import OwnedLink
from sync.profile import RelayService
from sync.sandbox.emergency_summary import emergency_card
from sync.sandbox.people import MadeUpPerson, load_people
from sync.transport import Transport

Ask = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.outside

ISS = "https://oak-lane-surgery.example"
FHIR_JSON = "application/fhir+json"
PASSCODE = "482913"
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "fullUrl": "resource:0",
            "resource": {
                "resourceType": "Patient",
                "name": [{"family": "Bowen-Hughes", "given": ["Siân"]}],
                "birthDate": "1959-04-17",
            },
        },
        {
            "fullUrl": "resource:1",
            "resource": {
                "resourceType": "AllergyIntolerance",
                "patient": {"reference": "resource:0"},
                "code": {"text": "Penicillin"},
            },
        },
    ],
}
SHARE = b'{"v":1,"device":"for our own reader only"}'


def minified(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def some_card(key: SigningKey, *, exp: datetime | None = None, claims: dict[str, object] | None = None) -> str:
    begun = system_now() - timedelta(days=2)
    return card.make_card(minified(BUNDLE), key, iss=ISS, nbf=begun, exp=exp, claims=claims)


# ---- cards --------------------------------------------------------------------------------------


def test_a_card_of_ours_is_accepted_as_jws_as_code_and_as_file(ask: Ask) -> None:
    key = SigningKey.generate()
    jws = some_card(key)
    jwk = key.public.to_jwk()
    accepted = {"accepted": True, "entries": 2, "type": "collection"}
    assert ask("check_card", key=jwk, jws=jws) == accepted
    assert ask("check_card", key=jwk, numeric=[card.to_numeric(jws)]) == accepted
    assert ask("check_card", key=jwk, file=json.dumps({"verifiableCredential": [jws]})) == accepted


def test_an_update_of_ours_with_its_own_claims_is_still_a_card(ask: Ask) -> None:
    key = SigningKey.generate()
    claims = {
        "sub": "pairwise-1",
        "jti": "1",
        "feed": "f",
        "seq": 2,
        "prev": "x",
        "entries": {"seed": "s", "root": "r"},
    }
    verdict = ask("check_card", key=key.public.to_jwk(), jws=some_card(key, claims=claims))
    assert verdict["accepted"] is True


def test_a_card_of_ours_changed_in_one_character_is_refused(ask: Ask) -> None:
    key = SigningKey.generate()
    jws = some_card(key)
    at = jws.rindex(".") + 10
    changed = jws[:at] + ("A" if jws[at] != "A" else "B") + jws[at + 1 :]
    verdict = ask("check_card", key=key.public.to_jwk(), jws=changed)
    assert verdict == {"accepted": False, "refusal": "SignatureVerificationError"}


def test_a_card_of_ours_past_its_end_is_refused(ask: Ask) -> None:
    key = SigningKey.generate()
    jws = some_card(key, exp=system_now() - timedelta(seconds=5))
    assert ask("check_card", key=key.public.to_jwk(), jws=jws) == {"accepted": False, "refusal": "ExpirationError"}


@pytest.mark.parametrize("person", load_people(), ids=lambda person: person.id)
def test_an_emergency_summary_is_accepted_as_code_and_is_r4(ask: Ask, person: MadeUpPerson) -> None:
    key = SigningKey.generate()
    for held in person.bundles.values():
        jws = emergency_card(held.bundle, key, iss=ISS, now=system_now())
        assert jws is not None
        verdict = ask("check_card", key=key.public.to_jwk(), numeric=[card.to_numeric(jws)])
        assert (verdict["accepted"], verdict["type"]) == (True, "collection")
        bundle = json.loads(card.bundle_of(read_unverified(jws).payload))
        assert ask("check_fhir", resource=bundle)["accepted"] is True
        assert verdict["entries"] == len(bundle["entry"])


def test_an_emergency_summary_changed_in_one_digit_is_refused(ask: Ask) -> None:
    key = SigningKey.generate()
    jws = emergency_card(load_people()[0].bundles["gp"].bundle, key, iss=ISS, now=system_now())
    assert jws is not None
    at = jws.rindex(".") + 10
    changed = jws[:at] + ("A" if jws[at] != "A" else "B") + jws[at + 1 :]
    verdict = ask("check_card", key=key.public.to_jwk(), numeric=[card.to_numeric(changed)])
    assert verdict == {"accepted": False, "refusal": "SignatureVerificationError"}


# ---- links --------------------------------------------------------------------------------------


def publish(transport: Transport, relay: RelayService, *, flag: str = "P") -> OwnedLink:
    owned = links.new_link(relay, exp=system_now() + timedelta(hours=1), label="For the ward", flag=flag)
    files = [(FHIR_JSON, minified(BUNDLE)), (FHIR_JSON, wrap_share(SHARE))]
    links.publish(transport, owned, files if flag == "P" else files[:1], passcode=PASSCODE if flag == "P" else None)
    return owned


@pytest.mark.parametrize("embedded_length_max", [None, 100_000], ids=["located", "embedded"])
def test_a_link_of_ours_opens_with_the_right_passcode(
    ask: Ask, relay: RelayService, transport: Transport, embedded_length_max: int | None
) -> None:
    owned = publish(transport, relay)
    asked: dict[str, object] = {"recipient": "Dr A. Khan", "passcode": PASSCODE}
    if embedded_length_max is not None:
        asked |= {"embeddedLengthMax": embedded_length_max}
    assert ask("open_link", shlink=shlink.make(owned.link), **asked) == {
        "accepted": True,
        "resources": [
            {"resourceType": "Bundle", "type": "collection", "entries": ["Patient", "AllergyIntolerance"]},
            {"resourceType": "Binary", "entries": []},
        ],
        "cards": 0,
    }
    seen = links.openings(transport, owned).openings
    assert [(opening.recipient, opening.opened) for opening in seen] == [("Dr A. Khan", True)]


def test_a_link_of_ours_stays_shut_with_a_wrong_passcode(ask: Ask, relay: RelayService, transport: Transport) -> None:
    owned = publish(transport, relay)
    verdict = ask("open_link", shlink=shlink.make(owned.link), recipient="Dr A. Khan", passcode="482914")
    assert verdict == {"accepted": False, "refusal": "SHLInvalidPasscodeError"}
    assert links.openings(transport, owned).remaining == 4


def test_a_link_of_ours_is_gone_after_the_patient_ended_it(ask: Ask, relay: RelayService, transport: Transport) -> None:
    owned = publish(transport, relay)
    links.end(transport, owned)
    verdict = ask("open_link", shlink=shlink.make(owned.link), recipient="Dr A. Khan", passcode=PASSCODE)
    assert verdict == {"accepted": False, "refusal": "SHLManifestNotFoundError"}


def test_a_single_file_link_of_ours_opens_without_a_manifest(
    ask: Ask, relay: RelayService, transport: Transport
) -> None:
    owned = publish(transport, relay, flag="U")
    verdict = ask("open_link", shlink=shlink.make(owned.link), recipient="Dr A. Khan")
    assert verdict["accepted"] is True
    assert verdict["resources"][0]["entries"] == ["Patient", "AllergyIntolerance"]

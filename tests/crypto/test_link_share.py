"""The object behind a link: bound to the code, signed by the passport, entry by entry by the holders."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crypto import jws, link_share, shlink
from crypto.attestation import Subject
from crypto.encoding import b64url_encode
from crypto.errors import TermsChanged
from crypto.keys import SigningKey
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases, vector_trust

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def opened(case: Case) -> link_share.OpenedShare:
    link = shlink.parse(case.given["link"])
    return link_share.open_share(case.given["share"].encode(), link, vector_trust(), now=case.now)


def named(name: str) -> Case:
    [case] = [case for case in cases("shares") if case.name == name]
    return case


@pytest.mark.parametrize("case", cases("shares"), ids=names)
def test_a_reader_takes_a_share_as_the_vector_says(case: Case) -> None:
    judge(case, lambda: opened(case))


def test_an_opened_share_says_whose_what_until_when_and_signed_by_whom() -> None:
    share = opened(named("as made"))
    assert share.patient == Subject("9990000018", "1959-03-07", "Siân Gwenllïan Prŷs")
    assert (share.sections, share.label) == (("allergies", "medicines"), "Seen at A&E")
    assert (share.shared_at, share.exp) == (NOW, NOW.replace(hour=13))
    assert share.attested is not None
    assert share.attested.issuer.name == "Record service"
    assert [proven.issuer.name for proven in share.proven] == ["Oak Lane Surgery"]
    assert share.unsigned[0].source == "letter.json"
    assert b'"1.50"' in share.unsigned[0].resource


def test_a_share_nobody_attests_says_so() -> None:
    assert opened(named("nobody attests the passport")).attested is None


def test_the_terms_do_not_hold_the_links_key_or_address() -> None:
    given = named("as made").given
    link = shlink.parse(given["link"])
    terms = json.loads(given["share"])["terms"]
    claims = jws.read_unverified(terms).payload.decode()
    assert link.url not in claims
    assert b64url_encode(link.key) not in claims


def test_no_share_is_made_for_a_link_without_an_end() -> None:
    link = shlink.Link("https://relay.example/m/x", bytes(32))
    with pytest.raises(TermsChanged) as refusal:
        link_share.make_share(
            link,
            SigningKey.generate(),
            patient=Subject("9990000018", "1959-03-07", "Siân Prŷs"),
            sections=[],
            proofs=[],
            unsigned=[],
            attestation_wire=None,
            now=NOW,
        )
    assert refusal.value.code == "terms-changed"

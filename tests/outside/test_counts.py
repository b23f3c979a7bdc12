"""Every suite of others' vectors, by its adapter, against counts.toml: a changed count is a failure, no wrong accept.

Read from ../shared/vectors, never copied in. RFC 9180 is of the library's HPKE, which sealing at the bedside will use.
Wycheproof has no HPKE file among the vectors; TUF is in tuf/ (its README says how).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from crypto.errors import Tampered
from tests.outside.adapters import health_cards, rfc, wycheproof
from tests.outside.adapters.case import Case, Tally, differences, tally

pytestmark = [pytest.mark.outside, pytest.mark.usefixtures("vectors")]

ADAPTERS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "wycheproof-es256": wycheproof.es256,
    "wycheproof-es256-der": wycheproof.es256_der,
    "wycheproof-jws": wycheproof.json_web_signature,
    "wycheproof-jwk": wycheproof.json_web_key,
    "wycheproof-json-web-crypto": wycheproof.json_web_crypto,
    "wycheproof-jwe": wycheproof.json_web_encryption,
    "wycheproof-aes-256-gcm": wycheproof.aes_256_gcm,
    "wycheproof-hkdf-sha256": wycheproof.hkdf_sha256,
    "wycheproof-hmac-sha256": wycheproof.hmac_sha256,
    "wycheproof-x25519": wycheproof.x25519,
    "rfc9180-hpke": rfc.hpke,
    "rfc6962-inclusion": rfc.inclusion_proofs,
    "rfc6962-consistency": rfc.consistency_proofs,
    "rfc9106-argon2id": rfc.argon2id,
    "cose-as-ours": rfc.cose_profile,
    "cose-es256": rfc.cose_es256,
    "smart-health-cards": health_cards.cards,
    "smart-health-card-codes": health_cards.codes,
}
LISTED = tomllib.loads((Path(__file__).parent / "counts.toml").read_text(encoding="utf-8"))


@cache
def judged(suite: str, folder: Path) -> Tally:
    return tally(ADAPTERS[suite](folder))


def test_every_suite_has_its_adapter_and_its_line() -> None:
    assert set(ADAPTERS) == set(LISTED)


@pytest.mark.parametrize("suite", LISTED)
def test_a_suite_comes_to_what_is_listed(suite: str, vectors: Path) -> None:
    assert differences(judged(suite, vectors), LISTED[suite]) == []


@pytest.mark.parametrize("suite", LISTED)
def test_a_listed_line_adds_up_and_says_why_it_is_stricter(suite: str) -> None:
    line = LISTED[suite]
    assert line["cases"] == line["accepted"] + line["refused"] + sum(line.get("skipped", {}).values())
    assert bool(line.get("stricter")) == bool(line.get("why"))
    assert line["source"]


def test_over_all_suites_nothing_is_wrongly_accepted(vectors: Path) -> None:
    tallies = [judged(suite, vectors) for suite in ADAPTERS]
    assert [name for found in tallies for name in found.wrongly_accepted] == []
    ran = sum(found.accepted + found.refused for found in tallies)
    skipped = sum(sum(found.skipped.values()) for found in tallies)
    assert (ran, skipped) == (2538, 788)
    assert (sum(found.accepted for found in tallies), sum(found.refused for found in tallies)) == (866, 1672)


# ---- the counting itself ------------------------------------------------------------------------


def refuse() -> None:
    raise Tampered("for this test")


GOOD, BAD = Case("good", True, lambda: None), Case("bad", False, refuse)
LINE = {"cases": 3, "accepted": 1, "refused": 1, "skipped": {"no such key": 1}}
SKIPPED = replace(BAD, skip="no such key")


def test_what_is_listed_is_no_difference() -> None:
    assert differences(tally([GOOD, BAD, SKIPPED]), LINE) == []


@pytest.mark.parametrize(
    ("cases", "named"),
    [
        ([GOOD, BAD], {"cases", "skipped"}),
        ([GOOD, BAD, BAD], {"refused", "skipped"}),
        ([GOOD, GOOD, SKIPPED], {"accepted", "refused"}),
        ([GOOD, replace(BAD, good=True), SKIPPED], {"stricter"}),
        ([replace(GOOD, good=False), BAD, SKIPPED], {"wrongly accepted"}),
        ([GOOD, BAD, replace(SKIPPED, skip="another reason")], {"skipped"}),
    ],
    ids=["fewer ran", "more refused", "more accepted", "a good one refused", "a bad one accepted", "another reason"],
)
def test_a_count_that_changed_is_named(cases: list[Case], named: set[str]) -> None:
    assert {line.split(":")[0] for line in differences(tally(cases), LINE)} == named


def test_an_exception_of_another_kind_is_no_refusal() -> None:
    with pytest.raises(ZeroDivisionError):
        tally([Case("broken", False, lambda: 1 // 0)])

"""A record holder of the stand-in: what it signs a passport believes, and it answers nobody but the patient."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from crypto import json_text, jws
from crypto.bundle import EMERGENCY_TYPE, HEALTH_CARD_TYPE
from crypto.feed import Feed, VerifiedUpdate
from crypto.keys import Issuer
from crypto.trust import TrustList
from sync.sandbox.holder import MAX_REQUEST_BYTES, RecordHolder

ISSUER = Issuer("https://oak-lane-surgery.example", "Oak Lane Surgery", "A81001", "gp")
SUB = "pairwise-1"
TOKENS = {"good": SUB, "stranger": "pairwise-2"}
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient"}}]}
ASK = {
    "resourceType": "Parameters",
    "parameter": [{"name": "credentialType", "valueUri": "https://smarthealth.cards#health-card"}],
}
HEAD_PATH = "/Patient/pairwise-1/$feed-head"
ISSUE_PATH = "/Patient/pairwise-1/$health-cards-issue"


@pytest.fixture
def holder(tmp_path: Path, clock: Callable[[], datetime]) -> RecordHolder:
    return opened(tmp_path, clock)


def opened(folder: Path, clock: Callable[[], datetime]) -> RecordHolder:
    return RecordHolder(folder / "holder", issuer=ISSUER, subject_of=TOKENS.get, now=clock)


def ask(holder: RecordHolder, method: str, path: str, token: str | None = "good", **request: Any) -> httpx.Response:
    """One request to the holder's app, without a socket."""

    async def send() -> httpx.Response:
        wire = httpx.ASGITransport(app=holder.app())
        async with httpx.AsyncClient(transport=wire, base_url="http://holder.example") as client:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            return await client.request(method, path, headers=headers | request.pop("headers", {}), **request)

    return asyncio.run(send())


def issued(holder: RecordHolder, **parameters: object) -> list[str]:
    extra = [{"name": name, **value} for name, value in parameters.items() if isinstance(value, dict)]
    answer = ask(holder, "POST", ISSUE_PATH, json={**ASK, "parameter": [*ASK["parameter"], *extra]})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["cache-control"] == "no-store"
    return [item["valueString"] for item in answer.json()["parameter"]]


def outcome(answer: httpx.Response, status: int) -> str:
    """The code of an OperationOutcome."""
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    return str(answer.json()["issue"][0]["code"])


def received(holder: RecordHolder, now: datetime) -> list[VerifiedUpdate]:
    """What a passport that visits for the first time believes."""
    jwks = ask(holder, "GET", "/.well-known/jwks.json", None).content
    trust = TrustList.from_jwks(ISSUER.iss, ISSUER.name, jwks, now=now)
    feed = Feed(None, iss=ISSUER.iss, sub=SUB, keys=trust, now=now)
    feed.head(ask(holder, "GET", HEAD_PATH).text)
    updates = [feed.update(token) for token in issued(holder)]
    feed.require_complete()
    return updates


def test_a_passport_believes_what_the_holder_signed(holder: RecordHolder, clock: Any) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="3.0.1")
    clock.forward(days=1)
    holder.append_update(SUB, {"resourceType": "Bundle", "entry": []}, fhir_version="3.0.1")
    first, second = received(holder, clock())
    assert json.loads(first.bundle) == BUNDLE
    assert first.fhir_version == "3.0.1"
    assert second.signed_at - first.signed_at == timedelta(days=1)


def test_the_same_feed_goes_on_after_a_restart(holder: RecordHolder, tmp_path: Path, clock: Any) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    again = opened(tmp_path, clock)
    assert again.updates(SUB) == holder.updates(SUB)
    again.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    first, second = received(again, clock())
    assert first.feed == second.feed
    assert again.jwks == holder.jwks


def test_since_gives_updates_signed_at_or_after_that_second(holder: RecordHolder, clock: Any) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    clock.forward(seconds=10)
    newer = holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    at = clock()
    assert issued(holder, _since={"valueDateTime": at.isoformat()}) == [newer]
    assert issued(holder, _since={"valueDateTime": (at + timedelta(seconds=1)).isoformat()}) == []
    assert len(issued(holder, _since={"valueInstant": (at - timedelta(seconds=10)).isoformat()})) == 2


def test_another_credential_type_gives_nothing(holder: RecordHolder) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    asked = {"resourceType": "Parameters", "parameter": [{"name": "credentialType", "valueUri": "https://x.example"}]}
    assert ask(holder, "POST", ISSUE_PATH, json=asked).json()["parameter"] == []


@pytest.mark.parametrize(("method", "path"), [("GET", HEAD_PATH), ("POST", ISSUE_PATH)])
@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_without_a_good_token_nothing_is_told(holder: RecordHolder, method: str, path: str, token: str | None) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    answer = ask(holder, method, path, token)
    assert outcome(answer, 401) == "login"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), [("GET", HEAD_PATH), ("POST", ISSUE_PATH)])
def test_another_patients_token_opens_nothing(holder: RecordHolder, method: str, path: str) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    assert outcome(ask(holder, method, path, "stranger"), 403) == "forbidden"


def test_a_patient_without_a_record_here_is_told_so(holder: RecordHolder) -> None:
    assert outcome(ask(holder, "GET", HEAD_PATH), 404) == "not-found"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "structure"),
        (b'{"resourceType":"Bundle"}', "structure"),
        (b'{"resourceType":"Parameters","parameter":[]}', "required"),
        (
            json_text.dump({**ASK, "parameter": [*ASK["parameter"], {"name": "_since", "valueDateTime": "soon"}]}),
            "value",
        ),
    ],
)
def test_a_request_in_another_form_is_refused(holder: RecordHolder, body: bytes, code: str) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    assert outcome(ask(holder, "POST", ISSUE_PATH, content=body), 400) == code


def test_a_request_over_its_ceiling_is_refused(holder: RecordHolder) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    assert outcome(ask(holder, "POST", ISSUE_PATH, content=b" " * (MAX_REQUEST_BYTES + 1)), 413) == "too-long"


def test_its_keys_are_public_and_any_page_may_read_them(holder: RecordHolder) -> None:
    answer = ask(holder, "GET", "/.well-known/jwks.json", None)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "d" not in answer.json()["keys"][0]


def test_its_key_and_its_feeds_are_readable_by_their_owner_only(holder: RecordHolder, tmp_path: Path) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    files = [path for path in (tmp_path / "holder").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"signing.key", "000001.jws"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not any("pairwise" in str(path.relative_to(tmp_path)) for path in files)


# ---- no more than is new ------------------------------------------------------------------------


def test_the_head_one_has_is_not_sent_again_until_there_is_a_newer_one(holder: RecordHolder) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    etag = ask(holder, "GET", HEAD_PATH).headers["etag"]
    known = {"If-None-Match": etag}
    unchanged = ask(holder, "GET", HEAD_PATH, headers=known)
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", etag)
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    newer = ask(holder, "GET", HEAD_PATH, headers=known)
    assert newer.status_code == 200
    assert newer.headers["etag"] != etag


def test_nothing_newer_is_said_to_the_patient_only(holder: RecordHolder) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    etag = ask(holder, "GET", HEAD_PATH).headers["etag"]
    asked = ask(holder, "GET", HEAD_PATH, "stranger", headers={"If-None-Match": etag})
    assert outcome(asked, 403) == "forbidden"


def page(answer: httpx.Response) -> tuple[list[str], str | None]:
    assert answer.status_code == 200
    items = answer.json()["parameter"]
    following = [item["valueUri"] for item in items if item["name"] == "next"]
    return [i["valueString"] for i in items if i["name"] == "verifiableCredential"], (following or [None])[0]


def first_page(holder: RecordHolder, count: object) -> httpx.Response:
    asked = [*ASK["parameter"], {"name": "_count", "valueInteger": count}]
    return ask(holder, "POST", ISSUE_PATH, json={**ASK, "parameter": asked})


def test_pages_together_are_the_feed_also_when_it_grows_between_them(holder: RecordHolder) -> None:
    every = [holder.append_update(SUB, BUNDLE, fhir_version="4.0.1") for _ in range(5)]
    found, following = page(first_page(holder, 2))
    every.append(holder.append_update(SUB, BUNDLE, fhir_version="4.0.1"))
    sizes = [len(found)]
    while following is not None:
        more, following = page(ask(holder, "GET", f"{ISSUE_PATH}{following}"))
        found += more
        sizes.append(len(more))
    assert found == every
    assert sizes == [2, 2, 2]


def test_a_page_ends_before_it_is_too_large_but_holds_one_update(
    holder: RecordHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = [holder.append_update(SUB, BUNDLE, fhir_version="4.0.1") for _ in range(3)]
    monkeypatch.setattr("sync.sandbox.holder.MAX_PAGE_BYTES", len(tokens[0]) * 5 // 2)
    assert page(first_page(holder, 3))[0] == tokens[:2]
    monkeypatch.setattr("sync.sandbox.holder.MAX_PAGE_BYTES", 10)
    assert page(first_page(holder, 3))[0] == tokens[:1]


@pytest.mark.parametrize(
    "query", ["", "?_after=1", "?_after=x&_count=1", "?_after=-1&_count=1", "?_after=0&_count=1e3"]
)
def test_a_next_page_that_nobody_named_is_refused(holder: RecordHolder, query: str) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    assert outcome(ask(holder, "GET", f"{ISSUE_PATH}{query}"), 400) == "value"


@pytest.mark.parametrize("count", ["two", None, 1.5, -1])
def test_a_count_that_is_none_is_refused(holder: RecordHolder, count: object) -> None:
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    assert outcome(first_page(holder, count), 400) == "value"


def test_asked_for_an_emergency_summary_it_signs_one_card_of_its_newest_update(holder: RecordHolder) -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Prŷs", "given": ["Siân"]}], "birthDate": "1959-03-07"}
    holder.append_update(SUB, BUNDLE, fhir_version="4.0.1")
    holder.append_update(SUB, {**BUNDLE, "entry": [{"resource": patient}]}, fhir_version="4.0.1")
    summary = {"name": "credentialType", "valueUri": EMERGENCY_TYPE}
    asked = {**ASK, "parameter": [*ASK["parameter"], summary]}
    [found] = ask(holder, "POST", ISSUE_PATH, json=asked).json()["parameter"]
    claims = jws.read_unverified(found["valueString"]).claims
    assert claims["vc"]["type"] == [HEALTH_CARD_TYPE, EMERGENCY_TYPE]
    assert [one["resource"] for one in claims["vc"]["credentialSubject"]["fhirBundle"]["entry"]] == [patient]
    assert not {"sub", "feed", "seq"} & set(claims)


def test_without_a_patient_in_the_record_there_is_no_summary(holder: RecordHolder) -> None:
    holder.append_update(SUB, {**BUNDLE, "entry": []}, fhir_version="4.0.1")
    asked = {"resourceType": "Parameters", "parameter": [{"name": "credentialType", "valueUri": EMERGENCY_TYPE}]}
    assert ask(holder, "POST", ISSUE_PATH, json=asked).json()["parameter"] == []

"""The relay over HTTP, as a viewer and as an owner meet it."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import sync.relay
from crypto.instants import to_numeric_date
from sync.relay.app import TICKET_LIFE, relay_app
from sync.sandbox.in_process import InProcess

BASE = "http://127.0.0.1:8105"
LINK = f"{BASE}/links/{'L' * 43}"
OWNER = {"Authorization": "Bearer " + "O" * 43}
Sealed = Callable[[bytes], str]


class Moving:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def moving(now: datetime) -> Moving:
    return Moving(now)


@pytest.fixture
def viewer(tmp_path: Path, moving: Moving) -> httpx.Client:
    return httpx.Client(transport=InProcess({BASE: relay_app(tmp_path / "links", base_url=BASE, now=moving)}))


def kept(sealed: Sealed, now: datetime, **changes: Any) -> dict[str, Any]:
    files = [{"contentType": "application/fhir+json", "jwe": sealed(b"{}")}]
    return {"exp": to_numeric_date(now) + 3600, "flag": "P", "passcode": "123456", "files": files} | changes


def put(viewer: httpx.Client, sealed: Sealed, now: datetime, **changes: Any) -> httpx.Response:
    return viewer.put(LINK, json=kept(sealed, now, **changes), headers=OWNER)


def manifest(viewer: httpx.Client, **asked: Any) -> httpx.Response:
    return viewer.post(LINK, json={"recipient": "Dr A. Khan", "passcode": "123456"} | asked)


def test_manifest_gives_a_location_that_gives_the_file(viewer: httpx.Client, sealed: Sealed, now: datetime) -> None:
    body = kept(sealed, now)
    assert viewer.put(LINK, json=body, headers=OWNER).status_code == 201
    answer = manifest(viewer)
    assert answer.status_code == 200
    assert answer.json()["status"] == "finalized"
    (file,) = answer.json()["files"]
    assert (file["contentType"], file["lastUpdated"]) == ("application/fhir+json", "2026-11-23T09:00:00Z")
    for _ in range(2):  # a broken download may be repeated
        found = viewer.get(file["location"])
        assert (found.text, found.headers["content-type"]) == (body["files"][0]["jwe"], "application/jose")


def test_file_is_embedded_up_to_the_length_asked_for(viewer: httpx.Client, sealed: Sealed, now: datetime) -> None:
    body = kept(sealed, now)
    viewer.put(LINK, json=body, headers=OWNER)
    length = len(body["files"][0]["jwe"])
    assert manifest(viewer, embeddedLengthMax=length).json()["files"][0]["embedded"] == body["files"][0]["jwe"]
    assert "embedded" not in manifest(viewer, embeddedLengthMax=length - 1).json()["files"][0]


def test_location_ends_with_its_time(viewer: httpx.Client, sealed: Sealed, moving: Moving) -> None:
    put(viewer, sealed, moving.at)
    location = manifest(viewer).json()["files"][0]["location"]
    moving.at += TICKET_LIFE - timedelta(seconds=1)
    assert viewer.get(location).status_code == 200
    moving.at += timedelta(seconds=1)
    assert viewer.get(location).status_code == 404
    assert timedelta(hours=1) >= TICKET_LIFE


def test_location_ends_with_the_link(viewer: httpx.Client, sealed: Sealed, now: datetime) -> None:
    put(viewer, sealed, now)
    location = manifest(viewer).json()["files"][0]["location"]
    assert viewer.delete(LINK, headers=OWNER).status_code == 204
    assert viewer.get(location).status_code == 404


def test_wrong_passcode_says_how_many_tries_remain_and_nothing_else(
    viewer: httpx.Client, sealed: Sealed, now: datetime
) -> None:
    put(viewer, sealed, now)
    answer = manifest(viewer, passcode="000000")
    assert (answer.status_code, answer.json()) == (401, {"remainingAttempts": 4})


def test_unknown_ended_expired_used_up_and_misaddressed_are_one_and_the_same_answer(
    viewer: httpx.Client, sealed: Sealed, moving: Moving, tmp_path: Path
) -> None:
    unknown = manifest(viewer)
    put(viewer, sealed, moving.at)
    viewer.delete(LINK, headers=OWNER)
    ended = manifest(viewer)
    other = httpx.Client(transport=InProcess({BASE: relay_app(tmp_path / "2", base_url=BASE, now=moving)}))
    put(other, sealed, moving.at)
    for _ in range(5):
        manifest(other, passcode="000000")
    used_up = manifest(other)
    third = httpx.Client(transport=InProcess({BASE: relay_app(tmp_path / "3", base_url=BASE, now=moving)}))
    put(third, sealed, moving.at)
    not_direct = third.get(LINK, params={"recipient": "x"})
    moving.at += timedelta(hours=1)
    expired = manifest(third)
    answers = [unknown, ended, used_up, expired, not_direct, third.post(f"{BASE}/links/short", json={"recipient": "x"})]
    assert {(a.status_code, a.content, str(sorted(a.headers.items()))) for a in answers} == {
        (404, unknown.content, str(sorted(unknown.headers.items())))
    }


def test_openings_are_for_the_owner_only(viewer: httpx.Client, sealed: Sealed, now: datetime) -> None:
    put(viewer, sealed, now)
    manifest(viewer)
    manifest(viewer, passcode="000000", recipient="somebody\nelse")
    assert viewer.get(f"{LINK}/openings", headers=OWNER).json() == {
        "active": True,
        "remaining": 4,
        "attempts": 2,
        "openings": [
            {"at": to_numeric_date(now), "recipient": "Dr A. Khan", "opened": True},
            {"at": to_numeric_date(now), "recipient": "somebody else", "opened": False},
        ],
    }
    stranger = {"Authorization": "Bearer " + "X" * 43}
    assert viewer.get(f"{LINK}/openings", headers=stranger).status_code == 404
    assert viewer.get(f"{LINK}/openings").status_code == 404
    assert viewer.delete(LINK, headers=stranger).status_code == 404
    assert manifest(viewer).status_code == 200


def test_direct_link_gives_the_file_to_one_get(viewer: httpx.Client, sealed: Sealed, now: datetime) -> None:
    body = kept(sealed, now, flag="U", passcode=None)
    viewer.put(LINK, json=body, headers=OWNER)
    found = viewer.get(LINK, params={"recipient": "Dr A. Khan"})
    assert found.text == body["files"][0]["jwe"]
    assert viewer.get(LINK).status_code == 400
    assert manifest(viewer).status_code == 404


def test_long_term_link_says_when_to_ask_again(viewer: httpx.Client, sealed: Sealed, now: datetime) -> None:
    put(viewer, sealed, now, flag="LP")
    answer = manifest(viewer)
    assert (answer.headers["retry-after"], answer.json()["status"]) == ("60", "can-change")


def test_viewers_of_any_origin_may_ask(viewer: httpx.Client) -> None:
    headers = {
        "Origin": "https://viewer.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = viewer.options(LINK, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    refused = viewer.options(LINK, headers=headers | {"Access-Control-Request-Method": "DELETE"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"files": [{"contentType": "application/fhir+json", "jwe": '{"resourceType":"Bundle"}'}]},
        {"files": []},
        {"flag": "PU"},
        {"flag": "PL"},
        {"flag": "", "passcode": "123456"},
        {"flag": "P", "passcode": None},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"exp": "soon"},
    ],
)
def test_link_that_breaks_a_rule_is_refused_and_not_kept(
    viewer: httpx.Client, sealed: Sealed, now: datetime, tmp_path: Path, change: dict[str, Any]
) -> None:
    answer = put(viewer, sealed, now, **change)
    assert (answer.status_code, answer.json()) == (400, {"error": "malformed request"})
    assert list((tmp_path / "links").iterdir()) == []


@pytest.mark.parametrize("body", [b"", b"{", b'{"passcode":"123456"}', b'{"recipient":""}', b'{"recipient":5}'])
def test_malformed_manifest_request_takes_no_try(
    viewer: httpx.Client, sealed: Sealed, now: datetime, body: bytes
) -> None:
    put(viewer, sealed, now)
    assert viewer.post(LINK, content=body).status_code == 400
    assert viewer.get(f"{LINK}/openings", headers=OWNER).json()["attempts"] == 0


def test_request_over_its_cap_is_refused(viewer: httpx.Client) -> None:
    assert viewer.post(LINK, content=b" " * 4097).status_code == 413


def test_record_stands_in_no_file_of_the_relay(
    viewer: httpx.Client, sealed: Sealed, now: datetime, tmp_path: Path
) -> None:
    jwe = sealed(json.dumps({"note": "marker-7f3a"}).encode())
    put(viewer, sealed, now, files=[{"contentType": "application/fhir+json", "jwe": jwe}])
    manifest(viewer)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "links").iterdir())
    assert jwe.encode() in stored
    assert b"marker-7f3a" not in stored


def test_relay_cannot_open_a_file_because_it_imports_nothing_that_could() -> None:
    imported = set()
    for path in Path(sync.relay.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crypto"):
                imported |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    modules = {name for name in imported if name is not None and name.count(".") == 1}
    assert modules == {"crypto.errors", "crypto.instants", "crypto.tickets"}

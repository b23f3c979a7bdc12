"""The control port: only for whoever may read the state folder, and each path does what its name says."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.sandbox.control import TOKEN_FILE, control_app, control_token
from sync.sandbox.faults import FAULTS
from sync.sandbox.people import MadeUpPerson
from sync.sandbox.stand_in import HOLDERS, StandIn

TOKEN = "the-token"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def stand_in(assembled: Callable[..., StandIn], mair: MadeUpPerson) -> StandIn:
    return assembled(mair)


@pytest.fixture
def ask(stand_in: StandIn) -> Ask:
    def asked(method: str, path: str, token: str | None = TOKEN, **request: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            wire = httpx.ASGITransport(app=control_app(stand_in, TOKEN))
            async with httpx.AsyncClient(transport=wire, base_url="http://control.example") as client:
                headers = {} if token is None else {"Authorization": f"Bearer {token}"}
                return await client.request(method, path, headers=headers, **request)

        return asyncio.run(send())

    return asked


def on(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [fault["name"] for fault in answer.json()["faults"] if fault["on"]]


def test_the_token_is_random_for_its_owner_only_and_stays(tmp_path: Path) -> None:
    token = control_token(tmp_path / "one")
    assert control_token(tmp_path / "one") == token
    assert control_token(tmp_path / "two") != token
    assert len(token) == 43
    assert stat.S_IMODE((tmp_path / "one" / TOKEN_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("token", [None, "", "another", "the-tokem"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/faults"), ("POST", "/faults/tampered"), ("POST", "/holders/gp/sign"), ("POST", "/trust/publish")],
)
def test_without_the_token_nothing_is_told_or_done(
    ask: Ask, stand_in: StandIn, method: str, path: str, token: str | None
) -> None:
    timestamp = stand_in.repository.timestamp()
    answer = ask(method, path, token, json={"on": True})
    assert answer.status_code == 401
    assert answer.json() == {"error": "expected the bearer token of the state folder"}
    assert stand_in.faults.on == ()
    assert len(stand_in.holders["gp"].updates(stand_in.login.subject("mair", HOLDERS["gp"].iss))) == 1
    assert stand_in.repository.timestamp() == timestamp


def test_every_fault_is_listed_in_order(ask: Ask) -> None:
    answer = ask("GET", "/faults")
    assert [fault["name"] for fault in answer.json()["faults"]] == list(FAULTS)
    assert on(answer) == []


def test_a_fault_goes_on_and_off(ask: Ask, stand_in: StandIn) -> None:
    assert on(ask("POST", "/faults/gap", json={"on": True})) == ["gap"]
    assert on(ask("POST", "/faults/5xx", json={"on": True})) == ["gap", "5xx"]
    assert on(ask("POST", "/faults/gap", json={"on": False})) == ["5xx"]
    assert stand_in.faults.on == ("5xx",)


def test_a_name_that_is_no_fault_is_not_found(ask: Ask, stand_in: StandIn) -> None:
    answer = ask("POST", "/faults/nonsense", json={"on": True})
    assert answer.status_code == 404
    assert "expected one of expired" in answer.json()["error"]
    assert stand_in.faults.on == ()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"on": 1}', b'{"on": "true"}', b'{"on": true}' + b" " * 2000])
def test_a_body_that_says_neither_on_nor_off_switches_nothing(ask: Ask, stand_in: StandIn, body: bytes) -> None:
    assert ask("POST", "/faults/tampered", content=body).status_code == 400
    assert stand_in.faults.on == ()


@pytest.mark.parametrize("path", ["/holders/dentist/sign", "/holders/gp/destroy", "/trust/forget"])
def test_what_nobody_can_do_is_not_found(ask: Ask, path: str) -> None:
    answer = ask("POST", path)
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("expected one of ")


def test_a_holder_signs_rotates_and_loses_its_key(ask: Ask, stand_in: StandIn) -> None:
    surgery = stand_in.holders["gp"]
    kid = surgery.jwks[0]["kid"]
    assert ask("POST", "/holders/gp/sign").json() == {"done": "sign"}
    assert len(surgery.updates(stand_in.login.subject("mair", surgery.issuer.iss))) == 2
    assert ask("POST", "/holders/gp/revoke-key").status_code == 200
    assert stand_in.repository.is_revoked(surgery.issuer.iss, kid)
    assert ask("POST", "/holders/gp/rotate-key").status_code == 200
    assert surgery.jwks[0]["kid"] != kid
    assert not stand_in.repository.is_revoked(surgery.issuer.iss, surgery.jwks[0]["kid"])


def test_the_list_is_published_and_its_root_rotated(ask: Ask, stand_in: StandIn, tmp_path: Path) -> None:
    timestamp = stand_in.repository.timestamp()
    assert ask("POST", "/trust/publish").json() == {"done": "publish"}
    assert stand_in.repository.timestamp_before() == timestamp
    assert ask("POST", "/trust/rotate-root").json() == {"done": "rotate-root"}
    assert (tmp_path / "state" / "trust" / "metadata" / "2.root.json").exists()

"""What the stand-in's provider lets through."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from crypto.encoding import b64url_encode
from sync.sandbox.in_process import InProcess
from sync.sandbox.login import CLIENT_ID, REDIRECT_URI, Login
from sync.sandbox.people import MadeUpPerson

LOGIN = "http://127.0.0.1:8103"
VERIFIER = "v" * 43
GOOD = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT_URI,
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": b64url_encode(hashlib.sha256(VERIFIER.encode()).digest()),
    "code_challenge_method": "S256",
    "prompt": "none",
    "login_hint": "amina",
}


@pytest.fixture
def browser(login: Login) -> httpx.Client:
    return httpx.Client(transport=InProcess({LOGIN: login.app()}), base_url=LOGIN)


def returned(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(REDIRECT_URI + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def redeem(browser: httpx.Client, code: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "client_id": CLIENT_ID,
        "code_verifier": VERIFIER,
    }
    return browser.post("/token", data=form | changes)


def test_page_lists_the_people_and_each_leads_on(browser: httpx.Client) -> None:
    asked = {name: value for name, value in GOOD.items() if name not in ("prompt", "login_hint")}
    page = browser.get("/authorize", params=asked)
    assert "Amina Testing, 34" in page.text
    assert "Nobody here is real" in page.text
    href = page.text.split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert returned(browser.get(href))["state"] == "s"


def test_label_cannot_break_the_page(tmp_path: Path, clock: Any) -> None:
    person = MadeUpPerson("x", "<script>alert(1)</script>", "9990000018", "1992-02-29", "X", (), {})
    login = Login(tmp_path / "x", base_url=LOGIN, people=[person], holders={}, now=clock)
    browser = httpx.Client(transport=InProcess({LOGIN: login.app()}), base_url=LOGIN)
    page = browser.get("/authorize", params=GOOD | {"prompt": "login"})
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("change", [{"client_id": "x"}, {"redirect_uri": "https://evil.example"}])
def test_unknown_client_or_address_is_never_redirected_to(browser: httpx.Client, change: dict[str, str]) -> None:
    answer = browser.get("/authorize", params=GOOD | change)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"login_hint": "nobody"}, "login_required"),
    ],
)
def test_request_that_breaks_a_rule_gets_its_error_and_no_code(
    browser: httpx.Client, change: dict[str, str], error: str
) -> None:
    answer = returned(browser.get("/authorize", params=GOOD | change))
    assert (answer["error"], "code" in answer) == (error, False)


def test_code_counts_once(browser: httpx.Client) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    assert redeem(browser, code).status_code == 200
    assert redeem(browser, code).json() == {"error": "invalid_grant"}


def test_wrong_verifier_is_refused_and_takes_the_code(browser: httpx.Client) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    assert redeem(browser, code, code_verifier="w" * 43).json() == {"error": "invalid_grant"}
    assert redeem(browser, code).json() == {"error": "invalid_grant"}


def test_code_is_refused_at_its_end(browser: httpx.Client, clock: Any) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    clock.forward(minutes=1)
    assert redeem(browser, code).json() == {"error": "invalid_grant"}


def test_userinfo_answers_a_live_token_only(browser: httpx.Client) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    token = redeem(browser, code).json()["access_token"]
    assert browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).json()["vot"] == "P9.Cp.Cd"
    assert browser.get("/userinfo", headers={"Authorization": "Bearer x"}).status_code == 401
    assert browser.get("/userinfo").status_code == 401


def test_keys_and_pairwise_ids_stay_over_restarts_and_no_private_key_is_served(
    tmp_path: Path, clock: Any, amina: MadeUpPerson, login: Login, browser: httpx.Client
) -> None:
    again = Login(tmp_path / "login", base_url=LOGIN, people=[amina], holders={}, now=clock)
    assert again.subject("amina", "https://a.example") == login.subject("amina", "https://a.example")
    served = browser.get("/.well-known/jwks.json").json()["keys"]
    restarted = httpx.Client(transport=InProcess({LOGIN: again.app()}), base_url=LOGIN)
    assert restarted.get("/.well-known/jwks.json").json()["keys"] == served
    assert [sorted(key) for key in served] == [["alg", "crv", "kid", "kty", "use", "x", "y"]]

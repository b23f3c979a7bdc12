"""What the stand-in's provider lets through."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from crypto.encoding import b64url_encode
from sync.sandbox.client_assertion import ASSERTION_TYPE, ClientKey
from sync.sandbox.in_process import InProcess
from sync.sandbox.login import CLIENT_ID, Login
from sync.sandbox.people import MadeUpPerson

LOGIN = "http://127.0.0.1:8103"
REDIRECT_URI = "http://127.0.0.1:8107/callback"
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


Redeem = Callable[..., httpx.Response]


@pytest.fixture
def browser(login: Login) -> httpx.Client:
    return httpx.Client(transport=InProcess({LOGIN: login.app()}), base_url=LOGIN)


def returned(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(REDIRECT_URI + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@pytest.fixture
def redeem(browser: httpx.Client, client_key: ClientKey, clock: Any) -> Redeem:
    """Redeems a code as the gateway does; what is given besides replaces members of the request."""

    def ask(code: str, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "client_id": CLIENT_ID,
            "code_verifier": VERIFIER,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": client_key.assertion(CLIENT_ID, f"{LOGIN}/token", now=clock()),
        }
        return browser.post("/token", data=form | changes)

    return ask


def test_page_lists_the_people_and_each_leads_on(browser: httpx.Client, redeem: Redeem) -> None:
    asked = {name: value for name, value in GOOD.items() if name not in ("prompt", "login_hint")}
    page = browser.get("/authorize", params=asked)
    assert "Amina Testing, 34" in page.text
    assert "Nobody here is real" in page.text
    answer = browser.post("/authorize", data=asked | {"person": "amina", "decision": "allow"})
    assert returned(answer)["state"] == "s"
    assert redeem(returned(answer)["code"]).status_code == 200


def test_page_can_be_used_without_script_and_with_a_screen_reader(browser: httpx.Client) -> None:
    page = browser.get("/authorize", params=GOOD | {"prompt": "login"}).text
    for part in ('<html lang="en">', "<title>", "<h1>", "<main>", "<fieldset><legend>", "<label><input", "viewport"):
        assert part in page
    assert "<script" not in page
    assert "http://" not in page.replace(REDIRECT_URI, "")


@pytest.mark.parametrize("change", [{"decision": "refuse"}, {"decision": ""}, {"person": "nobody"}])
def test_without_a_yes_for_a_person_of_the_page_there_is_no_code(browser: httpx.Client, change: dict[str, str]) -> None:
    answer = browser.post("/authorize", data=GOOD | {"person": "amina", "decision": "allow"} | change)
    assert returned(answer) == {"error": "access_denied", "state": "s"}


def test_page_of_an_unknown_client_answers_nobody(browser: httpx.Client) -> None:
    answer = browser.post("/authorize", data=GOOD | {"person": "amina", "decision": "allow", "client_id": "x"})
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def made(folder: Path, person: MadeUpPerson, clock: Any, key: ClientKey) -> Login:
    return Login(
        folder, base_url=LOGIN, people=[person], holders={}, redirect_uri=REDIRECT_URI, client_keys=key.jwks, now=clock
    )


def test_label_cannot_break_the_page(tmp_path: Path, clock: Any, client_key: ClientKey) -> None:
    person = MadeUpPerson("x", "<script>alert(1)</script>", "9990000018", "1992-02-29", "X", (), {})
    login = made(tmp_path / "x", person, clock, client_key)
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


def test_code_counts_once(browser: httpx.Client, redeem: Redeem) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    assert redeem(code).status_code == 200
    assert redeem(code).json() == {"error": "invalid_grant"}


def test_wrong_verifier_is_refused_and_takes_the_code(browser: httpx.Client, redeem: Redeem) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    assert redeem(code, code_verifier="w" * 43).json() == {"error": "invalid_grant"}
    assert redeem(code).json() == {"error": "invalid_grant"}


def test_code_is_refused_at_its_end(browser: httpx.Client, redeem: Redeem, clock: Any) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    clock.forward(minutes=1)
    assert redeem(code).json() == {"error": "invalid_grant"}


def test_userinfo_answers_a_live_token_only(browser: httpx.Client, redeem: Redeem) -> None:
    code = returned(browser.get("/authorize", params=GOOD))["code"]
    token = redeem(code).json()["access_token"]
    assert browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).json()["vot"] == "P9.Cp.Cd"
    assert browser.get("/userinfo", headers={"Authorization": "Bearer x"}).status_code == 401
    assert browser.get("/userinfo").status_code == 401


def test_keys_and_pairwise_ids_stay_over_restarts_and_no_private_key_is_served(
    tmp_path: Path, clock: Any, amina: MadeUpPerson, login: Login, browser: httpx.Client, client_key: ClientKey
) -> None:
    again = made(tmp_path / "login", amina, clock, client_key)
    assert again.subject("amina", "https://a.example") == login.subject("amina", "https://a.example")
    served = browser.get("/.well-known/jwks.json").json()["keys"]
    restarted = httpx.Client(transport=InProcess({LOGIN: again.app()}), base_url=LOGIN)
    assert restarted.get("/.well-known/jwks.json").json()["keys"] == served
    assert [sorted(key) for key in served] == [["alg", "crv", "kid", "kty", "use", "x", "y"]]


def test_person_can_take_consent_back_over_the_control(browser: httpx.Client, redeem: Redeem) -> None:
    token = redeem(returned(browser.get("/authorize", params=GOOD))["code"]).json()["access_token"]
    assert browser.post("/control/withdraw", json={"person": "amina"}).status_code == 204
    assert browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("asked", [{"person": "nobody"}, {}, []])
def test_consent_of_nobody_cannot_be_taken_back(browser: httpx.Client, asked: object) -> None:
    assert browser.post("/control/withdraw", json=asked).status_code == 422

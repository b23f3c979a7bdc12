"""The gateway: what the provider demands of its client, and that a passport can do nothing but its own login."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from crypto.encoding import b64url_encode
from crypto.errors import LoginFailed
from sync.sandbox.client_assertion import ASSERTION_TYPE, MAX_LIFE, AssertionCheck, ClientKey
from sync.sandbox.gateway import Gateway
from sync.sandbox.in_process import InProcess
from sync.sandbox.login import CLIENT_ID, Login

LOGIN, GATEWAY = "http://127.0.0.1:8103", "http://127.0.0.1:8107"
TOKEN_ENDPOINT = f"{LOGIN}/token"
VERIFIER = "v" * 43
PATH = "p" * 43
STATE = f"40123.{PATH}.{'s' * 43}"
Check = Callable[..., None]


@pytest.fixture
def wire(login: Login, gateway: Gateway) -> httpx.Client:
    return httpx.Client(transport=InProcess({LOGIN: login.app(), GATEWAY: gateway.app()}))


@pytest.fixture
def code(wire: httpx.Client) -> str:
    """A code the provider gave for the verifier above."""
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{GATEWAY}/callback",
        "scope": "openid",
        "state": STATE,
        "nonce": "n",
        "code_challenge": b64url_encode(hashlib.sha256(VERIFIER.encode()).digest()),
        "code_challenge_method": "S256",
        "prompt": "none",
        "login_hint": "amina",
    }
    location = wire.get(f"{LOGIN}/authorize", params=asked).headers["location"]
    return parse_qs(urlsplit(location).query)["code"][0]


def redeemed(wire: httpx.Client, code: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    return wire.post(f"{GATEWAY}/token", data=form | changes)


# ---- what the provider demands --------------------------------------------------------------


def test_provider_refuses_a_client_without_an_assertion_and_the_code_stays(wire: httpx.Client, code: str) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": VERIFIER,
        "client_id": CLIENT_ID,
        "redirect_uri": f"{GATEWAY}/callback",
    }
    answer = wire.post(TOKEN_ENDPOINT, data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert wire.post(f"{LOGIN}/revoke", data={"token": "x"}).status_code == 401
    assert redeemed(wire, code).status_code == 200


@pytest.fixture
def check(client_key: ClientKey, clock: Any) -> Check:
    """A provider's check of one assertion with some claims changed; `key` and `alg` sign it."""
    checked = AssertionCheck(client_id=CLIENT_ID, audience=TOKEN_ENDPOINT, jwks=client_key.jwks)

    def ask(*, key: Any = None, alg: str = "RS512", **changes: Any) -> None:
        now = int(clock().timestamp())
        claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": TOKEN_ENDPOINT, "jti": "once", "exp": now + 300} | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        signer = key or RSAKey.import_key(
            {n: v for n, v in client_key._key.as_dict(private=True).items() if n != "alg"}
        )
        token = jwt.encode({"alg": alg, "kid": signer.kid}, kept, signer, algorithms=[alg])
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}
        checked.require(form, now=clock())

    return ask


NOW = 1795424400  # 2026-11-23T09:00:00Z


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"iss": "another"}, "iss"),
        ({"sub": "another"}, "iss"),
        ({"aud": "https://other.example/token"}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": NOW}, "exp: expected after now"),
        ({"exp": NOW + 300 + 121}, "exp: expected at most 0:05:00"),
        ({"exp": None}, "exp: expected a time"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"alg": "RS256"}, "expected the client's signature"),
    ],
)
def test_assertion_that_breaks_a_rule_is_refused(check: Check, change: dict[str, Any], message: str) -> None:
    with pytest.raises(LoginFailed, match=message):
        check(**change)


def test_assertion_counts_once(check: Check) -> None:
    check()
    with pytest.raises(LoginFailed, match="jti: expected one that was not used before"):
        check()
    check(jti="another")


def test_assertion_of_another_key_is_refused(check: Check) -> None:
    with pytest.raises(LoginFailed, match="expected the client's signature"):
        check(key=RSAKey.generate_key(2048, auto_kid=True))
    with pytest.raises(LoginFailed, match="expected the client's signature"):
        check(key=ECKey.generate_key("P-256", auto_kid=True), alg="ES256")


def test_assertion_of_the_gateway_lives_five_minutes(client_key: ClientKey, clock: Any) -> None:
    token = client_key.assertion(CLIENT_ID, TOKEN_ENDPOINT, now=clock())
    found = jwt.decode(token, client_key._key, algorithms=["RS512"])
    assert found.header["alg"] == "RS512"
    assert found.claims["exp"] - found.claims["iat"] == MAX_LIFE / timedelta(seconds=1) == 300


def test_secret_is_for_its_owner_only_and_stays_over_restarts(tmp_path: Path) -> None:
    first = ClientKey(tmp_path / "gateway" / "client-key.json").jwks()
    assert ClientKey(tmp_path / "gateway" / "client-key.json").jwks() == first
    assert sorted(first[0]) == ["alg", "e", "kid", "kty", "n", "use"]
    assert stat.S_IMODE((tmp_path / "gateway" / "client-key.json").stat().st_mode) == 0o600


# ---- what a passport may ask of it ----------------------------------------------------------


def test_code_is_exchanged_by_whoever_has_its_verifier(wire: httpx.Client, code: str) -> None:
    answer = redeemed(wire, code)
    assert sorted(answer.json()) == ["access_token", "expires_in", "id_token", "refresh_token", "token_type"]
    assert answer.headers["cache-control"] == "no-store"


def test_code_without_its_verifier_gives_nothing_through_the_gateway_either(wire: httpx.Client, code: str) -> None:
    answer = redeemed(wire, code, code_verifier="w" * 43)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_client_and_address_are_the_gateways_to_say(wire: httpx.Client, code: str) -> None:
    mine = {"client_id": "another", "redirect_uri": "https://evil.example", "client_assertion": "x"}
    assert redeemed(wire, code, **mine).status_code == 200


@pytest.mark.parametrize("grant_type", ["", "client_credentials", "password"])
def test_secret_is_lent_to_logins_and_renewals_only(wire: httpx.Client, grant_type: str) -> None:
    answer = wire.post(f"{GATEWAY}/token", data={"grant_type": grant_type})
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


def test_provider_that_is_down_is_told(clock: Any, client_key: ClientKey) -> None:
    class Down(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

    alone = Gateway(base_url=GATEWAY, client_id=CLIENT_ID, key=client_key, provider=LOGIN, http=Down(), now=clock)
    wire = httpx.Client(transport=InProcess({GATEWAY: alone.app()}))
    assert redeemed(wire, "x").status_code == 502


# ---- back to the passport -------------------------------------------------------------------


def test_browser_is_handed_on_to_the_passport_that_waits(wire: httpx.Client) -> None:
    answer = wire.get(f"{GATEWAY}/callback", params={"code": "c", "state": STATE, "other": "o"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"http://127.0.0.1:40123/{PATH}?code=c&state={STATE}"


@pytest.mark.parametrize(
    "state",
    ["", "x", f"0.{PATH}.{PATH}", f"65536.{PATH}.{PATH}", f"80@evil.example.{PATH}.{PATH}", f"80.{PATH[:42]}/.{PATH}"],
)
def test_browser_is_handed_on_nowhere_but_to_a_ticket_on_this_machine(wire: httpx.Client, state: str) -> None:
    answer = wire.get(f"{GATEWAY}/callback", params={"code": "c", "state": state})
    assert (answer.status_code, "location" in answer.headers) == (400, False)

"""Logging in against the stand-in, and every way its answer may not hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from crypto.errors import LoginFailed, LoginNeeded, NetworkUnavailable
from sync.login import Tokens, log_in, renew
from sync.profile import Profile
from sync.sandbox.in_process import InProcess
from sync.sandbox.login import Login
from sync.transport import Transport

LOGIN = "http://127.0.0.1:8103"
SURGERY = "https://oak-lane-surgery.example"


class Provider(httpx.BaseTransport):
    """The stand-in's provider with one answer changed on its way."""

    def __init__(
        self, login: Login, path: str, change: Callable[[httpx.Request, httpx.Response], httpx.Response]
    ) -> None:
        self._inner = InProcess({LOGIN: login.app()})
        self._path = path
        self._change = change
        self.changed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if request.url.path != self._path:
            return answer
        self.changed += 1
        return self._change(request, answer)


def log_in_through(provider: Provider, profile: Profile, clock: Any) -> Tokens:
    return log_in(Transport(monotonic=time.monotonic, http=provider), profile, "amina", now=clock())


def test_login_says_who_this_is_and_their_id_at_each_holder_that_has_a_record(
    transport: Transport, profile: Profile, login: Login, clock: Any
) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert (tokens.nhs_number, tokens.birth_date, tokens.family_name) == ("9990000018", "1992-02-29", "Testing")
    assert dict(tokens.subjects) == {SURGERY: login.subject("amina", SURGERY)}
    assert tokens.expires_at == clock() + timedelta(minutes=5)
    access = login.access(tokens.access)
    assert access is not None
    assert (access.person_id, access.name) == ("amina", "Amina Testing")


def test_pairwise_ids_differ_between_holders_and_stay_over_logins(login: Login) -> None:
    assert login.subject("amina", SURGERY) != login.subject("amina", "https://hospital.example")
    assert login.subject("amina", SURGERY) == login.subject("amina", SURGERY)


def test_access_token_is_unknown_after_five_minutes(
    transport: Transport, profile: Profile, login: Login, clock: Any
) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    clock.forward(seconds=299)
    tokens.require_fresh(now=clock())
    assert login.access(tokens.access) is not None
    clock.forward(seconds=1)
    assert login.access(tokens.access) is None
    with pytest.raises(LoginNeeded, match="login-needed"):
        tokens.require_fresh(now=clock())


def test_refresh_token_gives_new_tokens_once(transport: Transport, profile: Profile, login: Login, clock: Any) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    clock.forward(minutes=10)
    renewed = renew(transport, profile, tokens, now=clock())
    assert login.access(renewed.access) is not None
    with pytest.raises(LoginNeeded, match="the refresh token was refused"):
        renew(transport, profile, tokens, now=clock())


def test_somebody_unknown_cannot_log_in(transport: Transport, profile: Profile, clock: Any) -> None:
    with pytest.raises(LoginFailed, match="login-failed: authorise: expected a code, found an error"):
        log_in(transport, profile, "nobody", now=clock())


def test_closed_provider_is_network_unavailable(profile: Profile, clock: Any) -> None:
    with pytest.raises(NetworkUnavailable):
        log_in(Transport(monotonic=time.monotonic, http=InProcess({})), profile, "amina", now=clock())


def test_changed_state_is_refused(login: Login, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        parts = urlsplit(answer.headers["location"])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"state": "another"}
        return httpx.Response(302, headers={"location": f"http://127.0.0.1/passport?{urlencode(query)}"})

    with pytest.raises(LoginFailed, match="expected the state that was sent"):
        log_in_through(Provider(login, "/authorize", change), profile, clock)


def test_redirect_elsewhere_is_refused(login: Login, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(
            302, headers={"location": answer.headers["location"].replace("127.0.0.1", "evil.example")}
        )

    with pytest.raises(LoginFailed, match="expected a redirect to this passport"):
        log_in_through(Provider(login, "/authorize", change), profile, clock)


def test_provider_under_another_name_is_refused(login: Login, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(200, json=answer.json() | {"issuer": "https://other.example"})

    with pytest.raises(LoginFailed, match="expected the issuer of the profile"):
        log_in_through(Provider(login, "/.well-known/openid-configuration", change), profile, clock)


def resigned(login: Login, **claims: Any) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    """The token answer with claims changed and signed again by the provider's own key."""

    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = answer.json()
        changed = jwt.decode(body["id_token"], login._key).claims | claims
        kept = {name: value for name, value in changed.items() if value is not None}
        body["id_token"] = jwt.encode({"alg": "ES256", "kid": login._key.kid}, kept, login._key)
        return httpx.Response(200, json=body)

    return change


NOW = 1795424400  # 2026-11-23T09:00:00Z


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"iss": "https://other.example"}, "id_token iss"),
        ({"aud": "another-app"}, "id_token aud"),
        ({"aud": ["patient-passport", "another-app"]}, "id_token aud"),
        ({"exp": NOW}, "id_token exp"),
        ({"iat": NOW + 121}, "id_token iat"),
        ({"nonce": "another"}, "id_token nonce"),
        ({"nonce": None}, "id_token nonce"),
        ({"vot": "P5.Cp.Cd"}, "id_token vot: expected P9"),
        ({"nhs_number": None}, "expected the claims of a verified person"),
        ({"record_subjects": None}, "expected the claims of a verified person"),
    ],
)
def test_id_token_whose_claims_do_not_hold_is_refused(
    login: Login, profile: Profile, clock: Any, claims: dict[str, Any], message: str
) -> None:
    assert int(clock().timestamp()) == NOW
    provider = Provider(login, "/token", resigned(login, **claims))
    with pytest.raises(LoginFailed, match=message) as refusal:
        log_in_through(provider, profile, clock)
    assert provider.changed == 1
    assert "9990000018" not in str(refusal.value)


@pytest.mark.parametrize("claims", [{"exp": NOW + 1}, {"iat": NOW + 120}, {"aud": ["patient-passport"]}])
def test_id_token_at_the_edge_is_taken(login: Login, profile: Profile, clock: Any, claims: dict[str, Any]) -> None:
    assert log_in_through(Provider(login, "/token", resigned(login, **claims)), profile, clock).access


def test_id_token_of_another_key_is_refused(login: Login, profile: Profile, clock: Any) -> None:
    other = ECKey.generate_key("P-256", auto_kid=True)

    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = answer.json()
        claims = jwt.decode(body["id_token"], login._key).claims
        body["id_token"] = jwt.encode({"alg": "ES256", "kid": login._key.kid}, claims, other)
        return httpx.Response(200, json=body)

    with pytest.raises(LoginFailed, match=r"expected the provider's signature \(BadSignatureError\)"):
        log_in_through(Provider(login, "/token", change), profile, clock)


def test_unsigned_id_token_is_refused(login: Login, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = answer.json()
        body["id_token"] = "eyJhbGciOiJub25lIn0." + body["id_token"].split(".")[1] + "."
        return httpx.Response(200, json=body)

    with pytest.raises(LoginFailed, match="expected the provider's signature"):
        log_in_through(Provider(login, "/token", change), profile, clock)


def test_tokens_and_person_stay_out_of_repr(transport: Transport, profile: Profile, clock: Any) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    for secret in (tokens.access, tokens.refresh, "9990000018", "1992-02-29", "Testing", tokens.subjects[SURGERY]):
        assert secret not in repr(tokens)

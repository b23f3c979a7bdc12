"""Logging in against the stand-in, and every way its answer may not hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from crypto.errors import (
    ClockWrong,
    ConsentWithdrawn,
    LoginAnswerUsed,
    LoginFailed,
    LoginMixedUp,
    LoginNeeded,
    LoginRefused,
    NetworkUnavailable,
    NotAllowed,
    ServiceRefused,
    WrongLogin,
)
from sync.login import PendingLogin, Tokens, begin_login, end_login, finish_login, log_in, renew
from sync.profile import Profile
from sync.sandbox.gateway import Gateway
from sync.sandbox.in_process import InProcess
from sync.sandbox.login import Login
from sync.sandbox.refresh_tokens import RefreshTokens
from sync.transport import Transport

LOGIN = "http://127.0.0.1:8103"
GATEWAY = "http://127.0.0.1:8107"
PATH = "p" * 43
SURGERY = "https://oak-lane-surgery.example"


class Provider(httpx.BaseTransport):
    """The stand-in's provider and its gateway, with one answer changed on its way to the passport."""

    def __init__(
        self,
        login: Login,
        gateway: Gateway,
        path: str,
        change: Callable[[httpx.Request, httpx.Response], httpx.Response],
    ) -> None:
        self._inner = InProcess({LOGIN: login.app(), GATEWAY: gateway.app()})
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
    assert tokens.renewal is not None
    renewed = renew(transport, profile, tokens.renewal, now=clock())
    assert login.access(renewed.access) is not None
    with pytest.raises(ConsentWithdrawn, match="the refresh token was refused"):
        renew(transport, profile, tokens.renewal, now=clock())


def test_somebody_unknown_cannot_log_in(transport: Transport, profile: Profile, clock: Any) -> None:
    with pytest.raises(LoginFailed, match="login-failed: authorise: expected a code, found an error"):
        log_in(transport, profile, "nobody", now=clock())


def test_closed_provider_is_network_unavailable(profile: Profile, clock: Any) -> None:
    with pytest.raises(NetworkUnavailable):
        log_in(Transport(monotonic=time.monotonic, http=InProcess({})), profile, "amina", now=clock())


def test_changed_state_is_refused(login: Login, gateway: Gateway, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        parts = urlsplit(answer.headers["location"])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"state": "another"}
        return httpx.Response(302, headers={"location": f"{GATEWAY}/callback?{urlencode(query)}"})

    with pytest.raises(LoginMixedUp, match="login-mixed-up: authorise: expected the state that was sent"):
        log_in_through(Provider(login, gateway, "/authorize", change), profile, clock)


def test_redirect_elsewhere_is_refused(login: Login, gateway: Gateway, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(
            302, headers={"location": answer.headers["location"].replace("127.0.0.1", "evil.example")}
        )

    with pytest.raises(LoginFailed, match="expected a redirect to this passport"):
        log_in_through(Provider(login, gateway, "/authorize", change), profile, clock)


def test_provider_under_another_name_is_refused(login: Login, gateway: Gateway, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(200, json=answer.json() | {"issuer": "https://other.example"})

    with pytest.raises(LoginFailed, match="expected the issuer of the profile"):
        log_in_through(Provider(login, gateway, "/.well-known/openid-configuration", change), profile, clock)


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
    login: Login, gateway: Gateway, profile: Profile, clock: Any, claims: dict[str, Any], message: str
) -> None:
    assert int(clock().timestamp()) == NOW
    provider = Provider(login, gateway, "/token", resigned(login, **claims))
    with pytest.raises(LoginFailed, match=message) as refusal:
        log_in_through(provider, profile, clock)
    assert provider.changed == 1
    assert "9990000018" not in str(refusal.value)


@pytest.mark.parametrize("claims", [{"exp": NOW + 1}, {"iat": NOW + 120}, {"aud": ["patient-passport"]}])
def test_id_token_at_the_edge_is_taken(
    login: Login, gateway: Gateway, profile: Profile, clock: Any, claims: dict[str, Any]
) -> None:
    assert log_in_through(Provider(login, gateway, "/token", resigned(login, **claims)), profile, clock).access


def test_id_token_of_another_key_is_refused(login: Login, gateway: Gateway, profile: Profile, clock: Any) -> None:
    other = ECKey.generate_key("P-256", auto_kid=True)

    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = answer.json()
        claims = jwt.decode(body["id_token"], login._key).claims
        body["id_token"] = jwt.encode({"alg": "ES256", "kid": login._key.kid}, claims, other)
        return httpx.Response(200, json=body)

    with pytest.raises(LoginFailed, match=r"expected the provider's signature \(BadSignatureError\)"):
        log_in_through(Provider(login, gateway, "/token", change), profile, clock)


def test_unsigned_id_token_is_refused(login: Login, gateway: Gateway, profile: Profile, clock: Any) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = answer.json()
        body["id_token"] = "eyJhbGciOiJub25lIn0." + body["id_token"].split(".")[1] + "."
        return httpx.Response(200, json=body)

    with pytest.raises(LoginFailed, match="expected the provider's signature"):
        log_in_through(Provider(login, gateway, "/token", change), profile, clock)


def test_tokens_and_person_stay_out_of_repr(transport: Transport, profile: Profile, clock: Any) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert tokens.renewal is not None
    for secret in (
        tokens.access,
        tokens.renewal.token,
        tokens.renewal.sub,
        "9990000018",
        "1992-02-29",
        "Testing",
        tokens.subjects[SURGERY],
    ):
        assert secret not in repr(tokens)


# ---- the clock ------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [1, -1])
def test_provider_whose_clock_is_an_hour_off_is_refused_by_naming_the_clock(
    transport: Transport, profile: Profile, clock: Any, hours: int
) -> None:
    now = clock()
    clock.forward(hours=hours)
    with pytest.raises(ClockWrong) as refusal:
        log_in(transport, profile, "amina", now=now)
    assert refusal.value.code == "clock-wrong"


def test_provider_whose_clock_is_two_minutes_ahead_is_taken(transport: Transport, profile: Profile, clock: Any) -> None:
    now = clock()
    clock.forward(seconds=120)
    assert log_in(transport, profile, "amina", now=now).access


# ---- thirty days ----------------------------------------------------------------------------


def test_login_is_renewed_for_thirty_days_and_no_longer(transport: Transport, profile: Profile, clock: Any) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    for _ in range(2):
        clock.forward(days=14)
        assert tokens.renewal is not None
        tokens = renew(transport, profile, tokens.renewal, now=clock())
    assert tokens.renewal is not None
    clock.forward(days=2, seconds=-1)
    tokens = renew(transport, profile, tokens.renewal, now=clock())
    clock.forward(seconds=1)
    assert tokens.renewal is not None
    with pytest.raises(LoginNeeded) as refusal:
        renew(transport, profile, tokens.renewal, now=clock())
    assert refusal.value.code == "login-needed"


def test_provider_too_ends_it_after_thirty_days(transport: Transport, profile: Profile, clock: Any) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert tokens.renewal is not None
    slow = clock()
    clock.forward(days=30)
    with pytest.raises(ConsentWithdrawn):
        renew(transport, profile, tokens.renewal, now=slow)


def test_consent_that_was_withdrawn_is_told_from_a_login_past_its_time(
    transport: Transport, profile: Profile, login: Login, clock: Any
) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert tokens.renewal is not None
    login.withdraw("amina")
    assert login.access(tokens.access) is None
    with pytest.raises(ConsentWithdrawn) as refusal:
        renew(transport, profile, tokens.renewal, now=clock())
    assert refusal.value.code == "consent-withdrawn"


def test_renewed_tokens_of_somebody_else_are_refused(
    login: Login, gateway: Gateway, transport: Transport, profile: Profile, clock: Any
) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert tokens.renewal is not None
    provider = Provider(login, gateway, "/token", resigned(login, sub="another"))
    with pytest.raises(WrongLogin, match="wrong-login: id_token sub"):
        renew(Transport(monotonic=time.monotonic, http=provider), profile, tokens.renewal, now=clock())


def test_ended_login_is_renewed_no_more(transport: Transport, profile: Profile, clock: Any) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert tokens.renewal is not None
    end_login(transport, profile, tokens.renewal)
    with pytest.raises(ConsentWithdrawn):
        renew(transport, profile, tokens.renewal, now=clock())


def test_refresh_token_outlives_a_restart_of_the_provider_and_stands_in_no_file(
    login: Login, transport: Transport, profile: Profile, clock: Any, tmp_path: Path
) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert tokens.renewal is not None
    kept = RefreshTokens(tmp_path / "login" / "refresh-tokens.json")
    assert tokens.renewal.token not in (tmp_path / "login" / "refresh-tokens.json").read_text()
    assert kept.redeem(tokens.renewal.token, now=clock()) is not None
    assert kept.redeem(tokens.renewal.token, now=clock()) is None


# ---- through the browser --------------------------------------------------------------------


@pytest.fixture
def pending(transport: Transport, profile: Profile) -> PendingLogin:
    return begin_login(transport, profile, port=40123, path=PATH)


def through_the_page(transport: Transport, pending: PendingLogin, decision: str = "allow") -> dict[str, str]:
    """What a browser brings back to the passport: the page answered, the gateway passed."""
    asked = dict(parse_qsl(urlsplit(pending.address).query))
    assert transport.get(pending.address).status == 200
    answer = transport.post(f"{LOGIN}/authorize", data=asked | {"person": "amina", "decision": decision})
    handed_on = transport.get(answer.headers["location"]).headers["location"]
    assert handed_on.startswith(f"http://127.0.0.1:40123/{PATH}?")
    return dict(parse_qsl(urlsplit(handed_on).query))


def test_login_through_the_page_gives_tokens(
    transport: Transport, profile: Profile, pending: PendingLogin, login: Login, clock: Any
) -> None:
    tokens = finish_login(transport, profile, pending, through_the_page(transport, pending), now=clock())
    access = login.access(tokens.access)
    assert access is not None
    assert access.person_id == "amina"


def test_saying_no_on_the_page_is_refused_by_name(
    transport: Transport, profile: Profile, pending: PendingLogin, clock: Any
) -> None:
    returned = through_the_page(transport, pending, "refuse")
    with pytest.raises(LoginRefused, match="login-refused"):
        finish_login(transport, profile, pending, returned, now=clock())


def test_answer_of_another_login_is_refused_and_its_code_not_sent(
    transport: Transport, profile: Profile, pending: PendingLogin, clock: Any
) -> None:
    other = begin_login(transport, profile, port=40123, path=PATH)
    returned = through_the_page(transport, other)
    with pytest.raises(LoginMixedUp, match="login-mixed-up"):
        finish_login(transport, profile, pending, returned, now=clock())
    assert finish_login(transport, profile, other, returned, now=clock()).access


def test_second_use_of_an_answer_is_refused_by_name(
    transport: Transport, profile: Profile, pending: PendingLogin, clock: Any
) -> None:
    returned = through_the_page(transport, pending)
    finish_login(transport, profile, pending, returned, now=clock())
    with pytest.raises(LoginAnswerUsed, match="login-answer-used"):
        finish_login(transport, profile, pending, returned, now=clock())


def test_code_without_the_verifier_of_this_passport_gives_nothing(
    transport: Transport, profile: Profile, pending: PendingLogin, clock: Any
) -> None:
    thief = replace(pending, verifier="w" * 43)
    with pytest.raises(LoginAnswerUsed):
        finish_login(transport, profile, thief, through_the_page(transport, pending), now=clock())


def test_page_in_plain_http_on_another_machine_is_not_opened(
    login: Login, gateway: Gateway, profile: Profile, clock: Any
) -> None:
    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(200, json=answer.json() | {"authorization_endpoint": "http://evil.example/authorize"})

    provider = Provider(login, gateway, "/.well-known/openid-configuration", change)
    with pytest.raises(NotAllowed, match="expected https"):
        begin_login(Transport(monotonic=time.monotonic, http=provider), profile, port=1, path=PATH)


def test_gateway_that_is_down_is_network_unavailable(login: Login, profile: Profile, clock: Any) -> None:
    alone = Transport(monotonic=time.monotonic, http=InProcess({LOGIN: login.app()}))
    with pytest.raises(NetworkUnavailable):
        log_in(alone, profile, "amina", now=clock())


def test_end_of_a_login_that_was_not_heard_is_told(
    login: Login, gateway: Gateway, transport: Transport, profile: Profile, clock: Any
) -> None:
    tokens = log_in(transport, profile, "amina", now=clock())
    assert tokens.renewal is not None
    provider = Provider(login, gateway, "/revoke", lambda request, answer: httpx.Response(500))
    with pytest.raises(ServiceRefused, match="expected 200, found 500"):
        end_login(Transport(monotonic=time.monotonic, http=provider), profile, tokens.renewal)

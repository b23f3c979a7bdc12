"""A clock that stands still until it is moved, and a relay and a login that answer without sockets."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sync.profile import Holder, LoginService, Profile, RelayService, Somebody, TrustSource
from sync.relay.app import relay_app
from sync.sandbox.client_assertion import ClientKey
from sync.sandbox.gateway import Gateway
from sync.sandbox.in_process import InProcess
from sync.sandbox.login import CLIENT_ID, Login
from sync.sandbox.people import HeldBundle, MadeUpPerson
from sync.transport import Transport

RELAY = "http://127.0.0.1:8105"
LOGIN = "http://127.0.0.1:8103"
GATEWAY = "http://127.0.0.1:8107"
SURGERY = "https://oak-lane-surgery.example"
HOSPITAL = "https://riverside-hospital.example"
SURGERY_BUNDLE = HeldBundle("3.0.1", b'{"resourceType":"Bundle","type":"collection"}')


@dataclass
class StandingClock:
    at: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def over() -> Callable[[httpx.BaseTransport], Transport]:
    return lambda http: Transport(monotonic=time.monotonic, http=http)


@pytest.fixture
def amina() -> MadeUpPerson:
    return MadeUpPerson(
        "amina", "Amina Testing, 34", "9990000018", "1992-02-29", "Testing", ("Amina",), {"gp": SURGERY_BUNDLE}
    )


@pytest.fixture(scope="session")
def client_key(tmp_path_factory: pytest.TempPathFactory) -> ClientKey:
    """The gateway's key, made once: it takes a while."""
    return ClientKey(tmp_path_factory.mktemp("gateway") / "client-key.json")


@pytest.fixture
def login(tmp_path: Path, clock: StandingClock, amina: MadeUpPerson, client_key: ClientKey) -> Login:
    return Login(
        tmp_path / "login",
        base_url=LOGIN,
        people=[amina],
        holders={"gp": SURGERY, "hospital": HOSPITAL},
        redirect_uri=f"{GATEWAY}/callback",
        client_keys=client_key.jwks,
        now=clock,
    )


@pytest.fixture
def gateway(clock: StandingClock, login: Login, client_key: ClientKey) -> Gateway:
    return Gateway(
        base_url=GATEWAY,
        client_id=CLIENT_ID,
        key=client_key,
        provider=LOGIN,
        http=httpx.ASGITransport(app=login.app()),
        now=clock,
    )


@pytest.fixture
def profile() -> Profile:
    return Profile(
        name="in process",
        made_up=True,
        holders=(Holder(SURGERY, "Oak Lane Surgery", "gp", "http://127.0.0.1:8101"),),
        login=LoginService(LOGIN, CLIENT_ID, GATEWAY),
        trust=TrustSource("http://127.0.0.1:8104/metadata", "http://127.0.0.1:8104/targets", b"{}"),
        relay=RelayService(RELAY),
        people=(Somebody("amina", "Amina Testing, 34"),),
    )


@pytest.fixture
def transport(
    tmp_path: Path,
    clock: StandingClock,
    login: Login,
    gateway: Gateway,
    over: Callable[[httpx.BaseTransport], Transport],
) -> Transport:
    relay = relay_app(tmp_path / "relay", base_url=RELAY, now=clock)
    return over(InProcess({RELAY: relay, LOGIN: login.app(), GATEWAY: gateway.app()}))

"""Faults of a connection, over real sockets: the stand-in is a process of its own, its control port switches it."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpcore
import httpx
import pytest

from app.actions.far_side import Services
from app.store.home import PassportHome
from crypto.errors import NetworkUnavailable
from sync.sandbox.faults import FAULTS, LineFault
from sync.transport import Answer, Transport
from tests.actions.made_up import AMARA, HOSPITAL, PEOPLE, SURGERY, World
from tests.flows.conftest import Window
from tests.flows.test_faults import TABLE, Kept, passport_of
from tests.flows.test_sandbox import Running, started

pytestmark = pytest.mark.loopback

OF_THE_LINE = [name for name, fault in FAULTS.items() if isinstance(fault, LineFault)]
UPDATES_SECONDS = 1.5


class Hasty(Transport):
    """The transport with less patience for updates, so that a test need not wait for a minute."""

    def send(self, request: httpx.Request, **limits: Any) -> Answer:
        if request.url.path.endswith("$health-cards-issue"):
            limits["deadline_seconds"] = UPDATES_SECONDS
        return super().send(request, **limits)


class RealTime:
    """The system's time, where a World has a standing one."""

    @property
    def at(self) -> datetime:
        return datetime.now(UTC)


class FarAway:
    """A stand-in in another process, with what a Window asks of a World."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.clock = RealTime()

    def services(self) -> Services:
        return Services(self.running.profile, Hasty(monotonic=time.monotonic))

    def control(self, path: str, body: object = None, token: str | None = None) -> Any:
        """One POST to the control port, a GET without a body."""
        known = Path(self.running.line["control"]["token"]).read_text()
        asked = urllib.request.Request(
            self.running.line["control"]["address"] + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {known if token is None else token}"},
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def switch(self, name: str, on: bool) -> None:
        self.control(f"/faults/{name}", {"on": on})


@pytest.fixture
def far_away(tmp_path: Path) -> Iterator[FarAway]:
    with started(tmp_path / "state") as running:
        yield FarAway(running)
        assert running.end() == (0, "")


@pytest.fixture
def tell_far(tmp_path: Path) -> Callable[[FarAway, Any], None]:
    def run(far_away: FarAway, story: Callable[[Window], Awaitable[None]]) -> None:
        async def whole() -> None:
            window = await Window(cast(World, far_away), PassportHome(tmp_path / "home")).opened()
            try:
                await story(window)
                assert window.client.crashes == []
            finally:
                await window.closed()

        asyncio.run(whole())

    return run


@pytest.mark.parametrize("name", OF_THE_LINE)
def test_a_connection_that_fails_is_told_keeps_nothing_holds_up_nobody_and_heals(
    far_away: FarAway, tell_far: Callable[[FarAway, Any], None], name: str
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        surgery, hospital = (Kept.of(passport_of(window), iss) for iss in (SURGERY.iss, HOSPITAL.iss))
        assert surgery.messages
        for kind in ("gp", "hospital"):
            far_away.control(f"/holders/{kind}/sign", {})
        far_away.switch(name, True)
        await window.press("update")
        assert window.heading() == "Not everything could be updated"
        assert window.says(f"{SURGERY.name}: {TABLE[name][1]}")
        assert Kept.of(passport_of(window), SURGERY.iss) == surgery
        assert len(Kept.of(passport_of(window), HOSPITAL.iss).messages) == len(hospital.messages) + 1
        far_away.switch(name, False)
        await window.press("message-action")
        assert not window.shows("offline-chip")
        await window.press("update")
        assert window.heading() == PEOPLE[AMARA].name
        assert len(Kept.of(passport_of(window), SURGERY.iss).messages) == len(surgery.messages) + 1

    tell_far(far_away, story)


@pytest.mark.parametrize(
    ("name", "failure"), [("reset", httpcore.NetworkError), ("truncated", httpcore.RemoteProtocolError)]
)
def test_a_reset_and_a_cut_are_two_things_on_the_wire(far_away: FarAway, name: str, failure: type[Exception]) -> None:
    far_away.switch(name, True)
    address = f"{far_away.running.line['addresses']['gp']}/Patient/x/$health-cards-issue"
    with pytest.raises(NetworkUnavailable) as refused:
        Transport(monotonic=time.monotonic).post(address, json={})
    error: BaseException | None = refused.value
    while error is not None and not isinstance(error, failure):
        error = error.__cause__
    assert error is not None


def test_faults_named_at_the_start_are_on_until_the_control_port_ends_them(
    tmp_path: Path, tell_far: Callable[[FarAway, Any], None]
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        assert window.says(f"{SURGERY.name}: {TABLE['tampered'][1]}")
        for name in ("tampered", "5xx"):
            far_away.switch(name, False)
        await window.press("message-action")
        await window.press("update")
        assert window.heading() == PEOPLE[AMARA].name

    with started(tmp_path / "state", "--fault", "tampered,5xx") as running:
        far_away = FarAway(running)
        on = [fault["name"] for fault in far_away.control("/faults")["faults"] if fault["on"]]
        assert on == ["tampered", "5xx"]
        tell_far(far_away, story)


def test_the_control_port_answers_nobody_without_its_token(far_away: FarAway) -> None:
    for token in ("", "another"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            far_away.control("/faults/tampered", {"on": True}, token=token)
        assert refused.value.code == 401
        refused.value.close()
    assert not any(fault["on"] for fault in far_away.control("/faults")["faults"])

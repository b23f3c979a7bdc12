"""Refreshing from several holders at once, and asking for no more than is new: a part of test_refreshing.py."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.actions.far_side import Services
from app.actions.progress import Progress
from app.actions.refreshing import connect
from app.actions.session import Passport
from tests.actions.made_up import (
    ADDRESSES,
    AMARA,
    HOSPITAL,
    PEOPLE,
    SIAN,
    SURGERY,
    World,
    refused,
    with_asthma_called,
)

# ---- several at once ------------------------------------------------------------------------


def in_between(world: World, name: str, before: Callable[[dict[str, Any]], None]) -> None:
    """Call `before` with each request to a service before it answers."""
    app = world.apps[ADDRESSES[name]]

    async def stopped(scope: Any, receive: Any, send: Any) -> None:
        before(scope)
        await app(scope, receive, send)

    world.apps[ADDRESSES[name]] = stopped


@pytest.mark.parametrize(("slow", "quick"), [("gp", HOSPITAL.name), ("hospital", SURGERY.name)])
def test_what_the_others_gave_is_stored_before_a_slow_holder_answers(
    world: World, fresh: Passport, services: Services, slow: str, quick: str
) -> None:
    let_go = threading.Event()
    held_up: list[str] = []
    stored: list[set[str]] = []

    def wait(scope: dict[str, Any]) -> None:
        if not let_go.wait(20):
            held_up.append(scope["path"])

    def told(progress: Progress) -> None:
        if quick in progress.finished and not let_go.is_set():
            stored.append({source.issuer_name for source in fresh.store.sources()})
            let_go.set()

    in_between(world, slow, wait)
    refreshed = connect(fresh, services, SIAN, now=world.now, told=told)
    assert held_up == []
    assert stored == [{quick}]
    assert refused(refreshed) == {}
    assert len(fresh.store.sources()) == 2


def test_one_new_login_serves_all_holders_that_forgot_the_old_one(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, SIAN, services)
    restarted = World(world.state, clock=world.clock)
    logins: list[str] = []
    in_between(restarted, "gateway", lambda scope: logins.append(scope["path"]))
    services.transport = restarted.transport
    assert refused(restarted.refresh(fresh, services)) == {}
    assert sum("token" in path for path in logins) == 1


def test_two_visits_at_once_store_nothing_twice(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, SIAN, services)
    world.clock.forward(minutes=1)
    world.sign(SIAN, "gp", PEOPLE[SIAN].bundles["gp"].bundle)
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda _: world.refresh(fresh, services), range(2)))
    assert sorted(one.outcomes[0].updates for one in both) == [0, 1]
    assert sorted(s.seq or 0 for s in fresh.store.sources() if s.iss == SURGERY.iss) == [1, 2]


# ---- no more than is new --------------------------------------------------------------------


def statuses(world: World, name: str) -> list[int]:
    """The statuses a service answers with from now on."""
    app = world.apps[ADDRESSES[name]]
    found: list[int] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                found.append(message["status"])
            await send(message)

        await app(scope, receive, noted)

    world.apps[ADDRESSES[name]] = watched
    return found


def test_nothing_newer_is_one_short_answer_while_the_known_head_counts(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, SIAN, services)
    answered = statuses(world, "gp")
    world.clock.forward(minutes=15)
    assert refused(world.refresh(fresh, services)) == {}
    assert answered == [304]
    world.sign(SIAN, "gp", PEOPLE[SIAN].bundles["gp"].bundle)
    assert world.refresh(fresh, services).outcomes[0].updates == 1
    assert answered == [304, 200, 200, 200]  # head, updates, and the emergency summary of what changed


def test_nothing_newer_does_not_count_once_the_known_head_is_past_its_time(
    world: World, fresh: Passport, services: Services
) -> None:
    world.connect(fresh, SIAN, services)
    answered = statuses(world, "gp")
    world.clock.forward(hours=2)
    assert refused(world.refresh(fresh, services)) == {}
    assert answered == [304, 200]
    world.clock.forward(minutes=1)
    world.refresh(fresh, services)
    assert answered == [304, 200, 304]


def test_a_line_that_drops_between_pages_keeps_what_came_and_the_rest_comes_next_time(
    world: World, fresh: Passport, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.records.PAGE_UPDATES", 2)
    for number in range(4):
        world.sign(AMARA, "gp", with_asthma_called(f"Asthma, word {number}"))
    dropped: list[str] = []

    def drop(scope: dict[str, Any]) -> None:
        if b"_after=4" in scope["query_string"] and not dropped:
            dropped.append("once")
            raise httpx.ReadError("reset")

    in_between(world, "gp", drop)
    first = world.connect(fresh, AMARA, services)
    assert (first.outcomes[0].updates, refused(first)) == (4, {SURGERY.name: "network-unavailable"})
    position = fresh.store.feed_position(SURGERY.iss)
    assert position is not None
    assert position.seq == 4
    again = world.refresh(fresh, services)
    assert (again.outcomes[0].updates, refused(again)) == (1, {})
    assert sorted(s.seq or 0 for s in fresh.store.sources() if s.iss == SURGERY.iss) == [1, 2, 3, 4, 5]

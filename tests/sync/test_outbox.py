"""The outbox's round: in order, settled only once answered, stopped by no network, not held up by a refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crypto.errors import NetworkUnavailable, ServiceBusy, ServiceRefused, ServiceTooSlow, Tampered, Unavailable
from sync.outbox import Delivery, Item, deliver

FIRST, SECOND, THIRD = (Item(number, "end-link", f"link-{number}") for number in (1, 2, 3))


class InMemory:
    """A queue that forgets what was settled."""

    def __init__(self, *items: Item) -> None:
        self.items = list(items)

    def pending(self) -> list[Item]:
        return list(self.items)

    def settle(self, item: Item) -> None:
        self.items.remove(item)


def sending(refusals: dict[Item, Exception]) -> tuple[list[Item], Callable[[Item], None]]:
    tried: list[Item] = []

    def send(item: Item) -> None:
        tried.append(item)
        if item in refusals:
            raise refusals[item]

    return tried, send


def test_everything_goes_out_oldest_first() -> None:
    queue, (tried, send) = InMemory(FIRST, SECOND, THIRD), sending({})
    assert deliver(queue, send) == Delivery((FIRST, SECOND, THIRD))
    assert tried == [FIRST, SECOND, THIRD]
    assert queue.items == []


@pytest.mark.parametrize("error", [NetworkUnavailable("x"), ServiceTooSlow("x"), ServiceBusy("x")])
def test_without_a_network_the_round_ends_and_the_rest_waits_in_order(error: Unavailable) -> None:
    queue, (tried, send) = InMemory(FIRST, SECOND, THIRD), sending({SECOND: error})
    assert deliver(queue, send) == Delivery((FIRST,), 2, error)
    assert tried == [FIRST, SECOND]
    assert queue.items == [SECOND, THIRD]


def test_an_item_a_service_refuses_waits_and_does_not_keep_the_next_one_back() -> None:
    error = ServiceRefused("x")
    queue, (_, send) = InMemory(FIRST, SECOND, THIRD), sending({FIRST: error})
    assert deliver(queue, send) == Delivery((SECOND, THIRD), 1, error)
    assert queue.items == [FIRST]


def test_what_is_about_the_same_thing_waits_behind_a_refused_item() -> None:
    after = Item(4, "change-link", FIRST.about)
    queue, (tried, send) = InMemory(FIRST, SECOND, after), sending({FIRST: ServiceRefused("x")})
    assert deliver(queue, send).sent == (SECOND,)
    assert tried == [FIRST, SECOND]
    assert queue.items == [FIRST, after]


def test_a_fault_settles_nothing_and_is_not_swallowed() -> None:
    queue, (_, send) = InMemory(FIRST), sending({FIRST: Tampered("x")})
    with pytest.raises(Tampered):
        deliver(queue, send)
    assert queue.items == [FIRST]


def test_an_empty_outbox_sends_nothing() -> None:
    tried, send = sending({})
    assert deliver(InMemory(), send) == Delivery()
    assert tried == []

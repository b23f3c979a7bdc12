"""The outbox: what the patient did without a signal goes out later, in order, each thing with one effect.

Owns the round: oldest first, `send` it, note it as sent. What an item asks for and where it goes is the caller's,
keeping it is the queue's (app/store/outgoing.py); nothing here sleeps, retries or reads a clock.

Why exactly once holds. (1) An item is committed together with what the patient sees of it, so neither exists without
the other. (2) It leaves "pending" only after the service has answered that it is done, so a process killed anywhere
before that sends it again: at least once. (3) Every request sent from here is idempotent at the service (a link is
deleted by its own address; the first deletion ends it, all after it change nothing): at most one effect. (4) An item
is sent only when every item before it was settled or refused by its service, so a repeated one is always the oldest:
the effects come in the order of the patient's acts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from crypto.errors import NetworkUnavailable, ServiceBusy, ServiceTooSlow, Unavailable


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be sent: its number (in the order of the acts), what it asks for, and what it is about."""

    number: int
    kind: str
    about: str


class Queue(Protocol):
    """Where items wait, on the disk."""

    def pending(self) -> Sequence[Item]:
        """What has not gone out, oldest first."""

    def settle(self, item: Item) -> None:
        """Note for good that `item` went out."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One round: what went out, how many still wait, and the last reason why (None when none waits)."""

    sent: tuple[Item, ...] = ()
    left: int = 0
    refusal: Unavailable | None = None


def deliver(queue: Queue, send: Callable[[Item], None]) -> Delivery:
    """Send what waits, oldest first; `send` raises Unavailable for what did not get through.

    Without a network, or at a service that asks to be left alone, the round ends at once. Where a service answers and
    refuses an item, everything about the same thing waits behind it and the rest goes on: one stuck item must not keep
    another access open.
    """
    waiting = tuple(queue.pending())
    sent: list[Item] = []
    stuck: set[str] = set()
    refusal: Unavailable | None = None
    for item in waiting:
        if item.about in stuck:
            continue
        try:
            send(item)
        except (NetworkUnavailable, ServiceTooSlow, ServiceBusy) as error:
            refusal = error
            break
        except Unavailable as error:
            refusal = error
            stuck.add(item.about)
            continue
        queue.settle(item)
        sent.append(item)
    return Delivery(tuple(sent), len(waiting) - len(sent), refusal)

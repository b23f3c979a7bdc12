"""What the patient did that has still to reach a service: rows that wait, and rows that are settled.

Owns the table `outbox` and its states: pending → sent, or pending → lapsed where its time ran out first and nothing is
left to do. A row never goes back. What a row asks for is app/actions; sending is sync/outbox.py.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.store.driver import Driver
from app.store.instant import from_text, to_text

PENDING: Final = "pending"
SENT: Final = "sent"
LAPSED: Final = "lapsed"


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """One act that waits: its number (in the order of the acts), kind, what it is about, and when it was done."""

    number: int
    kind: str
    about: str
    created: datetime


class Outgoing:
    """The part of the store that waits for a signal."""

    _driver: Driver

    def together(self) -> AbstractContextManager[None]:
        """Everything written inside is kept together or not at all."""
        return self._driver.transaction()

    def queue(self, kind: str, about: str, at: datetime) -> None:
        """Add what has to go out; what waits already is not added twice."""
        self._driver.run(
            "INSERT INTO outbox(kind, about, created, state) VALUES(?,?,?,?) ON CONFLICT DO NOTHING",
            (kind, about, to_text(at), PENDING),
        )

    def outgoing(self) -> list[OutgoingRow]:
        """What waits, oldest first."""
        found = self._driver.rows(
            "SELECT number, kind, about, created FROM outbox WHERE state = ? ORDER BY number", (PENDING,)
        )
        return [OutgoingRow(number, kind, about, from_text(created)) for number, kind, about, created in found]

    def settle(self, number: int, state: str, at: datetime) -> bool:
        """Take a row out of waiting, as SENT or LAPSED; False where it was settled before."""
        return bool(
            self._driver.rows(
                "UPDATE outbox SET state = ?, settled = ? WHERE number = ? AND state = ? RETURNING number",
                (state, to_text(at), number, PENDING),
            )
        )

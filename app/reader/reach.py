"""What the reader's desk reaches for: a window to draw in, and what lies outside it.

Owns the two ports. compose.py fills them with the real window, clock, network and file picker; tests
with their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.reader.share import LinkFile
from app.ui.guard import Guard
from app.ui.words import Words
from crypto.shlink import Link
from crypto.trust import TrustList


class Window(Protocol):
    """What the desk needs of a window (app/ui/shell.py)."""

    guard: Guard

    @property
    def words(self) -> Words: ...

    @property
    def screen(self) -> object: ...

    def show(self, screen: object) -> None: ...

    def busy(self, label: str, done: float | None = None) -> None: ...

    def ready(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """The clock, the trust list, links, and a picture chosen by hand.

    `trust` gives the list in use; `renew` fetches a newer one and raises Unavailable without a network;
    `resolve` gets link, the name given, passcode and the list, and raises as sync/links.py says.
    """

    now: Callable[[], datetime]
    trust: Callable[[], TrustList | None]
    renew: Callable[[], TrustList]
    resolve: Callable[[Link, str, str | None, TrustList], list[LinkFile]]
    pick_picture: Callable[[], Awaitable[bytes | None]]

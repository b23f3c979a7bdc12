"""Asking an open passport to lock, from another process of the same folder.

Owns the asking and the waiting: a file in the folder, and the hold every open passport has on it; never a network.
Whoever has it open looks for the file itself (app/journeys/locking.py); what it has to do is there too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.store.home import PassportHome
from crypto.errors import NoPassport, PassportOpenElsewhere

WAIT_SECONDS: Final = 10.0
"""How long a passport that is asked to lock may take: it looks each second and finishes what it is writing."""

LOOK_EVERY_SECONDS: Final = 0.1


def ask_to_lock(home: PassportHome, *, monotonic: Callable[[], float], wait: Callable[[float], None]) -> bool:
    """Have every open passport of this folder locked; gives whether one was open.

    Returns when no process holds the store open any more. Raises NoPassport, StoreUnavailable, and
    PassportOpenElsewhere where one still does after WAIT_SECONDS.
    """
    if not home.exists():
        raise NoPassport("expected a passport, found none")
    if _is_closed(home):
        return False
    with home.asking_to_lock():
        until = monotonic() + WAIT_SECONDS
        while monotonic() < until:
            wait(LOOK_EVERY_SECONDS)
            if _is_closed(home):
                return True
    raise PassportOpenElsewhere(f"expected the store closed within {WAIT_SECONDS} s, found it in use")


def _is_closed(home: PassportHome) -> bool:
    try:
        with home.alone_with_store():
            return True
    except PassportOpenElsewhere:
        return False

"""The patient's app as it is, but for the times of its lock: nobody waits five minutes in a test."""

from __future__ import annotations

from datetime import timedelta

from app import __main__
from app.journeys import locking

locking.IDLE = timedelta(seconds=25)
locking.WARNED_FOR = timedelta(seconds=15)
locking.AWAY = timedelta(seconds=1)

if __name__ == "__main__":
    raise SystemExit(__main__.main())

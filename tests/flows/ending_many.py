"""A passport in a process of its own that ends every access it gave, with no signal, and then finds the relay again.

Started by test_outbox_killed.py, which kills it: python -m tests.flows.ending_many HOME IDS, the ids by comma.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from app.actions.far_side import Services
from app.actions.session import unlock
from app.actions.sharing import deliver_endings, end_access
from app.store.home import PassportHome
from sync.profile import Profile
from sync.transport import Transport

NOW = datetime(2098, 11, 23, 9, 0, tzinfo=UTC)
PHRASE = "anchor violet teapot harvest"


def main(home: str, ids: str) -> None:
    passport = unlock(PassportHome(Path(home)), PHRASE, now=NOW)
    services = Services(cast(Profile, None), Transport(monotonic=time.monotonic))  # ending asks no profile
    print("unlocked", flush=True)
    for grant_id in ids.split(","):
        end_access(passport, None, grant_id, now=NOW)
    deliver_endings(passport, services, now=NOW)
    passport.lock()


if __name__ == "__main__":
    main(*sys.argv[1:])

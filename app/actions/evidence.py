"""Evidence against a holder that signed two histories, as a file the patient can hand to anybody.

Owns its form: JSON with every signed text as it came, so that whoever has the holder's keys can check it
without this app. Finding a fork is crypto/feed.py, keeping it app/store/evidence.py.
"""

from __future__ import annotations

from typing import Any

from app.actions.session import Passport

VERSION = 1


def evidence(passport: Passport) -> dict[str, Any]:
    """All forks met (FORMATS.md, "Evidence of a fork"); `forks` is empty where there was none."""
    return {
        "v": VERSION,
        "forks": [
            {
                "iss": fork.iss,
                "found_at": fork.found_at.isoformat(),
                "known_sha256": fork.known_hash,
                "known": None if fork.known is None else fork.known.decode("ascii"),
                "signed": [text.decode("ascii") for text in fork.signed],
            }
            for fork in passport.store.forks()
        ],
    }

"""Whether there is a network: does anybody the passport would ask answer at all.

Owns one short question without a token, of which any answer will do. It tells the service that somebody is there, as
every request does, and not who.
"""

from __future__ import annotations

from typing import Final

from crypto.errors import AnswerTooLarge, NetworkUnavailable, ServiceRefused, ServiceTooSlow
from sync.profile import Profile
from sync.transport import Transport

LOOK_SECONDS: Final = 5.0
MAX_LOOK_BYTES: Final = 64 * 1024


def is_reachable(transport: Transport, profile: Profile) -> bool:
    """Whether a record holder of the profile, or its relay, answers; asks one after the other until one does."""
    addresses = (*(holder.base_url for holder in profile.holders), profile.relay.base_url)
    return any(_answers(transport, address) for address in dict.fromkeys(addresses))


def _answers(transport: Transport, address: str) -> bool:
    try:
        transport.get(f"{address}/", max_bytes=MAX_LOOK_BYTES, deadline_seconds=LOOK_SECONDS)
    except (NetworkUnavailable, ServiceTooSlow):
        return False
    except (AnswerTooLarge, ServiceRefused):
        return True
    return True

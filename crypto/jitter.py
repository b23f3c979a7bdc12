"""The share of a pause left to chance: passports that lost a service together must not come back together."""

from __future__ import annotations

import secrets

_STEPS = 1 << 53


def jitter() -> float:
    """A number from 0.0 to under 1.0, uniform."""
    return secrets.randbelow(_STEPS) / _STEPS

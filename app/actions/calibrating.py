"""How much Argon2id this device bears, measured by doing it: once, when a passport is made, and kept nowhere else.

Owns the measuring; the steps and which of them is taken are crypto/vault.py's.
"""

from __future__ import annotations

from collections.abc import Callable

from crypto import vault
from crypto.vault_header import Argon2Cost


def cost_for_this_device(seconds: Callable[[], float]) -> Argon2Cost:
    """The cost to make a passport with; `seconds` is a clock that never goes back. Takes up to about two seconds."""

    def measure(cost: Argon2Cost) -> float:
        begun = seconds()
        vault.stretch_nothing(cost)
        return seconds() - begun

    return vault.calibrated(measure)

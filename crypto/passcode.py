"""The six-figure number that opens a link: read aloud by the patient, tried at most five times (D8)."""

from __future__ import annotations

import secrets

PASSCODE_DIGITS = 6


def new_passcode() -> str:
    """Six decimal digits, uniform over 000000-999999."""
    return f"{secrets.randbelow(10**PASSCODE_DIGITS):0{PASSCODE_DIGITS}d}"

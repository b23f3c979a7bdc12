"""What the patient may choose about the card that is shown while locked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOLD_SECONDS: Final = 3.0
"""How long it takes to open where the patient chose that it takes long: by holding, or after saying yes. The words for
people say so too."""


@dataclass(frozen=True, slots=True)
class LockedChoices:
    """`hold`: it opens only after HOLD_SECONDS. `hide_wishes`: no wishes on it. `codes_only`: no lines on it."""

    hold: bool = False
    hide_wishes: bool = False
    codes_only: bool = False

"""What a patient says about their own record: a note, that something was questioned, a label, that it is hidden.

Owns the shapes. It is the patient's own side: nothing of it is ever shown as said or signed by anybody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Label(StrEnum):
    """What an entry or a section is about, as the patient sees it. The value is stored."""

    GENERAL = "general"
    MENTAL_HEALTH = "mental-health"
    SEXUAL_HEALTH = "sexual-health"
    SOCIAL_CARE = "social-care"


@dataclass(frozen=True, slots=True)
class Own:
    """What the patient says about one entry; `questioned_at` is when they asked for it to be corrected."""

    note: str = field(default="", repr=False)
    questioned_at: datetime | None = None
    label: Label = Label.GENERAL
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class OwnSection:
    """What the patient says about one section."""

    label: Label = Label.GENERAL
    hidden: bool = False

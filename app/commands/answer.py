"""What a command gives back: members for JSON, lines for a person, and the exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

DONE: Final = 0
REFUSED: Final = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: as JSON, and as lines for a person."""

    members: dict[str, Any]
    lines: Sequence[str]
    code: int = DONE


Run = Callable[[argparse.Namespace], Answer]
Add = Callable[..., argparse.ArgumentParser]
"""argparse's add_parser: makes the parser of one more command."""


def recovery_lines(words: Sequence[str]) -> list[str]:
    """Recovery words as a person writes them down."""
    numbered = [f"{number:2}. {word}" for number, word in enumerate(words, 1)]
    return ["Your recovery words. They are shown this once: write them down.", *numbered]

"""What a person typed, as a question to the full-text index.

Owns the query language: every word must be there, each may be only begun, accents and capitals do
not matter (the index folds them). Nothing typed is ever read as FTS5 syntax.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_WORDS: Final = 12
TITLE_WEIGHT: Final = 4.0
"""A word in a title says more than the same word in a note."""

_WORD: Final = re.compile(r"[^\W_]+")


def match_expression(text: str) -> str:
    """The FTS5 expression for typed text; empty where there is no word in it.

    It splits as the index's tokenizer does: at everything that is neither letter nor digit.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text))[:MAX_WORDS]
    return " ".join(f'"{word}"*' for word in words)

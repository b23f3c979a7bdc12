"""What a person typed, as a question to the full-text index.

Owns the query language: every word must be there, each may be only begun, accents and capitals do
not matter (the index folds them). Nothing typed is ever read as FTS5 syntax.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_WORDS: Final = 12
_WORD: Final = re.compile(r"[^\W_]+")


def match_expressions(text: str) -> tuple[str, ...]:
    """The FTS5 expressions for typed text, the better answers first; none where there is no word in it.

    Every word in the title; then every word, but not all of them in the title. It splits as the index's tokenizer
    does: at everything that is neither letter nor digit.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text))[:MAX_WORDS]
    if not words:
        return ()
    every = " ".join(f'"{word}"*' for word in words)
    titled = f"{{title}} : ({every})"
    return titled, f"({every}) NOT ({titled})"

"""What a patient may write about an entry: plain text that can be seen, and not too much of it.

Owns the bounds. Characters that move or hide text (controls, directions) are refused, so that a note can never look
like something else on the screen or on paper.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from crypto.errors import OwnWordsNotPlain, OwnWordsTooLong

MAX_CHARACTERS: Final = 2_000

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters nobody sees."""

_NEEDED: Final = frozenset("\n\u200c\u200d")
"""Line breaks, and the joiners that some scripts are written with."""


def require_plain(text: str) -> str:
    """The text as it is kept: lines ended with a line feed, no space around it, composed (NFC).

    Raises OwnWordsTooLong over MAX_CHARACTERS, OwnWordsNotPlain for a character that cannot be seen.
    """
    kept = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()
    if len(kept) > MAX_CHARACTERS:
        raise OwnWordsTooLong(f"expected at most {MAX_CHARACTERS} characters, found {len(kept)}")
    if any(unicodedata.category(one) in _UNSEEN and one not in _NEEDED for one in kept):
        raise OwnWordsNotPlain("expected characters that can be seen, found another")
    return kept

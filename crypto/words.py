"""Recovery words: 128 random bits as twelve English words with a checksum (BIP 39, English list), and back.

Owns only the spelling. The bits open a slot of the vault header (crypto/vault.py); printing the
recovery sheet is the screens'. Words are forgiven capitals, numbering and punctuation, because they
are read back from paper; each of them must stand in the list and the checksum must fit.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from typing import Final

from mnemonic import Mnemonic

from crypto.errors import RecoveryWordsMistyped

WORDS: Final = 12
ENTROPY_BYTES: Final = 16

_WORD: Final = re.compile(r"[a-z]+")


def to_words(entropy: bytes) -> list[str]:
    """The twelve words that stand for 16 bytes."""
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"recovery entropy: expected {ENTROPY_BYTES} bytes, found {len(entropy)}")
    return str(_english().to_mnemonic(entropy)).split(" ")


def ask_two() -> tuple[int, int]:
    """The numbers of two words, from 1 and in order: who can type these has kept the words."""
    first, second = sorted(secrets.SystemRandom().sample(range(1, WORDS + 1), 2))
    return first, second


def from_words(text: str) -> bytes:
    """The 16 bytes behind twelve words in a text.

    Raises RecoveryWordsMistyped and says which word (by its number, never the word itself) is not
    in the list, how many words were found, or that the checksum does not fit.
    """
    words = _WORD.findall(text.casefold())
    if len(words) != WORDS:
        raise RecoveryWordsMistyped(f"expected {WORDS} words, found {len(words)}")
    known = frozenset(_english().wordlist)
    for number, word in enumerate(words, 1):
        if word not in known:
            raise RecoveryWordsMistyped(f"word {number} is not in the list")
    try:
        return bytes(_english().to_entropy(words))
    except ValueError:
        raise RecoveryWordsMistyped("expected the checksum to fit, found another") from None


@cache
def _english() -> Mnemonic:
    return Mnemonic("english")

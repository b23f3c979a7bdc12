from __future__ import annotations

import pytest

from crypto.errors import RecoveryWordsMistyped
from crypto.words import ask_two, from_words, to_words

# Trezor's BIP 39 test vectors for the English list, 128 bits.
VECTORS = [
    ("00" * 16, "abandon " * 11 + "about"),
    ("7f" * 16, "legal winner thank year wave sausage worth useful legal winner thank yellow"),
    ("ff" * 16, "zoo " * 11 + "wrong"),
    (
        "9e885d952ad362caeb4efe34a8e91bd2",
        "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
    ),
]
WORDS = VECTORS[3][1]


@pytest.mark.parametrize(("entropy", "words"), VECTORS)
def test_words_are_those_of_bip39(entropy: str, words: str) -> None:
    assert to_words(bytes.fromhex(entropy)) == words.split()
    assert from_words(words) == bytes.fromhex(entropy)


def test_words_read_from_paper_may_have_numbers_capitals_and_commas() -> None:
    listed = "\n".join(f"{number}. {word.capitalize()}," for number, word in enumerate(WORDS.split(), 1))
    assert from_words(listed) == bytes.fromhex(VECTORS[3][0])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (WORDS.rsplit(" ", 1)[0], "expected 12 words, found 11"),
        (WORDS + " ozone", "expected 12 words, found 13"),
        (WORDS.replace("grace", "grqce"), "word 6 is not in the list"),
        (WORDS.replace("ozone", "drill"), "expected the checksum to fit"),
        ("drill ozone " + WORDS.split(" ", 2)[2], "expected the checksum to fit"),
    ],
)
def test_mistyped_words_are_refused_and_never_repeated(words: str, message: str) -> None:
    with pytest.raises(RecoveryWordsMistyped, match=message) as refused:
        from_words(words)
    assert refused.value.code == "recovery-words-mistyped"
    assert "grqce" not in str(refused.value)


def test_two_different_words_are_asked_for_in_their_order_and_each_may_come() -> None:
    asked = [ask_two() for _ in range(500)]
    assert all(1 <= first < second <= 12 for first, second in asked)
    assert {number for pair in asked for number in pair} == set(range(1, 13))

from __future__ import annotations

import pytest

from app.policy.own_words import MAX_CHARACTERS, require_plain
from crypto.errors import OwnWordsNotPlain, OwnWordsTooLong


def test_lines_and_scripts_stay_and_the_edges_go() -> None:
    assert require_plain("  one\r\ntwo\tthree\n") == "one\ntwo three"
    assert require_plain("Siân, আমি, می‌خواهم") == "Siân, আমি, می‌خواهم"


def test_two_thousand_characters_are_kept_and_one_more_is_refused() -> None:
    assert len(require_plain("x" * MAX_CHARACTERS)) == 2_000
    with pytest.raises(OwnWordsTooLong, match="expected at most 2000 characters, found 2001") as refused:
        require_plain("x" * (MAX_CHARACTERS + 1))
    assert refused.value.code == "own-words-too-long"


@pytest.mark.parametrize(
    "unseen", ["\x00", "\x1b", "\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\U000e0041", "\ue000"]
)
def test_a_character_nobody_sees_is_refused_and_not_repeated(unseen: str) -> None:
    with pytest.raises(OwnWordsNotPlain, match="expected characters that can be seen") as refused:
        require_plain(f"plain{unseen}marmalade")
    assert refused.value.code == "own-words-not-plain"
    assert "marmalade" not in str(refused.value)

from __future__ import annotations

import pytest

from app.policy.passphrase import FAIR_BITS, STRONG_BITS, Grade, Reason, grade_passphrase, require_strong_enough
from crypto.errors import PassphraseTooWeak


@pytest.mark.parametrize(
    ("passphrase", "reason"),
    [
        ("", Reason.TOO_SHORT),
        ("trout river", Reason.TOO_SHORT),
        ("tr0ub4dor&3", Reason.TOO_SHORT),
        ("a b c d", Reason.TOO_SHORT),
        ("aaaaaaaaaaaaaaaaaaaa", Reason.REPEATS),
        ("123456789012", Reason.REPEATS),
        ("abcabcabcabcabc", Reason.REPEATS),
        ("horse horse horse horse", Reason.REPEATS),
        ("Password1234!", Reason.FIRST_GUESS),
        ("passwordpassword", Reason.FIRST_GUESS),
    ],
)
def test_weak_passphrases_are_refused_with_what_to_do_about_it(passphrase: str, reason: Reason) -> None:
    strength = grade_passphrase(passphrase)
    assert (strength.grade, strength.reason) == (Grade.WEAK, reason)
    with pytest.raises(PassphraseTooWeak) as refused:
        require_strong_enough(passphrase)
    assert refused.value.code == "passphrase-too-weak"
    assert not passphrase or passphrase not in str(refused.value)


@pytest.mark.parametrize(
    ("passphrase", "grade"),
    [
        ("my dog ate toast", Grade.FAIR),
        ("sunnydayinapril", Grade.FAIR),
        ("correct horse battery staple", Grade.FAIR),
        ("Tŷ bach twt yng Nghymru", Grade.FAIR),
        ("kestrel-anvil-forty-teapot-minus", Grade.STRONG),
        ("xK9#mQ2$vL7p", Grade.STRONG),
    ],
)
def test_long_enough_passphrases_are_taken_and_graded(passphrase: str, grade: Grade) -> None:
    strength = grade_passphrase(passphrase)
    assert (strength.grade, strength.reason) == (grade, None)
    assert (strength.bits >= STRONG_BITS) == (grade is Grade.STRONG)
    assert strength.bits >= FAIR_BITS
    require_strong_enough(passphrase)


@pytest.mark.parametrize(
    "worse", ["correct horse horse horse", "   correct horse battery   ", "CORRECT horse battery correct"]
)
def test_repeats_spaces_and_capitals_add_nothing(worse: str) -> None:
    assert grade_passphrase(worse).bits < grade_passphrase("correct horse battery staple").bits

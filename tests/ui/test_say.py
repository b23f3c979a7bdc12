"""Every refusal has a sentence for people, by its code and never from its message."""

from __future__ import annotations

import inspect

import pytest

from app.ui.say import sentence, wait
from app.ui.words import load_words
from crypto import errors
from crypto.errors import PassportError, Tampered, WaitBeforeRetry, WrongPasscode

REFUSALS = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, PassportError) and found.__module__ == errors.__name__
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_every_code_has_its_own_sentence(refusal: type[PassportError]) -> None:
    text = load_words().catalogue.texts[f"error.{refusal.code}"][0]
    assert text.endswith(".") or "{" in text


def test_codes_are_unique() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert sorted(set(codes)) == sorted(codes)


def test_the_message_for_engineers_never_reaches_the_sentence() -> None:
    assert "expected" not in sentence(Tampered("expected hash 1, found 2"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 second"), (30, "30 seconds"), (60, "1 minute"), (61, "2 minutes"), (3600, "60 minutes")],
)
def test_a_wait_is_said_in_words_and_rounded_up(seconds: int, said: str) -> None:
    assert wait(seconds, load_words()) == said
    assert sentence(WaitBeforeRetry(seconds)) == f"Too many wrong tries. Wait {said} and try again."


def test_the_tries_left_of_a_passcode_are_said() -> None:
    assert sentence(WrongPasscode(1)).endswith("1 try is left")
    assert sentence(WrongPasscode(4)).endswith("4 tries are left")


def test_a_code_without_a_sentence_gets_the_plain_one() -> None:
    class Unheard(PassportError):
        code = "unheard-of"

    assert sentence(Unheard("x")) == "This could not be done. Nothing was changed."

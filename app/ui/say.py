"""Which sentence a person reads for a refusal: looked up by its code, never made from its message.

Owns nothing but the way from code to catalogue key. The sentences are in assets/words.
"""

from __future__ import annotations

from app.ui.words import Words, load_words
from crypto.errors import PassportError, TableUnreadable, WaitBeforeRetry, WrongPasscode


def sentence(error: PassportError, words: Words | None = None) -> str:
    """The sentence for a refusal, in English unless other words are given."""
    speak = words or load_words()
    if isinstance(error, WaitBeforeRetry):
        return speak("error.wait-before-retry", wait=wait(error.seconds, speak))
    if isinstance(error, TableUnreadable):
        return speak("error.table-unreadable", row=error.row)
    if isinstance(error, WrongPasscode):
        return speak.count("error.wrong-passcode", error.remaining)
    return sentence_for(error.code, speak)


def sentence_for(code: str, words: Words) -> str:
    """The sentence for a refusal of which only the code was kept; one that needs no number."""
    key = f"error.{code}"
    return words(key if words.has(key) else "error.error")


def wait(seconds: int, words: Words) -> str:
    """A waiting time as people say it: 30 seconds, 5 minutes; rounded up."""
    if seconds < 60:
        return words.count("wait.seconds", max(seconds, 1))
    return words.count("wait.minutes", -(-seconds // 60))

"""What an attempt does to a link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sync.relay.link import (
    LIFETIME_TRIES,
    MAX_OPENINGS_KEPT,
    Gone,
    Opened,
    PasscodeRefused,
    StoredLink,
    clean_recipient,
    is_owner,
    open_link,
    sha256_hex,
)

Make = Callable[..., StoredLink]


def tried(link: StoredLink, now: datetime, passcode: str | None = "123456") -> Opened | PasscodeRefused | Gone:
    return open_link(link, recipient="Dr A. Khan", passcode=passcode, now=now)


def test_right_passcode_opens_and_is_written_down(link: Make, now: datetime) -> None:
    outcome = tried(link(), now)
    assert isinstance(outcome, Opened)
    assert [(a.at, a.recipient, a.opened) for a in outcome.link.openings] == [(now, "Dr A. Khan", True)]
    assert outcome.link.remaining == LIFETIME_TRIES


def test_wrong_passcode_takes_a_try_for_life(link: Make, now: datetime) -> None:
    known = link()
    seen = []
    for _ in range(LIFETIME_TRIES):
        outcome = tried(known, now, "123457")
        assert isinstance(outcome, PasscodeRefused)
        seen.append(outcome.remaining)
        known = outcome.link
    assert seen == [4, 3, 2, 1, 0]
    assert tried(known, now) == Gone()


def test_right_passcode_does_not_give_tries_back(link: Make, now: datetime) -> None:
    first = tried(link(), now, "000000")
    assert isinstance(first, PasscodeRefused)
    second = tried(first.link, now)
    assert isinstance(second, Opened)
    third = tried(second.link, now, "000000")
    assert isinstance(third, PasscodeRefused)
    assert third.remaining == LIFETIME_TRIES - 2


def test_no_passcode_is_refused_and_takes_no_try(link: Make, now: datetime) -> None:
    known = link()
    assert tried(known, now, None) == PasscodeRefused(LIFETIME_TRIES, known)


def test_link_without_passcode_opens_whatever_is_typed(link: Make, now: datetime) -> None:
    assert isinstance(tried(link(passcode=None, flag=""), now, "000000"), Opened)


def test_link_opens_one_second_before_its_end(link: Make, now: datetime) -> None:
    assert isinstance(tried(link(exp=now + timedelta(seconds=1)), now), Opened)


def test_link_is_gone_at_its_end(link: Make, now: datetime) -> None:
    assert tried(link(exp=now), now) == Gone()


def test_ended_link_is_gone(link: Make, now: datetime) -> None:
    assert tried(replace(link(), ended_at=now), now) == Gone()


def test_newest_attempts_are_kept_and_all_are_counted(link: Make, now: datetime) -> None:
    known = replace(link(passcode=None, flag=""), attempts=MAX_OPENINGS_KEPT)
    known = replace(known, openings=tuple(_attempts(known, now, MAX_OPENINGS_KEPT)))
    outcome = open_link(known, recipient="the newest", passcode=None, now=now)
    assert isinstance(outcome, Opened)
    assert outcome.link.attempts == MAX_OPENINGS_KEPT + 1
    assert len(outcome.link.openings) == MAX_OPENINGS_KEPT
    assert outcome.link.openings[-1].recipient == "the newest"


def _attempts(link: StoredLink, now: datetime, number: int) -> list[object]:
    outcome = tried(link, now)
    assert isinstance(outcome, Opened)
    return [outcome.link.openings[-1]] * number


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Dr A. Khan", "Dr A. Khan"),
        ("  two\n lines\t", "two lines"),
        ("\u202egnp.exe\u0000", "gnp.exe"),
        ("x" * 81, "x" * 80),
        ("Siân", "Siân"),
    ],
)
def test_recipient_is_one_printable_line_of_at_most_80(given: str, shown: str) -> None:
    assert clean_recipient(given) == shown


def test_owner_is_known_by_hash_only(link: Make) -> None:
    assert is_owner(link(), sha256_hex("O" * 43))
    assert not is_owner(link(), sha256_hex("P" * 43))


def test_passcode_stands_nowhere_in_what_is_kept(link: Make) -> None:
    assert "123456" not in repr(link())
    assert link().passcode_sha256 != link().passcode_sha256  # salted

"""Links on disk, many tries at once, and what is left after the end."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync.relay.folder import KEPT_AFTER_END, LinkFolder
from sync.relay.link import Gone, Opened, Outcome, PasscodeRefused, StoredLink, sha256_hex

Make = Callable[..., StoredLink]
Sealed = Callable[[bytes], str]
NAME = sha256_hex("L" * 43)
OWNER = sha256_hex("O" * 43)


@pytest.fixture
def folder(tmp_path: Path) -> LinkFolder:
    return LinkFolder(tmp_path / "links")


def opened(folder: LinkFolder, now: datetime, passcode: str | None = "123456") -> Outcome:
    return folder.open(NAME, recipient="Dr A. Khan", passcode=passcode, direct=False, now=now)


def names(path: Path) -> list[str]:
    return sorted(item.name for item in (path / "links").iterdir())


def test_link_survives_a_restart(folder: LinkFolder, tmp_path: Path, link: Make, sealed: Sealed, now: datetime) -> None:
    jwe = sealed(b"{}")
    assert folder.put(NAME, link(), [jwe], now=now) is True
    again = LinkFolder(tmp_path / "links")
    assert isinstance(opened(again, now), Opened)
    assert again.file(NAME, 0, 0, now=now) == jwe


def test_files_are_for_their_owner_only(
    folder: LinkFolder, tmp_path: Path, link: Make, sealed: Sealed, now: datetime
) -> None:
    folder.put(NAME, link(), [sealed(b"{}")], now=now)
    modes = {stat.S_IMODE(item.stat().st_mode) for item in (tmp_path / "links").iterdir()}
    assert modes == {0o600}


def test_ten_wrong_passcodes_at_once_burn_five_tries_and_get_five_answers(
    folder: LinkFolder, link: Make, sealed: Sealed, now: datetime
) -> None:
    folder.put(NAME, link(), [sealed(b"{}")], now=now)
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda n: opened(folder, now, f"00000{n}"), range(10)))
    refused = sorted(outcome.remaining for outcome in outcomes if isinstance(outcome, PasscodeRefused))
    assert refused == [0, 1, 2, 3, 4]
    assert outcomes.count(Gone()) == 5
    assert opened(folder, now) == Gone()


def test_used_up_link_has_lost_its_sealed_files(
    folder: LinkFolder, tmp_path: Path, link: Make, sealed: Sealed, now: datetime
) -> None:
    folder.put(NAME, link(), [sealed(b"{}")], now=now)
    for _ in range(5):
        opened(folder, now, "000000")
    assert names(tmp_path) == [f"{NAME}.json"]


def test_end_takes_the_files_and_keeps_the_openings(
    folder: LinkFolder, tmp_path: Path, link: Make, sealed: Sealed, now: datetime
) -> None:
    folder.put(NAME, link(), [sealed(b"{}")], now=now)
    opened(folder, now)
    assert folder.end(NAME, OWNER, now=now)
    assert names(tmp_path) == [f"{NAME}.json"]
    assert folder.file(NAME, 0, 0, now=now) is None
    assert opened(folder, now) == Gone()
    owned = folder.owned(NAME, OWNER)
    assert owned is not None
    assert len(owned.openings) == 1


def test_somebody_else_can_neither_end_nor_replace_nor_read(
    folder: LinkFolder, link: Make, sealed: Sealed, now: datetime
) -> None:
    folder.put(NAME, link(), [sealed(b"{}")], now=now)
    other = sha256_hex("X" * 43)
    assert not folder.end(NAME, other, now=now)
    assert folder.put(NAME, link(owner_sha256=other), [sealed(b"[]")], now=now) is None
    assert folder.owned(NAME, other) is None
    assert isinstance(opened(folder, now), Opened)


def test_new_files_give_no_new_tries(folder: LinkFolder, link: Make, sealed: Sealed, now: datetime) -> None:
    folder.put(NAME, link(), [sealed(b"{}")], now=now)
    opened(folder, now, "000000")
    newer = sealed(b'{"newer":1}')
    assert folder.put(NAME, link(passcode="654321"), [newer], now=now) is False
    assert folder.file(NAME, 0, 0, now=now) is None
    assert folder.file(NAME, 1, 0, now=now) == newer
    outcome = opened(folder, now, "654321")
    assert isinstance(outcome, PasscodeRefused)
    assert outcome.remaining == 3


def test_ended_link_cannot_be_brought_back(folder: LinkFolder, link: Make, sealed: Sealed, now: datetime) -> None:
    folder.put(NAME, link(), [sealed(b"{}")], now=now)
    folder.end(NAME, OWNER, now=now)
    assert folder.put(NAME, link(), [sealed(b"{}")], now=now) is None
    assert opened(folder, now) == Gone()


def test_sweep_takes_files_at_the_end_and_the_rest_after_thirty_days(
    folder: LinkFolder, tmp_path: Path, link: Make, sealed: Sealed, now: datetime
) -> None:
    exp = now + timedelta(hours=1)
    folder.put(NAME, link(exp=exp), [sealed(b"{}")], now=now)
    folder.sweep(now=exp - timedelta(seconds=1))
    assert names(tmp_path) == [f"{NAME}.0.0.jwe", f"{NAME}.json"]
    folder.sweep(now=exp)
    assert names(tmp_path) == [f"{NAME}.json"]
    folder.sweep(now=exp + KEPT_AFTER_END)
    assert names(tmp_path) == []


def test_passcode_and_recipient_and_ids_stand_in_no_file_name_and_passcode_in_no_file(
    folder: LinkFolder, tmp_path: Path, link: Make, sealed: Sealed, now: datetime
) -> None:
    folder.put(NAME, link(passcode="918273"), [sealed(b"{}")], now=now)
    opened(folder, now, "918273")
    text = (tmp_path / "links" / f"{NAME}.json").read_text()
    assert "918273" not in text
    assert "L" * 43 not in text
    assert "O" * 43 not in text

"""What is left of a passport in memory after it locked: the master key for certain not; the rest is counted."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.actions.forgetting import collect_seldom, forget_freed
from app.actions.session import change_passphrase, create_passport
from app.store.home import PassportHome
from crypto.errors import NoPassport
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_locking_fills_the_master_key_with_zeroes(tmp_path: Path) -> None:
    passport = create_passport(PassportHome(tmp_path / "home"), PHRASE, now=NOW, cost=FLOOR)[0]
    inside = passport.master_key._key
    assert any(inside)
    passport.lock()
    assert inside == bytes(32)


def test_a_change_of_passphrase_that_a_lock_overtakes_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = PassportHome(tmp_path / "home")
    passport = create_passport(home, PHRASE, now=NOW, cost=FLOOR)[0]
    master, before = passport.master_key, home.read_header()
    monkeypatch.setattr(type(passport), "master_key", property(lambda _passport: master))
    passport.lock()
    with pytest.raises(NoPassport):
        change_passphrase(passport, "velvet otter climbs seven lanterns", now=NOW, cost=FLOOR)
    assert home.read_header() == before


def test_what_holds_itself_is_still_collected_at_a_lock_where_it_is_looked_for_seldom() -> None:
    class Held:
        pass

    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        collect_seldom()
        held = Held()
        held.itself = held  # type: ignore[attr-defined]
        gone = weakref.ref(held)
        del held
        assert gone() is not None
        forget_freed()
        assert gone() is None
        assert gc.get_threshold()[0] > 700
    finally:
        gc.set_threshold(*before)


def test_forgetting_needs_nothing_and_may_be_done_twice() -> None:
    forget_freed()
    forget_freed()


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read through procfs")
def test_the_memory_of_a_process_that_locked_holds_no_master_key() -> None:
    command = [sys.executable, "build/memory.py"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    words = [line.rsplit(maxsplit=4) for line in ended.stdout.splitlines()]
    counts = {name.strip(): (int(before), int(after)) for name, _, before, _, after in words}
    # The search finds what is there.
    assert counts["master key"][0] >= 1
    assert counts["database key as hex"][0] >= 1
    assert counts["marker in the record"][0] >= 1
    assert counts["master key"][1] == 0
    assert all(after <= before for before, after in counts.values())

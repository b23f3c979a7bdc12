"""The keystore gone or refusing at any call of any act: the record is never lost by it, and no alarm is raised."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.actions.importing import import_file
from app.actions.session import create_passport, set_pin, unlock, unlock_with_pin, unlock_with_recovery
from app.store.home import PassportHome
from crypto.errors import KeystoreUnavailable, PinSpent
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE, World
from tests.faults.acts import ACTS, NEXT_PINS, file_of
from tests.faults.altered import told
from tests.faults.keystore import KeptKeystore
from tests.faults.running import Workshop, failures, without_keystore

RUNS = 1


@pytest.mark.parametrize("act", [act for act in ACTS if act != "switches"])
def test_a_keystore_that_refuses_loses_nothing(shop: Workshop, act: str) -> None:
    chance = random.Random(f"keystore {act}")
    outcomes = [without_keystore(shop, act, chance) for _ in range(RUNS)]
    assert [outcome.struck for outcome in outcomes] == [True] * RUNS
    assert failures(outcomes) == []


def test_with_its_keystore_gone_the_passport_opens_with_passphrase_and_words_and_the_pin_says_so(
    tmp_path: Path,
) -> None:
    world, keystore = World(tmp_path / "far-side"), KeptKeystore(tmp_path / "keystore")
    passport, words = create_passport(PassportHome(tmp_path / "home", keystore), PHRASE, now=world.now, cost=FLOOR)
    import_file(passport, file_of(0), "0.json", now=world.now)
    set_pin(passport, NEXT_PINS[0], now=world.now, cost=FLOOR)
    passport.lock()
    bare = PassportHome(tmp_path / "home", KeptKeystore(tmp_path / "another"))  # a new machine, or it was reset
    with pytest.raises(PinSpent) as refused:
        unlock_with_pin(bare, NEXT_PINS[0], now=world.now)
    assert told(refused.value)
    for opened in (unlock(bare, PHRASE, now=world.now), unlock_with_recovery(bare, " ".join(words), now=world.now)):
        assert not opened.rolled_back
        assert opened.store.search("Madeupitis0").entries
        opened.lock()


def test_with_a_keystore_that_refuses_everything_no_pin_is_tried_and_the_passphrase_opens(tmp_path: Path) -> None:
    world, keystore = World(tmp_path / "far-side"), KeptKeystore(tmp_path / "keystore")
    home = PassportHome(tmp_path / "home", keystore)
    passport, _ = create_passport(home, PHRASE, now=world.now, cost=FLOOR)
    set_pin(passport, NEXT_PINS[0], now=world.now, cost=FLOOR)
    passport.lock()
    keystore.fails_at, keystore.stays = keystore.calls + 1, True
    with pytest.raises(KeystoreUnavailable) as refused:
        unlock_with_pin(home, NEXT_PINS[0], now=world.now)
    assert told(refused.value)
    assert home.read_tries() is None
    unlock(home, PHRASE, now=world.now).lock()
    keystore.heal()
    unlock_with_pin(home, NEXT_PINS[0], now=world.now).lock()

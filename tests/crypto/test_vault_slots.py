"""PIN, new words, a new master key and the slots a backup carries: crypto/vault.py beyond passphrase and words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crypto import vault
from crypto.errors import HeaderUnreadable, Tampered, WrongPassphrase, WrongPin, WrongRecoveryWords
from crypto.vault import LADDER, MasterKey, SubKey
from crypto.vault_header import CEILING, DESKTOP, FLOOR, Argon2Cost, Header, SlotKind, read_header

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE = "correct horse battery staple"
PIN = "602941"
MADE = vault.create(PHRASE, now=NOW, cost=FLOOR)
WITH_PIN = vault.set_pin(MADE.header, MADE.master, PIN, now=NOW, cost=FLOOR)
WORDS = " ".join(MADE.recovery_words)
VECTORS = Path(__file__).parents[1] / "vectors"


def key_of(master: MasterKey) -> bytes:
    return master.sub_key(SubKey.DATABASE)


def kinds(header: Header) -> list[SlotKind]:
    return sorted(slot.kind for slot in header.slots)


def resealed(header: Header, change: Callable[[dict[str, Any]], object]) -> bytes:
    members = json.loads(header.to_bytes())
    change(members)
    return json.dumps(members, sort_keys=True, separators=(",", ":")).encode()


def pin_slot(members: dict[str, Any]) -> dict[str, Any]:
    return next(slot for slot in members["slots"] if slot["kind"] == "pin+device")


# ---- versions -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vault_v1", "vault_v2"])
def test_a_header_kept_as_text_opens_in_every_way_it_has(name: str) -> None:
    kept = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    header = read_header(kept["header"].encode())
    keys = {
        key_of(vault.open_with_passphrase(header, kept["passphrase"])).hex(),
        key_of(vault.open_with_recovery(header, kept["recovery_words"])).hex(),
    }
    if "pin" in kept:
        keys.add(key_of(vault.open_with_pin(header, kept["pin"], bytes.fromhex(kept["device_secret"]))).hex())
    assert keys == {kept["database_key"]}
    assert (header.generation, header.store, header.version) == (kept["generation"], kept["store"], int(name[-1]))
    assert header.to_bytes() == kept["header"].encode()


def test_a_first_version_is_written_as_the_second_at_its_next_change() -> None:
    kept = json.loads((VECTORS / "vault_v1.json").read_text(encoding="utf-8"))
    old = read_header(kept["header"].encode())
    master = vault.open_with_passphrase(old, kept["passphrase"])
    fresh = read_header(vault.set_pin(old, master, PIN, now=NOW, cost=FLOOR).header.to_bytes())
    assert (fresh.version, fresh.store, fresh.generation) == (2, 1, 2)
    assert key_of(vault.open_with_recovery(fresh, kept["recovery_words"])).hex() == kept["database_key"]


def test_a_first_version_has_no_pin() -> None:
    data = resealed(WITH_PIN.header, lambda members: (members.update(v=1), members.pop("store")))
    with pytest.raises(HeaderUnreadable):
        read_header(data)


# ---- PIN ------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [PIN, "٦٠٢٩٤١", "６０２９４１"])
def test_the_pin_opens_with_the_secret_of_this_device_in_any_digits(typed: str) -> None:
    header = read_header(WITH_PIN.header.to_bytes())
    assert key_of(vault.open_with_pin(header, typed, WITH_PIN.device_secret)) == key_of(MADE.master)
    assert vault.device_of(header) == WITH_PIN.device


@pytest.mark.parametrize("secret", [b"", bytes(32), WITH_PIN.device_secret[:-1], WITH_PIN.device_secret + b"\0"])
def test_the_right_pin_without_the_device_secret_opens_nothing(secret: bytes) -> None:
    with pytest.raises(WrongPin) as refused:
        vault.open_with_pin(WITH_PIN.header, PIN, secret)
    assert refused.value.code == "wrong-pin"
    assert PIN not in str(refused.value)


def test_a_wrong_pin_is_refused_and_the_device_secret_alone_is_no_key() -> None:
    for pin in ("602942", "", "0602941"):
        with pytest.raises(WrongPin, match="no PIN slot opens"):
            vault.open_with_pin(WITH_PIN.header, pin, WITH_PIN.device_secret)


def test_a_header_without_a_pin_opens_by_none() -> None:
    assert vault.device_of(MADE.header) is None
    with pytest.raises(WrongPin):
        vault.open_with_pin(MADE.header, PIN, WITH_PIN.device_secret)


def test_the_device_secret_is_not_printed_and_not_in_the_header() -> None:
    secret = WITH_PIN.device_secret
    assert secret.hex() not in repr(WITH_PIN)
    assert repr(secret) not in repr(WITH_PIN)
    assert secret not in WITH_PIN.header.to_bytes()
    assert WITH_PIN.device_secret != vault.set_pin(MADE.header, MADE.master, PIN, now=NOW, cost=FLOOR).device_secret


def test_a_new_pin_has_a_new_device_secret_and_ends_the_old_one() -> None:
    again = vault.set_pin(WITH_PIN.header, MADE.master, "718305", now=NOW, cost=FLOOR)
    assert kinds(again.header) == [SlotKind.PASSPHRASE, SlotKind.PIN, SlotKind.RECOVERY]
    for pin, secret in ((PIN, WITH_PIN.device_secret), (PIN, again.device_secret), ("718305", WITH_PIN.device_secret)):
        with pytest.raises(WrongPin):
            vault.open_with_pin(again.header, pin, secret)
    assert key_of(vault.open_with_pin(again.header, "718305", again.device_secret)) == key_of(MADE.master)


def test_a_removed_pin_leaves_the_other_slots() -> None:
    header = vault.remove_pin(WITH_PIN.header, MADE.master)
    assert header.generation == WITH_PIN.header.generation + 1
    assert kinds(read_header(header.to_bytes())) == [SlotKind.PASSPHRASE, SlotKind.RECOVERY]
    assert key_of(vault.open_with_passphrase(header, PHRASE)) == key_of(MADE.master)


@pytest.mark.parametrize(
    "change",
    [
        lambda members: pin_slot(members).pop("device"),
        lambda members: pin_slot(members).pop("kdf"),
        lambda members: pin_slot(members).update(device="AAAA"),
        lambda members: pin_slot(members).update(device=7),
        lambda members: pin_slot(members)["kdf"].update(m=FLOOR.memory_kib - 1),
    ],
)
def test_a_pin_slot_of_another_form_is_unreadable(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(HeaderUnreadable):
        read_header(resealed(WITH_PIN.header, change))


def test_a_pin_slot_pointed_at_another_device_secret_is_tampering() -> None:
    header = read_header(resealed(WITH_PIN.header, lambda members: pin_slot(members).update(device="A" * 22)))
    with pytest.raises(Tampered):
        vault.open_with_passphrase(header, PHRASE)
    with pytest.raises(WrongPin):
        vault.open_with_pin(header, PIN, WITH_PIN.device_secret)


# ---- words, master key, backup --------------------------------------------------------------


def test_new_words_open_and_the_old_ones_do_not() -> None:
    fresh = vault.replace_recovery(WITH_PIN.header, MADE.master, now=NOW)
    words = " ".join(fresh.recovery_words)
    assert words != WORDS
    assert words not in repr(fresh)
    assert [word for word in fresh.recovery_words if repr(word) in repr(fresh)] == []
    assert key_of(vault.open_with_recovery(fresh.header, words)) == key_of(MADE.master)
    assert key_of(vault.open_with_passphrase(fresh.header, PHRASE)) == key_of(MADE.master)
    with pytest.raises(WrongRecoveryWords):
        vault.open_with_recovery(fresh.header, WORDS)


def test_a_rotated_vault_keeps_its_name_and_nothing_else() -> None:
    fresh = vault.rotated(WITH_PIN.header, PHRASE, now=NOW, cost=FLOOR)
    header = read_header(fresh.header.to_bytes())
    assert (header.vault_id, header.created) == (MADE.header.vault_id, MADE.header.created)
    assert (header.generation, header.store) == (WITH_PIN.header.generation + 1, WITH_PIN.header.store + 1)
    assert kinds(header) == [SlotKind.PASSPHRASE, SlotKind.RECOVERY]
    assert key_of(vault.open_with_passphrase(header, PHRASE)) == key_of(fresh.master) != key_of(MADE.master)
    assert key_of(vault.open_with_recovery(header, " ".join(fresh.recovery_words))) == key_of(fresh.master)
    with pytest.raises(WrongRecoveryWords):
        vault.open_with_recovery(header, WORDS)


def test_nothing_of_a_rotated_header_opens_with_the_old_master_key() -> None:
    fresh = vault.rotated(MADE.header, PHRASE, now=NOW, cost=FLOOR)
    with pytest.raises(Tampered):
        vault.change_passphrase(fresh.header, MADE.master, "another four word phrase", now=NOW, cost=FLOOR)
    with pytest.raises(Tampered):
        vault.recovery_only(fresh.header, MADE.master)


def test_a_vault_is_not_rotated_without_its_passphrase() -> None:
    with pytest.raises(WrongPassphrase):
        vault.rotated(MADE.header, PHRASE + "x", now=NOW, cost=FLOOR)


def test_the_header_of_a_backup_opens_with_the_words_alone() -> None:
    header = read_header(vault.recovery_only(WITH_PIN.header, MADE.master).to_bytes())
    assert kinds(header) == [SlotKind.RECOVERY]
    assert header.generation == WITH_PIN.header.generation
    assert key_of(vault.open_with_recovery(header, WORDS)) == key_of(MADE.master)
    with pytest.raises(WrongPassphrase):
        vault.open_with_passphrase(header, PHRASE)


def test_a_header_that_is_moved_to_another_store_counts_past_what_was_there() -> None:
    moved = read_header(vault.moved_to_store(MADE.header, MADE.master, 4, after=9).to_bytes())
    assert (moved.store, moved.generation) == (4, 10)
    assert vault.moved_to_store(MADE.header, MADE.master, 2).generation == MADE.header.generation + 1
    with pytest.raises(Tampered):
        vault.moved_to_store(replace(MADE.header, generation=5), MADE.master, 2)


# ---- calibration ----------------------------------------------------------------------------


def chosen(seconds_at_desktop: float) -> Argon2Cost:
    """What a device is given on which time grows with memory and passes."""
    base = DESKTOP.memory_kib * DESKTOP.passes
    return vault.calibrated(lambda cost: seconds_at_desktop * cost.memory_kib * cost.passes / base)


def test_a_slow_device_gets_the_first_step_and_never_less() -> None:
    assert [chosen(seconds) for seconds in (0.3, 0.9, 5.0)] == [DESKTOP] * 3


def test_a_fast_device_gets_the_smallest_step_that_takes_long_enough() -> None:
    assert [LADDER.index(chosen(seconds)) for seconds in (0.299, 0.149, 0.074, 0.037)] == [1, 2, 3, 4]


def test_a_device_so_fast_that_no_step_is_long_enough_gets_the_last() -> None:
    assert chosen(0.001) == LADDER[-1]


def test_a_step_over_a_second_is_not_taken() -> None:
    times = iter([0.29, 1.01])
    assert vault.calibrated(lambda _: next(times)) == DESKTOP


def test_every_step_is_within_bounds_and_dearer_than_the_one_before() -> None:
    assert LADDER[0] == DESKTOP
    assert all(step.within_bounds() and step != CEILING for step in LADDER)
    work = [step.memory_kib * step.passes for step in LADDER]
    assert work == sorted(set(work))

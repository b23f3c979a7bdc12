from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crypto import vault
from crypto.errors import (
    HeaderUnreadable,
    NoPassport,
    PassportError,
    RecoveryWordsMistyped,
    Tampered,
    WrongPassphrase,
    WrongRecoveryWords,
)
from crypto.vault import MasterKey, SubKey
from crypto.vault_header import CEILING, DESKTOP, FLOOR, Argon2Cost, read_header

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE = "correct horse battery staple"
MADE = vault.create(PHRASE, now=NOW, cost=FLOOR)
HEADER = MADE.header.to_bytes()
WORDS = " ".join(MADE.recovery_words)
OTHER_WORDS = " ".join(vault.create(PHRASE, now=NOW, cost=FLOOR).recovery_words)


def same_key(found: MasterKey) -> bool:
    return found.sub_key(SubKey.DATABASE) == MADE.master.sub_key(SubKey.DATABASE)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    header = json.loads(HEADER)
    change(header)
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def passphrase_slot(header: dict[str, Any]) -> dict[str, Any]:
    return next(slot for slot in header["slots"] if slot["kind"] == "passphrase")


def recovery_slot(header: dict[str, Any]) -> dict[str, Any]:
    return next(slot for slot in header["slots"] if slot["kind"] == "recovery")


def test_passphrase_and_recovery_words_open_the_same_vault() -> None:
    header = read_header(HEADER)
    assert same_key(vault.open_with_passphrase(header, PHRASE))
    assert same_key(vault.open_with_recovery(header, WORDS))


def test_each_vault_and_each_purpose_has_its_own_key() -> None:
    keys = {MADE.master.sub_key(purpose) for purpose in SubKey}
    keys.add(vault.create(PHRASE, now=NOW, cost=FLOOR).master.sub_key(SubKey.DATABASE))
    assert len(keys) == len(SubKey) + 1


def test_neither_key_nor_words_are_printed() -> None:
    shown = repr(MADE) + repr(MADE.header) + repr(MADE.master) + str(MADE.master)
    assert " ".join(MADE.recovery_words) not in shown
    assert [word for word in MADE.recovery_words if repr(word) in shown] == []
    assert MADE.master.sub_key(SubKey.DATABASE).hex() not in shown
    assert "_key=" not in shown


def test_a_wrong_passphrase_is_refused() -> None:
    with pytest.raises(WrongPassphrase) as refused:
        vault.open_with_passphrase(read_header(HEADER), PHRASE + " ")
    assert refused.value.code == "wrong-passphrase"


@pytest.mark.parametrize("typed", ["caf\u00e9\u00a0au lait", "cafe\u0301 au lait", "caf\u00e9\u3000au lait"])
def test_the_same_passphrase_from_another_keyboard_opens(typed: str) -> None:
    made = vault.create("caf\u00e9 au lait", now=NOW, cost=FLOOR)
    vault.open_with_passphrase(made.header, typed)


def test_another_passports_recovery_words_are_refused() -> None:
    with pytest.raises(WrongRecoveryWords) as refused:
        vault.open_with_recovery(read_header(HEADER), OTHER_WORDS)
    assert refused.value.code == "wrong-recovery-words"


def test_mistyped_recovery_words_are_told_from_wrong_ones() -> None:
    with pytest.raises(RecoveryWordsMistyped):
        vault.open_with_recovery(read_header(HEADER), WORDS.replace(MADE.recovery_words[3], "zzz"))


@pytest.mark.parametrize("mask", [0x01, 0x80])
def test_every_byte_of_the_header_counts(mask: int) -> None:
    """Recovery needs no stretching, so each byte can be tried; the MAC covers the other slot too."""
    codes = set()
    for at in range(len(HEADER)):
        flipped = HEADER[:at] + bytes([HEADER[at] ^ mask]) + HEADER[at + 1 :]
        with pytest.raises(PassportError) as refused:
            vault.open_with_recovery(read_header(flipped), WORDS)
        codes.add(refused.value.code)
    assert codes <= {"vault-unreadable", "wrong-recovery-words", "vault-changed"}
    assert "vault-unreadable" in codes


@pytest.mark.parametrize("length", [0, 1, len(HEADER) // 2, len(HEADER) - 1])
def test_a_header_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(HeaderUnreadable):
        read_header(HEADER[:length])


@pytest.mark.parametrize(
    ("field", "value"),
    [("salt", "A" * 22), ("m", DESKTOP.memory_kib), ("t", FLOOR.passes + 1), ("p", FLOOR.lanes + 1)],
)
def test_a_changed_stretching_within_bounds_does_not_open(field: str, value: object) -> None:
    data = changed(lambda header: passphrase_slot(header)["kdf"].update({field: value}))
    with pytest.raises(WrongPassphrase):
        vault.open_with_passphrase(read_header(data), PHRASE)
    with pytest.raises(Tampered):
        vault.open_with_recovery(read_header(data), WORDS)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("m", FLOOR.memory_kib - 1),
        ("m", CEILING.memory_kib + 1),
        ("t", FLOOR.passes - 1),
        ("t", CEILING.passes + 1),
        ("p", 0),
        ("p", CEILING.lanes + 1),
        ("m", "65536"),
        ("t", True),
        ("p", 1.0),
        ("alg", "argon2i"),
    ],
)
def test_a_stretching_out_of_bounds_is_refused_before_it_is_run(field: str, value: object) -> None:
    data = changed(lambda header: passphrase_slot(header)["kdf"].update({field: value}))
    with pytest.raises(HeaderUnreadable) as refused:
        read_header(data)
    assert refused.value.code == "vault-unreadable"


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header["slots"].remove(passphrase_slot(header)),
        lambda header: header["slots"].reverse(),
        lambda header: header.update(generation=2),
        lambda header: header.update(created=0),
        lambda header: header.update(store=2),
        lambda header: passphrase_slot(header).update(created=0),
    ],
    ids=["slot removed", "slots swapped", "generation", "created", "store", "slot created"],
)
def test_a_change_outside_the_opening_slot_is_tampering(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(Tampered) as refused:
        vault.open_with_recovery(read_header(changed(change)), WORDS)
    assert refused.value.code == "vault-changed"


@pytest.mark.parametrize(
    "change",
    [
        lambda header: recovery_slot(header).update(created=0),
        lambda header: recovery_slot(header).update(id="s9"),
        lambda header: header.update(vault="A" * 22),
    ],
    ids=["slot created", "slot id", "vault id"],
)
def test_a_change_of_the_opening_slot_closes_it(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(WrongRecoveryWords):
        vault.open_with_recovery(read_header(changed(change)), WORDS)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(v=3),
        lambda header: header.update(v=1),
        lambda header: header.update(v=True),
        lambda header: header.pop("store"),
        lambda header: header.update(store=0),
        lambda header: header.update(store=1_000_000),
        lambda header: passphrase_slot(header).update(device="A" * 22),
        lambda header: header.update(format="other"),
        lambda header: header.update(extra=1),
        lambda header: header.update(slots=[]),
        lambda header: header.update(slots=header["slots"] * 5),
        lambda header: header["slots"].append(recovery_slot(header)),
        lambda header: header.update(generation=-1),
        lambda header: recovery_slot(header).update(kind="pin"),
        lambda header: passphrase_slot(header).update(kdf=None),
        lambda header: recovery_slot(header).update(nonce="AAAA"),
        lambda header: header.pop("mac"),
        lambda header: header.update(mac=7),
    ],
)
def test_another_form_is_unreadable(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(HeaderUnreadable):
        read_header(changed(change))


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + HEADER, HEADER + b"\n", b" " + HEADER, b"[]", b"1", b"\xff"])
def test_only_the_canonical_bytes_are_read(data: bytes) -> None:
    with pytest.raises(HeaderUnreadable):
        read_header(data)


def test_a_name_given_twice_is_unreadable() -> None:
    with pytest.raises(HeaderUnreadable, match="canonical"):
        read_header(HEADER.replace(b'"generation":1', b'"generation":9,"generation":1'))


def test_a_new_passphrase_replaces_the_old_one_and_leaves_the_words() -> None:
    header = vault.change_passphrase(MADE.header, MADE.master, "another four word phrase", now=NOW, cost=FLOOR)
    header = read_header(header.to_bytes())
    assert header.generation == MADE.header.generation + 1
    assert same_key(vault.open_with_passphrase(header, "another four word phrase"))
    assert same_key(vault.open_with_recovery(header, WORDS))
    with pytest.raises(WrongPassphrase):
        vault.open_with_passphrase(header, PHRASE)


def test_a_header_whose_mac_does_not_fit_is_not_sealed_again() -> None:
    forged = read_header(changed(lambda header: header.update(generation=7)))
    with pytest.raises(Tampered):
        vault.change_passphrase(forged, MADE.master, "another four word phrase", now=NOW, cost=FLOOR)


def test_a_vault_is_made_with_the_second_choice_of_rfc_9106() -> None:
    assert Argon2Cost(65536, 3, 4) == DESKTOP
    slot = passphrase_slot(json.loads(vault.create(PHRASE, now=NOW).header.to_bytes()))
    assert (slot["kdf"]["m"], slot["kdf"]["t"], slot["kdf"]["p"]) == (65536, 3, 4)


def test_the_header_in_the_formats_document_opens() -> None:
    """The example is a whole header with its passphrase and words: what is written there is what is read here."""
    folder = Path(__file__).parents[2] / "crypto"
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("FORMATS*.md")))
    section = text.split("## Vault header", 1)[1].split("\n## ", 1)[0]
    example = section.split("```json\n", 1)[1].split("\n```", 1)[0].encode()
    quoted = dict(line.split(": `", 1) for line in section.splitlines() if line.startswith("example "))
    header = read_header(example)
    by_passphrase = vault.open_with_passphrase(header, quoted["example passphrase"].rstrip("`"))
    by_words = vault.open_with_recovery(header, quoted["example recovery words"].rstrip("`"))
    device_secret = bytes.fromhex(quoted["example device secret"].rstrip("`"))
    by_pin = vault.open_with_pin(header, quoted["example PIN"].rstrip("`"), device_secret)
    assert by_pin.sub_key(SubKey.DATABASE) == by_passphrase.sub_key(SubKey.DATABASE)
    assert by_passphrase.sub_key(SubKey.DATABASE).hex() == quoted["example database key"].rstrip("`")
    assert by_words.sub_key(SubKey.DATABASE) == by_passphrase.sub_key(SubKey.DATABASE)


def test_a_wiped_master_key_is_zeroes_where_it_stood_and_makes_nothing() -> None:
    made = vault.create(PHRASE, now=NOW, cost=FLOOR)
    for master in (made.master, vault.open_with_passphrase(made.header, PHRASE)):
        inside = master._key
        assert any(inside)
        master.wipe()
        assert inside == bytes(32)
        with pytest.raises(NoPassport, match="found it wiped") as refused:
            master.sub_key(SubKey.DATABASE)
        assert refused.value.code == "no-passport"
        with pytest.raises(NoPassport, match="found it wiped"):
            master.wrapped_by(bytes(32), bytes(12), b"")

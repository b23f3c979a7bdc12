"""The PIN of a device, its slots and its words: what opens, what stops opening, and what never loses the record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.actions.kept_here import forget_passport, tries_entry
from app.actions.session import (
    Passport,
    can_set_pin,
    change_passphrase,
    create_passport,
    has_pin,
    new_recovery_words,
    note_recovery_kept,
    recovery_is_kept,
    remove_pin,
    set_pin,
    slots,
    unlock,
    unlock_with_pin,
    unlock_with_recovery,
)
from app.policy.pin import MAX_WRONG_PINS
from app.policy.tries import DELAYS, FREE_TRIES, WrongTries, read_tries
from app.store.home import PassportHome
from crypto.errors import (
    KeystoreUnavailable,
    NoPassport,
    NothingTyped,
    PinSpent,
    PinTooWeak,
    StoreUnavailable,
    WaitBeforeRetry,
    WrongPassphrase,
    WrongPin,
    WrongRecoveryWords,
)
from crypto.vault_header import FLOOR, SlotKind, read_header
from tests.store.keystores import MemoryKeystore, names

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE = "correct horse battery staple"
PIN, OTHER_PIN = "602941", "718305"


@pytest.fixture
def keystore() -> MemoryKeystore:
    return MemoryKeystore()


@pytest.fixture
def home(tmp_path: Path, keystore: MemoryKeystore) -> PassportHome:
    return PassportHome(tmp_path / "home", keystore)


@pytest.fixture
def words(home: PassportHome) -> list[str]:
    """A locked passport with a PIN, and its recovery words."""
    passport, words = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    passport.store.set_setting("kept", "yes")
    set_pin(passport, PIN, now=NOW, cost=FLOOR)
    passport.lock()
    return words


def opens(passport: Passport) -> bool:
    kept = passport.store.setting("kept")
    passport.lock()
    return kept == "yes"


def spend_pin(home: PassportHome) -> datetime:
    """Type wrong PINs, each after its wait, until the PIN is spent; gives when that was."""
    at = NOW
    for _ in range(MAX_WRONG_PINS - 1):
        at += DELAYS[-1]
        with pytest.raises(WrongPin):
            unlock_with_pin(home, OTHER_PIN, now=at)
    at += DELAYS[-1]
    with pytest.raises(PinSpent) as refused:
        unlock_with_pin(home, OTHER_PIN, now=at)
    assert refused.value.code == "pin-spent"
    return at


# ---- setting and opening --------------------------------------------------------------------


def test_a_pin_opens_the_passport_on_its_device(home: PassportHome, words: list[str]) -> None:
    assert has_pin(home)
    assert opens(unlock_with_pin(home, PIN, now=NOW))
    assert opens(unlock(home, PHRASE, now=NOW))


def test_a_copied_folder_does_not_open_with_the_pin(home: PassportHome, words: list[str]) -> None:
    elsewhere = PassportHome(home.path, MemoryKeystore())
    assert not has_pin(elsewhere)
    with pytest.raises(PinSpent, match="device secret"):
        unlock_with_pin(elsewhere, PIN, now=NOW)
    assert elsewhere.read_tries() is None
    with pytest.raises(KeystoreUnavailable):
        unlock_with_pin(PassportHome(home.path), PIN, now=NOW)
    assert opens(unlock(PassportHome(home.path), PHRASE, now=NOW))


def test_the_device_secret_is_in_no_file_and_its_entry_begins_with_the_vault(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    (name,) = names(keystore, ".device.")
    assert name.startswith(read_header(home.read_header()).vault_id + ".")
    secret = keystore.kept[name]
    assert len(secret) == 32
    assert all(secret not in path.read_bytes() for path in home.path.iterdir())
    assert all(each.startswith(read_header(home.read_header()).vault_id) for each in keystore.kept)


def test_an_easy_pin_is_not_set(home: PassportHome, keystore: MemoryKeystore, words: list[str]) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    before, kept = home.read_header(), dict(keystore.kept)
    with pytest.raises(PinTooWeak):
        set_pin(passport, "123456", now=NOW, cost=FLOOR)
    assert (home.read_header(), keystore.kept) == (before, kept)
    passport.lock()


def test_without_a_keystore_no_pin_is_set(tmp_path: Path) -> None:
    home = PassportHome(tmp_path / "home")
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    before = home.read_header()
    assert not can_set_pin(home)
    with pytest.raises(KeystoreUnavailable):
        set_pin(passport, PIN, now=NOW, cost=FLOOR)
    assert home.read_header() == before
    assert not has_pin(home)
    passport.lock()


def test_a_header_that_cannot_be_written_leaves_the_old_pin_and_no_secret_of_the_new(
    home: PassportHome, keystore: MemoryKeystore, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    before = names(keystore, ".device.")
    with monkeypatch.context() as patched:
        patched.setattr(PassportHome, "write_header", lambda *_: (_ for _ in ()).throw(StoreUnavailable("full")))
        with pytest.raises(StoreUnavailable):
            set_pin(passport, OTHER_PIN, now=NOW, cost=FLOOR)
    passport.lock()
    assert names(keystore, ".device.") == before
    assert opens(unlock_with_pin(home, PIN, now=NOW))


def test_a_keystore_that_keeps_something_else_sets_no_pin(
    home: PassportHome, keystore: MemoryKeystore, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    before = home.read_header()
    with monkeypatch.context() as patched:
        patched.setattr(MemoryKeystore, "read", lambda *_: b"another")
        with pytest.raises(KeystoreUnavailable, match="expected what was written"):
            set_pin(passport, OTHER_PIN, now=NOW, cost=FLOOR)
    assert home.read_header() == before
    assert len(names(keystore, ".device.")) == 1
    passport.lock()
    assert opens(unlock_with_pin(home, PIN, now=NOW))


def test_a_new_pin_ends_the_old_one_and_its_secret(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    old = names(keystore, ".device.")
    passport = unlock(home, PHRASE, now=NOW)
    set_pin(passport, OTHER_PIN, now=NOW, cost=FLOOR)
    passport.lock()
    assert len(names(keystore, ".device.")) == 1
    assert names(keystore, ".device.") != old
    with pytest.raises(WrongPin):
        unlock_with_pin(home, PIN, now=NOW)
    assert opens(unlock_with_pin(home, OTHER_PIN, now=NOW))


def test_a_removed_pin_is_gone_from_header_and_device(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    passport = unlock_with_pin(home, PIN, now=NOW)
    remove_pin(passport)
    passport.lock()
    assert [slot.kind for slot in slots(home)] == [SlotKind.PASSPHRASE, SlotKind.RECOVERY]
    assert names(keystore, ".device.") == []
    assert not has_pin(home)
    with pytest.raises(PinSpent):
        unlock_with_pin(home, PIN, now=NOW)
    assert opens(unlock(home, PHRASE, now=NOW))


def test_a_changed_passphrase_leaves_the_pin(home: PassportHome, words: list[str]) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    change_passphrase(passport, "kestrel anvil forty teapot", now=NOW, cost=FLOOR)
    passport.lock()
    assert opens(unlock_with_pin(home, PIN, now=NOW))


def test_where_there_is_no_passport_there_is_no_pin_and_nothing_is_made(home: PassportHome) -> None:
    assert not has_pin(home)
    with pytest.raises(NoPassport):
        unlock_with_pin(home, PIN, now=NOW)
    with pytest.raises(NoPassport):
        slots(home)
    assert not home.path.exists()


def test_each_slot_says_what_it_is_and_since_when(home: PassportHome, words: list[str]) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    later = NOW + timedelta(days=3)
    change_passphrase(passport, "kestrel anvil forty teapot", now=later, cost=FLOOR)
    passport.lock()
    assert {slot.kind: slot.created for slot in slots(home)} == {
        SlotKind.PASSPHRASE: later,
        SlotKind.PIN: NOW,
        SlotKind.RECOVERY: NOW,
    }


# ---- wrong ones -----------------------------------------------------------------------------


def test_after_ten_wrong_pins_the_secret_is_gone_and_the_right_one_opens_nothing(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    at = spend_pin(home)
    assert names(keystore, ".device.") == []
    assert not has_pin(home)
    with pytest.raises(PinSpent):
        unlock_with_pin(home, PIN, now=at + DELAYS[-1])
    assert opens(unlock(home, PHRASE, now=at + DELAYS[-1]))


def test_a_spent_pin_can_be_set_again_after_the_words_opened(home: PassportHome, words: list[str]) -> None:
    at = spend_pin(home)
    passport = unlock_with_recovery(home, " ".join(words), now=at)
    set_pin(passport, PIN, now=at, cost=FLOOR)
    passport.lock()
    assert opens(unlock_with_pin(home, PIN, now=at))


def test_a_secret_that_could_not_be_deleted_is_not_tried_again(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    entry = tries_entry(read_header(home.read_header()).vault_id)
    keystore.kept[entry] = WrongTries(MAX_WRONG_PINS, NOW, MAX_WRONG_PINS).to_bytes()
    with pytest.raises(PinSpent, match="found 10"):
        unlock_with_pin(home, PIN, now=NOW + DELAYS[-1])
    assert names(keystore, ".device.") == []


def test_no_pin_typed_is_no_try(home: PassportHome, words: list[str]) -> None:
    for _ in range(MAX_WRONG_PINS + 1):
        with pytest.raises(NothingTyped):
            unlock_with_pin(home, "", now=NOW)
    assert home.read_tries() is None
    unlock_with_pin(home, PIN, now=NOW).lock()


def test_a_pin_that_cannot_be_counted_is_not_tried(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    keystore.full = True
    for pin in (PIN, OTHER_PIN):
        with pytest.raises(KeystoreUnavailable):
            unlock_with_pin(home, pin, now=NOW)
    keystore.full = False
    assert opens(unlock_with_pin(home, PIN, now=NOW))


def test_wrong_pins_make_one_wait_as_wrong_passphrases_do(home: PassportHome, words: list[str]) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPin):
            unlock_with_pin(home, OTHER_PIN, now=NOW)
    for attempt in (lambda: unlock_with_pin(home, PIN, now=NOW), lambda: unlock(home, PHRASE, now=NOW)):
        with pytest.raises(WaitBeforeRetry):
            attempt()
    assert opens(unlock_with_pin(home, PIN, now=NOW + DELAYS[0]))
    assert home.read_tries() is None


@pytest.mark.parametrize("spoil", ["delete", "older", "garble"])
def test_tries_that_are_taken_from_the_folder_are_still_in_the_keystore(
    home: PassportHome, words: list[str], spoil: str
) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(home, "wrong", now=NOW)
    older = WrongTries(1, NOW - timedelta(days=1)).to_bytes()
    home.write_tries({"delete": None, "older": older, "garble": b"{}"}[spoil])
    with pytest.raises(WaitBeforeRetry):
        unlock(home, PHRASE, now=NOW)
    assert read_tries(home.read_tries(), now=NOW) == WrongTries(FREE_TRIES, NOW)


def test_tries_are_counted_in_the_folder_where_the_keystore_is_gone(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    keystore.broken = True
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(home, "wrong", now=NOW)
    keystore.broken = False
    with pytest.raises(WaitBeforeRetry):
        unlock(home, PHRASE, now=NOW)
    assert opens(unlock(home, PHRASE, now=NOW + DELAYS[0]))
    assert names(keystore, ".tries") == []


# ---- losing the keystore --------------------------------------------------------------------


def test_losing_the_keystore_loses_the_pin_and_never_the_record(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    keystore.kept.clear()
    assert not has_pin(home)
    with pytest.raises(PinSpent):
        unlock_with_pin(home, PIN, now=NOW)
    assert opens(unlock_with_recovery(home, " ".join(words), now=NOW))
    passport = unlock(home, PHRASE, now=NOW)
    set_pin(passport, OTHER_PIN, now=NOW, cost=FLOOR)
    assert opens(passport)
    assert opens(unlock_with_pin(home, OTHER_PIN, now=NOW))


def test_a_keystore_that_does_not_answer_is_told_from_a_wrong_pin(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    keystore.broken = True
    assert not has_pin(home)
    assert not can_set_pin(home)
    with pytest.raises(KeystoreUnavailable):
        unlock_with_pin(home, PIN, now=NOW)
    assert opens(unlock(home, PHRASE, now=NOW))
    keystore.broken = False
    assert opens(unlock_with_pin(home, PIN, now=NOW))


def test_everything_of_a_deleted_passport_leaves_the_keystore_and_nothing_else(
    home: PassportHome, keystore: MemoryKeystore, words: list[str]
) -> None:
    with pytest.raises(WrongPin):
        unlock_with_pin(home, OTHER_PIN, now=NOW)
    keystore.kept["another.age"] = b"kept"
    forget_passport(keystore, read_header(home.read_header()))
    assert keystore.kept == {"another.age": b"kept"}


# ---- recovery words -------------------------------------------------------------------------


def test_new_words_open_and_the_old_ones_do_not(home: PassportHome, words: list[str]) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    fresh = new_recovery_words(passport, now=NOW)
    passport.lock()
    assert fresh != words
    with pytest.raises(WrongRecoveryWords):
        unlock_with_recovery(home, " ".join(words), now=NOW)
    assert opens(unlock_with_recovery(home, " ".join(fresh), now=NOW))
    assert opens(unlock_with_pin(home, PIN, now=NOW))


def test_words_are_kept_once_shown_and_new_ones_not_yet(home: PassportHome, words: list[str]) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    assert not recovery_is_kept(passport)
    note_recovery_kept(passport, now=NOW)
    passport.lock()
    passport = unlock(home, PHRASE, now=NOW)
    assert recovery_is_kept(passport)
    change_passphrase(passport, "kestrel anvil forty teapot", now=NOW, cost=FLOOR)
    assert recovery_is_kept(passport)
    new_recovery_words(passport, now=NOW)
    assert not recovery_is_kept(passport)
    passport.lock()

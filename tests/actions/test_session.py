from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.actions.confirming import confirm_passphrase
from app.actions.session import change_passphrase, create_passport, unlock, unlock_with_recovery
from app.policy.tries import DELAYS, FREE_TRIES
from app.store.home import PassportHome
from app.store.record import Store
from crypto import vault
from crypto.errors import (
    HeaderUnreadable,
    NoPassport,
    NothingTyped,
    PassphraseTooWeak,
    PassportError,
    PassportExists,
    PassportOpenElsewhere,
    StoreDamaged,
    StoreUnavailable,
    Tampered,
    WaitBeforeRetry,
    WrongPassphrase,
    WrongRecoveryWords,
)
from crypto.vault_header import FLOOR, read_header

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHRASE = "correct horse battery staple"
WORDS_OF_ANOTHER = "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic"


@pytest.fixture
def home(tmp_path: Path) -> PassportHome:
    return PassportHome(tmp_path / "home")


@pytest.fixture
def words(home: PassportHome) -> list[str]:
    passport, words = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    passport.store.set_setting("kept", "yes")
    passport.lock()
    return words


def files(home: PassportHome) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.path.iterdir()}


def test_a_new_passport_opens_with_its_passphrase_and_with_its_words(home: PassportHome, words: list[str]) -> None:
    by_phrase = unlock(home, PHRASE, now=NOW)
    key = by_phrase.device_key.to_bytes()
    assert by_phrase.store.setting("kept") == "yes"
    by_phrase.lock()
    by_words = unlock_with_recovery(home, " ".join(words), now=NOW)
    assert by_words.store.setting("kept") == "yes"
    assert by_words.device_key.to_bytes() == key
    by_words.lock()


def test_a_locked_passport_gives_nothing(home: PassportHome, words: list[str]) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    passport.lock()
    passport.lock()
    assert passport.locked
    with pytest.raises(StoreUnavailable):
        passport.store.setting("kept")
    with pytest.raises(NoPassport):
        _ = passport.device_key
    with pytest.raises(NoPassport):
        _ = passport.master_key


def test_a_weak_passphrase_makes_no_passport(home: PassportHome) -> None:
    with pytest.raises(PassphraseTooWeak):
        create_passport(home, "hunter2", now=NOW, cost=FLOOR)
    assert not home.path.exists()


def test_a_second_passport_is_not_made_over_the_first(home: PassportHome, words: list[str]) -> None:
    before = files(home)
    with pytest.raises(PassportExists):
        create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    assert files(home) == before


def test_a_creation_that_was_cut_off_is_no_passport_and_is_made_again(
    home: PassportHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Store, "set_secret", lambda *_: (_ for _ in ()).throw(StoreUnavailable("disk full")))
        with pytest.raises(StoreUnavailable):
            create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    with pytest.raises(NoPassport):
        unlock(home, PHRASE, now=NOW)
    passport, _ = create_passport(home, PHRASE, now=NOW, cost=FLOOR)
    passport.lock()
    assert set(files(home)) == {"vault.json", "record.db", "lock", "in-use"}


def test_where_there_is_no_passport_nothing_is_made(home: PassportHome) -> None:
    with pytest.raises(NoPassport):
        unlock(home, PHRASE, now=NOW)
    with pytest.raises(NoPassport):
        unlock_with_recovery(home, WORDS_OF_ANOTHER, now=NOW)
    assert not home.path.exists()


def test_wrong_tries_make_one_wait_also_after_a_restart(home: PassportHome, words: list[str]) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(PassportHome(home.path), "wrong", now=NOW)
    with pytest.raises(WaitBeforeRetry) as refused:
        unlock(PassportHome(home.path), PHRASE, now=NOW)
    assert refused.value.seconds == DELAYS[0].seconds
    unlock(PassportHome(home.path), PHRASE, now=NOW + DELAYS[0]).lock()
    assert home.read_tries() is None


def test_nothing_typed_is_no_try(home: PassportHome, words: list[str]) -> None:
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(NothingTyped, match="found nothing") as refused:
            unlock(home, "", now=NOW)
        assert refused.value.code == "nothing-typed"
    assert home.read_tries() is None
    passport = unlock(home, PHRASE, now=NOW)
    with pytest.raises(NothingTyped):
        confirm_passphrase(passport, "", now=NOW)
    assert home.read_tries() is None
    passport.lock()


def test_the_next_wrong_try_makes_the_wait_longer(home: PassportHome, words: list[str]) -> None:
    at = NOW
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(home, "wrong", now=at)
    at += DELAYS[0]
    with pytest.raises(WrongPassphrase):
        unlock(home, "wrong", now=at)
    with pytest.raises(WaitBeforeRetry) as refused:
        unlock(home, PHRASE, now=at)
    assert refused.value.seconds == DELAYS[1].seconds


def test_a_clock_set_back_neither_frees_nor_locks_out(home: PassportHome, words: list[str]) -> None:
    ahead = NOW + timedelta(days=400)
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(home, "wrong", now=ahead)
    with pytest.raises(WaitBeforeRetry):
        unlock(home, PHRASE, now=NOW)
    unlock(home, PHRASE, now=NOW + DELAYS[0]).lock()


def test_recovery_words_need_no_waiting_and_wrong_ones_change_nothing(home: PassportHome, words: list[str]) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            unlock(home, "wrong", now=NOW)
    before = files(home)
    with pytest.raises(WrongRecoveryWords):
        unlock_with_recovery(home, WORDS_OF_ANOTHER, now=NOW)
    assert files(home) == before
    unlock_with_recovery(home, " ".join(words), now=NOW).lock()
    assert home.read_tries() is None


def test_a_changed_passphrase_opens_and_the_old_one_does_not(home: PassportHome, words: list[str]) -> None:
    passport = unlock(home, PHRASE, now=NOW)
    with pytest.raises(PassphraseTooWeak):
        change_passphrase(passport, "short", now=NOW, cost=FLOOR)
    change_passphrase(passport, "kestrel anvil forty teapot", now=NOW, cost=FLOOR)
    passport.lock()
    with pytest.raises(WrongPassphrase):
        unlock(home, PHRASE, now=NOW)
    again = unlock(home, "kestrel anvil forty teapot", now=NOW)
    assert again.store.setting("kept") == "yes"
    again.lock()


def test_a_damaged_header_is_told_from_a_wrong_passphrase(home: PassportHome, words: list[str]) -> None:
    header = home.read_header()
    home.write_header(header[:-2])
    with pytest.raises(HeaderUnreadable):
        unlock(home, PHRASE, now=NOW)
    home.write_header(header.replace(b'"generation":1', b'"generation":2'))
    with pytest.raises(Tampered):
        unlock(home, PHRASE, now=NOW)
    assert home.read_tries() is None


def test_another_passports_store_under_this_header_is_refused(
    home: PassportHome, words: list[str], tmp_path: Path
) -> None:
    other = PassportHome(tmp_path / "other")
    passport, _ = create_passport(other, PHRASE, now=NOW, cost=FLOOR)
    passport.lock()
    home.store_path.write_bytes(other.store_path.read_bytes())
    with pytest.raises(StoreDamaged):
        unlock(home, PHRASE, now=NOW)


def test_a_store_that_is_gone_is_not_quietly_made_anew(home: PassportHome, words: list[str]) -> None:
    home.store_path.unlink()
    with pytest.raises(NoPassport):
        unlock(home, PHRASE, now=NOW)
    assert not home.store_path.exists()


# ---- the store the header names --------------------------------------------------------------


def at_store(home: PassportHome, number: int) -> bytes:
    """The header as it would be after the store was replaced by the one of this number."""
    header = read_header(home.read_header())
    return vault.moved_to_store(header, vault.open_with_passphrase(header, PHRASE), number).to_bytes()


def test_the_store_that_the_header_names_is_opened_and_others_are_cleared(home: PassportHome, words: list[str]) -> None:
    shutil.copy(home.store_path, home.store_file(3))
    home.store_file(2).write_bytes(b"half")
    (home.path / "record.db-wal").write_bytes(b"")
    (home.path / ".vault.json.abc").write_bytes(b"half")
    home.write_header(at_store(home, 3))
    passport = unlock(home, PHRASE, now=NOW)
    assert passport.store.setting("kept") == "yes"
    passport.lock()
    assert set(files(home)) == {"vault.json", "record-3.db", "lock", "in-use"}


def test_a_store_that_was_never_named_is_cleared_and_the_named_one_stays(home: PassportHome, words: list[str]) -> None:
    before = files(home)
    home.store_file(2).write_bytes(b"half")
    unlock(home, PHRASE, now=NOW).lock()
    assert files(home) == before


def test_a_wrong_passphrase_clears_nothing(home: PassportHome, words: list[str]) -> None:
    home.store_file(2).write_bytes(b"half")
    with pytest.raises(WrongPassphrase):
        unlock(home, "wrong", now=NOW)
    assert home.store_file(2).read_bytes() == b"half"


def test_a_store_that_does_not_open_clears_nothing(home: PassportHome, words: list[str]) -> None:
    home.store_file(2).write_bytes(b"kept")
    home.store_path.write_bytes(b"x" * 4096)
    with pytest.raises(StoreDamaged):
        unlock(home, PHRASE, now=NOW)
    assert home.store_file(2).read_bytes() == b"kept"


def test_an_open_passport_keeps_its_store_from_being_replaced(home: PassportHome, words: list[str]) -> None:
    first, second = unlock(home, PHRASE, now=NOW), unlock(home, PHRASE, now=NOW)
    first.lock()
    with pytest.raises(PassportOpenElsewhere) as refused, PassportHome(home.path).alone_with_store():
        pass
    assert refused.value.code == "passport-open-elsewhere"
    second.lock()
    with PassportHome(home.path).alone_with_store(), pytest.raises(PassportOpenElsewhere):
        unlock(home, PHRASE, now=NOW)
    unlock(home, PHRASE, now=NOW).lock()


@pytest.mark.parametrize("spoil", ["passphrase", "store"])
def test_a_passport_that_did_not_open_holds_nothing(home: PassportHome, words: list[str], spoil: str) -> None:
    if spoil == "store":
        home.store_path.unlink()
    with pytest.raises(PassportError):
        unlock(home, PHRASE if spoil == "store" else "wrong", now=NOW)
    with home.alone_with_store():
        pass

"""The screens that keep a record from being lost or opened: what each one says, hides and offers."""

from __future__ import annotations

from dataclasses import replace

import flet as ft
import pytest

from app.screens import backup, every, passphrase, pin, recovery, security, unlock
from app.screens.restoring import ENDING
from app.store import backup_folder
from tests.screens.test_every import drawn, driver, look, samples, texts, walk


def shown(state: object) -> ft.View:
    view = driver.drawn_alone(every.draw(samples.events(samples.Calls())), state, look())
    assert isinstance(view, ft.View)
    return view


def identifiers(state: object) -> list[str]:
    return [one.identifier for one, _ in walk(shown(state)) if isinstance(one, ft.Semantics) and one.identifier]


def fields(state: object) -> list[ft.TextField]:
    return [one for one, _ in walk(shown(state)) if isinstance(one, ft.TextField)]


@pytest.mark.parametrize("state", [unlock.UnlockPinState(emergency=False), pin.PinState(pin.Offer.FIRST)])
def test_a_pin_is_typed_on_a_number_keyboard_and_hidden(state: object) -> None:
    assert {(one.keyboard_type, one.password) for one in fields(state)} == {(ft.KeyboardType.NUMBER, True)}


def test_no_field_with_a_secret_is_corrected_or_guessed_by_the_keyboard() -> None:
    for state in (pin.PinState(pin.Offer.SET), recovery.ProofState((1, 2)), passphrase.PassphraseState()):
        assert {(one.autocorrect, one.enable_suggestions) for one in fields(state)} == {(False, False)}


def test_the_proof_shows_none_of_the_words() -> None:
    said = texts(drawn("03-proof", look()))
    assert {"Word 3", "Word 9"} <= set(said)
    assert not [word for word in samples.WORDS if word in said]


def test_a_state_hides_the_words_in_its_repr() -> None:
    assert "zoo" not in repr(recovery.RecoveryState(samples.WORDS))


@pytest.mark.parametrize(
    ("kind", "offered"),
    [
        (security.Pin.SET, ["security-pin-change", "security-pin-remove"]),
        (security.Pin.UNSET, ["security-pin-set"]),
        (security.Pin.IMPOSSIBLE, []),
    ],
)
def test_security_offers_what_can_be_done_about_a_pin(kind: security.Pin, offered: list[str]) -> None:
    found = identifiers(security.SecurityState(kind, True, 5, 1))
    assert [one for one in found if one.startswith("security-pin")] == offered


def test_what_is_not_built_is_not_offered() -> None:
    assert "backup-move" not in identifiers(backup.BackupState(samples.KEPT))
    assert "backup-move" in identifiers(backup.BackupState(samples.KEPT, can_move=True))


def test_without_a_backup_there_is_nothing_to_stop() -> None:
    assert "backup-stop" not in identifiers(backup.BackupState(None))
    assert "backup-stop" in identifiers(backup.BackupState(samples.KEPT))


def test_not_now_is_offered_in_the_first_run_alone() -> None:
    assert "not-now" in identifiers(samples.FOLDERS)
    assert "not-now" not in identifiers(replace(samples.FOLDERS, first=False))


@pytest.mark.parametrize(("name", "above"), [("08-home-no-backup", True), ("07-home", False)])
def test_a_backup_that_is_missing_stands_above_the_record_and_one_that_is_there_below(name: str, above: bool) -> None:
    ids = [one.identifier for one, _ in walk(drawn(name, look())) if isinstance(one, ft.Semantics)]
    assert (ids.index("backup") < ids.index("section-medicines")) is above


def test_after_the_recovery_words_there_is_no_way_around_a_new_passphrase() -> None:
    assert "back" not in identifiers(passphrase.PassphraseState(passphrase.Choosing.RECOVERED))
    assert "back" in identifiers(passphrase.PassphraseState(passphrase.Choosing.CHANGE))


def test_the_ending_of_a_backup_is_called_as_it_is_written() -> None:
    assert ENDING == backup_folder.ENDING

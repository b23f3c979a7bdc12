"""The card outside the vault: sealed where there is a keystore, readable only where there is none, as it was chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.actions.deleting import delete_everything
from app.actions.emergency import choose_while_locked, renew_locked_card, show_while_locked, shown_card
from app.actions.far_side import Services
from app.actions.keeping_card import choices_of
from app.actions.locked_card import ShownCard, choices_while_locked, is_shown_while_locked, locked_card
from app.actions.session import Passport, create_passport, unlock
from app.policy.locked_choices import LockedChoices
from app.qr.draw import draw_words
from app.reader.judge import judge_text
from app.reader.verdict import Kind
from app.record.emergency import WISHES_HIDDEN
from app.store.home import PassportHome
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import CardKeyUnavailable
from crypto.vault_header import FLOOR
from tests.actions.made_up import AMARA, NOOR, PEOPLE, PHRASE, SIAN, World
from tests.store.keystores import MemoryKeystore, names

WITH_WISHES = SIAN


@pytest.fixture
def keystore() -> MemoryKeystore:
    return MemoryKeystore()


@pytest.fixture
def sealed(tmp_path: Path, world: World, services: Services, keystore: MemoryKeystore) -> Iterator[Passport]:
    """A passport with a keystore, its record in it, and the card shown while locked."""
    home = PassportHome(tmp_path / "sealed", keystore)
    passport, _ = create_passport(home, PHRASE, now=world.now, cost=FLOOR)
    world.connect(passport, WITH_WISHES, services)
    show_while_locked(passport, True, now=world.now)
    yield passport
    passport.lock()


@pytest.fixture
def plain(fresh: Passport, world: World, services: Services) -> Passport:
    """One without a keystore, its card shown while locked."""
    world.connect(fresh, WITH_WISHES, services)
    show_while_locked(fresh, True, now=world.now)
    return fresh


def on_disk(passport: Passport) -> bytes:
    kept = passport.home.read_locked_card()
    assert kept is not None
    return kept


def read(passport: Passport) -> ShownCard:
    card = locked_card(passport.home)
    assert card is not None
    return card


def wishes(passport: Passport, world: World) -> list[str]:
    """The wishes on the whole card."""
    card = shown_card(passport, now=world.now)
    assert card is not None
    found = [line.text for group in card.groups if group.part == "wishes" for line in group.lines]
    assert found
    return found


# ---- sealed or readable ---------------------------------------------------------------------


def test_with_a_keystore_nothing_of_the_card_lies_on_the_disk_and_it_opens_there(
    sealed: Passport, world: World, keystore: MemoryKeystore
) -> None:
    name = PEOPLE[WITH_WISHES].name
    assert list(json.loads(on_disk(sealed))) == ["v", "hold", "hide_wishes", "codes_only", "box", "sealed"]
    assert name.encode() not in b"".join(path.read_bytes() for path in sealed.home.path.iterdir())
    sealed.lock()
    assert locked_card(PassportHome(sealed.home.path, keystore)) is not None
    assert read(sealed).name == name
    assert len(keystore.kept[f"{sealed.header.vault_id}.card"]) == 32


def test_without_a_keystore_it_lies_there_readable(plain: Passport) -> None:
    assert PEOPLE[WITH_WISHES].name.encode() in on_disk(plain)
    assert "sealed" not in json.loads(on_disk(plain))


def test_two_seals_of_one_card_differ_under_one_key(sealed: Passport, world: World, keystore: MemoryKeystore) -> None:
    before, key = on_disk(sealed), dict(keystore.kept)[f"{sealed.header.vault_id}.card"]
    renew_locked_card(sealed, now=world.now)
    assert json.loads(on_disk(sealed))["sealed"] != json.loads(before)["sealed"]
    assert keystore.kept[f"{sealed.header.vault_id}.card"] == key


@pytest.mark.parametrize("name", ["hold", "hide_wishes", "codes_only", "box"])
def test_nothing_beside_the_seal_can_be_changed(sealed: Passport, name: str) -> None:
    of = json.loads(on_disk(sealed))
    of[name] = None if name == "box" else True
    sealed.home.write_locked_card(json.dumps(of).encode())
    with pytest.raises(CardKeyUnavailable):
        locked_card(sealed.home)


@pytest.mark.parametrize("length", [0, 11, 12, 28, -1])
def test_a_seal_that_was_cut_does_not_open(sealed: Passport, length: int) -> None:
    of = json.loads(on_disk(sealed))
    of["sealed"] = b64url_encode(b64url_decode(of["sealed"])[:length])
    sealed.home.write_locked_card(json.dumps(of).encode())
    with pytest.raises(CardKeyUnavailable):
        locked_card(sealed.home)


def test_the_card_of_another_folder_does_not_open_here_even_under_the_same_key(
    sealed: Passport, tmp_path: Path, world: World, keystore: MemoryKeystore
) -> None:
    other, _ = create_passport(PassportHome(tmp_path / "other", keystore), PHRASE, now=world.now, cost=FLOOR)
    keystore.kept[f"{other.header.vault_id}.card"] = keystore.kept[f"{sealed.header.vault_id}.card"]
    other.home.write_locked_card(on_disk(sealed))
    with pytest.raises(CardKeyUnavailable):
        locked_card(other.home)
    other.lock()


def gone(keystore: MemoryKeystore) -> None:
    keystore.kept.clear()


def broken(keystore: MemoryKeystore) -> None:
    keystore.broken = True


def another(keystore: MemoryKeystore) -> None:
    keystore.kept |= {name: bytes(32) for name in names(keystore, ".card")}


def short(keystore: MemoryKeystore) -> None:
    keystore.kept |= dict.fromkeys(names(keystore, ".card"), b"short")


@pytest.mark.parametrize("spoil", [gone, broken, another, short])
def test_a_keystore_that_is_gone_or_wrong_is_told_and_one_can_still_unlock(
    sealed: Passport, world: World, keystore: MemoryKeystore, spoil: Any
) -> None:
    sealed.lock()
    spoil(keystore)
    with pytest.raises(CardKeyUnavailable) as refusal:
        locked_card(sealed.home)
    assert refusal.value.code == "card-key-unavailable"
    unlock(sealed.home, PHRASE, now=world.now).lock()


@pytest.mark.parametrize("spoil", [gone, another, short])
def test_the_next_renewal_mends_what_can_be_mended(
    sealed: Passport, world: World, keystore: MemoryKeystore, spoil: Any
) -> None:
    spoil(keystore)
    renew_locked_card(sealed, now=world.now)
    assert read(sealed).name == PEOPLE[WITH_WISHES].name


def test_what_was_sealed_is_never_written_readable_in_its_place(
    sealed: Passport, world: World, keystore: MemoryKeystore
) -> None:
    before = on_disk(sealed)
    keystore.broken = True
    renew_locked_card(sealed, now=world.now)
    assert is_shown_while_locked(sealed.home)
    assert "card" not in json.loads(on_disk(sealed))
    keystore.broken = False
    with pytest.raises(CardKeyUnavailable):  # neither the old one, which may hold what was hidden since
        locked_card(sealed.home)
    assert len(on_disk(sealed)) < len(before)
    renew_locked_card(sealed, now=world.now)
    assert read(sealed).name == PEOPLE[WITH_WISHES].name


def test_a_keystore_that_keeps_nothing_leaves_the_switch_where_it_was(
    sealed: Passport, world: World, keystore: MemoryKeystore
) -> None:
    show_while_locked(sealed, False, now=world.now)
    keystore.full = True
    with pytest.raises(CardKeyUnavailable):
        show_while_locked(sealed, True, now=world.now)
    assert not is_shown_while_locked(sealed.home)


def test_a_card_of_the_first_version_is_written_in_todays_at_its_next_renewal(plain: Passport, world: World) -> None:
    inside = json.loads(on_disk(plain))["card"]
    first = inside | {"code": None, "v": 1, "groups": []}
    plain.home.write_locked_card(json.dumps(first).encode())
    assert read(plain).groups == ()
    renew_locked_card(plain, now=world.now)
    assert json.loads(on_disk(plain))["v"] == 2
    card, whole = read(plain), shown_card(plain, now=world.now)
    assert whole is not None
    assert (card.groups, card.text) == (whole.groups, whole.text)
    assert card.code is not None


def test_a_readable_card_is_sealed_at_its_next_renewal_where_there_is_a_keystore_now(
    plain: Passport, world: World, keystore: MemoryKeystore
) -> None:
    plain.home.keystore = keystore
    renew_locked_card(plain, now=world.now)
    assert "sealed" in json.loads(on_disk(plain))
    assert PEOPLE[WITH_WISHES].name.encode() not in on_disk(plain)


def test_switched_off_the_file_and_its_key_are_gone(sealed: Passport, world: World, keystore: MemoryKeystore) -> None:
    show_while_locked(sealed, False, now=world.now)
    assert locked_card(sealed.home) is None
    assert names(keystore, ".card") == []


def test_deleting_everything_takes_card_box_and_key(sealed: Passport, keystore: MemoryKeystore) -> None:
    with sealed.home.alone():
        sealed.home.write_into_box(0, bytes(64))
    home = sealed.home
    sealed.lock()
    assert delete_everything(home)
    assert not home.path.exists()
    assert keystore.kept == {}


# ---- what the patient chose -----------------------------------------------------------------


def test_nothing_is_chosen_at_first(sealed: Passport) -> None:
    assert choices_of(sealed) == choices_while_locked(sealed.home) == LockedChoices()


def test_choosing_switches_nothing_on_and_is_kept(fresh: Passport, world: World, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    choose_while_locked(fresh, LockedChoices(hold=True), now=world.now)
    assert not is_shown_while_locked(fresh.home)
    show_while_locked(fresh, True, now=world.now)
    assert choices_of(fresh) == choices_while_locked(fresh.home) == LockedChoices(hold=True)


def test_hold_stands_readable_beside_a_sealed_card(sealed: Passport, world: World, keystore: MemoryKeystore) -> None:
    choose_while_locked(sealed, LockedChoices(hold=True), now=world.now)
    keystore.broken = True
    assert choices_while_locked(sealed.home).hold


def test_hidden_wishes_are_nowhere_in_the_file_nor_in_the_code_which_is_genuine_and_says_so(
    plain: Passport, world: World
) -> None:
    hidden = wishes(plain, world)
    assert all(wish.encode() in on_disk(plain) for wish in hidden)
    choose_while_locked(plain, LockedChoices(hide_wishes=True), now=world.now)
    assert not [wish for wish in hidden if wish.encode() in on_disk(plain)]
    card = read(plain)
    assert card.code is not None
    draw_words(card.code)
    assert not [wish for wish in hidden if wish in card.code]
    assert f"WISHES (copy, ask for the original): {WISHES_HIDDEN}" in card.text.split("\n")
    assert judge_text(card.code, world.reader_trust(), now=world.now).kind is Kind.SAID_BY_PASSPORT
    assert [line.text for group in card.groups if group.part == "wishes" for line in group.lines] == [WISHES_HIDDEN]
    choose_while_locked(plain, LockedChoices(), now=world.now)
    assert all(wish.encode() in on_disk(plain) for wish in hidden)


def test_that_wishes_are_hidden_is_said_whether_there_are_any_or_not(
    fresh: Passport, world: World, services: Services
) -> None:
    world.connect(fresh, NOOR, services)
    whole = shown_card(fresh, now=world.now)
    assert whole is not None
    assert "wishes" not in [group.part for group in whole.groups]
    hiding = shown_card(fresh, now=world.now, hide_wishes=True)
    assert hiding is not None
    assert WISHES_HIDDEN in hiding.text


def test_the_card_of_an_open_passport_keeps_its_wishes(plain: Passport, world: World) -> None:
    choose_while_locked(plain, LockedChoices(hide_wishes=True), now=world.now)
    assert wishes(plain, world) != [WISHES_HIDDEN]


def test_codes_only_keeps_the_code_and_no_lines(plain: Passport, world: World) -> None:
    whole = read(plain)
    choose_while_locked(plain, LockedChoices(codes_only=True), now=world.now)
    card = read(plain)
    assert (card.groups, card.text) == ((), "")
    assert card.code is not None
    assert card.code.startswith(whole.text)
    assert judge_text(card.code, world.reader_trust(), now=world.now).kind is Kind.SAID_BY_PASSPORT
    assert json.loads(on_disk(plain))["card"]["groups"] == []


def test_codes_only_without_a_code_keeps_no_lines_either(world: World, fresh: Passport) -> None:
    world.lose("service")
    world.connect(fresh, AMARA)
    choose_while_locked(fresh, LockedChoices(codes_only=True), now=world.now)
    show_while_locked(fresh, True, now=world.now)
    card = read(fresh)
    assert (card.groups, card.text, card.code) == ((), "", None)

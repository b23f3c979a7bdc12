"""Openings of the locked card: noted by who cannot read them, told after unlocking, again rather than never."""

from __future__ import annotations

import errno
import os
import random
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.actions.card_openings import (
    MAX_TIMES,
    CardOpenings,
    note_opening,
    openings_to_tell,
    openings_were_seen,
)
from app.actions.emergency import renew_locked_card, show_while_locked
from app.actions.far_side import Services
from app.actions.guarding import Watch
from app.actions.locked_card import locked_card
from app.actions.session import Passport, create_passport, unlock
from app.store.home import PassportHome
from crypto.errors import StoreUnavailable
from crypto.sealed_box import MAX_BOX_BYTES, MAX_NOTES, NOTE_BYTES
from crypto.vault_header import FLOOR
from tests.actions.made_up import AMARA, PHRASE, World

BOX = "openings.box"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def passport(fresh: Passport, world: World, services: Services) -> Passport:
    """A passport whose card is shown while locked."""
    world.connect(fresh, AMARA, services)
    show_while_locked(fresh, True, now=world.now)
    return fresh


def opened(passport: Passport, world: World, times: int) -> tuple[datetime, ...]:
    """The card is opened so many times, a minute apart."""
    found = tuple(world.now + number * MINUTE for number in range(times))
    for at in found:
        note_opening(passport.home, now=at)
    return found


def box(passport: Passport) -> Path:
    return passport.home.path / BOX


def test_nothing_was_opened_nothing_is_told(passport: Passport) -> None:
    assert openings_to_tell(passport) == CardOpenings()
    assert not openings_to_tell(passport).calls
    assert not box(passport).exists()


def test_openings_are_told_with_their_times_after_the_next_unlock(passport: Passport, world: World) -> None:
    passport.lock()
    times = opened(passport, world, 2)
    again = unlock(PassportHome(passport.home.path), PHRASE, now=world.now)
    assert openings_to_tell(again) == CardOpenings(2, times)
    again.lock()


def test_they_are_told_until_they_were_seen_and_then_no_more(passport: Passport, world: World) -> None:
    opened(passport, world, 2)
    told = openings_to_tell(passport)
    assert openings_to_tell(passport) == told
    assert not box(passport).exists()
    openings_were_seen(passport, told)
    assert openings_to_tell(passport) == CardOpenings()


def test_what_came_after_what_was_seen_is_told_yet(passport: Passport, world: World) -> None:
    opened(passport, world, 1)
    told = openings_to_tell(passport)
    note_opening(passport.home, now=world.now + MINUTE)
    assert openings_to_tell(passport).count == 2
    openings_were_seen(passport, told)
    assert openings_to_tell(passport).count == 2


def test_the_file_is_for_its_owner_and_tells_no_time(passport: Passport, world: World) -> None:
    opened(passport, world, 1)
    assert stat.S_IMODE(box(passport).stat().st_mode) == 0o600
    other = box(passport).read_bytes()
    box(passport).unlink()
    opened(passport, world, 1)
    assert len(box(passport).read_bytes()) == len(other) == NOTE_BYTES
    assert box(passport).read_bytes()[4:] != other[4:]


def test_renewing_the_card_keeps_the_key_of_the_box(passport: Passport, world: World) -> None:
    opened(passport, world, 1)
    renew_locked_card(passport, now=world.now)
    note_opening(passport.home, now=world.now)
    assert (openings_to_tell(passport).count, openings_to_tell(passport).spoiled) == (2, 0)


def test_a_card_without_a_box_is_opened_unnoted(passport: Passport, world: World) -> None:
    passport.home.write_locked_card(b'{"v":1}')
    note_opening(passport.home, now=world.now)
    show_while_locked(passport, False, now=world.now)
    note_opening(passport.home, now=world.now)
    assert not box(passport).exists()


def test_switched_off_what_was_noted_before_is_told_yet(passport: Passport, world: World) -> None:
    opened(passport, world, 1)
    show_while_locked(passport, False, now=world.now)
    assert openings_to_tell(passport).count == 1


def test_of_many_the_newest_are_told_and_all_are_counted(passport: Passport, world: World) -> None:
    times = opened(passport, world, MAX_TIMES + 3)
    assert openings_to_tell(passport) == CardOpenings(MAX_TIMES + 3, times[-MAX_TIMES:])


def test_a_box_stays_bounded_and_what_had_no_room_is_counted(passport: Passport, world: World) -> None:
    opened(passport, world, MAX_NOTES + 7)
    assert box(passport).stat().st_size == MAX_BOX_BYTES
    assert openings_to_tell(passport).count == MAX_NOTES + 7


# ---- damaged and foreign --------------------------------------------------------------------


def cut(data: bytes) -> bytes:
    return data[:-5]


def flipped(data: bytes) -> bytes:
    return data[:40] + bytes((data[40] ^ 1,)) + data[41:]


def first_taken_out(data: bytes) -> bytes:
    return data[NOTE_BYTES:]


def middle_taken_out(data: bytes) -> bytes:
    return data[:NOTE_BYTES] + data[2 * NOTE_BYTES :]


def one_put_in_twice(data: bytes) -> bytes:
    return data + data[:NOTE_BYTES]


def made_up(data: bytes) -> bytes:
    return data + random.Random(3).randbytes(NOTE_BYTES)


def other_version(data: bytes) -> bytes:
    return data[:3] + b"\x02" + data[4:]


@pytest.mark.parametrize(
    ("spoil", "left"),
    [(cut, 2), (flipped, 2), (first_taken_out, 2), (middle_taken_out, 2), (one_put_in_twice, 3), (made_up, 3),
     (other_version, 2)],
)  # fmt: skip
def test_a_note_that_is_damaged_foreign_or_missing_is_counted(
    passport: Passport, world: World, spoil: Callable[[bytes], bytes], left: int
) -> None:
    opened(passport, world, 3)
    box(passport).write_bytes(spoil(box(passport).read_bytes()))
    told = openings_to_tell(passport)
    assert (told.count, told.spoiled) == (left, 1)


def test_a_note_of_another_passport_is_foreign(passport: Passport, world: World, tmp_path: Path) -> None:
    other, _ = create_passport(PassportHome(tmp_path / "other"), PHRASE, now=world.now, cost=FLOOR)
    world.connect(other, AMARA)
    show_while_locked(other, True, now=world.now)
    note_opening(other.home, now=world.now)
    box(passport).write_bytes(box(other).read_bytes())
    assert (openings_to_tell(passport).count, openings_to_tell(passport).spoiled) == (0, 1)
    other.lock()


def test_a_huge_file_in_its_place_is_read_no_further_than_a_box_goes(passport: Passport) -> None:
    with box(passport).open("wb") as file:
        file.truncate(50_000_000)
    told = openings_to_tell(passport)
    assert (told.count, told.spoiled) == (0, MAX_NOTES + 2)
    assert not box(passport).exists()


# ---- killed, and a disk that refuses --------------------------------------------------------


def test_killed_between_the_store_and_the_box_nothing_is_lost_or_counted_twice(
    passport: Passport, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = opened(passport, world, 2)

    def killed(_home: PassportHome) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PassportHome, "remove_box", killed)
        with pytest.raises(KeyboardInterrupt):
            openings_to_tell(passport)
    note_opening(passport.home, now=world.now + 5 * MINUTE)
    assert openings_to_tell(passport) == CardOpenings(3, (*times, world.now + 5 * MINUTE))


def test_killed_before_the_store_took_them_they_are_told_the_next_time(
    passport: Passport, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = opened(passport, world, 2)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(passport.store), "set_setting", killed)
        with pytest.raises(KeyboardInterrupt):
            openings_to_tell(passport)
    assert openings_to_tell(passport) == CardOpenings(2, times)


def test_an_older_copy_is_not_written_to_and_its_box_stays(passport: Passport, world: World) -> None:
    opened(passport, world, 1)
    passport.watch = Watch.OLDER
    assert openings_to_tell(passport) == CardOpenings()
    assert box(passport).exists()
    passport.watch = Watch.COMPARED
    assert openings_to_tell(passport).count == 1


def test_a_full_disk_refuses_the_note_and_the_card_is_still_read(
    passport: Passport, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(passport, world, 1)
    before = box(passport).read_bytes()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreUnavailable):
            note_opening(passport.home, now=world.now)
    assert locked_card(passport.home) is not None
    assert box(passport).read_bytes().startswith(before)
    assert openings_to_tell(passport).spoiled == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_power_cut_inside_a_note_costs_that_note_at_most(passport: Passport, world: World, seed: int) -> None:
    """What was written before was flushed; of the one under way any beginning, or none, is kept."""
    chance = random.Random(seed)
    whole, kept = 0, b""
    for number in range(12):
        note_opening(passport.home, now=world.now + number * MINUTE)
        written = box(passport).read_bytes()
        if chance.random() < 0.4:
            kept = written[: chance.randrange(len(kept), len(written))]
            box(passport).write_bytes(kept)
        else:
            whole, kept = whole + 1, written
        assert locked_card(passport.home) is not None
    told = openings_to_tell(passport)
    assert told.count == whole
    assert told.spoiled <= 12 - whole

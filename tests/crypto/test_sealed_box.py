"""The box of openings: who has the public key adds to it, only the vault's key reads it, and nothing in it crashes."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from crypto.encoding import b64url_decode
from crypto.errors import MalformedToken, PassportError, Tampered
from crypto.sealed_box import MAX_BOX_BYTES, MAX_NOTES, NOTE_BYTES, BoxKey, Note, add, open_note, parts, seal_note
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases

VAULT = "VXDknG3Pzju5G4JXm4zRMg"
AT = datetime(2026, 11, 23, 15, 12, 0, 7000, tzinfo=UTC)
KEY = BoxKey.from_bytes(bytes(range(32)))


def filled(number: int, box: bytes = b"") -> bytes:
    for count in range(number):
        added = add(box, KEY.public, VAULT, AT + timedelta(minutes=count))
        box = box[: added.offset] + added.data + box[added.offset + len(added.data) :]
    return box


@pytest.mark.parametrize("case", cases("opened_notes"), ids=names)
def test_a_note_is_taken_as_the_vector_says(case: Case) -> None:
    key = BoxKey.from_bytes(b64url_decode(case.given["key"]))
    note = judge(case, lambda: open_note(key, case.given["vault"], b64url_decode(case.given["note"])))
    if case.code == "ok":
        assert note == Note(datetime.fromisoformat(case.given["at"]), case.given["place"])


def test_a_note_says_when_and_in_which_place() -> None:
    assert open_note(KEY, VAULT, seal_note(KEY.public, VAULT, AT, 3)) == Note(AT, 3)


def test_two_notes_of_one_moment_look_nothing_alike_and_tell_no_time() -> None:
    one, other = (seal_note(KEY.public, VAULT, AT, 0) for _ in range(2))
    assert len(one) == len(other) == NOTE_BYTES
    assert one[4:] != other[4:]


def test_every_bit_of_a_note_is_held() -> None:
    note = seal_note(KEY.public, VAULT, AT, 0)
    for bit in range(len(note) * 8):
        changed = bytearray(note)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((MalformedToken, Tampered)):
            open_note(KEY, VAULT, bytes(changed))


def test_a_public_key_of_another_length_or_low_order_takes_no_note() -> None:
    for public in (b"", KEY.public[:-1], bytes(32)):
        with pytest.raises(MalformedToken):
            seal_note(public, VAULT, AT, 0)


def test_a_private_key_does_not_show_itself() -> None:
    assert repr(KEY) == "BoxKey(private hidden)"
    assert BoxKey.from_bytes(KEY.to_bytes()).public == KEY.public
    assert BoxKey.generate().public != BoxKey.generate().public
    with pytest.raises(MalformedToken):
        BoxKey.from_bytes(bytes(31))


# ---- the box --------------------------------------------------------------------------------


def test_notes_stand_one_after_the_other_in_their_places() -> None:
    found = parts(filled(3))
    assert (found.no_room, found.spoiled) == (0, 0)
    assert [open_note(KEY, VAULT, part) for part in found.parts] == [
        Note(AT + timedelta(minutes=place), place) for place in range(3)
    ]


def test_adding_changes_nothing_that_was_there() -> None:
    box = filled(2)
    assert filled(1, box).startswith(box)


def test_a_box_is_bounded_and_says_how_many_had_no_room() -> None:
    box = filled(MAX_NOTES + 5)
    found = parts(box)
    assert len(box) == MAX_BOX_BYTES
    assert (len(found.parts), found.no_room, found.spoiled) == (MAX_NOTES, 5, 0)
    assert open_note(KEY, VAULT, found.parts[-1]).place == MAX_NOTES - 1


def test_the_count_of_a_full_box_stops_at_its_highest_number() -> None:
    box = filled(MAX_NOTES) + b"PPF\x01" + b"\xff" * 4 + bytes(56)
    assert parts(filled(1, box)).no_room == 2**32 - 1


def test_after_a_note_that_was_cut_off_the_next_is_whole() -> None:
    found = parts(filled(1, filled(2)[:-20]))
    assert [len(part) for part in found.parts] == [NOTE_BYTES] * 3
    assert open_note(KEY, VAULT, found.parts[2]).place == 2
    with pytest.raises(Tampered):
        open_note(KEY, VAULT, found.parts[1])


@pytest.mark.parametrize("last", [b"PPF\x01", b"PPF\x02" + bytes(60), b"PPF\x01" + bytes(59) + b"\x01"])
def test_a_count_of_another_form_is_spoiled_and_counts_again_from_one(last: bytes) -> None:
    box = filled(MAX_NOTES) + last
    assert (parts(box).no_room, parts(box).spoiled) == (0, 1)
    assert (parts(filled(1, box)).no_room, parts(filled(1, box)).spoiled) == (1, 0)


def test_what_stands_beyond_the_bound_is_one_spoiled_part() -> None:
    box = filled(MAX_NOTES + 1) + bytes(10_000)
    assert (len(parts(box).parts), parts(box).no_room, parts(box).spoiled) == (MAX_NOTES, 1, 1)


def test_any_bytes_are_a_box_that_can_be_read_and_added_to() -> None:
    chance = random.Random(1)
    for length in [*range(130), MAX_BOX_BYTES - 1, MAX_BOX_BYTES + 70]:
        box = chance.randbytes(length)
        added = add(box, KEY.public, VAULT, AT)
        assert added.offset + len(added.data) <= MAX_BOX_BYTES
        for part in parts(box).parts:
            with pytest.raises(PassportError):
                open_note(KEY, VAULT, part)

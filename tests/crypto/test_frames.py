"""The moving code (D10): what goes in comes out, from any parts that suffice, or nothing does."""

from __future__ import annotations

import random
import statistics
import tracemalloc

import pytest

from crypto.encoding import BASE45_ALPHABET, b64url_decode
from crypto.errors import FramesDoNotFit, MovingCodeTooLarge, PassportError
from crypto.frames import (
    MAX_MESSAGES,
    MAX_SYMBOL_BYTES,
    MAX_SYMBOLS,
    Collector,
    Frame,
    Progress,
    Sender,
    read_frame,
    symbol_room,
    write_frame,
)
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases

EVERYDAY = 1216


def bytes_of(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("case", cases("frames"), ids=names)
def test_a_collector_takes_texts_as_the_vector_says(case: Case) -> None:
    collector = Collector()

    def take_all() -> None:
        for text in case.given["texts"]:
            collector.take(text)

    judge(case, take_all)
    payload = case.given.get("payload")
    assert collector.payload == (None if payload is None else b64url_decode(payload))


def test_progress_counts_each_part_that_is_no_repetition() -> None:
    sender, collector = Sender(bytes_of(1, 5000), 500), Collector()
    told = [collector.take(sender.frame(number)) for number in (0, 1, 1, 3, 0, 2)]
    assert told == [Progress(have, 11) for have in (1, 2, 2, 3, 3, 4)]


def test_a_payload_that_is_whole_stays_when_other_codes_come_by() -> None:
    collector = Collector()
    first, second = Sender(bytes_of(1, 300), 100), Sender(bytes_of(2, 300), 100)
    for number in range(first.need):
        collector.take(first.frame(number))
    for number in range(second.need):
        assert collector.take(second.frame(number)) == Progress(number + 1, second.need)
    assert collector.payload == bytes_of(1, 300)


def test_after_parts_that_do_not_fit_the_same_code_can_be_collected_anew() -> None:
    sender, collector = Sender(bytes_of(1, 300), 100), Collector()
    true = read_frame(sender.frame(0))
    collector.take(write_frame(Frame(true.session, 0, true.length, bytes(100))))
    with pytest.raises(FramesDoNotFit):
        collector.take(sender.frame(0))
    assert collector.take(sender.frame(0)) == Progress(1, sender.need)
    for number in range(1, sender.need):
        collector.take(sender.frame(number))
    assert collector.payload == bytes_of(1, 300)


def test_the_same_payload_is_the_same_code_also_after_a_restart_and_another_size_is_another() -> None:
    payload = bytes_of(3, 4000)
    assert Sender(payload, 100).frame(41) == Sender(payload, 100).frame(41)
    sessions = {read_frame(Sender(payload, size).frame(0)).session for size in (100, 101)}
    assert len(sessions) == 2


def test_only_the_codes_seen_last_are_kept() -> None:
    senders = [Sender(bytes_of(seed, 900), 100) for seed in range(MAX_MESSAGES + 1)]
    collector = Collector()
    for sender in senders:
        collector.take(sender.frame(0))
    assert collector.take(senders[1].frame(1)).have == 2
    assert collector.take(senders[0].frame(1)).have == 1


def test_a_payload_of_2048_parts_is_sent_and_one_byte_more_is_refused() -> None:
    largest = MAX_SYMBOLS * 16 - 32
    assert Sender(bytes(largest), 16).need == MAX_SYMBOLS
    with pytest.raises(MovingCodeTooLarge, match=r"^moving-code-too-large: expected at most 2048 .* found 2049$"):
        Sender(bytes(largest + 1), 16)


@pytest.mark.parametrize("symbol_bytes", [0, MAX_SYMBOL_BYTES + 1])
def test_a_part_without_room_or_over_the_largest_code_is_not_made(symbol_bytes: int) -> None:
    with pytest.raises(ValueError, match="1 to 2844"):
        Sender(b"made up", symbol_bytes)


@pytest.mark.parametrize(("characters", "symbol_bytes"), [(1853, 1216), (1249, 813), (758, 486), (4296, 2844)])
def test_the_largest_part_fills_its_code_and_is_written_in_qr_letters_alone(characters: int, symbol_bytes: int) -> None:
    assert symbol_room(characters) == symbol_bytes
    text = Sender(bytes_of(1, 9000), symbol_bytes).frame(5)
    assert characters - 2 <= len(text) <= characters
    assert set(text) <= set(BASE45_ALPHABET)


def test_a_lying_length_takes_no_memory() -> None:
    text = write_frame(Frame(b"made", 3, 2**32 - 1, bytes(16)))
    collector = Collector()
    tracemalloc.start()
    with pytest.raises(MovingCodeTooLarge):
        collector.take(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize("loss", [0.1, 0.3, 0.5])
def test_at_most_two_parts_more_than_the_least_are_needed_on_average(loss: float) -> None:
    over = []
    for seed in range(60):
        chance = random.Random(seed)
        sender, collector = Sender(chance.randbytes(20_000), EVERYDAY), Collector()
        number = received = 0
        while collector.payload is None:
            if chance.random() >= loss:
                received += 1
                collector.take(sender.frame(number))
            number += 1
        over.append(received - sender.need)
    assert min(over) >= 0
    assert statistics.mean(over) <= 2


def test_without_loss_not_one_part_more_is_needed() -> None:
    sender, collector = Sender(bytes_of(4, 100_000), EVERYDAY), Collector()
    for number in range(sender.need):
        assert collector.payload is None
        collector.take(sender.frame(number))
    assert collector.payload == bytes_of(4, 100_000)


def test_neither_a_frame_nor_a_refusal_shows_what_is_carried() -> None:
    sender = Sender(b"PLANTED-MARKER" * 20, 40)
    text = sender.frame(2)
    assert "MARKER" not in repr(read_frame(text))
    with pytest.raises(PassportError) as refusal:
        read_frame(text[:-3])
    assert text[20:40] not in str(refusal.value)

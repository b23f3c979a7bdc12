"""Whatever is lost, doubled, out of order or mixed on the way from a screen to a camera: identical bytes, or none.

Half of all frames lost, in bursts or singly; several codes before one camera; frames spoilt by one character; forged
ones. The same examples in every run: a failure here is found again by running it again.
"""

from __future__ import annotations

import contextlib
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import FrameBroken, FramesDoNotFit, MovingCodeTooLarge, NotACode
from crypto.frames import Collector, Frame, Sender, read_frame, write_frame

EVERY = settings(max_examples=150, deadline=None, derandomize=True, database=None)
payloads = st.binary(max_size=3000)
sizes = st.integers(min_value=17, max_value=300)
SPARE = 40
"""Frames that are shown beyond what should suffice: the chance that so many bring nothing new is 2⁻⁴⁰."""


def shown_with_loss(sender: Sender, chance: random.Random, loss: float, burst: int) -> list[int]:
    """Numbers of the frames that came through, as many as should suffice; losses come `burst` at a time."""
    seen: list[int] = []
    number = 0
    while len(seen) < sender.need + SPARE:
        if chance.random() < loss:
            number += burst
        else:
            seen += range(number, number + burst)
            number += burst
    return seen


@EVERY
@given(payloads, sizes, st.integers(), st.floats(0, 0.5), st.integers(1, 12), st.booleans(), st.floats(0, 0.5))
def test_any_frames_that_suffice_give_identical_bytes(
    payload: bytes, size: int, seed: int, loss: float, burst: int, in_order: bool, twice: float
) -> None:
    chance = random.Random(seed)
    sender, collector = Sender(payload, size), Collector()
    numbers = shown_with_loss(sender, chance, loss, burst)
    numbers += [number for number in numbers if chance.random() < twice]
    if not in_order:
        chance.shuffle(numbers)
    before = -1
    for number in numbers:
        progress = collector.take(sender.frame(number))
        assert progress.have >= before
        assert progress.whole == (collector.payload is not None)
        before = progress.have
    assert collector.payload == payload


@EVERY
@given(st.lists(payloads, min_size=2, max_size=3, unique=True), sizes, st.integers(), st.floats(0, 0.5))
def test_several_codes_at_once_never_mix(given_payloads: list[bytes], size: int, seed: int, loss: float) -> None:
    chance = random.Random(seed)
    senders = [Sender(payload, size) for payload in given_payloads]
    texts = [one.frame(number) for one in senders for number in shown_with_loss(one, chance, loss, 1)]
    chance.shuffle(texts)
    collector = Collector()
    for text in texts:
        collector.take(text)
    assert collector.payload in given_payloads


@EVERY
@given(payloads, sizes, st.integers(), st.integers(1, 6))
def test_forged_and_spoilt_frames_give_a_refusal_or_nothing_but_never_other_bytes(
    payload: bytes, size: int, seed: int, bad: int
) -> None:
    chance = random.Random(seed)
    sender, collector = Sender(payload, size), Collector()
    texts = [sender.frame(number) for number in range(sender.need + SPARE)]
    true = read_frame(texts[0])
    for _ in range(bad):
        number, symbol = chance.randrange(3 * sender.need), chance.randbytes(size)
        texts.append(write_frame(Frame(true.session, number, true.length, symbol)))
        spoilt = list(chance.choice(texts))
        spoilt[chance.randrange(len(spoilt))] = chance.choice("0AZ:% a\u00e9")
        texts.append("".join(spoilt))
    chance.shuffle(texts)
    for text in texts:
        with contextlib.suppress(NotACode, FrameBroken, FramesDoNotFit, MovingCodeTooLarge):
            collector.take(text)
    assert collector.payload in (None, payload)


@EVERY
@given(payloads, sizes, st.integers(0, 2000), st.integers(0, 2000))
def test_a_frame_is_the_same_each_time_and_reads_as_what_was_written(
    payload: bytes, size: int, number: int, other: int
) -> None:
    sender = Sender(payload, size)
    text = sender.frame(number)
    sender.frame(other)
    assert sender.frame(number) == text
    frame = read_frame(text)
    assert (frame.number, frame.length, len(frame.symbol), frame.need) == (number, len(payload), size, sender.need)
    assert write_frame(frame) == text

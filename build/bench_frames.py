"""Rows of build/bench.py about the moving code: how many frames it takes, how fast it is, against plainer codes.

Owns the two codes it is measured against, each with the least that works: a carousel (the parts round and round, as
BBQr does) and an LT code (robust soliton, peeling decoder). All three carry the same parts under the same losses.
Nothing here is a camera: a loss is a frame that was not read.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import Row, compare, spent

SYMBOL_BYTES = 1216
"""A part at version 25, level L."""
FRAMES_A_SECOND = 10
PAYLOADS = (20_000, 100_000)
LOSSES = (0.0, 0.1, 0.3, 0.5)
TRIALS = 40
LT_C, LT_DELTA = 0.1, 0.5


def seeded(seed: int) -> random.Random:
    """Chance that is the same in every run."""
    return random.Random(seed)  # noqa: S311


Meeting = Callable[[int], bool]
"""Takes the number of a frame that was read; whether everything is there now."""


@dataclass(frozen=True, slots=True)
class Over:
    """Frames read beyond the least possible, in the mean over the trials, for each code; and ours in kB a second."""

    payload: int
    loss: float
    parts: int
    ours: float
    lt: float
    carousel: float
    ours_kb_a_second: float


def frames_over_the_least(trials: int = TRIALS) -> list[Over]:
    """A row for each payload and loss."""
    return [_over(size, loss, trials) for size in PAYLOADS for loss in LOSSES]


def _over(size: int, loss: float, trials: int) -> Over:
    from crypto.frames import Sender

    sender = Sender(seeded(size).randbytes(size), SYMBOL_BYTES)
    codes: list[Callable[[], Meeting]] = [
        partial(ours, sender),
        partial(lt, sender.need),
        partial(carousel, sender.need),
    ]
    runs = [[_run(code(), loss, seeded(trial)) for trial in range(trials)] for code in codes]
    over = [round(statistics.mean(read for read, _ in one) - sender.need, 2) for one in runs]
    seconds = statistics.mean(shown for _, shown in runs[0]) / FRAMES_A_SECOND
    return Over(size, loss, sender.need, over[0], over[1], over[2], round(size / seconds / 1000, 2))


def _run(meeting: Meeting, loss: float, chance: random.Random) -> tuple[int, int]:
    """Frames read and frames shown until everything is there."""
    read = shown = 0
    while True:
        number = shown
        shown += 1
        if chance.random() >= loss:
            read += 1
            if meeting(number):
                return read, shown


def ours(sender: Any) -> Meeting:
    """The moving code of the passport."""
    from crypto.frames import Collector

    collector = Collector()

    def meet(number: int) -> bool:
        collector.take(sender.frame(number))
        return collector.payload is not None

    return meet


def carousel(need: int) -> Meeting:
    """The parts in turn, round and round."""
    missing = set(range(need))

    def meet(number: int) -> bool:
        missing.discard(number % need)
        return not missing

    return meet


def lt(need: int) -> Meeting:
    """Luby's code: each frame the XOR of a few parts, a frame whose other parts are known gives one."""
    weights = robust_soliton(need)
    known: set[int] = set()
    waiting: list[set[int]] = []

    def meet(number: int) -> bool:
        chance = seeded(number * 2_654_435_761)
        degree = chance.choices(range(1, need + 1), weights)[0]
        waiting.append(set(chance.sample(range(need), degree)) - known)
        for part in _peeled(waiting, known):
            known.add(part)
        return len(known) == need

    return meet


def _peeled(waiting: list[set[int]], known: set[int]) -> Iterator[int]:
    """Parts that become known, one after the other."""
    while single := next((parts for parts in waiting if len(parts) == 1), None):
        (part,) = single
        yield part
        for parts in waiting:
            parts.discard(part)
        waiting[:] = [parts for parts in waiting if parts]


def robust_soliton(need: int) -> list[float]:
    """The weights of the degrees 1 to `need` (Luby 2002)."""
    spike = LT_C * math.log(need / LT_DELTA) * math.sqrt(need)
    pivot = max(1, min(need, round(need / spike)))
    ideal = [1 / need, *(1 / (degree * (degree - 1)) for degree in range(2, need + 1))]
    extra = [spike / (degree * need) for degree in range(1, pivot)]
    extra.append(spike * math.log(max(spike / LT_DELTA, 1.0)) / need)
    return [a + b for a, b in zip(ideal, extra + [0.0] * (need - pivot), strict=True)]


# ---- processor time -----------------------------------------------------------------------------


def frames_made(rounds: int) -> Row:
    """All frames of 100 kB once, with a tenth more, as texts; against cutting it up and base45 alone."""
    from crypto.encoding import base45_encode
    from crypto.frames import Sender

    payload = seeded(1).randbytes(100_000)
    shown = round(Sender(payload, SYMBOL_BYTES).need * 1.1)

    def mine() -> None:
        sender = Sender(payload, SYMBOL_BYTES)
        for number in range(shown):
            sender.frame(number)

    def plain() -> None:
        for number in range(shown):
            at = number * SYMBOL_BYTES % len(payload)
            base45_encode(bytes(16) + payload[at : at + SYMBOL_BYTES])

    times = [(spent(mine), spent(plain)) for _ in range(rounds)]
    return compare("frames made", times, "base45 of the same bytes")


def frames_put_together(rounds: int) -> Row:
    """100 kB from its frames with three in ten lost, against base45 of the same frames alone."""
    from crypto.encoding import base45_decode
    from crypto.frames import PREFIX, Collector, Sender

    payload = seeded(1).randbytes(100_000)
    sender, chance = Sender(payload, SYMBOL_BYTES), seeded(2)
    texts = [sender.frame(number) for number in range(3 * sender.need) if chance.random() >= 0.3]

    def mine() -> int:
        collector = Collector()
        for at, text in enumerate(texts):
            collector.take(text)
            if collector.payload is not None:
                return at + 1
        raise AssertionError("not enough frames")

    needed = mine()

    def plain() -> None:
        for text in texts[:needed]:
            base45_decode(text.removeprefix(PREFIX))

    times = [(spent(mine), spent(plain)) for _ in range(rounds)]
    return compare("frames put together", times, "base45 of the same frames")


def frames_drawn(rounds: int) -> Row:
    """Twenty frames as pictures, against the other writer."""
    from app.qr.frames import FrameSize, draw_frame, segno_writer
    from crypto.frames import Sender

    sender = Sender(seeded(1).randbytes(50_000), SYMBOL_BYTES)
    texts = [sender.frame(number) for number in range(20)]
    size, plain = FrameSize.LARGEST, segno_writer()

    def mine() -> None:
        for text in texts:
            draw_frame(text, size)

    def other() -> None:
        for text in texts:
            plain(text, size)

    times = [(spent(mine), spent(other)) for _ in range(rounds)]
    return compare("20 frames drawn", times, "segno, mask fixed too")

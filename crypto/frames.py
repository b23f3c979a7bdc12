"""The moving code: bytes into frames for a screen, and frames seen by a camera into the same bytes (D10).

    text     PPF1: and base45 of   session 4 | number 4 | length 4 | CRC-32 4 | symbol
    message  SHA-256 of the payload | payload, cut into `need` blocks of one symbol each, the last filled with zeros
    symbol   of frame n: block n while n < need; after that the XOR of the blocks that SHAKE-128(session, n) picks

A systematic random linear fountain over GF(2): any `need` frames and one or two more give the payload, whichever
they are and in whatever order. Frames are neither secret nor signed: what they carry is sealed before it comes here.
Frames of different messages never mix; a message is given out only when it fits its SHA-256. FORMATS.md has the
bytes. Drawing and seeing them is app/qr and app/ui.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from typing import Final

from crypto.encoding import base45_decode, base45_encode
from crypto.errors import FrameBroken, FramesDoNotFit, MalformedToken, MovingCodeTooLarge, NotACode

PREFIX: Final = "PPF1:"
"""Begins each frame; the figure is the version of this form."""
CONTEXT: Final = b"pp-frames-v1"
HEADER_BYTES: Final = 16
DIGEST_BYTES: Final = 32
MAX_SYMBOLS: Final = 2048
"""Of one message (D10). It bounds what a camera can make us keep, and the longest wait of a person: 3½ minutes."""
MAX_TEXT_CHARACTERS: Final = 4296
"""What a version 40-L code holds in alphanumeric mode (ISO/IEC 18004 table 7)."""
MAX_MESSAGES: Final = 3
"""Kept side by side; the one that was not seen for longest goes. Two codes before one camera, and a restart."""
MAX_NUMBER: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it was read: its number, the length of the whole payload in bytes, and its symbol."""

    session: bytes
    number: int
    length: int
    symbol: bytes = field(repr=False)

    @property
    def need(self) -> int:
        """How many blocks its message has."""
        return blocks_needed(self.length, len(self.symbol))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a message is: `have` of `need` parts that are no repetition of others."""

    have: int
    need: int

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.have == self.need


def blocks_needed(length: int, symbol_bytes: int) -> int:
    """How many symbols of this size carry a payload of `length` bytes and its SHA-256."""
    return -(-(DIGEST_BYTES + length) // symbol_bytes)


def symbol_room(characters: int) -> int:
    """The largest symbol, in bytes, of a frame that takes at most so many characters."""
    groups, rest = divmod(characters - len(PREFIX), 3)
    return 2 * groups + (rest == 2) - HEADER_BYTES


MAX_SYMBOL_BYTES: Final = symbol_room(MAX_TEXT_CHARACTERS)


class Sender:
    """A payload as an endless row of frames: `frame(n)` is the text of frame n, the same each time.

    The same payload in symbols of the same size is the same message, so a screen may stop and begin again.
    """

    __slots__ = ("_blocks", "_length", "_session", "_size", "need")

    def __init__(self, payload: bytes, symbol_bytes: int) -> None:
        """`symbol_bytes` 1 to 2,844; raises MovingCodeTooLarge for more than 2,048 symbols."""
        if not 1 <= symbol_bytes <= MAX_SYMBOL_BYTES:
            raise ValueError(f"symbol_bytes: expected 1 to {MAX_SYMBOL_BYTES}, found {symbol_bytes}")
        self.need = blocks_needed(len(payload), symbol_bytes)
        if self.need > MAX_SYMBOLS:
            raise MovingCodeTooLarge(f"expected at most {MAX_SYMBOLS} symbols of {symbol_bytes}, found {self.need}")
        message = hashlib.sha256(payload).digest() + payload
        self._session = hashlib.sha256(CONTEXT + symbol_bytes.to_bytes(4, "big") + message).digest()[:4]
        self._length, self._size = len(payload), symbol_bytes
        cut = (message[at : at + symbol_bytes] for at in range(0, len(message), symbol_bytes))
        self._blocks = [int.from_bytes(block.ljust(symbol_bytes, b"\0"), "big") for block in cut]

    def frame(self, number: int) -> str:
        """The text of frame `number`, 0 to 2³²−1: base45 in capitals, for a code's alphanumeric mode."""
        left, symbol = picked_blocks(self._session, number, self.need), 0
        while left:
            lowest = left & -left
            symbol ^= self._blocks[lowest.bit_length() - 1]
            left ^= lowest
        return write_frame(Frame(self._session, number, self._length, symbol.to_bytes(self._size, "big")))


class Collector:
    """Takes the texts a camera reads, in any order, until a message is whole. `payload` is then its bytes."""

    __slots__ = ("_messages", "payload")

    def __init__(self) -> None:
        self.payload: bytes | None = None
        self._messages: dict[tuple[bytes, int, int], _Message] = {}

    def take(self, text: str) -> Progress:
        """How far the message of this frame is with it. The first message that is whole is the payload.

        Raises NotACode for a text that is no frame, FrameBroken for one that only begins so, MovingCodeTooLarge
        for a frame of more than 2,048 symbols, and FramesDoNotFit where frames of one message contradict each
        other or its SHA-256: all that was seen of that message is let go, and it can be begun again.
        """
        frame = read_frame(text)
        if frame.need > MAX_SYMBOLS:
            raise MovingCodeTooLarge(f"expected at most {MAX_SYMBOLS} symbols, found {frame.need}")
        key = (frame.session, frame.length, len(frame.symbol))
        message = self._messages.pop(key, None) or _Message(frame)
        try:
            message.add(frame)
            if message.progress.whole and self.payload is None:
                self.payload = message.solved()
        except FramesDoNotFit:
            self._messages.pop(key, None)
            raise
        self._messages[key] = message
        while len(self._messages) > MAX_MESSAGES:
            del self._messages[next(iter(self._messages))]
        return message.progress


class _Message:
    """The equations of one message: a row is a number whose upper bits name its blocks, its lower ones their XOR."""

    __slots__ = ("_bits", "_frame", "_need", "_rows")

    def __init__(self, frame: Frame) -> None:
        self._frame, self._need, self._bits = frame, frame.need, 8 * len(frame.symbol)
        self._rows: dict[int, int] = {}

    @property
    def progress(self) -> Progress:
        return Progress(len(self._rows), self._need)

    def add(self, frame: Frame) -> None:
        """Keep what is new in a frame; raises FramesDoNotFit where it contradicts what is known."""
        row = picked_blocks(frame.session, frame.number, self._need) << self._bits
        row |= int.from_bytes(frame.symbol, "big")
        while (top := row.bit_length() - 1 - self._bits) >= 0:
            known = self._rows.get(top)
            if known is None:
                self._rows[top] = row
                return
            row ^= known
        if row:
            raise FramesDoNotFit("expected frames of one message to agree, found two that do not")

    def solved(self) -> bytes:
        """The payload of a whole message; raises FramesDoNotFit where it is not the one its SHA-256 names."""
        blocks: list[int] = []
        lower = (1 << self._bits) - 1
        for at in range(self._need):  # a row's highest block is its own, so the ones below it are known by then
            row = self._rows[at]
            value, left = row & lower, (row >> self._bits) ^ (1 << at)
            while left:
                lowest = left & -left
                value ^= blocks[lowest.bit_length() - 1]
                left ^= lowest
            blocks.append(value)
        message = b"".join(block.to_bytes(self._bits // 8, "big") for block in blocks)
        payload = message[DIGEST_BYTES : DIGEST_BYTES + self._frame.length]
        if hashlib.sha256(payload).digest() != message[:DIGEST_BYTES]:
            raise FramesDoNotFit("expected the payload its SHA-256 names, found another")
        return payload


def picked_blocks(session: bytes, number: int, need: int) -> int:
    """Which of the `need` blocks frame `number` is the XOR of: bit i stands for block i."""
    if number < need:
        return 1 << number
    digest = hashlib.shake_128(CONTEXT + session + number.to_bytes(4, "big")).digest((need + 7) // 8)
    return int.from_bytes(digest, "big") & ((1 << need) - 1) or 1


def write_frame(frame: Frame) -> str:
    """The text of a frame."""
    head = frame.session + frame.number.to_bytes(4, "big") + frame.length.to_bytes(4, "big")
    return PREFIX + base45_encode(head + _crc(head, frame.symbol) + frame.symbol)


def read_frame(text: str) -> Frame:
    """A frame from its text; raises NotACode where it does not begin like one, FrameBroken for any other form."""
    if not text.startswith(PREFIX):
        raise NotACode(f"expected a text that begins with {PREFIX}")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise FrameBroken(f"expected at most {MAX_TEXT_CHARACTERS} characters, found {len(text)}")
    try:
        data = base45_decode(text[len(PREFIX) :])
    except MalformedToken as error:
        raise FrameBroken("expected base45 after the prefix") from error
    if len(data) <= HEADER_BYTES:
        raise FrameBroken(f"expected more than {HEADER_BYTES} bytes, found {len(data)}")
    head, crc, symbol = data[:12], data[12:HEADER_BYTES], data[HEADER_BYTES:]
    if _crc(head, symbol) != crc:
        raise FrameBroken("expected the CRC-32 of header and symbol, found another")
    return Frame(head[:4], int.from_bytes(head[4:8], "big"), int.from_bytes(head[8:], "big"), symbol)


def _crc(head: bytes, symbol: bytes) -> bytes:
    return zlib.crc32(head + symbol).to_bytes(4, "big")

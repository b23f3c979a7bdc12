"""Cases of frames.json. The only numbers in them are fixed ones: every run writes the same bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace

from crypto.encoding import b64url_encode, base45_decode, base45_encode
from crypto.frames import MAX_SYMBOLS, PREFIX, Frame, Sender, picked_blocks, read_frame, write_frame
from tests.vectors.making import Writer

SYMBOL_BYTES = 20
PAYLOAD = b"What a passport sealed: made up, and long enough for several parts of a moving code."
OTHER = b"Another passport's bytes, of the same length as those that stand in the first of the two"[: len(PAYLOAD)]


def frames(numbers: Iterable[int], payload: bytes = PAYLOAD, symbol_bytes: int = SYMBOL_BYTES) -> list[str]:
    sender = Sender(payload, symbol_bytes)
    return [sender.frame(number) for number in numbers]


def changed(text: str, at: int, to: bytes, *, crc: bool) -> str:
    """A frame with other bytes at `at`, under its old CRC-32 or under one that fits."""
    data = bytearray(base45_decode(text.removeprefix(PREFIX)))
    data[at : at + len(to)] = to
    if crc:
        data[12:16] = zlib.crc32(data[:12] + data[16:]).to_bytes(4, "big")
    return PREFIX + base45_encode(bytes(data))


def standing_for_first() -> int:
    """The first number after the parts themselves whose symbol holds part 0."""
    sender = Sender(PAYLOAD, SYMBOL_BYTES)
    session = read_frame(sender.frame(0)).session
    return next(n for n in range(sender.need, 99) if picked_blocks(session, n, sender.need) & 1)


def as_session(text: str, session: bytes) -> str:
    return write_frame(replace(read_frame(text), session=session))


def frame_cases() -> Writer:
    out = Writer("frames", "Texts in the order a camera read them, and the payload they come to: null for not yet.")
    _good(out)
    _not_yet(out)
    _no_frames(out)
    _broken(out)
    _do_not_fit(out)
    return out


def _good(out: Writer) -> None:
    need = Sender(PAYLOAD, SYMBOL_BYTES).need
    first = list(range(need))
    given = b64url_encode(PAYLOAD)
    out.add("every part once, in order", "ok", texts=frames(first), payload=given)
    out.add("backwards", "ok", texts=frames(reversed(first)), payload=given)
    out.add("every part twice", "ok", texts=frames([*first[:3], *first]), payload=given)
    out.add(
        "a part lost and one that stands for it", "ok", texts=frames([*first[1:], standing_for_first()]), payload=given
    )
    out.add("only parts that stand for others", "ok", texts=frames(range(need, 2 * need + 4)), payload=given)
    out.add("the last numbers there are", "ok", texts=frames([*first[2:], *range(2**32 - 5, 2**32)]), payload=given)
    turns = [text for pair in zip(frames(first), frames(first, OTHER), strict=True) for text in pair]
    out.add("two codes at once", "ok", texts=turns, payload=given)
    restarted = frames(first[:3]) + frames(range(20), symbol_bytes=12)
    out.add("begun again with smaller parts", "ok", texts=restarted, payload=given)
    out.add("nothing at all, sent", "ok", texts=frames([0, 1], b""), payload="")


def _not_yet(out: Writer) -> None:
    need = Sender(PAYLOAD, SYMBOL_BYTES).need
    texts = frames(range(need - 1))
    out.add("one part short", "ok", texts=texts, payload=None)
    out.add("one part short and the same one again", "ok", texts=[*texts, texts[-1]], payload=None)
    other = frames([need - 1], OTHER)
    out.add("one part short and the other code's last", "ok", texts=texts + other, payload=None)
    longer = changed(frames([need - 1])[0], 8, (len(PAYLOAD) + 1).to_bytes(4, "big"), crc=True)
    out.add("the last part under another length", "ok", texts=[*texts, longer], payload=None)


def _no_frames(out: Writer) -> None:
    good = frames([0])[0]
    code = "not-a-code"
    out.add("no text", code, texts=[""])
    out.add("another text", code, texts=["WIFI:S:cafe;;"])
    out.add("plain words' trailer", code, texts=["PP1:" + good.removeprefix(PREFIX)])
    out.add("the next version", code, texts=[good.replace("PPF1:", "PPF2:")])
    out.add("prefix in small letters", code, texts=[good.replace("PPF1:", "ppf1:")])
    out.add("a space before it", code, texts=[" " + good])


def _broken(out: Writer) -> None:
    good = frames([7])[0]
    broken, crc = "frame-broken", "CRC-32"
    out.add("prefix alone", broken, "16 bytes", texts=[PREFIX])
    out.add("header without a symbol", broken, "16 bytes", texts=[PREFIX + base45_encode(bytes(16))])
    out.add("small letters", broken, "base45", texts=[PREFIX + good.removeprefix(PREFIX).lower()])
    out.add("a line end after it", broken, "base45", texts=[good + "\n"])
    out.add("the last character lost", broken, texts=[good[:-1]])
    out.add("the last three characters lost", broken, crc, texts=[good[:-3]])
    out.add("a character too many", broken, "base45", texts=[good + "0"])
    out.add("a group over its bytes", broken, "base45", texts=[PREFIX + ":::" + good[8:]])
    out.add("4,297 characters", broken, "4296", texts=[good + "0" * (4297 - len(good))])
    for name, at in (("session", 0), ("number", 4), ("length", 8), ("CRC-32", 12), ("symbol", 16)):
        bit = bytes([base45_decode(good.removeprefix(PREFIX))[at] ^ 1])
        out.add(f"one bit of the {name}", broken, crc, texts=[changed(good, at, bit, crc=False)])


def _do_not_fit(out: Writer) -> None:
    need = Sender(PAYLOAD, SYMBOL_BYTES).need
    good = frames(range(need))
    code, agree, named = "frames-do-not-fit", "agree", "SHA-256"
    forged = changed(good[2], 18, b"\0\0", crc=True)
    out.add("a part changed and the true one", code, agree, texts=[*good[:2], forged, good[2]])
    out.add("a part changed under a CRC-32 that fits", code, named, texts=[*good[:2], forged, *good[3:]])
    session = read_frame(good[0]).session
    other = [as_session(text, session) for text in frames(range(need), OTHER)]
    out.add("two payloads under one session", code, agree, texts=[*good[:3], other[2]])
    out.add("half of one payload, half of another", code, named, texts=[*good[:3], *other[3:]])
    shorter = (len(PAYLOAD) - 1).to_bytes(4, "big")
    lied = [changed(text, 8, shorter, crc=True) for text in good]
    out.add("every part under a length one byte shorter", code, named, texts=lied)
    only = write_frame(Frame(b"made", 0, 0, bytes(32)))
    out.add("a digest of nothing that is not its own", code, named, texts=[only])
    far = changed(good[0], 8, (2**32 - 1).to_bytes(4, "big"), crc=True)
    large = "moving-code-too-large"
    out.add("the largest length that can be written", large, "2048", texts=[far])
    one_more = (MAX_SYMBOLS * SYMBOL_BYTES - 31).to_bytes(4, "big")
    out.add("one part over 2,048", large, "found 2049", texts=[changed(good[0], 8, one_more, crc=True)])

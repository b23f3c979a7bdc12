"""A passport's files with a byte missing or another: what comes of opening them, and whether trying changed anything.

Owns changing the bytes and judging what came of it; the passport is one that the workshop's stories left, or a test's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from app.actions.session import Passport
from app.store.home import PassportHome
from app.ui.say import sentence
from app.ui.words import Words, load_words
from crypto.errors import PassportError

PAGE_BYTES = 4096
Opening = Callable[[], Passport]


@dataclass(frozen=True, slots=True)
class Altered:
    """One change of a file: what was tried, and the code it was refused with (empty where it was not)."""

    change: str
    refusal: str
    problems: tuple[str, ...] = ()


def truncations(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Cut short at every length."""
    for length in range(len(data)):
        yield f"cut at {length}", data[:length]


def flips(data: bytes, chance: random.Random, *, bits: int = 8) -> Iterator[tuple[str, bytes]]:
    """Every byte with one bit turned, for `bits` of its bits."""
    for at in range(len(data)):
        for bit in chance.sample(range(8), bits):
            yield f"bit {bit} of byte {at}", data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def header_altered(home: PassportHome, changes: Iterator[tuple[str, bytes]], opening: Opening) -> list[Altered]:
    """Try to open the passport under each changed header; it never opens, and trying changes nothing but tries."""
    path = home.path / "vault.json"
    right, before, found = path.read_bytes(), _files(home), []
    for change, data in changes:
        path.write_bytes(data)
        refusal, problems = _refusal(opening)
        if {**_files(home), path.name: right} != before or path.read_bytes() != data:
            problems.append("trying changed a file")
        home.write_tries(None)
        found.append(Altered(change, refusal, tuple(problems)))
    path.write_bytes(right)
    return found


def _refusal(opening: Opening) -> tuple[str, list[str]]:
    try:
        opening().lock()
    except PassportError as error:
        return error.code, [] if told(error) else ["no sentence"]
    return "", ["it opened"]


def told(error: PassportError) -> str:
    """The sentence a person reads for this very code; empty where there is none."""
    words = _words()
    return sentence(error, words) if words.has(f"error.{error.code}") else ""


@cache
def _words() -> Words:
    return load_words()


def _files(home: PassportHome) -> dict[str, bytes]:
    """What is in the folder, but for the count of tries and the locks."""
    if not home.path.exists():
        return {}
    ours = [path for path in home.path.iterdir() if path.name not in ("tries.json", "lock", "in-use")]
    return {path.name: path.read_bytes() for path in sorted(ours)}


# ---- backups ------------------------------------------------------------------------------------


def changes_of_a_backup(data: bytes, chance: random.Random, *, runs: int) -> Iterator[tuple[str, bytes]]:
    """Cut short and with a bit turned, `runs` times each: as often in its beginning as in the store after it."""
    beginning = min(2048, len(data))
    for _ in range(runs):
        for end in (beginning, len(data)):
            length = chance.randrange(end)
            yield f"cut at {length}", data[:length]
            at, bit = chance.randrange(end), chance.randrange(8)
            yield f"bit {bit} of byte {at}", data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
    yield "one byte more", data + b"\0"


def backup_altered(
    home: PassportHome, changes: Iterator[tuple[str, bytes]], restoring: Callable[[bytes], Passport]
) -> list[Altered]:
    """Try to bring a changed backup back: it never comes to that, and what was here is as it was."""
    before, found = _files(home), []
    for change, data in changes:
        refusal, problems = _refusal(partial(restoring, data))
        if {name: held for name, held in _files(home).items() if name != "creating"} != before:
            problems.append("trying changed a file")
        found.append(Altered(change, refusal, tuple(problems)))
    return found


# ---- pages --------------------------------------------------------------------------------------


def read_whole(passport: Passport) -> tuple[object, ...]:
    """Everything a person could be shown: entries, messages byte for byte, access, the log, settings of the person."""
    store = passport.store
    sources = store.sources()
    entries, found = store.entries(limit=10_000), store.search("Madeupitis0").entries
    raw = [store.raw_message(source.source_id) for source in sources]
    return (sources, entries, found, raw, store.person(), store.grants(), store.access_log(), store.feeds())


def page_flipped(file: Path, page: int, chance: random.Random, opening: Opening, right: tuple[object, ...]) -> Altered:
    """One bit of one page (from 0) turned: refused while it is opened or read, or what is read is right."""
    data = file.read_bytes()
    at = page * PAGE_BYTES + chance.randrange(PAGE_BYTES)
    bit = chance.randrange(8)
    file.write_bytes(data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :])
    problems: list[str] = []
    refusal = ""
    try:
        passport = opening()
        try:
            if read_whole(passport) != right:
                problems.append("wrong data was shown")
            if not passport.store._driver.rows("PRAGMA cipher_integrity_check"):
                problems.append("the library's check found nothing")
        finally:
            passport.lock()
    except PassportError as error:
        refusal = error.code
    file.write_bytes(data)
    return Altered(f"bit {bit} of byte {at % PAGE_BYTES} of page {page + 1}", refusal, tuple(problems))

"""Rows of build/bench.py about long records: Home, a section and the timeline of 1,000 and of 30,000 entries, from
locked to Home beyond stretching the passphrase, a file of 5 MB, search with typing errors, memory while importing.

Owns passports of these lengths, made once for all rows. The baseline keeps the same record as plain SQLite does: its
sections are resource types, its newest entry the one that was written last.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import bench_drawn
import environment
from bench import (
    NOW,
    PAGE,
    PERSON,
    SEED,
    Row,
    compare,
    file_to_searchable,
    plain_import,
    plain_search,
    spent,
    texts,
)

if TYPE_CHECKING:
    from app.actions.session import Passport

LENGTHS = (1_000, 30_000)
FILE_ENTRIES, FILE_MB = 8_050, 5
"""A made-up life so long makes a file of 5 MB."""

MEMORY_ENTRIES = 10_000
PASSPHRASE = "a passphrase for one benchmark"  # noqa: S105 -- of a made-up person
ASKED = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """One record twice: in a passport, and in plain SQLite."""

    passport: Passport
    plain: sqlite3.Connection
    data: bytes


@contextmanager
def kept(entries: int, folder: Path) -> Iterator[Kept]:
    """A made-up life of this length in a new folder."""
    from app.actions.importing import import_file
    from app.actions.session import create_passport
    from app.store.home import PassportHome
    from crypto.vault_header import FLOOR
    from sync.sandbox.lifetime import lifetime_bytes

    folder.mkdir()
    data = lifetime_bytes(SEED, entries, PERSON)
    passport, _ = create_passport(PassportHome(folder / "home"), PASSPHRASE, now=NOW, cost=FLOOR)
    import_file(passport, data, "bench.json", now=NOW)
    plain = plain_import(data, folder / "plain.db")
    yield Kept(passport, plain, data)
    plain.close()
    passport.lock()


def record_rows(rounds: int, folder: Path) -> list[Row]:
    """Every row of this file, and those of bench_drawn.py where Chromium is."""
    from sync.sandbox.lifetime import lifetime_bytes

    folder.mkdir()
    (folder / "file").mkdir()
    data = lifetime_bytes(SEED, FILE_ENTRIES, PERSON)
    whole = replace(file_to_searchable(data, rounds, folder / "file"), name=f"{FILE_MB} MB to searchable")
    rows = [whole, *memory(rounds)]
    for entries in LENGTHS:
        with kept(entries, folder / str(entries)) as record:
            rows += shown(record, f"{entries:,}", rounds)
            rows += searched(record, f"{entries:,}", rounds)
            rows.append(unlocked(record, f"{entries:,}", rounds))
    return rows + bench_drawn.drawn_rows(LENGTHS, rounds, folder / "drawn")


# ---- what is shown ------------------------------------------------------------------------------


def shown(record: Kept, length: str, rounds: int) -> list[Row]:
    """What each screen asks for (app/actions/browsing.py), against the least SQL that fills it."""
    from app.actions import browsing
    from app.record.entry import Section

    passport, plain = record.passport, record.plain
    kind = "Observation"
    page = "SELECT id, type, resource FROM entry WHERE type = ? ORDER BY id DESC LIMIT ?"
    any_page = "SELECT id, type, resource FROM entry ORDER BY id DESC LIMIT ?"
    count = "SELECT type, count(*) FROM entry GROUP BY type"
    asked: tuple[tuple[str, Callable[[], object], Callable[[], object]], ...] = (
        (
            "Home",
            lambda: browsing.home_summary(passport, since=NOW - timedelta(days=1)),
            lambda: plain.execute(count).fetchall(),
        ),
        (
            "section",
            lambda: browsing.section_page(passport, Section.RESULTS),
            lambda: (plain.execute(page, (kind, PAGE)).fetchall(), plain.execute(count).fetchall()),
        ),
        (
            "timeline",
            lambda: browsing.section_page(passport, None),
            lambda: (plain.execute(any_page, (PAGE,)).fetchall(), plain.execute(count).fetchall()),
        ),
    )
    return [
        compare(f"{name} of {length}", [(spent(ours), spent(theirs)) for _ in range(rounds)], "plain SQL")
        for name, ours, theirs in asked
    ]


def unlocked(record: Kept, length: str, rounds: int) -> Row:
    """From the right passphrase to what Home shows, less the stretching of it, against opening and counting."""
    from app.actions import browsing
    from app.actions.session import unlock
    from crypto import vault
    from crypto.vault_header import read_header

    home = record.passport.home
    header = read_header(home.read_header())

    def ours() -> None:
        passport = unlock(home, PASSPHRASE, now=NOW)
        browsing.home_summary(passport, since=NOW - timedelta(days=1))
        passport.lock()

    def stretched() -> None:
        vault.open_with_passphrase(header, PASSPHRASE).wipe()

    path = record.plain.execute("PRAGMA database_list").fetchone()[2]

    def theirs() -> None:
        connection = sqlite3.connect(path)
        connection.execute("SELECT type, count(*) FROM entry GROUP BY type").fetchall()
        connection.close()

    times = [(spent(ours) - spent(stretched), spent(theirs)) for _ in range(rounds)]
    return compare(f"unlock {length} to Home", times, "sqlite3 opened + counted")


# ---- search -------------------------------------------------------------------------------------


def searched(record: Kept, length: str, rounds: int) -> list[Row]:
    """Words with a typing error each, against the same words typed rightly in plain SQLite, p50 and p95."""
    from app.actions import browsing

    ours, theirs = [], []
    for right, wrong in words_mistyped(record.data):
        ours.append(statistics.median(spent(partial(browsing.search, record.passport, wrong)) for _ in range(rounds)))
        theirs.append(statistics.median(spent(partial(plain_search, record.plain, right)) for _ in range(rounds)))
    return [
        compare(f"mistyped, {length}, p{percent}", [(at(ours, percent), at(theirs, percent))], "sqlite3 FTS5, spelt")
        for percent in (50, 95)
    ]


def at(times: Sequence[float], percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(times, n=100)[percent - 1]


def words_mistyped(data: bytes) -> list[tuple[str, str]]:
    """Words of the record, each with two neighbouring letters swapped in its middle; the same in every run."""
    words = {word.lower() for text in texts(json.loads(data)) for word in text.split() if word.isalpha()}
    swapped = [(word, _swapped(word)) for word in sorted(words) if len(word) > 4]
    wrong = [(word, other) for word, other in swapped if other != word]
    return wrong[:: max(1, len(wrong) // ASKED)]


def _swapped(word: str) -> str:
    middle = len(word) // 2
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


# ---- memory -------------------------------------------------------------------------------------


def memory(rounds: int) -> list[Row]:
    """MiB at the peak of an import beyond those before it, each in a process of its own; Linux only."""
    if not sys.platform.startswith("linux"):
        return []
    times = [(peak("ours") / 1000, peak("plain") / 1000) for _ in range(min(rounds, 3))]
    return [compare(f"MiB, import of {MEMORY_ENTRIES:,}", times, "json.loads + sqlite3 FTS5")]


def peak(which: str) -> float:
    """MiB that one import took."""
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as name:
        done = subprocess.run(
            [sys.executable, str(environment.ROOT / "build" / "bench_record.py"), which, name],
            cwd=environment.ROOT, check=True, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(environment.ROOT)},
        )  # fmt: skip
    return float(done.stdout.splitlines()[-1])


def in_a_process_of_its_own(which: str, folder: Path) -> None:
    """Import once; prints the MiB at the peak beyond what was in use before."""
    from bench_updates import kib

    from app.actions.importing import import_file
    from app.actions.session import create_passport
    from app.store.home import PassportHome
    from crypto.vault_header import FLOOR
    from sync.sandbox.lifetime import lifetime_bytes

    data = lifetime_bytes(SEED, MEMORY_ENTRIES, PERSON)
    passport, _ = create_passport(PassportHome(folder / "home"), PASSPHRASE, now=NOW, cost=FLOOR)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    before = kib("VmRSS")
    if which == "ours":
        import_file(passport, data, "bench.json", now=NOW)
    else:
        plain_import(data, folder / "plain.db").close()
    print((kib("VmHWM") - before) / 1024)
    passport.lock()


def main() -> None:
    """As a child: one import. By itself: every row of this file alone, in three rounds."""
    if len(sys.argv) == 3:
        in_a_process_of_its_own(sys.argv[1], Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as name:
        for row in record_rows(3, Path(name) / "record"):
            print(f"{row.name:26}{row.ours_ms:10.2f}{row.baseline_ms:10.2f}   × {row.ratio:<6} against {row.baseline}")


if __name__ == "__main__":
    main()

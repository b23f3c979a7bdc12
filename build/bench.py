"""How much the passport costs, each time against a plain program that does the least of the same work.

    python3 build/bench.py [--rounds N] [--entries N] [--json]

    file to searchable   FHIR bytes → entries → sealed store → first search,   against json.loads + plain sqlite3 FTS5
    search p95           the 95th percentile over many searches,               against the same in plain sqlite3 FTS5
    start to card        a new process until the locked card is in its hand,   against a process that imports flet
    update verified      all of crypto/feed.py for one signed update,          against bare ES256 + inflate + json.loads
    socket to committed  a first visit to a holder, 60 updates,               against urllib + json.loads + sqlite3 FTS5
    trust at start       300 issuers verified again from the root,             against json.loads of the same files
    backup made          copied, sealed, read back whole and compared,         against a file copy + SHA-256
    backup restored      unsealed, looked at page by page, opened,             against a file copy + SHA-256
    store, four rows     loading, searching, a page, opening, sealed,         against the same library without a key

    long records         Home, section, timeline, unlocking, typing errors,    against plain SQL (bench_record.py)
    5 MB to searchable   and the MiB an import takes at its peak,              against json.loads + plain sqlite3 FTS5
    drawn in Chromium    from a press to the frame (bench_drawn.py),           against 50 plain Flet tiles

    start to code        a process until the card's code is drawn,             against qrcode (bench_emergency.py)
    locked card read     the card that needs no unlocking, checked,            against open + json.loads
    words drawn          a full card as a code, V20 and V25,                   against qrcode's PNG of ASCII
    frame of 1080p       read by zxing-cpp and zbar, and one without a code,   against pyzbar.decode
    card in Chromium     from the app's start to the card on the screen,       against a plain Flet program

    frames made          a moving code of 100 kB as texts,                     against base45 of the same bytes
    frames put together  the same with 3 of 10 frames lost,                    against base45 of the same frames
    20 frames drawn      as pictures with zxing-cpp,                           against segno

the frames a moving code takes over the least possible, against an LT code and a carousel (bench_frames.py); and as
multiples the memory one large update takes at its peak, of its inflated size (bench_updates.py), and the room a record
takes on the disk, of its minified JSON (bench_store.py).

Processor time, not the wall clock (in Chromium the page's own clock); ours and the baseline in turn within one run,
medians of all rounds: what counts
is the ratio, which holds on another machine. Nothing here is a test: a number never fails a build.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import environment

if TYPE_CHECKING:
    from bench_frames import Over

    from app.store.record import Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SEED = 1
PERSON = {"nhs_number": "9990000018", "birth_date": "1961-02-03", "family": "Made-Up", "given": ["Anna"]}
KEY = bytes(range(32))
SEARCHES = 60
FEED_TIMES = 10
"""A feed of a lifetime is ten times the file: 30,000 entries in 60 updates where --entries is 3000."""
PAGE = 50
TOKENS = "unicode61 remove_diacritics 2"
"""The baseline's index splits words as the store's does."""

CARD = """
import sys
from pathlib import Path
from app.actions.locked_card import locked_card
from app.store.home import PassportHome
sys.exit(0 if locked_card(PassportHome(Path(sys.argv[1]))) else 1)
"""
FLET = "import flet"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. Times are milliseconds of processor time; `ratio` is ours over the baseline's."""

    name: str
    ours_ms: float
    baseline: str
    baseline_ms: float
    ratio: float


def compare(name: str, seconds: Sequence[tuple[float, float]], baseline: str) -> Row:
    """A row from the seconds (ours, the baseline's) of each round."""
    mine, other = (statistics.median(side) * 1000 for side in zip(*seconds, strict=True))
    return Row(name, round(mine, 3), baseline, round(other, 3), round(mine / other, 2))


def spent(work: Callable[[], object]) -> float:
    """Seconds of processor time, all threads of this process."""
    before = time.process_time()
    work()
    return time.process_time() - before


def spent_by_child(arguments: Sequence[str]) -> float:
    """Seconds of processor time of one child process from its start to its end."""
    before = children_seconds()
    subprocess.run([sys.executable, *arguments], cwd=environment.ROOT, check=True)
    return children_seconds() - before


def children_seconds() -> float:
    """Seconds of processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# ---- the plain program --------------------------------------------------------------------------


def plain_import(data: bytes, path: Path) -> sqlite3.Connection:
    """What the least program does: every text of every resource into FTS5, one transaction, nothing sealed."""
    entries = [item["resource"] for item in json.loads(data)["entry"]]
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE entry(id INTEGER PRIMARY KEY, type TEXT, resource TEXT)")
    connection.execute(f"CREATE VIRTUAL TABLE words USING fts5(said, content='', tokenize='{TOKENS}')")
    rows = [(at, one["resourceType"], json.dumps(one)) for at, one in enumerate(entries)]
    with connection:
        connection.executemany("INSERT INTO entry VALUES(?,?,?)", rows)
        connection.executemany(
            "INSERT INTO words(rowid, said) VALUES(?,?)",
            ((at, " ".join(texts(one))) for at, one in enumerate(entries)),
        )
    return connection


def texts(value: object) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)


def plain_search(connection: sqlite3.Connection, word: str) -> list[tuple[object, ...]]:
    """One page of what begins with `word`, best first."""
    return connection.execute(
        "SELECT e.* FROM words w JOIN entry e ON e.id = w.rowid WHERE words MATCH ? ORDER BY rank LIMIT ?",
        (f'"{word}"*', PAGE),
    ).fetchall()


# ---- ours ---------------------------------------------------------------------------------------


def our_import(data: bytes, path: Path) -> Store:
    """What importing a file does once the passport is unlocked (app/actions/importing.py)."""
    from app.record.reading import read_bundle
    from app.record.source import Checked, SourceInfo, SourceKind
    from app.store.record import Store

    store = Store.create(path, KEY, now=NOW)
    source = SourceInfo(SourceKind.IMPORT, "bench.json", Checked.NOT_SIGNED, NOW)
    store.add_update(read_bundle(data), data, source)
    return store


# ---- the rows -----------------------------------------------------------------------------------


def file_to_searchable(data: bytes, rounds: int, folder: Path) -> Row:
    """Ours reads each resource into an entry, keeps the bytes as they came, and encrypts every page it writes."""

    def ours(at: int) -> None:
        store = our_import(data, folder / f"ours{at}.db")
        store.search("a", 1)
        store.close()

    def theirs(at: int) -> None:
        connection = plain_import(data, folder / f"plain{at}.db")
        plain_search(connection, "a")
        connection.close()

    times = [(spent(partial(ours, at)), spent(partial(theirs, at))) for at in range(rounds)]
    return compare("file to searchable", times, "json.loads + sqlite3 FTS5")


def search_p95(data: bytes, rounds: int, folder: Path) -> Row:
    """The same words asked of both; each word's time is its median over the rounds."""
    store = our_import(data, folder / "ours.db")
    connection = plain_import(data, folder / "plain.db")
    words = words_to_ask(data)
    ours: dict[str, list[float]] = {word: [] for word in words}
    theirs: dict[str, list[float]] = {word: [] for word in words}
    for _ in range(rounds):
        for word in words:
            ours[word].append(spent(partial(store.search, word, PAGE)))
            theirs[word].append(spent(partial(plain_search, connection, word)))
    store.close()
    connection.close()
    return compare("search p95", [(p95(ours), p95(theirs))], "sqlite3 FTS5")


def words_to_ask(data: bytes) -> list[str]:
    """Beginnings of words of the record, from common to rare, the same in every run."""
    begun = {word[:4].lower() for text in texts(json.loads(data)) for word in text.split() if word[:4].isalpha()}
    ordered = sorted(word for word in begun if len(word) == 4)
    return ordered[:: max(1, len(ordered) // SEARCHES)]


def p95(times: dict[str, list[float]]) -> float:
    """The 95th percentile over words of each word's median."""
    return statistics.quantiles((statistics.median(each) for each in times.values()), n=20)[-1]


def start_to_card(data: bytes, rounds: int, folder: Path) -> Row:
    """A locked passport with the card switched on: a process from nothing to what the screen shows."""
    from app.actions.emergency import show_while_locked
    from app.actions.importing import import_file
    from app.actions.session import create_passport
    from app.store.home import PassportHome

    passport, _ = create_passport(PassportHome(folder), "a passphrase for one benchmark", now=NOW)
    import_file(passport, data, "bench.json", now=NOW)
    show_while_locked(passport, True, now=NOW)
    passport.lock()
    ours, theirs = ["-c", CARD, str(folder)], ["-c", FLET]
    times = [(spent_by_child(ours), spent_by_child(theirs)) for _ in range(rounds)]
    return compare("start to card", times, "python -c 'import flet'")


# ---- the whole ----------------------------------------------------------------------------------


def measure(data: bytes, entries: int, rounds: int) -> list[Row]:
    """Every row, in a folder that is gone afterwards."""
    import bench_backup  # they stand on this module
    import bench_frames
    import bench_updates

    with tempfile.TemporaryDirectory(prefix="passport-bench-") as name:
        folder = Path(name)
        return [
            file_to_searchable(data, rounds, folder),
            search_p95(data, rounds, folder),
            start_to_card(data, rounds, folder / "home"),
            bench_updates.updates_verified(rounds),
            bench_updates.socket_to_committed(entries, min(rounds, 3), folder),
            bench_updates.trust_at_start(rounds, folder),
            *bench_backup.backup_and_restore(data, min(rounds, 5), folder),
            bench_frames.frames_made(rounds),
            bench_frames.frames_put_together(rounds),
            bench_frames.frames_drawn(rounds),
        ]


def main() -> int:
    """Measure and print; runs itself again in the project's environment when it is started by another Python."""
    parser = argparse.ArgumentParser(description="Measure the passport against plain programs.")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="how often each is measured (default 7)")
    parser.add_argument("--entries", type=int, default=3000, metavar="N", help="size of the record (default 3000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    asked = parser.parse_args()
    python = environment.python_for(environment.RUN_LOCK)
    if Path(sys.prefix) != environment.VENV:
        os.execv(python, [str(python), *sys.argv])
    from bench_emergency import card_on_screen, emergency_rows
    from bench_frames import frames_over_the_least
    from bench_record import record_rows
    from bench_store import store_rows
    from bench_updates import peak_memory

    from sync.sandbox.lifetime import lifetime_bytes

    data = lifetime_bytes(SEED, asked.entries, PERSON)
    rows = measure(data, asked.entries * FEED_TIMES, asked.rounds)
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as name:
        more, kept_mb, room = store_rows(min(asked.rounds, 3), Path(name) / "store")
        rows += record_rows(min(asked.rounds, 3), Path(name) / "record")
        rows += emergency_rows(data, asked.rounds, Path(name) / "emergency")
        rows += card_on_screen(data, min(asked.rounds, 3), Path(name) / "shown")
    rows += more
    memory, frames = peak_memory(), frames_over_the_least()
    if asked.json:
        found = {"entries": asked.entries, "bytes": len(data), "memory": memory, "room": room}
        drawn = {"rows": [asdict(row) for row in rows], "frames": [asdict(one) for one in frames]}
        print(json.dumps(found | drawn))
        return 0
    print(f"{asked.entries} entries, {len(data) / 1e6:.1f} MB, {asked.rounds} rounds; milliseconds of processor time")
    for row in rows:
        print(f"{row.name:26}{row.ours_ms:10.1f}{row.baseline_ms:10.1f}   × {row.ratio:<6} against {row.baseline}")
    for library, ratio in room.items():
        print(f"{'room on the disk':26}{kept_mb:8.1f} MB of JSON in {library}   × {ratio}")
    print(f"{'peak memory':26}{memory[1]:8.1f} MiB for an update of {memory[0]:.1f} MiB   × {memory[2]}")
    print_frames(frames)
    return 0


def print_frames(frames: Sequence[Over]) -> None:
    """The rows of the moving code."""
    print("frames read beyond the least possible: ours, LT code, carousel; then ours in kB a second at 10 a second")
    for one in frames:
        lost = f"{one.loss:.0%} lost"
        over = f"{one.ours:6} {one.lt:7} {one.carousel:7} {one.ours_kb_a_second:7}"
        print(f"{one.payload // 1000:4} kB in {one.parts:3} parts, {lost:9}{over}")


if __name__ == "__main__":
    sys.exit(main())

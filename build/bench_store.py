"""Rows of build/bench.py about the store: what sealing costs in time, and what keeping everything costs in room.

Owns the made-up record the store is filled with, and a twin of each library's driver that does the same statements on
a file without a key. Each library is measured in processes of its own: two of them in one would share what is loaded.
"""

from __future__ import annotations

import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import environment
from bench import KEY, NOW, PAGE, SEED, Row, compare, p95, spent, words_to_ask

if TYPE_CHECKING:
    from app.record.entry import Section
    from app.store.driver import Driver
    from app.store.record import Store

LOADED = 50_000
SEARCHED = 100_000
UPDATE_ENTRIES = 1_000
OPENED = 25
ISSUERS = ("https://oak-lane-surgery.example", "https://riverside-hospital.example")
"""The first holder's feed is timed while it loads; the second makes the record twice as long."""

SEALED, UNSEALED, STDLIB = "sqlcipher3", "sqlcipher3, no key", "sqlite3"
MC_SEALED, MC_UNSEALED = "apsw", "apsw, no key"


@dataclass(frozen=True, slots=True)
class Measured:
    """One library, once: milliseconds of processor time, and bytes on the disk when it is closed."""

    load: float
    search: float
    page: float
    open: float
    size: int


# ---- the libraries ------------------------------------------------------------------------------


def driver_of(library: str, path: Path) -> Driver:
    """The store's own driver, or its twin without a key."""
    if library == SEALED:
        from app.store.sqlcipher_driver import SqlcipherDriver

        return SqlcipherDriver(path, KEY)
    if library == MC_SEALED:
        from app.store.mc_driver import McDriver

        return McDriver(path, KEY)
    return unsealed_mc(path) if library == MC_UNSEALED else unsealed(library, path)


def unsealed(library: str, path: Path) -> Driver:
    """The same statements and settings through a DB-API library, with no key.

    The standard library's SQLite may be older than deleting from a contentless index; the store never does.
    """
    import importlib

    from app.store.driver import Values
    from app.store.sqlcipher_driver import SqlcipherDriver

    dbapi = importlib.import_module("sqlcipher3.dbapi2" if library == UNSEALED else "sqlite3")

    class Unsealed(SqlcipherDriver):
        def _connect(self, path: Path) -> Any:
            return dbapi.connect(str(path), isolation_level=None, check_same_thread=False)

        def _unlock(self, connection: Any, key: bytes) -> None:
            """There is no key."""

        def run(self, sql: str, values: Values = ()) -> int:
            return super().run(sql if library == UNSEALED else sql.replace(" contentless_delete=1,", ""), values)

    return Unsealed(path, KEY)


def unsealed_mc(path: Path) -> Driver:
    """The same through apsw with no key."""
    from app.store.mc_driver import McDriver

    class Unsealed(McDriver):
        def _unlock(self, connection: Any, key: bytes) -> None:
            """There is no key."""

    return Unsealed(path, KEY)


# ---- one library, once --------------------------------------------------------------------------


def opened(library: str, path: Path) -> Store:
    """What Store.open does, over this library."""
    from app.store.record import Store

    return Store.over(driver_of(library, path), now=NOW)


def measured(library: str, folder: Path) -> Measured:
    """Fill a store of this library from the folder's made-up record, and ask it."""
    path = folder / "measured.db"
    with (folder / "readings").open("rb") as file:
        messages, words = pickle.load(file)  # noqa: S301 -- written by this program a moment ago
    store = opened(library, path)
    load = spent(partial(add, store, messages[: LOADED // UPDATE_ENTRIES]))
    store.close()
    size = path.stat().st_size
    store = opened(library, path)
    add(store, messages[LOADED // UPDATE_ENTRIES :])
    search = p95({word: [spent(partial(store.search, word, PAGE)) for _ in range(3)] for word in words})
    page = max(
        statistics.median(spent(partial(asked, store, one.section)) for _ in range(5)) for one in store.sections()
    )
    store.close()
    opens = [spent(lambda: opened(library, path).close()) for _ in range(OPENED)]
    for each in folder.glob("measured.db*"):
        each.unlink()
    return Measured(load * 1000, search * 1000, page * 1000, statistics.median(opens) * 1000, size)


def asked(store: Store, section: Section) -> None:
    """What a section's screen asks for its first page (app/actions/browsing.py)."""
    store.entries(section, 0, PAGE)
    store.notes()
    store.count(section)
    store.taken_back(section)


def add(store: Store, messages: Iterable[Any]) -> None:
    """Each message in a transaction of its own, as a visit stores them."""
    for message in messages:
        store.add_update(*message)


# ---- the made-up record -------------------------------------------------------------------------


def made(folder: Path) -> int:
    """Readings, bytes and sources of two feeds into the folder; how many bytes the first one's JSON has."""
    from bench_updates import Feed

    from app.record.reading import read_bundle
    from app.record.source import Checked, SourceInfo, SourceKind
    from crypto.update import read_unverified_update, read_update, token_hash

    messages, sizes, words = [], [], []
    for number, iss in enumerate(ISSUERS):
        feed = Feed(LOADED, LOADED // UPDATE_ENTRIES, SEED + number)
        for seq, token in enumerate(feed.tokens, 1):
            update = read_update(read_unverified_update(token))
            source = SourceInfo(
                SourceKind.UPDATE, "Oak Lane Surgery", Checked.CHECKED, NOW, iss=iss, kid="kid-1", signed_at=NOW,
                trust_version=1, feed=f"feed-{iss}", seq=seq, file_hash=token_hash(token),
            )  # fmt: skip
            messages.append((read_bundle(update.bundle, update.fhir_version), token.encode(), source))
            sizes.append(len(update.bundle))
        words.append(update.bundle)
    with (folder / "readings").open("wb") as file:
        pickle.dump((messages, words_to_ask(words[0])), file)
    return sum(sizes[: LOADED // UPDATE_ENTRIES])


# ---- the rows -----------------------------------------------------------------------------------


def store_rows(rounds: int, folder: Path) -> tuple[list[Row], float, dict[str, float]]:
    """Every row, the first feed's JSON in MB, and each sealed library's file as a multiple of it."""
    folder.mkdir()
    json_bytes = made(folder)
    libraries = (SEALED, UNSEALED, STDLIB, MC_SEALED, MC_UNSEALED)
    found: dict[str, list[Measured]] = {library: [] for library in libraries}
    for _ in range(rounds):
        for library in libraries:
            found[library].append(in_a_process_of_its_own(library, folder))
    rows = [
        against(found, name, of, mine, other)
        for name, of, pairs in (
            ("load 50,000", lambda one: one.load, ((SEALED, UNSEALED), (SEALED, STDLIB), (MC_SEALED, MC_UNSEALED))),
            ("search 100,000 p95", lambda one: one.search, ((SEALED, UNSEALED), (MC_SEALED, MC_UNSEALED))),
            ("page of 50", lambda one: one.page, ((SEALED, UNSEALED), (MC_SEALED, MC_UNSEALED))),
            ("open", lambda one: one.open, ((SEALED, UNSEALED), (MC_SEALED, MC_UNSEALED))),
        )
        for mine, other in pairs
    ]
    sizes = {library: round(found[library][0].size / json_bytes, 3) for library in (SEALED, MC_SEALED)}
    return rows, round(json_bytes / 1e6, 1), sizes


def against(found: dict[str, list[Measured]], name: str, of: Callable[[Measured], float], mine: str, other: str) -> Row:
    """One row of two libraries measured in the same rounds."""
    pairs: Sequence[tuple[float, float]] = [
        (of(one) / 1000, of(two) / 1000) for one, two in zip(found[mine], found[other], strict=True)
    ]
    return compare(name if mine == SEALED else f"{name}, {mine}", pairs, other)


def in_a_process_of_its_own(library: str, folder: Path) -> Measured:
    """Measure one library in a new process."""
    done = subprocess.run(
        [sys.executable, str(environment.ROOT / "build" / "bench_store.py"), library, str(folder)],
        cwd=environment.ROOT, check=True, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(environment.ROOT)},
    )  # fmt: skip
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """As a child: measure one library. By itself: every row of this file alone, in three rounds."""
    if len(sys.argv) == 3:
        print(json.dumps(asdict(measured(sys.argv[1], Path(sys.argv[2])))))
        return
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as name:
        rows, megabytes, sizes = store_rows(3, Path(name) / "store")
    for row in rows:
        print(f"{row.name:26}{row.ours_ms:10.2f}{row.baseline_ms:10.2f}   × {row.ratio:<6} against {row.baseline}")
    print(f"size on disk, of {megabytes} MB of minified JSON: {sizes}")


if __name__ == "__main__":
    main()

"""Another process with one library and one file: `python -m tests.store.elsewhere LIBRARY PATH DEED`.

Each deed prints one line when it is done, and then waits until its standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.store.made_up import KEY

ROOT = Path(__file__).resolve().parents[2]
MADE = (
    "CREATE TABLE made(id INTEGER PRIMARY KEY, text TEXT, bytes BLOB)",
    "CREATE INDEX made_text ON made(text)",
    """CREATE VIRTUAL TABLE words USING fts5(said, content='', contentless_delete=1,
       tokenize='unicode61 remove_diacritics 2')""",
)
ROWS = 200


def text_of(number: int) -> str:
    return f"Siân's wörds {number} " + "and more " * 20


def make(driver: Any) -> None:
    """A file of both kinds of table, over many pages."""
    for statement in MADE:
        driver.run(statement)
    add(driver, 0)


def add(driver: Any, first: int) -> None:
    numbers = range(first + 1, first + ROWS + 1)
    with driver.transaction():
        driver.run_many("INSERT INTO made VALUES(?,?,?)", ((n, text_of(n), bytes([n % 256]) * 300) for n in numbers))
        driver.run_many("INSERT INTO words(rowid, said) VALUES(?,?)", ((n, text_of(n)) for n in numbers))


def seen(driver: Any) -> list[object]:
    """What is in the file: rows, how many are whole, the rows a word is found in, faults."""
    rows = driver.rows("SELECT id, text, bytes FROM made ORDER BY id")
    whole = sum(row == (n, text_of(n), bytes([n % 256]) * 300) for n, row in enumerate(rows, 1))
    found = [
        row[0] for row in driver.rows("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", ('"sian" "7"',))
    ]
    return [len(rows), whole, found, driver.faults()]


@contextmanager
def elsewhere(library: str, path: Path, deed: str) -> Iterator[subprocess.Popen[str]]:
    """The process, its deed done; killed at the end where it still lives."""
    process = start(library, path, deed)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n", process.communicate()[1]
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def start(library: str, path: Path, deed: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.store.elsewhere", library, str(path), deed],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ask(library: str, path: Path, deed: str) -> str:
    """What the process printed before "done"; it has ended."""
    out, errors = start(library, path, deed).communicate()
    *said, done = out.splitlines() or [""]
    assert done == "done", errors
    assert errors == ""
    return "\n".join(said)


def main() -> None:
    library, path, deed = sys.argv[1:]
    if library == "apsw":
        from app.store.mc_driver import McDriver as Chosen
    else:
        from app.store.sqlcipher_driver import SqlcipherDriver as Chosen  # type: ignore[assignment]
    driver = Chosen(Path(path), KEY)
    if deed == "make":
        make(driver)
    elif deed == "add":
        add(driver, driver.rows("SELECT count(*) FROM made")[0][0])
    elif deed == "see":
        print(seen(driver))
    elif deed == "tables":
        print([driver.rows(f"SELECT count(*) FROM {name}")[0][0] for name in ("source", "entry", "received")])
        print(driver.faults())
    elif deed == "hold":
        driver.run("BEGIN IMMEDIATE")
    print("done", flush=True)
    sys.stdin.read()
    if deed == "hold":
        driver.run("COMMIT")
    driver.close()


if __name__ == "__main__":
    main()

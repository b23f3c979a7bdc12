"""The driver port's contract, one test for each line of it, held by both libraries."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.store import driver as port
from app.store.driver import RECIPE, Driver, RuleBroken
from crypto.errors import StoreDamaged, StoreUnavailable
from tests.store.conftest import LIBRARIES
from tests.store.elsewhere import ROWS, elsewhere, make, seen
from tests.store.made_up import KEY

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "temp_store": 2,
    "secure_delete": 1,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "cache_size": -32_000,
    "busy_timeout": 5000,
}
PAGE_BYTES = 4096


@pytest.fixture(params=LIBRARIES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(name: str) -> type[Any]:
    """Opens a file with the library whose turn it is."""
    return LIBRARIES[name]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def driver(opened: type[Any], path: Path) -> Any:
    found = opened(path, KEY)
    yield found
    found.close()


# ---- the connection -----------------------------------------------------------------------------


@pytest.mark.parametrize(("setting", "expected"), SETTINGS.items())
def test_each_setting_stands_on_a_new_and_on_a_reopened_connection(
    opened: type[Any], path: Path, setting: str, expected: object
) -> None:
    for _ in range(2):
        driver = opened(path, KEY)
        assert driver.rows(f"PRAGMA {setting}") == [(expected,)]
        driver.close()


def test_the_recipe_holds_every_setting_of_the_design() -> None:
    assert {name for name, _, _ in RECIPE} == set(SETTINGS)


def test_a_setting_that_does_not_take_is_refused(
    opened: type[Any], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "RECIPE", (("temp_store", "FILE", 2),))
    with pytest.raises(StoreUnavailable, match="temp_store: expected 2, found 1") as refused:
        opened(path, KEY)
    assert refused.value.code == "store-unavailable"


def test_the_file_holds_no_plain_text(opened: type[Any], path: Path) -> None:
    driver = opened(path, KEY)
    driver.run("CREATE TABLE marked(a)")
    driver.run("INSERT INTO marked VALUES('a-marker')")
    files = sorted(each.name for each in path.parent.iterdir())
    assert files == ["a.db", "a.db-shm", "a.db-wal"]
    for _ in range(2):
        for each in path.parent.iterdir():
            assert not any(plain in each.read_bytes() for plain in (b"SQLite format 3", b"a-marker", b"marked"))
        driver.close()


def test_extensions_cannot_be_loaded(driver: Driver) -> None:
    with pytest.raises(StoreUnavailable, match="not authorized"):
        driver.rows("SELECT load_extension('anything')")


def test_a_key_of_another_length_is_refused_before_the_file_is_made(opened: type[Any], path: Path) -> None:
    with pytest.raises(ValueError, match="expected 32 bytes, found 31"):
        opened(path, KEY[:31])
    assert not path.exists()


# ---- what is not believed -----------------------------------------------------------------------


def test_a_wrong_key_is_refused_and_says_nothing_on_stderr(
    opened: type[Any], path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    driver = opened(path, KEY)
    driver.run("CREATE TABLE t(a)")
    driver.close()
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match="file is not a database") as refused:
        opened(path, bytes([KEY[0] ^ 1]) + KEY[1:])
    assert refused.value.code == "store-damaged"
    assert capfd.readouterr() == ("", "")
    assert path.read_bytes() == before


def test_a_file_that_is_no_store_is_refused(opened: type[Any], path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreDamaged):
        opened(path, KEY)
    assert path.read_bytes() == b"not a database " * 1000


def test_a_plain_database_is_refused(opened: type[Any], path: Path) -> None:
    import sqlite3

    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE t(a)")
    plain.close()
    with pytest.raises(StoreDamaged):
        opened(path, KEY)


def test_a_file_that_cannot_be_made_is_refused(opened: type[Any], tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        opened(tmp_path / "missing" / "a.db", KEY)


def test_a_flipped_page_is_noticed_by_who_reads_it(opened: type[Any], path: Path) -> None:
    driver = opened(path, KEY)
    driver.run("CREATE TABLE t(a)")
    driver.run_many("INSERT INTO t VALUES(?)", [("x" * 500,) for _ in range(100)])
    driver.close()
    flip(path, PAGE_BYTES * 3 + 100)
    driver = opened(path, KEY)
    with pytest.raises(StoreDamaged):
        driver.rows("SELECT a FROM t")
    assert driver.faults()
    driver.close()


def test_a_flipped_bit_anywhere_in_the_file_is_noticed(opened: type[Any], path: Path) -> None:
    driver = opened(path, KEY)
    make(driver)
    driver.run("VACUUM")  # no page is free
    assert driver.faults() == []
    driver.close()
    size = path.stat().st_size
    random = Random(20261123)
    unnoticed = []
    for at in [0, 15, 16, size - 1, *(random.randrange(size) for _ in range(60))]:
        bit = 1 << random.randrange(8)
        flip(path, at, bit)
        spoiled = path.read_bytes()
        if not faults_of(opened, path):
            unnoticed.append(at)
        assert path.read_bytes() == spoiled
        flip(path, at, bit)
    assert unnoticed == []
    assert faults_of(opened, path) == []


def flip(path: Path, at: int, bit: int = 1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= bit
    path.write_bytes(data)


def faults_of(opened: type[Any], path: Path) -> list[str]:
    try:
        driver = opened(path, KEY)
    except StoreDamaged as error:
        return [str(error)]
    try:
        found: list[str] = driver.faults()
        return found
    finally:
        driver.close()


# ---- transactions -------------------------------------------------------------------------------


def test_a_transaction_that_fails_leaves_nothing(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a UNIQUE)")

    def twice() -> None:
        with driver.transaction():
            driver.run("INSERT INTO t VALUES(1)")
            with driver.transaction():
                driver.run("INSERT INTO t VALUES(1)")

    with pytest.raises(RuleBroken, match=r"UNIQUE constraint failed: t\.a"):
        twice()
    assert driver.rows("SELECT * FROM t") == []
    with driver.transaction():
        driver.run("INSERT INTO t VALUES(2)")
    assert driver.rows("SELECT * FROM t") == [(2,)]


def test_an_inner_transaction_that_is_given_up_inside_stays_with_the_outer_one(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a UNIQUE)")
    with driver.transaction():
        driver.run("INSERT INTO t VALUES(1)")
        with pytest.raises(RuleBroken), driver.transaction():
            driver.run("INSERT INTO t VALUES(1)")
        driver.run("INSERT INTO t VALUES(2)")
    assert driver.rows("SELECT a FROM t ORDER BY a") == [(1,), (2,)]


def test_any_error_of_the_caller_rolls_back(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a)")

    def interrupted() -> None:
        with driver.transaction():
            driver.run("INSERT INTO t VALUES(1)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert driver.rows("SELECT * FROM t") == []


def test_after_the_disk_was_full_nothing_is_there_and_writing_goes_on(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a)")
    pages = driver.rows("PRAGMA page_count")[0][0]
    driver.rows(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StoreUnavailable, match="full"), driver.transaction():
        driver.run_many("INSERT INTO t VALUES(?)", [("x" * 500,) for _ in range(100)])
    driver.rows("PRAGMA max_page_count=100000")
    assert driver.rows("SELECT count(*) FROM t") == [(0,)]
    with driver.transaction():
        driver.run("INSERT INTO t VALUES(1)")
    assert driver.rows("SELECT count(*) FROM t") == [(1,)]


def test_a_missing_table_is_unavailable_and_a_broken_reference_breaks_a_rule(driver: Driver) -> None:
    with pytest.raises(StoreUnavailable, match="no such table"):
        driver.rows("SELECT * FROM missing")
    driver.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b REFERENCES t)")
    with pytest.raises(RuleBroken, match="FOREIGN KEY"):
        driver.run("INSERT INTO t VALUES(1, 2)")
    with pytest.raises(RuleBroken, match="datatype mismatch"):
        driver.run("INSERT INTO t VALUES('one', NULL)")
    assert driver.rows("SELECT * FROM t") == []


def test_a_trigger_that_refuses_breaks_a_rule(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a)")
    driver.run("CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT raise(ABORT, 'not now'); END")
    with pytest.raises(RuleBroken, match="not now"):
        driver.run("INSERT INTO t VALUES(1)")
    assert driver.rows("SELECT * FROM t") == []


def test_query_only_refuses_every_write_until_it_is_lifted(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a)")
    driver.run("PRAGMA query_only=ON")
    with pytest.raises(StoreUnavailable, match="readonly"):
        driver.run("INSERT INTO t VALUES(1)")
    with pytest.raises(StoreUnavailable, match="readonly"), driver.transaction():
        driver.run_many("INSERT INTO t VALUES(?)", [(1,)])
    assert driver.rows("SELECT * FROM t") == []
    driver.run("PRAGMA query_only=OFF")
    driver.run("INSERT INTO t VALUES(1)")
    assert driver.rows("SELECT * FROM t") == [(1,)]


def test_a_closed_driver_refuses(opened: type[Any], path: Path) -> None:
    driver = opened(path, KEY)
    driver.close()
    driver.close()
    for call in (driver.rows, driver.run):
        with pytest.raises(StoreUnavailable, match="closed"):
            call("SELECT 1")
    with pytest.raises(StoreUnavailable, match="closed"), driver.transaction():
        pass
    assert [each.name for each in path.parent.iterdir()] == ["a.db"]


def test_closing_inside_a_transaction_leaves_nothing_of_it(opened: type[Any], path: Path) -> None:
    driver = opened(path, KEY)
    driver.run("CREATE TABLE t(a)")

    def closed_too_soon() -> None:
        with driver.transaction():
            driver.run("INSERT INTO t VALUES(1)")
            driver.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        closed_too_soon()
    driver = opened(path, KEY)
    assert driver.rows("SELECT * FROM t") == []
    driver.close()


# ---- values, rows, words ------------------------------------------------------------------------


def test_values_come_back_as_they_went(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a)")
    values = [None, 0, -(2**63), 2**63 - 1, 4.5, "", "Siân\x00\U0001f600", b"", b"\x00\xff"]
    driver.run_many("INSERT INTO t VALUES(?)", ([value] for value in values))
    driver.run("INSERT INTO t VALUES(:named)", {"named": "by name"})
    found = [row[0] for row in driver.rows("SELECT a FROM t ORDER BY rowid")]
    assert found == [*values, "by name"]
    assert [type(value) for value in found] == [type(value) for value in [*values, ""]]
    assert driver.rows("SELECT a FROM t WHERE a = ?1 OR a = ?1 || 'x'", ("by name",)) == [("by name",)]


def test_a_write_tells_the_rowid_of_the_last_insert(driver: Driver) -> None:
    driver.run("CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
    assert [driver.run("INSERT INTO t(a) VALUES(?)", (n,)) for n in range(3)] == [1, 2, 3]


def test_words_are_found_and_forgotten_in_a_contentless_index(driver: Driver) -> None:
    driver.run(
        "CREATE VIRTUAL TABLE w USING fts5(title, words, content='', contentless_delete=1,"
        " tokenize='unicode61 remove_diacritics 2')"
    )
    driver.run_many("INSERT INTO w(rowid, title, words) VALUES(?,?,?)", [(1, "Penicillín", "a rash"), (2, "Rash", "")])
    found = "SELECT rowid FROM w WHERE w MATCH ? ORDER BY bm25(w, 4.0, 1.0)"
    assert driver.rows(found, ('"penicillin"',)) == [(1,)]
    assert driver.rows(found, ('"ras"*',)) == [(2,), (1,)]
    driver.run("DELETE FROM w WHERE rowid = 2")
    assert driver.rows(found, ('"ras"*',)) == [(1,)]
    assert driver.rows("SELECT title FROM w WHERE rowid = 1") == [(None,)]


# ---- threads and processes ----------------------------------------------------------------------


def test_threads_share_the_connection_and_never_see_half_a_transaction(driver: Driver) -> None:
    driver.run("CREATE TABLE t(a)")
    counted: list[int] = []
    ended: list[str] = []

    def write() -> None:
        for number in range(20):
            with driver.transaction():
                driver.run("INSERT INTO t VALUES(?)", (number,))
                driver.run("INSERT INTO t VALUES(?)", (number,))
        ended.append("write")

    def look() -> None:
        counted.extend(driver.rows("SELECT count(*) FROM t")[0][0] for _ in range(50))
        ended.append("look")

    threads = [threading.Thread(target=work) for work in (write, write, look, look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["look", "look", "write", "write"]
    assert driver.rows("SELECT count(*) FROM t") == [(80,)]
    assert len(counted) == 100
    assert all(number % 2 == 0 for number in counted)


def test_a_write_waits_for_another_process_to_finish_its_own(name: str, path: Path, driver: Driver) -> None:
    driver.run("CREATE TABLE t(a)")
    writer = threading.Thread(target=driver.run, args=("INSERT INTO t VALUES(1)",))
    with elsewhere(name, path, "hold") as holding:
        writer.start()
        writer.join(timeout=0.3)
        assert writer.is_alive()
        assert holding.stdin is not None
        holding.stdin.close()
        writer.join()
        holding.stdin = None
        assert holding.wait() == 0
    assert driver.rows("SELECT * FROM t") == [(1,)]


def test_a_write_is_refused_where_another_process_holds_on_too_long(
    opened: type[Any], name: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "RECIPE", (*RECIPE[:-1], ("busy_timeout", "20", 20)))
    driver = opened(path, KEY)
    driver.run("CREATE TABLE t(a)")
    with elsewhere(name, path, "hold"):
        with pytest.raises(StoreUnavailable, match="locked"):
            driver.run("INSERT INTO t VALUES(1)")
        with pytest.raises(StoreUnavailable, match="locked"), driver.transaction():
            driver.run("INSERT INTO t VALUES(2)")
        assert driver.rows("SELECT * FROM t") == []
    driver.run("INSERT INTO t VALUES(3)")
    assert driver.rows("SELECT * FROM t") == [(3,)]
    driver.close()


def test_what_a_killed_process_committed_is_there(name: str, opened: type[Any], path: Path) -> None:
    with elsewhere(name, path, "make") as made:
        made.kill()
        made.wait()
        assert path.with_name("a.db-wal").stat().st_size > 0
    driver = opened(path, KEY)
    assert seen(driver) == [ROWS, ROWS, [7], []]
    driver.close()

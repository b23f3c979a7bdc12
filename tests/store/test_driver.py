from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from app.store import driver as driver_module
from app.store.driver import RECIPE, SqlcipherDriver
from crypto.errors import StoreDamaged, StoreUnavailable
from tests.store.made_up import KEY

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "temp_store": 2,
    "secure_delete": 1,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
}


@pytest.mark.parametrize(("name", "expected"), SETTINGS.items())
def test_each_setting_stands_on_a_new_and_on_a_reopened_connection(tmp_path: Path, name: str, expected: object) -> None:
    for _ in range(2):
        driver = SqlcipherDriver(tmp_path / "a.db", KEY)
        assert driver.rows(f"PRAGMA {name}") == [(expected,)]
        driver.close()


def test_the_file_is_encrypted_by_sqlcipher_4_with_its_own_checks(tmp_path: Path) -> None:
    driver = SqlcipherDriver(tmp_path / "a.db", KEY)
    driver.run("CREATE TABLE t(a)")
    assert driver.rows("PRAGMA cipher_version")[0][0].startswith("4.")
    assert driver.rows("PRAGMA cipher_integrity_check") == []
    assert driver.rows("PRAGMA cipher_memory_security") != [("1",)]
    driver.close()
    assert not (tmp_path / "a.db").read_bytes().startswith(b"SQLite format 3")


def test_extensions_cannot_be_loaded(tmp_path: Path) -> None:
    driver = SqlcipherDriver(tmp_path / "a.db", KEY)
    with pytest.raises(StoreUnavailable, match="not authorized"):
        driver.rows("SELECT load_extension('anything')")


def test_a_setting_that_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_module, "RECIPE", (("temp_store", "FILE", 2),))
    with pytest.raises(StoreUnavailable, match="temp_store: expected 2, found 1") as refused:
        SqlcipherDriver(tmp_path / "a.db", KEY)
    assert refused.value.code == "store-unavailable"


def test_the_recipe_holds_every_setting_of_the_design() -> None:
    assert {name for name, _, _ in RECIPE} >= set(SETTINGS)


def test_a_wrong_key_is_refused_and_says_nothing_on_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    driver = SqlcipherDriver(tmp_path / "a.db", KEY)
    driver.run("CREATE TABLE t(a)")
    driver.close()
    with pytest.raises(StoreDamaged) as refused:
        SqlcipherDriver(tmp_path / "a.db", bytes(32))
    assert refused.value.code == "store-damaged"
    assert capfd.readouterr().err == ""


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreDamaged):
        SqlcipherDriver(tmp_path / "a.db", KEY)


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        SqlcipherDriver(tmp_path / "missing" / "a.db", KEY)


def test_a_flipped_page_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    driver = SqlcipherDriver(path, KEY)
    driver.run("CREATE TABLE t(a)")
    driver.run_many("INSERT INTO t VALUES(?)", [("x" * 500,) for _ in range(100)])
    driver.close()
    data = bytearray(path.read_bytes())
    data[4096 * 3 + 100] ^= 1
    path.write_bytes(data)
    driver = SqlcipherDriver(path, KEY)
    with pytest.raises(StoreDamaged):
        driver.rows("SELECT a FROM t")


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    driver = SqlcipherDriver(tmp_path / "a.db", KEY)
    driver.run("CREATE TABLE t(a UNIQUE)")

    def twice() -> None:
        with driver.transaction():
            driver.run("INSERT INTO t VALUES(1)")
            with driver.transaction():
                driver.run("INSERT INTO t VALUES(1)")

    with pytest.raises(sqlcipher.IntegrityError):
        twice()
    assert driver.rows("SELECT * FROM t") == []
    with driver.transaction():
        driver.run("INSERT INTO t VALUES(2)")
    assert driver.rows("SELECT * FROM t") == [(2,)]


def test_a_closed_driver_refuses(tmp_path: Path) -> None:
    driver = SqlcipherDriver(tmp_path / "a.db", KEY)
    driver.close()
    driver.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        driver.rows("SELECT 1")


def test_threads_share_the_connection_and_never_see_half_a_transaction(tmp_path: Path) -> None:
    driver = SqlcipherDriver(tmp_path / "a.db", KEY)
    driver.run("CREATE TABLE t(a)")
    seen: list[int] = []

    def write() -> None:
        for number in range(20):
            with driver.transaction():
                driver.run("INSERT INTO t VALUES(?)", (number,))
                driver.run("INSERT INTO t VALUES(?)", (number,))

    def look() -> None:
        seen.extend(driver.rows("SELECT count(*) FROM t")[0][0] for _ in range(50))

    threads = [threading.Thread(target=write) for _ in range(2)] + [threading.Thread(target=look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert driver.rows("SELECT count(*) FROM t") == [(80,)]
    assert all(number % 2 == 0 for number in seen)

from __future__ import annotations

from pathlib import Path

import pytest

from app.store.driver import Driver, open_driver
from app.store.instant import to_text
from app.store.record import Store
from app.store.schema import MIGRATIONS, Migration, migrate, version
from crypto.errors import StoreUnavailable
from tests.store.made_up import KEY, NOW

pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture
def driver(tmp_path: Path) -> Driver:
    return open_driver(tmp_path / "a.db", KEY)


def test_each_migration_is_recorded_once_by_number_and_name(driver: Driver) -> None:
    for _ in range(2):
        migrate(driver, now=NOW)
    recorded = driver.rows("SELECT number, name, at FROM migration")
    assert recorded == [(n, m.name, "2026-11-23T12:00:00.000000Z") for n, m in enumerate(MIGRATIONS, 1)]


def test_a_migration_that_fails_leaves_the_version_before_it(driver: Driver) -> None:
    steps = (*MIGRATIONS, Migration("broken", ("CREATE TABLE half(a)", "CREATE TABLE half(a)")))
    with pytest.raises(StoreUnavailable, match="half already exists"):
        migrate(driver, now=NOW, migrations=steps)
    assert version(driver) == len(MIGRATIONS)
    assert driver.rows("SELECT 1 FROM sqlite_master WHERE name = 'half'") == []


def test_a_store_of_a_newer_passport_is_left_alone(driver: Driver) -> None:
    migrate(driver, now=NOW, migrations=(*MIGRATIONS, Migration("later", ("CREATE TABLE later(a)",))))
    with pytest.raises(StoreUnavailable, match=f"expected at most {len(MIGRATIONS)}, found {len(MIGRATIONS) + 1}"):
        migrate(driver, now=NOW)
    assert version(driver) == len(MIGRATIONS) + 1


def test_a_page_of_a_section_is_read_through_its_index(driver: Driver) -> None:
    migrate(driver, now=NOW)
    plan = driver.rows(
        "EXPLAIN QUERY PLAN SELECT e.id FROM entry e JOIN source s ON s.id = e.source_id WHERE e.superseded_by IS NULL"
        " AND e.taken_back_by IS NULL AND s.checked <> 'quarantined'"
        " AND e.section = 'results' ORDER BY e.at DESC, e.id DESC LIMIT 50"
    )
    steps = " | ".join(str(row[3]) for row in plan)
    assert "entry_shown" in steps
    assert "TEMP B-TREE" not in steps


def test_a_page_of_the_timeline_is_read_through_its_index(driver: Driver) -> None:
    migrate(driver, now=NOW)
    plan = driver.rows(
        "EXPLAIN QUERY PLAN SELECT e.id FROM entry e JOIN source s ON s.id = e.source_id WHERE e.superseded_by IS NULL"
        " AND e.taken_back_by IS NULL AND s.checked <> 'quarantined' ORDER BY e.at DESC, e.id DESC LIMIT 50"
    )
    steps = " | ".join(str(row[3]) for row in plan)
    assert "entry_time" in steps
    assert "TEMP B-TREE" not in steps


def test_a_store_from_before_the_outbox_keeps_its_access_and_gets_one(tmp_path: Path) -> None:
    before = MIGRATIONS[: [step.name for step in MIGRATIONS].index("outbox")]
    driver = open_driver(tmp_path / "past.db", KEY)
    migrate(driver, now=NOW, migrations=before)
    driver.run("INSERT INTO access_grant VALUES('g1','link','{}','active',?,?,NULL)", (to_text(NOW), to_text(NOW)))
    driver.close()
    store = Store.open(tmp_path / "past.db", KEY, now=NOW)
    store.queue("end-link", "g1", NOW)
    assert [row.id for row in store.grants()] == [row.about for row in store.outgoing()] == ["g1"]
    store.close()

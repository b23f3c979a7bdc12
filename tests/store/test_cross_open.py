"""Each library opens what the other wrote. Separate processes: two libraries on one file of one process lose writes."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path

import pytest

from app.store.driver import open_driver
from tests.store.elsewhere import ROWS, ask, elsewhere
from tests.store.made_up import KEY
from tests.stores.make import FOLDER

ROOT = Path(__file__).resolve().parents[2]
PAIRS = [("sqlcipher3", "apsw"), ("apsw", "sqlcipher3")]


def whole(rows: int) -> str:
    return str([rows, rows, [7], []])


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_each_reads_writes_and_checks_what_the_other_made(tmp_path: Path, first: str, second: str) -> None:
    path = tmp_path / "a.db"
    assert ask(first, path, "make") == ""
    assert ask(second, path, "see") == whole(ROWS)
    assert ask(second, path, "add") == ""
    assert ask(first, path, "see") == whole(2 * ROWS)
    assert ask(first, path, "add") == ""
    assert ask(second, path, "see") == whole(3 * ROWS)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_each_goes_on_from_the_live_wal_the_other_left_when_it_was_killed(
    tmp_path: Path, first: str, second: str
) -> None:
    path = tmp_path / "a.db"
    with elsewhere(first, path, "make") as made:
        made.kill()
        assert made.wait() == -9
    wal = path.with_name("a.db-wal")
    assert wal.stat().st_size > path.stat().st_size  # what was committed stands in it alone
    copy = tmp_path / "copy"
    copy.mkdir()
    for each in (path, wal, path.with_name("a.db-shm")):
        shutil.copy(each, copy)
    assert ask(second, path, "see") == whole(ROWS)
    assert ask(second, path, "add") == ""
    assert ask(first, path, "see") == whole(2 * ROWS)
    assert ask(second, copy / "a.db", "add") == ""
    assert ask(first, copy / "a.db", "see") == whole(2 * ROWS)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_both_may_have_the_file_open_in_processes_of_their_own(tmp_path: Path, first: str, second: str) -> None:
    path = tmp_path / "a.db"
    with elsewhere(first, path, "make"):
        assert ask(second, path, "add") == ""
        assert ask(second, path, "see") == whole(2 * ROWS)
    assert ask(first, path, "see") == whole(2 * ROWS)


@pytest.mark.parametrize("library", ["sqlcipher3", "apsw"])
@pytest.mark.parametrize("past", sorted(FOLDER.glob("schema-*.db")), ids=lambda path: path.stem)
def test_every_past_store_opens_with_both(tmp_path: Path, library: str, past: Path) -> None:
    shutil.copy(past, tmp_path)
    entries = 7 if past.stem < "schema-6" else 8
    assert ask(library, tmp_path / past.name, "tables") == f"[3, {entries}, 3]\n[]"


# ---- which library ------------------------------------------------------------------------------


def test_sqlcipher3_is_used_where_it_is_and_apsw_where_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = []
    for number in range(2):
        driver = open_driver(tmp_path / f"{number}.db", KEY)
        chosen.append(type(driver).__name__)
        driver.close()
        monkeypatch.delitem(sys.modules, "app.store.sqlcipher_driver", raising=False)
        monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    assert chosen == ["SqlcipherDriver", "McDriver"]


def test_nothing_but_the_choice_names_a_driver_and_nothing_but_a_driver_names_a_library() -> None:
    named: dict[str, set[str]] = {}
    for top in ("app", "sync", "crypto"):
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for module in modules:
                    named.setdefault(module, set()).add(path.stem)
    assert named["app.store.sqlcipher_driver"] == named["app.store.mc_driver"] == {"driver"}
    assert named["sqlcipher3"] == {"sqlcipher_driver"}
    assert named["apsw"] == {"mc_driver"}
    assert "sqlite3" not in named

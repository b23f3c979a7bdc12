"""Where backups could be kept: what is there is found, what is not, or takes nothing, is not offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store import folders
from app.store.folders import MOST, folders_in


@pytest.fixture
def own(tmp_path: Path) -> Path:
    made = tmp_path / "gwen"
    (made / "Documents").mkdir(parents=True)
    return made


def found(own: Path, *mounted: Path) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in folders_in(own, mounted, own / "Documents")]


def test_documents_alone_are_found_where_there_is_nothing_else(own: Path) -> None:
    assert found(own) == [("documents", "Documents")]


def test_folders_copied_online_come_first_then_sticks_then_documents(own: Path, tmp_path: Path) -> None:
    stick = tmp_path / "GWEN-STICK"
    for path in (own / "Nextcloud", own / "OneDrive - Ysgol Llŷn", stick):
        path.mkdir()
    assert found(own, stick) == [
        ("online", "OneDrive - Ysgol Llŷn"),
        ("online", "Nextcloud"),
        ("stick", "GWEN-STICK"),
        ("documents", "Documents"),
    ]


def test_icloud_is_called_by_the_name_people_know(own: Path) -> None:
    (own / "Library/Mobile Documents/com~apple~CloudDocs").mkdir(parents=True)
    assert ("online", "iCloud Drive") in found(own)


def test_a_file_of_such_a_name_is_no_folder(own: Path) -> None:
    (own / "Dropbox").write_bytes(b"")
    assert found(own) == [("documents", "Documents")]


def test_a_folder_that_takes_nothing_is_not_offered(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own / "Dropbox").mkdir()
    monkeypatch.setattr(folders.os, "access", lambda path, _mode: path.name != "Dropbox")
    assert found(own) == [("documents", "Documents")]


def test_what_is_gone_meanwhile_is_not_offered(own: Path, tmp_path: Path) -> None:
    assert found(own, tmp_path / "pulled out") == [("documents", "Documents")]


def test_the_choice_stays_a_choice(own: Path, tmp_path: Path) -> None:
    many = [tmp_path / f"disk {n}" for n in range(2 * MOST)]
    for path in many:
        path.mkdir()
    assert len(found(own, *many)) == MOST


def test_no_path_stands_in_the_repr(own: Path) -> None:
    assert "gwen" not in repr(folders_in(own, (), own / "Documents"))

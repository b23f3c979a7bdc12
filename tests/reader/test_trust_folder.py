"""The reader's own list: kept whole, read back, and refused when it is not what was kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.reader.trust_folder import keep_trust, read_trust
from crypto.errors import StoreUnavailable, TrustUnreadable
from crypto.trust import Floors, TrustFiles

FILES = TrustFiles(
    (b"{1}", b"{2}"), b"{ts}", b"{sn}", b"{ta}", {f"{n}.json": b"[]" for n in ("issuers", "relays", "readers")}
)
FLOORS = Floors(root=2, timestamp=9, snapshot=4, targets=3)


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    keep_trust(tmp_path / "trust", FILES, FLOORS)
    assert read_trust(tmp_path / "trust") == (FILES, FLOORS)
    assert not list((tmp_path / "trust").glob("*.new"))


def test_a_later_list_replaces_the_former(tmp_path: Path) -> None:
    keep_trust(tmp_path, FILES, Floors())
    keep_trust(tmp_path, FILES, FLOORS)
    kept = read_trust(tmp_path)
    assert kept is not None
    assert kept[1] == FLOORS


def test_an_empty_folder_holds_no_list(tmp_path: Path) -> None:
    assert read_trust(tmp_path) is None
    assert read_trust(tmp_path / "nowhere") is None


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    keep_trust(tmp_path, FILES, FLOORS)
    (tmp_path / "issuers.json").unlink()
    with pytest.raises(TrustUnreadable, match=r"issuers\.json"):
        read_trust(tmp_path)


@pytest.mark.parametrize("data", ["[]", "{}", '{"root":1,"timestamp":1,"snapshot":1,"targets":"2"}', "nonsense"])
def test_floors_that_are_no_versions_are_refused(tmp_path: Path, data: str) -> None:
    keep_trust(tmp_path, FILES, FLOORS)
    (tmp_path / "floors.json").write_text(data)
    with pytest.raises(TrustUnreadable, match=r"floors\.json"):
        read_trust(tmp_path)


def test_a_file_over_its_bound_is_refused_unread(tmp_path: Path) -> None:
    keep_trust(tmp_path, FILES, FLOORS)
    with (tmp_path / "targets.json").open("wb") as file:
        file.truncate(5_000_001)
    with pytest.raises(TrustUnreadable, match=r"targets\.json"):
        read_trust(tmp_path)


def test_a_folder_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreUnavailable):
        keep_trust(tmp_path / "taken", FILES, FLOORS)


def test_only_versions_stand_in_the_floors_file(tmp_path: Path) -> None:
    keep_trust(tmp_path, FILES, FLOORS)
    assert json.loads((tmp_path / "floors.json").read_text()) == {
        "root": 2,
        "timestamp": 9,
        "snapshot": 4,
        "targets": 3,
    }

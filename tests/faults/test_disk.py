"""The model of a disk after a power cut loses what was not flushed, and nothing that was."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.disk import SECTOR, Disk
from tests.faults.shim import Change, Op

HOW = ("nothing unflushed", "all", "by chance", "torn")


def made(path: str, opened: int = 1) -> Change:
    return Change(Op.OPEN, opened, 1, path, b"")


def folder(path: str, opened: int = 9) -> list[Change]:
    """A folder is flushed."""
    return [Change(Op.OPEN, opened, 0, path, b""), Change(Op.SYNC, opened, 0, "", b"")]


def wrote(data: bytes, place: int = 0, opened: int = 1) -> Change:
    return Change(Op.WRITE, opened, place, "", data)


def flushed(opened: int = 1) -> Change:
    return Change(Op.SYNC, opened, 0, "", b"")


def renamed(old: str, new: str) -> Change:
    return Change(Op.RENAME, 0, 0, old, new.encode())


def after_cuts(changes: Sequence[Change], runs: int = 60) -> dict[str, list[dict[str, bytes | None]]]:
    """What is left after many cuts, by how the unflushed was lost."""
    chance, left = random.Random(1), {how: [] for how in HOW}
    start = Disk({"a": None}, {"a": None})
    for _ in range(runs):
        cut = start.played(changes).after_cut(chance)
        left[cut.how].append(cut.seen())
    return left


def test_what_was_flushed_with_its_folder_is_certain() -> None:
    left = after_cuts([made("a/x"), wrote(b"right"), flushed(), *folder("a")])
    assert all(one == {"a": None, "a/x": b"right"} for how in HOW for one in left[how])


def test_a_file_in_a_folder_that_was_not_flushed_may_be_gone() -> None:
    left = after_cuts([made("a/x"), wrote(b"right"), flushed()])
    assert left["nothing unflushed"][0] == {"a": None}
    assert {"a/x" in one for one in left["by chance"]} == {True, False}


def test_bytes_that_were_not_flushed_may_be_gone_under_a_name_that_was() -> None:
    left = after_cuts([made("a/x"), wrote(b"right"), *folder("a")])
    assert left["nothing unflushed"][0] == {"a": None, "a/x": b""}
    assert {one["a/x"] for one in left["by chance"]} == {b"", b"right"}


def test_a_rename_without_its_folder_leaves_the_old_or_the_new_and_both_whole() -> None:
    before = [made("a/x"), wrote(b"old"), flushed(), *folder("a")]
    left = after_cuts([*before, made("a/y", 2), wrote(b"new", opened=2), flushed(2), renamed("a/y", "a/x")])
    assert {one["a/x"] for one in left["by chance"]} == {b"old", b"new"}
    assert {one["a/x"] for one in left["nothing unflushed"]} == {b"old"}


def test_a_torn_write_keeps_some_of_its_sectors() -> None:
    left = after_cuts([made("a/x"), *folder("a"), wrote(b"1" * SECTOR * 4)], runs=200)
    found = {tuple(sorted(set(one["a/x"] or b""))) for one in left["torn"]}
    assert (0, ord("1")) in found  # a hole where a sector was lost
    assert all(len(one["a/x"] or b"") % SECTOR == 0 for one in left["torn"])


def test_what_was_cut_short_and_not_flushed_may_be_long_again() -> None:
    before = [made("a/x"), wrote(b"right"), flushed(), *folder("a")]
    left = after_cuts([*before, Change(Op.TRUNCATE, 1, 2, "", b"")])
    assert {one["a/x"] for one in left["by chance"]} == {b"right", b"ri"}


def test_a_folder_that_was_not_flushed_into_its_parent_is_gone_with_all_that_was_flushed_in_it() -> None:
    left = after_cuts([Change(Op.MKDIR, 0, 0, "a/b", b""), made("a/b/x"), wrote(b"right"), flushed(), *folder("a/b")])
    assert left["nothing unflushed"][0] == {"a": None}


def test_a_rename_into_another_folder_is_not_in_the_model() -> None:
    with pytest.raises(ValueError, match="inside a folder"):
        Disk({"a": None}, {"a": None}).played([made("a/x"), renamed("a/x", "x")])


def test_what_is_left_is_written_with_the_owners_modes(tmp_path: Path) -> None:
    disk = Disk({"a": None}, {"a": None}).played([made("a/x"), wrote(b"right")])
    disk.write(tmp_path / "disk")
    assert (tmp_path / "disk" / "a" / "x").read_bytes() == b"right"
    assert (tmp_path / "disk" / "a" / "x").stat().st_mode & 0o777 == 0o600

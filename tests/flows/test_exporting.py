"""Saving or printing the record: the file that is made is the one that was chosen, and the log says it was saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import flet as ft
import pytest

from tests.actions.made_up import SIAN
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What the dialog of a device was given; it saves unless `refuse` is called."""
    found: list[tuple[str, bytes]] = []

    async def save_file(_picker: ft.FilePicker, **given: Any) -> str | None:
        await asyncio.sleep(0)
        found.append((given["file_name"], given["src_bytes"]))
        return "/somewhere"

    monkeypatch.setattr(ft.FilePicker, "save_file", save_file)
    return found


async def begin(window: Window) -> None:
    await window.first_run(SIAN)
    await window.press("place-share")
    await window.press("save-record")
    assert window.says("anyone who finds it can read it")


def test_the_record_is_saved_to_print_and_noted(tell: Tell, saved: list[tuple[str, bytes]]) -> None:
    async def story(window: Window) -> None:
        await begin(window)
        await window.press("save-file")
        await window.quiet()
        ((name, data),) = saved
        assert (name, data[:5]) == ("patient-passport-record-2098-11-23.pdf", b"%PDF-")
        assert window.shows("done")
        assert window.says(name)
        assert window.desk is not None
        (row,) = window.desk.passport.store.access_log()
        assert (row.what, row.why) == ("record-saved", "pdf")

    tell(story)


@pytest.mark.parametrize(
    ("form", "start"), [("ips", b'{"resourceType"'), ("fhir", b'{"resourceType"'), ("csv", b"\xef\xbb\xbfDate,")]
)
def test_each_other_kind_of_file_is_made(tell: Tell, saved: list[tuple[str, bytes]], form: str, start: bytes) -> None:
    async def story(window: Window) -> None:
        await begin(window)
        await window.pick("form", form)
        await window.press("save-file")
        await window.quiet()
        assert saved[0][1].startswith(start)
        assert window.shows("done")

    tell(story)


def test_a_part_that_was_unticked_stays_out(tell: Tell, saved: list[tuple[str, bytes]]) -> None:
    async def story(window: Window) -> None:
        await begin(window)
        await window.pick("form", "fhir")
        await window.choose("part-allergies", False)
        await window.press("save-file")
        await window.quiet()
        assert b'"resourceType":"Condition"' in saved[0][1].replace(b" ", b"")
        assert b'"resourceType":"AllergyIntolerance"' not in saved[0][1].replace(b" ", b"")

    tell(story)


def test_with_nothing_ticked_no_file_is_made(tell: Tell, saved: list[tuple[str, bytes]]) -> None:
    async def story(window: Window) -> None:
        await begin(window)
        for part in window.identifiers("part-"):
            await window.choose(part, False)
        await window.press("save-file")
        assert window.says("Tick at least one part.")
        assert saved == []

    tell(story)


def test_closing_the_dialog_notes_nothing(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def closed(_picker: ft.FilePicker, **_given: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(ft.FilePicker, "save_file", closed)

    async def story(window: Window) -> None:
        await begin(window)
        await window.press("save-file")
        await window.quiet()
        assert not window.shows("done")
        assert window.desk is not None
        assert window.desk.passport.store.access_log() == []

    tell(story)

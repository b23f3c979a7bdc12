"""A whole move in the whole app: from You to the moving code, from the first screen to the camera, and to Home."""

from __future__ import annotations

import asyncio
import functools
import shutil
from collections.abc import Callable

import flet as ft
import pytest

from app.journeys import receiving as receiving_journey
from app.journeys import window as journeys
from app.journeys.moving import Moving
from app.journeys.receiving import Receiving
from app.screens.moving import ShowingState
from app.store.home import PassportHome
from app.ui import camera
from app.ui.camera import Patience
from tests.actions.made_up import PEOPLE, SIAN
from tests.flows.conftest import Story, Window
from tests.flows.phones import Lens, seen
from tests.flows.test_backups import choose_passphrase, first_run

Tell = Callable[[Story], None]
SPARE = 25


async def until(fact: Callable[[], bool]) -> None:
    for _ in range(2000):
        if fact():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


def shown(window: Window) -> object:
    assert window.desk is not None
    return window.desk.shell.screen


def test_a_record_moves_by_screen_and_camera_and_opens_with_the_words_alone(
    tell: Tell, home: PassportHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures: list[bytes] = []
    words: list[str] = []
    windows: list[Window] = []

    async def at_once(_seconds: float) -> None:
        state = shown(windows[-1])
        if isinstance(state, ShowingState):
            pictures.append(state.picture.png)
        await asyncio.sleep(0)

    async def old(window: Window) -> None:
        windows.append(window)
        words.extend(await first_run(window, folder=False))
        await window.press("place-you")
        await window.press("backup")
        await window.press("backup-move")
        assert window.heading() == "Move to a new phone"
        await window.press("show-code")
        await until(lambda: isinstance(shown(window), ShowingState))
        need = shown(window).need  # type: ignore[attr-defined]
        await until(lambda: len(pictures) > need + SPARE)
        await window.press("done")
        assert window.heading() == "Move to a new phone"

    def before_the_camera() -> ft.Control:
        return Lens().sees(*map(seen, pictures))

    async def new(window: Window) -> None:
        await window.press("restore")
        await window.press("from-phone")
        assert window.heading() == "Move from another phone"
        await window.press("start-camera")
        await until(lambda: "words" in type(shown(window)).__name__.lower())
        await window.settle()
        await window.type_into("recovery-words", " ".join(words))
        await window.press("give-words")
        await choose_passphrase(window)
        assert window.heading() == PEOPLE[SIAN].name

    monkeypatch.setattr(camera, "READY_SECONDS", 0)
    monkeypatch.setattr(receiving_journey, "REDRAW_SECONDS", 0)
    monkeypatch.setattr(journeys, "Moving", functools.partial(Moving, wait=at_once))
    quick = functools.partial(Receiving, camera=before_the_camera, patience=Patience(5, 5))
    monkeypatch.setattr(journeys, "Receiving", quick)
    tell(old)
    shutil.rmtree(home.path)
    tell(new)

"""The driver goes through two screens of the real shell, and through a fault, without a browser."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import flet as ft
import pytest

from app.screens import every, passphrase, unlock
from app.ui.shell import Appearance, Shell
from crypto.errors import WrongPassphrase

TESTS = Path(__file__).resolve().parents[1]


def beside(name: str, path: Path) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


samples = beside("samples", TESTS / "screens" / "samples.py")
driver = beside("driver", TESTS / "flows" / "driver.py")


class Story:
    """A shell whose controller is a few lines: enough to see that presses arrive and screens change."""

    def __init__(self, state: str) -> None:
        self.calls = samples.Calls()
        self.events = samples.events(self.calls)
        self.state = state
        self.shell: Shell | None = None

    def main(self, page: ft.Page) -> None:
        self.shell = Shell(page, every.draw(self.events), Appearance())
        self.shell.open(samples.STATES[self.state])


def run(state: str, story: Callable[[object, Story], Awaitable[None]]) -> None:
    async def whole() -> None:
        told = Story(state)
        window = await driver.Driver().start(told.main)
        try:
            await story(window, told)
        finally:
            await window.stop()

    asyncio.run(whole())


def test_a_press_reaches_its_event_and_the_next_screen_is_drawn() -> None:
    async def story(window: driver.Driver, told: Story) -> None:
        assert window.heading() == "Your health record, kept by you"
        assert window.says("This is not an NHS service.")
        await window.press("begin")
        assert told.calls == [("welcome.begin", ())]
        told.shell.show(samples.STATES["02-passphrase"])
        await window.settle()
        assert window.heading() == "Choose a passphrase"

    run("01-welcome", story)


def test_a_passphrase_is_handed_over_only_when_strong_enough_and_typed_twice() -> None:
    async def story(window: driver.Driver, told: Story) -> None:
        await window.type_into("passphrase", "short")
        assert window.says("Too short. Add more words")
        await window.press("make")
        assert told.calls == []
        await window.type_into("passphrase", "anchor violet teapot harvest")
        await window.type_into("passphrase-again", "anchor violet teapot harves")
        await window.press("make")
        assert told.calls == []
        assert window.says("The two passphrases are not the same")
        await window.type_into("passphrase-again", "anchor violet teapot harvest")
        await window.press("make")
        chosen = (passphrase.Choosing.MAKE, "anchor violet teapot harvest")
        assert told.calls == [("passphrase.choose", chosen)]

    run("02-passphrase", story)


def test_what_was_typed_is_gone_from_the_tree_on_the_next_screen() -> None:
    async def story(window: driver.Driver, told: Story) -> None:
        await window.type_into("passphrase", "anchor violet teapot harvest")
        told.shell.show(samples.STATES["07-home"])
        await window.settle()
        told.shell.show(samples.STATES["17-unlock"])
        await window.settle()
        values = [c.value for c in window.controls() if isinstance(c, ft.TextField)]
        assert values == [""]

    run("17-unlock", story)


@pytest.mark.parametrize(
    "name",
    [
        *("02-passphrase", "03-pin", "03-proof", "03-folder", "17-unlock-pin", "19-recover", "34-ask-change"),
        *("37-restore-words", "37-restore-passphrase", "38-delete-sure"),
    ],
)
def test_what_was_typed_is_gone_when_one_comes_back_to_the_screen(name: str) -> None:
    async def story(window: driver.Driver, told: Story) -> None:
        typed = await window.type_everywhere("lantern")
        told.shell.show(samples.STATES["01-welcome"])
        await window.settle()
        told.shell.show(samples.STATES[name])
        await window.settle()
        values = [c.value for c in window.controls() if isinstance(c, ft.TextField)]
        assert values == [""] * typed
        assert typed

    run(name, story)


def test_a_refusal_in_a_handler_becomes_its_sentence_in_a_dialog() -> None:
    async def story(window: driver.Driver, told: Story) -> None:
        def refuse(_typed: str) -> None:
            raise WrongPassphrase("expected another")

        told.events = None
        events = samples.events(told.calls)
        bad = replace(events.unlock, unlock=refuse)
        told.shell.draw = lambda state, look: unlock.view(state, bad, look)
        told.shell.show(unlock.UnlockState(emergency=False))
        await window.settle()
        await window.press("unlock")
        assert window.says("That is not the right passphrase.")
        await window.press("problem-close")
        assert not window.says("That is not the right passphrase.")

    run("17-unlock", story)


def test_a_fault_while_drawing_becomes_a_calm_screen(capsys: pytest.CaptureFixture[str]) -> None:
    async def story(window: driver.Driver, told: Story) -> None:
        def broken(_state: object, _look: object) -> ft.View:
            raise ValueError("999 123 4567")

        told.shell.draw = broken
        told.shell.show(samples.STATES["07-home"])
        await window.settle()
        assert window.heading() == "There is a problem"
        assert not window.says("999 123 4567")

    run("01-welcome", story)
    noted = capsys.readouterr().err
    assert "ValueError at test_driver.py:" in noted
    assert "999 123 4567" not in noted


def test_work_under_way_is_said_and_the_screen_takes_no_input() -> None:
    async def story(window: driver.Driver, told: Story) -> None:
        told.shell.busy("Opening your passport", 0.5)
        await window.settle()
        assert window.says("Opening your passport")
        with pytest.raises(AssertionError, match="unlock is disabled"):
            await window.press("unlock")
        told.shell.ready()
        await window.settle()
        assert not window.says("Opening your passport")

    run("17-unlock", story)

"""A copied link leaves the clipboard after a minute and at the lock, and nothing else that was copied since does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft
import pytest

from tests.actions.made_up import SIAN, World, given
from tests.flows.conftest import Story, Window
from tests.flows.test_background import until

Tell = Callable[[Story], None]


@dataclass
class System:
    """The clipboard of the device. `refuses` is a window that is not in front."""

    text: str | None = None
    refuses: bool = False
    looked: int = 0
    refused: int = 0
    written: list[str] = field(default_factory=list)

    async def set(self, _service: object, value: str) -> None:
        if self.refuses:
            self.refused += 1
            raise RuntimeError("copy_fail")
        self.text = value
        self.written.append(value)

    async def get(self, _service: object) -> str | None:
        self.looked += 1
        if self.refuses:
            self.refused += 1
            raise RuntimeError("paste_fail")
        return self.text


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    found = System()
    monkeypatch.setattr(ft.Clipboard, "set", lambda service, value: found.set(service, value))
    monkeypatch.setattr(ft.Clipboard, "get", lambda service: found.get(service))
    return found


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.copied.KEPT_SECONDS", 0.05)


async def copy_a_link(window: Window, world: World, system: System) -> str:
    await window.first_run(SIAN)
    assert window.desk is not None
    access = await window.desk.work(given, world, window.desk.passport)
    await window.press("place-share")
    await window.press(f"access-{access.grant_id}")
    await window.press("link-toggle")
    await window.press("link-copy")
    assert system.written[0] == access.code
    return access.code


def test_a_link_is_gone_after_its_minute(tell: Tell, world: World, system: System, soon: None) -> None:
    async def story(window: Window) -> None:
        await copy_a_link(window, world, system)
        await until(window, lambda: system.text == "")
        await window.settle(20)
        assert len(system.written) == 2

    tell(story)


def test_within_its_minute_it_stays(tell: Tell, world: World, system: System) -> None:
    async def story(window: Window) -> None:
        link = await copy_a_link(window, world, system)
        await window.settle(40)
        assert system.text == link

    tell(story)


def test_locking_takes_it_off_at_once(tell: Tell, world: World, system: System) -> None:
    async def story(window: Window) -> None:
        await copy_a_link(window, world, system)
        await window.lock()
        await window.quiet()
        assert system.text == ""

    tell(story)


def test_what_was_copied_since_stays(tell: Tell, world: World, system: System) -> None:
    async def story(window: Window) -> None:
        await copy_a_link(window, world, system)
        system.text = "a shopping list"
        await window.lock()
        await window.quiet()
        assert system.text == "a shopping list"

    tell(story)


def test_a_browser_is_not_made_to_ask_whether_we_may_look(tell: Tell, world: World, system: System, soon: None) -> None:
    async def story(window: Window) -> None:
        window.session.apply_page_patch({"web": True})
        await copy_a_link(window, world, system)
        await until(window, lambda: system.text == "")
        assert system.looked == 0

    tell(story)


@pytest.mark.parametrize("web", [True, False])
def test_what_was_refused_is_done_when_the_window_is_in_front_again(
    tell: Tell, world: World, system: System, web: bool
) -> None:
    async def story(window: Window) -> None:
        window.session.apply_page_patch({"web": web})
        link = await copy_a_link(window, world, system)
        system.refuses = True
        assert window.desk is not None
        window.desk.shell.copied.take_back()
        await until(window, lambda: system.refused > 0)
        assert system.text == link
        assert window.desk.shell.stage.problem is None
        system.refuses = False
        await window.fire(window.session.page, "app_lifecycle_state_change", {"state": "resume"})
        await until(window, lambda: system.text == "")

    tell(story)


def test_locking_with_nothing_copied_leaves_the_clipboard_alone(tell: Tell, system: System) -> None:
    async def story(window: Window) -> None:
        system.text = "a shopping list"
        await window.first_run(SIAN)
        await window.lock()
        await window.quiet()
        assert (system.text, system.looked) == ("a shopping list", 0)

    tell(story)
